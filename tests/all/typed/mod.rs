//! What people really type and paste: it is read, sent as NRG takes it, and asked about where it can be meant otherwise.

mod billing;
mod esi_id;
mod kept;
mod keyboard;
mod person;
mod unit;
mod unseen;

use serde_json::Value;

use crate::support::World;

/// What NRG was sent in the last call to `endpoint`.
#[track_caller]
fn sent(world: &World, endpoint: &str) -> Value {
    let calls = world.sandbox.calls();
    let call = calls.iter().rev().find(|call| call.endpoint == endpoint);
    call.unwrap_or_else(|| panic!("no call to {endpoint}")).parameters.clone()
}

/// The fields of `sent` with these names; blank where one was not sent.
fn fields<const N: usize>(sent: &Value, names: [&str; N]) -> [String; N] {
    names.map(|name| sent[name].as_str().unwrap_or_default().to_owned())
}
