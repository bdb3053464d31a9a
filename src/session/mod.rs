//! What the server remembers of a visit between two requests.
//!
//! [`Sessions`] keeps it, sealed, in the database; [`Claims`] keeps two requests from making the
//! same call; [`Sessions::sweep`] deletes what has ended, and tells the affiliate's targets of a journey that ends with it (`watch`).
//!
//! The store is our own, not tower-sessions': saving must be compare-and-swap (two tabs, two
//! servers and a task in the background may change one session, and the last write winning would
//! lose a `trackingId`), must work whatever the status of the reply (a 5xx too), and must follow
//! an injected clock. tower-sessions does none of these.

mod aside;
mod claims;
mod id;
mod store;
mod visit;
mod watch;

pub use aside::{ResumeCode, TRIES, Tried};
pub use claims::{Claim, Claims};
pub use id::SessionId;
pub use store::{Limits, Loaded, SaveError, Sessions, Version};
pub use visit::{CookieKind, Visit, VisitError, new_journey, stored_journey};

pub use crate::store::{Error, KeyRing};
