//! What the affiliate's own servers and its tracking networks are told of how a journey ended.
//!
//! An ending is written into an outbox: one row for each target, journey and ending, whatever happens. Where it is a
//! submission's, that is part of the transaction which makes it final, so that it is neither lost nor told twice. The
//! [`Worker`] sends the row, again and again over a day while the target fails; then it is dead, and stays in the list
//! until an operator sends it again.
//!
//! In come the click's ids, the brand's and the offer's codes, and whether a deposit is owed. A person, a token, an id
//! of NRG's, of a journey or of a session, or an address never gets out: [`Field`] has no name for them.

mod delivery;
mod event;
mod message;
mod outbox;
mod public_ip;
mod target;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod worker;

pub use event::{Ending, Event, Field};
pub use outbox::{Filter, Outbox, Row, State};
pub(crate) use outbox::{PUT, PendingPostback, put};
pub use target::{Call, InvalidTarget, Key, Target, Targets};
pub use worker::Worker;
