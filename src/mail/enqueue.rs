//! Enqueue: a mail becomes a row of the outbox, within the transaction of what causes it.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    address::AddressHash,
    content::{Content, Kind},
    state::State,
};
use crate::{
    entropy::Entropy,
    fields::{Email, Language},
    store::{Error, KeyRing, Sealed, Tx, millis, span, sql},
};

/// How long a mail is retried before it is dead.
pub(super) const DAY: Duration = Duration::from_secs(24 * 3600);
/// The label of what is encrypted in a row. It is stored: it never changes.
pub(super) const PAYLOAD: &str = "mail";

/// A mail to be sent.
pub struct NewMail<'a> {
    /// What it is about; of each kind, one mail is sent about it.
    pub about: &'a str,
    /// The name of the site.
    pub site: &'a str,
    /// The person's language.
    pub language: Language,
    /// Where it goes.
    pub address: &'a Email,
    /// What it tells.
    pub content: &'a Content,
    /// When it is of no use any more.
    pub until: Option<Timestamp>,
}

/// A row of the outbox that is to be written.
pub struct PendingMail {
    id: String,
    kind: Kind,
    about: String,
    site: String,
    language: Language,
    address_hash: AddressHash,
    sealed: Sealed,
    now: i64,
    gives_up: Option<i64>,
}

/// What is encrypted.
#[derive(Serialize, Deserialize)]
pub(super) struct Payload<A, C> {
    pub(super) address: A,
    pub(super) content: C,
}

impl PendingMail {
    /// The row of `new`, encrypted with `keys`, to the address of that hash.
    pub(super) fn new(
        new: &NewMail<'_>,
        keys: &KeyRing,
        entropy: &Entropy,
        address_hash: AddressHash,
        now: i64,
    ) -> Self {
        let id = hex::encode(entropy.bytes::<16>());
        let payload = Payload { address: new.address, content: new.content };
        // Texts, dates and addresses always have a JSON form.
        let plain = serde_json::to_vec(&payload).unwrap_or_default();
        Self {
            sealed: keys.seal(entropy, PAYLOAD, id.as_bytes(), &plain),
            id,
            kind: new.content.kind(),
            about: new.about.to_owned(),
            site: new.site.to_owned(),
            language: new.language,
            address_hash,
            now,
            gives_up: new.until.map(|until| millis(until).min(now + span(DAY))),
        }
    }
}

/// Writes `mail` to the outbox. A second one of the same kind about the same is not written, unless the first is still held:
/// then it takes its place. A confirmation is held until NRG's answer releases it.
///
/// # Errors
/// The database failed.
pub(crate) async fn enqueue(tx: &mut Tx<'_>, mail: &PendingMail) -> Result<(), Error> {
    let state = match mail.kind {
        Kind::Link | Kind::Reminder => State::Waiting,
        Kind::Confirmation => State::Held,
    };
    sql!(tx,
        "INSERT INTO mails (id, kind, about, site, language, address_hash, key_id, payload, state, not_before, gives_up,
             created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10)
         ON CONFLICT (kind, about) DO UPDATE SET id = excluded.id, language = excluded.language,
             address_hash = excluded.address_hash, key_id = excluded.key_id, payload = excluded.payload,
             created_at = excluded.created_at
         WHERE mails.state = 'held'",
        &mail.id, mail.kind.word(), &mail.about, &mail.site, mail.language.tag(), &mail.address_hash[..],
        &mail.sealed.key_id, &mail.sealed.blob, state.word(), mail.now, mail.gives_up => execute)?;
    Ok(())
}

/// Has the confirmation of `journey` sent, if one is held: NRG has enrolled the person, or has `accepted` the enrollment and
/// gives the account number later.
///
/// # Errors
/// The database failed.
pub(crate) async fn release(tx: &mut Tx<'_>, journey: &str, accepted: bool) -> Result<(), Error> {
    sql!(tx,
        "UPDATE mails SET state = 'waiting', accepted = $1, not_before = 0
         WHERE kind = 'confirmation' AND about = $2 AND state = 'held'", accepted, journey => execute)?;
    Ok(())
}

/// Deletes the reminder and the confirmation of `journey`, sent or not. Returns how many there were.
///
/// # Errors
/// The database failed.
pub(crate) async fn erase(tx: &mut Tx<'_>, journey: &str) -> Result<u64, Error> {
    sql!(tx, "DELETE FROM mails WHERE about = $1", journey => execute)
}

/// Deletes the confirmation of `journey` that was not sent yet: NRG has refused.
///
/// # Errors
/// The database failed.
pub(crate) async fn discard(tx: &mut Tx<'_>, journey: &str) -> Result<(), Error> {
    sql!(tx,
        "DELETE FROM mails WHERE kind = 'confirmation' AND about = $1 AND state IN ('held', 'waiting')",
        journey => execute)?;
    Ok(())
}
