//! The state of the handlers.

use std::time::Duration;

use crate::web::state::SharedState;

/// What every handler has.
#[derive(Clone)]
pub(super) struct Api {
    pub(super) app: SharedState,
    /// Whether the plans are served without a key as well.
    pub(super) open: bool,
    /// How long the link of a handover can be opened.
    pub(super) link_valid: Duration,
}
