//! The ledger: what was consented to, what was submitted to NRG, and what became of it.
//!
//! It stands between the review page and `enroll`, which has no idempotency key and whose lost answer cannot be read
//! back (contract section 9). A submission is a row, unique per tracking id, written together with its consents before
//! anything is sent. The worker ([`start_worker`]) leases the row and sends it once:
//!
//! ```text
//! ready → sent → enrolled | accepted | refused | duplicate | unknown
//!   ↑       ↓ the connection failed before the request was written
//!   └───────┘
//! ```
//!
//! While a server sends a row it renews its lease on it. If a server does not renew its lease in time, it is not known
//! whether the row was sent, and the row becomes `unknown`.
//!
//! A final state changes only when an operator settles an `unknown` or corrects that, when the answer an `unknown` was
//! waiting for arrives after all, or when a correctable refusal is submitted again. What became of an enrollment later is an
//! amendment, beside the state.
//!
//! What became of an enrollment has one type for each stage: [`Enrollment`](crate::nrg::Enrollment) is NRG's answer,
//! [`State`] is the word in the table, and [`SubmissionState`](crate::journey::SubmissionState) is the state with its
//! data, decrypted, as the pages show it. [`Resolution`] is the part of them that an operator may settle.
//!
//! NRG's texts are sanitized by `nrg` before they come here. SSN, license number and birth date never do. What NRG
//! answered is stored encrypted.
//!
//! Whatever is kept here shows when it is changed from outside: consents are a chain, submissions, settlements, amendments
//! and privacy actions have a stamp, and journeys are counted ([`LedgerReader::verify`]).
//!
//! The tables `submissions`, `attempts`, `consents`, `settlements`, `amendments`, `counted_journeys`, `counted_days`,
//! `follow_ups`, `standings`, `person_hashes` and `privacy_actions` are read and written in this room only.

mod access;
mod account;
mod amend;
mod consent;
mod count;
mod delayed_postbacks;
mod details;
pub(crate) mod endings;
mod erase;
mod export;
mod find;
mod find_person;
mod follow_up;
mod keyed_hash;
mod look;
mod person;
mod privacy;
mod progress;
mod queue;
mod reader;
mod repeat;
mod retention;
mod row;
mod sender;
mod settle;
pub mod sheet;
mod stamp;
mod statistics;
mod submission;
mod submit;
mod verify;
mod worker;

use std::{ops::Deref, sync::Arc, time::Duration};

use tokio::sync::Notify;

pub use access::{Kept, Sent};
pub use account::{AccountError, account_number, check_digit};
pub use amend::{AmendError, AmendedAs, Amendment, CorrectedAccount};
pub use consent::{Consent, ConsentKind, NewConsent};
pub use details::{Attempt, SubmissionDetails};
pub use erase::Erasure;
pub use export::Records;
pub use find::{Filter, Pages, Reference};
pub use find_person::{FullName, PersonFilter};
pub use follow_up::{
    DepositStanding, FollowUpJob, HoldsAsker, Proof, Standing, Status, start_follow_up_worker,
};
pub use keyed_hash::{LedgerKey, PersonKey};
pub use person::Person;
pub use privacy::{PrivacyAction, PrivacyError, PrivacyRecord, erased_at, held_since};
pub use progress::Progress;
pub use queue::{EnrollJob, NOT_SENT};
pub use reader::LedgerReader;
pub use repeat::{PersonAtHome, RepeatKeys};
pub use retention::{CleanupReport, Retention};
pub use sender::EnrollSender;
pub use settle::{Resolution, SettleError, SettledAs, Settlement};
pub use statistics::SubmissionCount;
pub use submission::{ConfirmationMail, NewSubmission, Row, State, SubmissionResult, Submitted, outcome};
pub use verify::{Break, VerifyReport};
pub use worker::start_worker;

use crate::{
    clock::Clock,
    entropy::Entropy,
    postback::{Amounts, Targets},
    store::Store,
};

pub use crate::store::{Error, KeyRing};

/// How submissions are sent.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long one `enroll` may take before its outcome counts as unknown. Longer than the timeouts of the client, so
    /// that the client decides.
    pub send_limit: Duration,
    /// How many times a request that could not even be written is tried.
    pub max_tries: u32,
    /// The wait after the first failure to connect; it doubles with each.
    pub backoff: Duration,
    /// How many submissions one server sends at the same time.
    pub at_once: usize,
    /// How often the table is read for rows that other servers left.
    pub poll: Duration,
    /// Lease duration of a row that is being sent; the lease is renewed three times as often.
    pub lease: Duration,
}

impl Settings {
    /// These limits, and for the rest what no setting changes.
    pub fn new(send_limit: Duration, max_tries: u32, lease: Duration) -> Self {
        Self {
            send_limit,
            max_tries,
            backoff: Duration::from_secs(2),
            at_once: 32,
            poll: Duration::from_secs(1),
            lease,
        }
    }
}

/// How enrollments are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowUps {
    /// How often NRG is asked about one account.
    pub every: Duration,
    /// For how long after it was submitted.
    pub days: Duration,
}

/// The ledger. A clone shares the database.
#[derive(Clone)]
pub struct Ledger {
    reader: LedgerReader,
    keys: KeyRing,
    key: LedgerKey,
    clock: Clock,
    entropy: Entropy,
    settings: Settings,
    targets: Targets,
    amounts: Amounts,
    /// How what is submitted is followed, if it is.
    follow_ups: Option<FollowUps>,
    /// Whether hashes are kept by which a person is found.
    find_by_person: bool,
    /// Wakes this server's worker when a row is ready.
    wake: Arc<Notify>,
}

impl Ledger {
    /// A ledger in `store`. `keys` encrypt what is stored; `key` makes the keyed hashes and must stay
    /// the same for as long as the ledger is kept.
    pub fn new(
        store: Store,
        keys: KeyRing,
        key: LedgerKey,
        clock: Clock,
        entropy: Entropy,
        settings: Settings,
    ) -> Self {
        let (targets, amounts, wake) = (Targets::default(), Amounts::default(), Arc::new(Notify::new()));
        let reader = LedgerReader::new(store, Some(keys.clone()));
        let (follow_ups, find_by_person) = (None, false);
        Self {
            reader,
            keys,
            key,
            clock,
            entropy,
            settings,
            targets,
            amounts,
            follow_ups,
            find_by_person,
            wake,
        }
    }

    /// The same, with `targets` for the postbacks of its endings.
    pub fn with_targets(self, targets: Targets) -> Self {
        Self { targets, ..self }
    }

    /// The same, with what its submissions are worth.
    pub fn with_amounts(self, amounts: Amounts) -> Self {
        Self { amounts, ..self }
    }

    /// What is compared to find an earlier submission of the same person for the same home.
    pub fn repeat_keys(&self, one: PersonAtHome<'_>) -> RepeatKeys {
        RepeatKeys::of(&self.key, one)
    }
}

/// Whoever may write the ledger may read it.
impl Deref for Ledger {
    type Target = LedgerReader;

    fn deref(&self) -> &LedgerReader {
        &self.reader
    }
}

#[cfg(test)]
pub(crate) mod testing;
