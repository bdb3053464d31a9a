//! The outbox: mails that are held, waiting, sent or dead.
//!
//! As that of postbacks: a row waits until its time has come, and a server that leases it moves that time by the lease
//! duration. If that server dies, another one sends the mail under the same Message-ID, so that a person may get it twice.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    address::{AddressHash, AddressKey},
    content::Content,
    enqueue::{DAY, NewMail, PAYLOAD, Payload, PendingMail, enqueue},
    sender::{Delivery, Verdict},
    state::State,
};
use crate::{
    clock::Clock,
    entropy::Entropy,
    fields::{Email, Language},
    store::{Durability, Error, KeyRing, Store, millis, moment, span, sql},
    worker::wait_after,
};

/// The wait after the first failed attempt; it doubles with each attempt,
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(2 * 3600);
/// Lease duration of an attempt; longer than the time limit of the relay may be.
const LEASE: Duration = Duration::from_secs(120);
/// How long the rows of sent mails are kept, so that none is enqueued twice; and for how long a confirmation is held.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long the rows of dead mails are kept.
const DEAD_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

/// A stored mail, without address and content.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// Its id, part of its Message-ID.
    pub id: String,
    /// The word of its kind.
    pub kind: String,
    /// The name of its site.
    pub site: String,
    /// The tag of its language.
    pub language: String,
    state: String,
    /// Attempts so far.
    pub tries: i64,
    /// The outcome of the latest attempt.
    pub outcome: Option<String>,
    not_before: i64,
    created_at: i64,
    ended_at: Option<i64>,
}

impl Row {
    /// Its state.
    pub fn state(&self) -> State {
        // The table's CHECK admits no other word.
        self.state.parse().unwrap_or(State::Dead)
    }

    /// When it was written.
    pub fn created_at(&self) -> Timestamp {
        moment(self.created_at)
    }

    /// When it was sent or became dead.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.ended_at.map(moment)
    }

    /// When it is tried next, if it waits.
    pub fn next_try(&self) -> Option<Timestamp> {
        // One that was just released is due since ever.
        let next = self.not_before.max(self.created_at);
        (self.state() == State::Waiting).then(|| moment(next))
    }
}

/// A row this server has leased, and must send.
pub(super) struct LeasedMail {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) site: String,
    pub(super) language: Language,
    pub(super) address_hash: AddressHash,
    pub(super) accepted: bool,
    /// `None`: it cannot be opened or read.
    pub(super) payload: Option<Payload<Email, Content>>,
    owner: String,
    pub(super) tries: i64,
    gives_up: i64,
}

/// Id, kind, site, language, hash, accepted, key id, payload, tries and when it is given up.
type LeasedColumns =
    (String, String, String, String, Vec<u8>, bool, Option<String>, Option<Vec<u8>>, i64, i64);

/// Leases a row. `$lock` lets PostgreSQL pass over a row another server is just leasing.
macro_rules! lease_next {
    ($lock:literal) => {
        concat!(
            "UPDATE mails SET owner = $1, not_before = $2, tries = tries + 1, gives_up = COALESCE(gives_up, $5)
             WHERE state = 'waiting' AND id = (SELECT id FROM mails
                 WHERE state = 'waiting' AND (not_before <= $3 OR not_before > $4) ORDER BY not_before LIMIT 1 ",
            $lock,
            ") RETURNING id, kind, site, language, address_hash, accepted, key_id, payload, tries, gives_up"
        )
    };
}

/// The outbox. A clone shares the database.
#[derive(Clone)]
pub struct Mails {
    pub(super) store: Store,
    pub(super) keys: KeyRing,
    pub(super) addresses: AddressKey,
    pub(super) clock: Clock,
    pub(super) entropy: Entropy,
}

impl Mails {
    /// The outbox in `store`. `keys` encrypt what is to be sent; `addresses` makes the hashes that stay.
    pub fn new(store: Store, keys: KeyRing, addresses: AddressKey, clock: Clock, entropy: Entropy) -> Self {
        Self { store, keys, addresses, clock, entropy }
    }

    pub(super) fn now(&self) -> i64 {
        millis(self.clock.now())
    }

    /// What a link with `code` is about that is sent to `address`: once, however often the form is posted.
    pub fn about_link(&self, code: &str, address: &Email) -> String {
        self.addresses.about(&[code.as_bytes(), &self.addresses.hash(address)])
    }

    /// The row of `new`, encrypted.
    pub fn pending(&self, new: &NewMail<'_>) -> PendingMail {
        PendingMail::new(new, &self.keys, &self.entropy, self.addresses.hash(new.address), self.now())
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The recipient at `address`, as limits count it.
    pub fn recipient(&self, address: &Email) -> AddressHash {
        self.addresses.hash(address)
    }

    /// Whether a link was sent, or waits to be, that is the same mail ([`about_link`](Self::about_link)).
    ///
    /// # Errors
    /// The database failed.
    pub async fn knows_link(&self, about: &str) -> Result<bool, Error> {
        let known: Option<(i64,)> = sql!(self.store.reader().await?,
            "SELECT created_at FROM mails WHERE kind = 'link' AND about = $1", about => fetch_optional)?;
        Ok(known.is_some())
    }

    /// Writes `mail` in a transaction of its own. Whoever asked for it leaves the page then: it survives a power loss.
    ///
    /// # Errors
    /// The database failed.
    pub async fn enqueue(&self, mail: &PendingMail) -> Result<(), Error> {
        self.store.transaction(Durability::PowerLoss, async |tx| enqueue(tx, mail).await).await
    }

    /// Leases a due row to `owner`, a name used for this lease only.
    pub(super) async fn lease_next(&self, owner: &str) -> Result<Option<LeasedMail>, Error> {
        let now = self.now();
        // Further off than it can have been set: by a clock that has jumped since.
        let too_far = now + 2 * span(LONGEST_WAIT);
        // Reading needs no writer: mostly there is nothing due.
        let due: Option<(i64,)> = sql!(self.store.reader().await?,
            "SELECT not_before FROM mails WHERE state = 'waiting' AND (not_before <= $1 OR not_before > $2) LIMIT 1",
            now, too_far => fetch_optional)?;
        if due.is_none() {
            return Ok(None);
        }
        let statement = match &self.store {
            Store::Sqlite { .. } => lease_next!(""),
            Store::Postgres(_) => lease_next!("FOR UPDATE SKIP LOCKED"),
        };
        let row: Option<LeasedColumns> = sql!(self.store.writer().await?, statement,
            owner, now + span(LEASE), now, too_far, now + span(DAY) => fetch_optional)?;
        Ok(row.map(|row| self.leased(row, owner)))
    }

    fn leased(&self, row: LeasedColumns, owner: &str) -> LeasedMail {
        let (id, kind, site, language, hash, accepted, key_id, blob, tries, gives_up) = row;
        let payload = key_id.zip(blob).and_then(|(key_id, blob)| {
            let plain = self.keys.open(PAYLOAD, id.as_bytes(), &key_id, &blob)?;
            serde_json::from_slice(&plain).ok()
        });
        LeasedMail {
            id,
            kind,
            site,
            language: Language::parse(&language).unwrap_or(Language::English),
            address_hash: hash.try_into().unwrap_or_default(),
            accepted,
            payload,
            owner: owner.to_owned(),
            tries,
            gives_up,
        }
    }

    /// Records the outcome of an attempt, and erases address and content if it was the last. Returns the new state of the
    /// mail; `None` if another server has leased it meanwhile.
    pub(super) async fn complete(
        &self,
        leased: &LeasedMail,
        delivery: &Delivery,
    ) -> Result<Option<State>, Error> {
        let now = self.now();
        let state = match delivery.verdict {
            Verdict::Taken => State::Sent,
            Verdict::Refused => State::Dead,
            Verdict::Failed if now >= leased.gives_up => State::Dead,
            Verdict::Failed => State::Waiting,
        };
        let next =
            (now + span(wait_after(leased.tries, FIRST_WAIT, LONGEST_WAIT))).min(leased.gives_up.max(now));
        let ended = (state != State::Waiting).then_some(now);
        let recorded = sql!(self.store.writer().await?,
            "UPDATE mails SET state = $1, outcome = $2, not_before = $3, ended_at = $4, owner = NULL,
                 failing_since = CASE WHEN $1 = 'waiting' THEN COALESCE(failing_since, $5) END,
                 key_id = CASE WHEN $1 = 'waiting' THEN key_id END,
                 payload = CASE WHEN $1 = 'waiting' THEN payload END
             WHERE id = $6 AND owner = $7 AND state = 'waiting'",
            state.word(), &delivery.outcome, next, ended, now, &leased.id, &leased.owner => execute)?;
        Ok((recorded == 1).then_some(state))
    }

    /// Sends waiting mails now: that with this id, or all. Returns how many. Of a dead one nothing is left to send.
    ///
    /// # Errors
    /// The database failed.
    pub async fn retry(&self, id: Option<&str>) -> Result<u64, Error> {
        let now = self.now();
        sql!(self.store.writer().await?,
            "UPDATE mails SET tries = 0, not_before = $1
             WHERE state = 'waiting' AND owner IS NULL AND ($2 IS NULL OR id = $2)", now, id => execute)
    }

    /// The number of mails by kind and state.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count(&self) -> Result<Vec<(String, State, i64)>, Error> {
        let rows: Vec<(String, String, i64)> = sql!(self.store.reader().await?,
            "SELECT kind, state, COUNT(*) FROM mails GROUP BY kind, state ORDER BY kind, state" => fetch_all)?;
        Ok(rows
            .into_iter()
            .filter_map(|(kind, state, rows)| Some((kind, state.parse().ok()?, rows)))
            .collect())
    }

    /// For how long mails have been failing: since the first attempt at the oldest that waits after a failure.
    ///
    /// # Errors
    /// The database failed.
    pub async fn failing(&self) -> Result<Duration, Error> {
        let (since,): (Option<i64>,) = sql!(self.store.reader().await?,
            "SELECT MIN(failing_since) FROM mails WHERE state = 'waiting'" => fetch_one)?;
        let millis = since.and_then(|since| u64::try_from(self.now() - since).ok());
        Ok(Duration::from_millis(millis.unwrap_or(0)))
    }

    /// Deletes what has been kept long enough; what waited while no server sends mail is given up. Returns how many were
    /// deleted.
    ///
    /// # Errors
    /// The database failed.
    pub async fn cleanup(&self) -> Result<u64, Error> {
        let now = self.now();
        let stray = sql!(self.store.writer().await?,
            "UPDATE mails SET state = 'dead', outcome = 'no server sends it', ended_at = $1, owner = NULL,
                 failing_since = NULL, key_id = NULL, payload = NULL
             WHERE state = 'waiting' AND not_before <= $1 AND COALESCE(gives_up, created_at + $3) <= $2",
            now, now - span(DAY), span(KEPT) => execute)?;
        if stray > 0 {
            tracing::error!(stray, "mail: given up, no server sends it");
        }
        sql!(self.store.writer().await?,
            "DELETE FROM mails WHERE (state = 'sent' AND ended_at <= $1) OR (state = 'dead' AND ended_at <= $2)
                 OR (state = 'held' AND created_at <= $1)",
            now - span(KEPT), now - span(DEAD_KEPT) => execute)
    }
}

/// The mails in `store` that are in `state`, or all, newest first, at most `limit`. It needs no key.
///
/// # Errors
/// The database failed.
pub async fn list(store: &Store, state: Option<State>, limit: u32) -> Result<Vec<Row>, Error> {
    sql!(store.reader().await?,
        "SELECT id, kind, site, language, state, tries, outcome, not_before, created_at, ended_at FROM mails
         WHERE $1 IS NULL OR state = $1 ORDER BY created_at DESC, id LIMIT $2",
        state.map(State::word), i64::from(limit) => fetch_all)
}

/// The reminder and the confirmation of `journey`. Which links were asked for is not known of a journey.
///
/// # Errors
/// The database failed.
pub async fn of_journey(store: &Store, journey: &str) -> Result<Vec<Row>, Error> {
    sql!(store.reader().await?,
        "SELECT id, kind, site, language, state, tries, outcome, not_before, created_at, ended_at FROM mails
         WHERE about = $1 ORDER BY created_at, id", journey => fetch_all)
}

/// The ids of the keys with which mails in `store` are encrypted.
///
/// # Errors
/// The database failed.
pub async fn key_ids(store: &Store) -> Result<Vec<String>, Error> {
    let ids: Vec<(String,)> = sql!(store.reader().await?,
        "SELECT DISTINCT key_id FROM mails WHERE key_id IS NOT NULL" => fetch_all)?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Deletes every mail in `store` that was not sent: the database was restored from a backup, and it may have been sent since.
/// Returns how many there were.
///
/// # Errors
/// The database failed.
pub async fn delete_open(store: &Store) -> Result<u64, Error> {
    sql!(store.writer().await?, "DELETE FROM mails WHERE state IN ('held', 'waiting')" => execute)
}
