//! The state of the handlers.

use crate::web::state::SharedState;

/// What every handler has.
#[derive(Clone)]
pub(super) struct Api {
    pub(super) app: SharedState,
    /// Whether the plans are served without a key as well.
    pub(super) open: bool,
}
