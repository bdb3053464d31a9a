//! The ledger: what was consented to, what was submitted to NRG, and what became of it.
//!
//! It stands between the review page and `enroll`, which has no idempotency key and whose lost
//! answer cannot be read back (contract section 9). A submission is a row, unique per tracking
//! id, written together with its consents before anything is sent. The [`Worker`] takes the row
//! and sends it once:
//!
//! ```text
//! ready → sent → enrolled | accepted | refused | duplicate | unknown
//!   ↑       ↓ the connection failed before the request was written
//!   └───────┘
//! ```
//!
//! While a server sends a row it renews its lease on it. A row whose lease has run out has lost its
//! server, and nobody knows how far it came: `unknown`.
//!
//! A final state changes only when an operator settles an `unknown`, when the answer an `unknown`
//! was waiting for arrives after all, or when a correctable refusal is submitted again.
//!
//! What comes in is text that `nrg` has already cleaned. What never does: SSN, license number,
//! birth date. What NRG answered is stored sealed.

mod admin;
mod consent;
mod delayed_postbacks;
mod export;
mod keyed_hash;
mod queue;
mod retention;
mod row;
mod statistics;
mod submission;
mod submit;
mod worker;

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

pub use admin::{Attempt, Filter, Resolution, SettleError, Settlement, SubmissionDetails};
pub use consent::{ChainBreak, Consent, ConsentKind, NewConsent, VerifyReport};
pub use export::{ExportFilter, Records};
pub use keyed_hash::{LedgerKey, PersonKey};
pub use queue::{EnrollJob, NOT_SENT, SendOutcome, SendReport};
pub use retention::{Retention, Swept};
pub use statistics::SubmissionCount;
pub use submission::{Codes, NewSubmission, Payload, Row, State, SubmissionResult, Submitted};
pub use worker::Worker;

use crate::{clock::Clock, entropy::Entropy, postback::Targets, store::Store};

pub use crate::store::{Error, KeyRing};

/// How submissions are sent.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long one `enroll` may take before its outcome counts as unknown. Longer than the
    /// client's own limits, so that it is the client that judges.
    pub send_limit: Duration,
    /// How often a request that could not even be written is tried.
    pub max_tries: u32,
    /// The wait after the first failure to connect; it doubles with each.
    pub backoff: Duration,
    /// How many submissions one server sends at the same time.
    pub at_once: usize,
    /// How often the table is looked through for rows other servers left.
    pub poll: Duration,
    /// How long a server that sends may be silent before it counts as dead; it renews three times as often.
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

/// The ledger. A clone shares the database.
#[derive(Clone)]
pub struct Ledger {
    store: Store,
    keys: KeyRing,
    key: LedgerKey,
    clock: Clock,
    entropy: Entropy,
    settings: Settings,
    targets: Targets,
    /// Wakes this server's worker when a row is ready.
    wake: Arc<Notify>,
}

impl Ledger {
    /// A ledger in `store`. `keys` seal what is stored; `key` makes the keyed hashes and must stay
    /// the same for as long as the ledger is kept.
    pub fn new(
        store: Store,
        keys: KeyRing,
        key: LedgerKey,
        clock: Clock,
        entropy: Entropy,
        settings: Settings,
    ) -> Self {
        let (targets, wake) = (Targets::default(), Arc::new(Notify::new()));
        Self { store, keys, key, clock, entropy, settings, targets, wake }
    }

    /// The same, which tells `targets` how submissions end.
    pub fn with_targets(self, targets: Targets) -> Self {
        Self { targets, ..self }
    }

    /// The keyed hash of a person at an address: the same parts, whatever their case and the
    /// spaces around them, give the same key.
    pub fn person_key(&self, parts: &[&str]) -> PersonKey {
        self.key.person(parts)
    }
}

#[cfg(test)]
pub(crate) mod testing;
