//! Sessions: what the server stores of a visit between two requests.
//!
//! [`Sessions`] stores it, encrypted, in the database; [`Claims`] prevent two requests from making the
//! same call; [`Sessions::cleanup`] deletes what has ended, with the postbacks of journeys that end with it (`watch`).
//!
//! The store is our own, not tower-sessions': saving must be compare-and-swap (two tabs, two
//! servers and a background task may change one session, and if the last write won,
//! a `trackingId` could be lost), must work whatever the status of the response (a 5xx too), and must follow
//! an injected clock. tower-sessions does none of these.

mod claims;
mod cookie;
mod deletion;
mod events;
mod id;
mod journey_session;
mod resume_code;
mod saved;
mod store;

pub use claims::{Claim, Claims};
pub use cookie::CookieKind;
pub use id::SessionId;
pub use journey_session::{JourneySession, SessionError, new_journey, stored_journey};
pub use resume_code::ResumeCode;
pub use saved::{Attempt, TRIES};
pub use store::{Limits, Loaded, SaveError, Sessions, Version};

pub use crate::store::{Error, KeyRing};
