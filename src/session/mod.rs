//! Sessions: what the server stores of a visit between two requests.
//!
//! [`Sessions`] stores it, encrypted, in the database; [`Claims`] prevent two requests from making the
//! same call; [`Sessions::cleanup`] deletes what has ended, with the postbacks of journeys that end with it (`events`).
//!
//! tower-sessions gives the words (`Session`, `SessionStore`, `Record`, `Id`); its layer is not used, because it saves
//! again after the handler and sets no cookie beside a 5xx (docs/decisions/0024-tower-sessions.md).

mod arrival;
mod caps;
mod claims;
mod cookie;
mod deletion;
mod error;
mod events;
mod handover;
mod id;
mod journey_session;
mod resume_code;
mod room;
mod saved;
mod sealed_store;
mod store;
mod successor;
#[cfg(test)]
mod testing;
mod timed_out;

use id::RowKey;

pub use arrival::{Arrival, Found};
pub use caps::Caps;
pub use claims::{Claim, Claims};
pub use cookie::CookieKind;
pub use deletion::{delete_all, delete_journey};
pub use error::SessionError;
pub use handover::HandOver;
pub use id::SessionId;
pub use journey_session::{JourneySession, new_journey, stored_journey};
pub use resume_code::ResumeCode;
pub use saved::TRIES;
pub use store::{Limits, Sessions, key_ids};
pub use timed_out::ResumeAttempt;

pub use crate::store::{Error, KeyRing};
