//! Postbacks: the HTTP requests by which the affiliate's own servers and tracking networks learn how a journey ended.
//!
//! An ending is written to an outbox: one row for each target, journey and ending. Where it is the ending of a
//! submission, that is part of the transaction that makes the submission final, so that a postback is neither lost nor
//! enqueued twice. The worker ([`start_worker`]) sends the row and retries for a day while the target fails. After that
//! the postback is dead, and stays in the list until an operator sends it again.
//!
//! A postback can carry the ids of the click, the codes of brand and offer, and whether a deposit is owed. It never
//! carries a person's data, a token, an id of NRG's, of a journey or of a session, or an address: [`Field`] has no name
//! for them.
//!
//! The table `postbacks` is read and written in this room only.

mod acceptance;
mod address;
mod amounts;
mod call;
mod credential;
mod delivery;
mod enqueue;
mod event;
mod fact;
mod failure;
mod invalid_target;
mod message;
mod outbox;
mod public_ip;
mod retry;
mod target;
mod template;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod trial;
mod worker;

pub use acceptance::AcceptIf;
pub use amounts::{Amounts, Rule};
pub use call::{BodySettings, Call};
pub use credential::Credential;
pub use delivery::{Delivery, Verdict};
pub(crate) use enqueue::{PendingPostback, enqueue, enqueued, erase};
pub use event::{Ending, Event};
pub(crate) use fact::yes_or_no;
pub use fact::{Fact, Facts, Field};
pub use invalid_target::InvalidTarget;
pub use outbox::{Filter, Outbox, Row, State};
pub use public_ip::is_public;
pub use retry::RetryError;
pub use target::{Key, Target, Targets, Wants};
pub use template::Names;
pub use worker::start_worker;
