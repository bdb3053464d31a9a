//! What all requests to the desk share.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{
    postback::Outbox,
    web::{guesses::Guesses, state::SharedState},
};

/// The settings of the desk.
#[derive(Clone)]
pub struct DeskSettings {
    /// The file with the operators.
    pub operators_file: PathBuf,
    /// A session ends when nothing was asked for this long.
    pub idle: Duration,
    /// Whether the cookie is only ever sent by https.
    pub secure_cookie: bool,
}

/// The shared state. A clone is the same.
#[derive(Clone)]
pub(super) struct Desk {
    pub app: SharedState,
    pub outbox: Outbox,
    pub settings: Arc<DeskSettings>,
    pub guesses: Guesses,
}
