//! Mails to persons: the link to go on later, one reminder of it for who has agreed to that, and a copy of the
//! confirmation.
//!
//! A mail is a row of an outbox ([`Mails`]), encrypted with the session's keys. The worker ([`start_worker`]) writes it in
//! the person's language and hands it to the relay, and tries again for a day while that fails. Once it is sent or given
//! up, address and content are erased; what stays is a keyed hash of the address.
//!
//! A mail never carries a number, a token or an id of NRG's, nor the person's name, birth date, phone number or street:
//! [`Content`] has no place for them.
//!
//! The tables `mails` and `mail_unsubscribed` are read and written in this room only.

mod address;
mod capture;
mod content;
mod enqueue;
mod letter;
mod message;
mod outbox;
mod reply;
mod sender;
mod settings;
mod site;
mod state;
#[cfg(test)]
mod tests;

mod unsubscribe;
mod worker;

pub use address::{AddressHash, AddressKey};
pub use capture::{Capture, Captured};
pub use content::{ChallengeKind, Confirmation, Content, Kind, ResumeLink, StatusLink};
pub use enqueue::{NewMail, PendingMail};
pub(crate) use enqueue::{discard, enqueue, erase, release};
pub use outbox::{Mails, Row, delete_open, key_ids, list, of_journey};
pub use sender::{InvalidRelay, Sender};
pub use settings::{Relay, Settings, Tls};
pub use site::MailSite;
pub use state::State;
pub use worker::{Poster, start_worker};
