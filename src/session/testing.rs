//! What the unit tests of this room share.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{KeyRing, Limits, SessionId, Sessions, store::Row};
use crate::{clock::Clock, entropy::Entropy, store::Store};

pub(super) const LIMITS: Limits =
    Limits { idle: Duration::from_secs(30 * 60), absolute: Duration::from_secs(12 * 3600) };

/// Sessions under a key made of each of `keys`, newest first.
pub(super) fn sessions_under(store: &Store, clock: &Clock, keys: &[u8]) -> Sessions {
    let keys = keys.iter().map(|byte| format!("k{byte}:{}", STANDARD.encode([*byte; 32])));
    let keys = KeyRing::parse(keys).unwrap();
    Sessions::new(store.clone(), keys, clock.clone(), Entropy::system(), LIMITS)
}

/// Sessions under one key.
pub(super) fn sessions(store: &Store, clock: &Clock) -> Sessions {
    sessions_under(store, clock, &[1])
}

/// A session that holds "x", and whose cookie has come back.
pub(super) async fn begin(sessions: &Sessions, journey: &str) -> (SessionId, Row) {
    let id = SessionId::random(&sessions.entropy);
    let row = sessions.insert(&id, None, journey, "x").await.unwrap();
    let row = Row { confirmed: true, used: true, ..row };
    let row = sessions.update(&row, journey, "x").await.unwrap();
    (id, row)
}
