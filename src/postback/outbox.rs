//! The outbox: postbacks that are waiting, sent or dead.
//!
//! A row waits until its time has come. A server that leases it moves that time by the lease duration, so that only one
//! of several servers sends it; if that server dies, another one sends it when the lease has expired. A target may
//! therefore receive a postback twice, under the same id.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    delivery::{Delivery, Verdict},
    fact::Facts,
    target::Targets,
};
use crate::{
    clock::Clock,
    entropy::Entropy,
    journey::order_id,
    store::{Error, Store, millis, moment, span, sql},
    worker::wait_after,
};

/// How long a postback is retried before it is dead.
pub(super) const DAY: Duration = Duration::from_secs(24 * 3600);
/// The wait after the first failed attempt; it doubles with each attempt,
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(4 * 3600);
/// Lease duration of a delivery attempt; longer than the timeout of the client.
const LEASE: Duration = Duration::from_secs(60);
/// How long the rows of sent postbacks are kept, so that none is enqueued twice: longer than any journey, and than the
/// ledger looks for delayed postbacks.
const SENT_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long the rows of dead postbacks are kept.
const DEAD_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

/// The state of a postback.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum State {
    /// To be sent, or to be retried.
    Waiting,
    /// The target accepted it.
    Sent,
    /// Given up after a day.
    Dead,
}

impl State {
    /// Every state.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word in database, list and metrics, which [`str::parse`] reads.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A stored postback.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// The id by which the target recognizes a second delivery.
    pub id: String,
    /// The name of its target.
    pub target: String,
    /// The journey it is about. Never sent.
    pub journey: String,
    ending: String,
    facts: String,
    state: String,
    /// Attempts so far, since it was enqueued or retried by an operator.
    pub tries: i64,
    /// The outcome of the latest attempt.
    pub outcome: Option<String>,
    /// The first 200 bytes of the answer to it.
    pub answer: Option<String>,
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

    /// The word of an [`Ending`](super::Ending).
    pub fn ending(&self) -> &str {
        self.ending.split_once('/').map_or(&self.ending, |(word, _)| word)
    }

    /// The order id of its journey.
    pub fn order_id(&self) -> String {
        order_id(&self.journey)
    }

    /// What it may tell. Nothing if that cannot be read.
    pub fn facts(&self) -> Facts {
        serde_json::from_str(&self.facts).unwrap_or_default()
    }

    /// When the journey ended.
    pub fn created_at(&self) -> Timestamp {
        moment(self.created_at)
    }

    /// When it was sent or became dead.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.ended_at.map(moment)
    }

    /// When it is tried next, if it waits.
    pub fn next_try(&self) -> Option<Timestamp> {
        (self.state() == State::Waiting).then(|| moment(self.not_before))
    }
}

/// Filter of postbacks. `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
    /// For this target.
    pub target: Option<String>,
    /// With this id.
    pub id: Option<String>,
    /// About this journey.
    pub journey: Option<String>,
}

/// A row this server has leased, and must send.
pub(super) struct LeasedPostback {
    pub id: String,
    pub target: String,
    pub ending: String,
    /// None: it cannot be read.
    pub facts: Option<Facts>,
    owner: String,
    tries: i64,
    gives_up: i64,
}

/// Leases a row. `$lock` lets PostgreSQL pass over a row another server is just leasing.
macro_rules! lease_next {
    ($lock:literal) => {
        concat!(
            "UPDATE postbacks SET owner = $1, not_before = $2, tries = tries + 1
             WHERE state = 'waiting' AND id = (SELECT id FROM postbacks
                 WHERE state = 'waiting' AND target = $5 AND (not_before <= $3 OR not_before > $4)
                 ORDER BY not_before LIMIT 1 ",
            $lock,
            ") RETURNING id, target, ending, facts, tries, gives_up"
        )
    };
}

/// The outbox. A clone shares the database.
#[derive(Clone)]
pub struct Outbox {
    store: Store,
    pub(super) targets: Targets,
    pub(super) clock: Clock,
    pub(super) entropy: Entropy,
}

impl Outbox {
    /// The outbox in `store`, for `targets`.
    pub fn new(store: Store, targets: Targets, clock: Clock, entropy: Entropy) -> Self {
        Self { store, targets, clock, entropy }
    }

    /// The targets of the settings.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    #[cfg(test)]
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    fn now(&self) -> i64 {
        millis(self.clock.now())
    }

    /// Leases a due row for `target` to `owner`, a name used for this lease only.
    pub(super) async fn lease_next(
        &self,
        target: &str,
        owner: &str,
    ) -> Result<Option<LeasedPostback>, Error> {
        let now = self.now();
        // Further off than it can have been set: by a clock that has jumped since.
        let too_far = now + 2 * span(LONGEST_WAIT);
        // Reading needs no writer: mostly there is nothing due.
        let due: Option<(i64,)> = sql!(self.store.reader().await?,
            "SELECT not_before FROM postbacks
             WHERE state = 'waiting' AND target = $1 AND (not_before <= $2 OR not_before > $3) LIMIT 1",
            target, now, too_far => fetch_optional)?;
        if due.is_none() {
            return Ok(None);
        }
        let statement = match &self.store {
            Store::Sqlite { .. } => lease_next!(""),
            Store::Postgres(_) => lease_next!("FOR UPDATE SKIP LOCKED"),
        };
        let row: Option<(String, String, String, String, i64, i64)> = sql!(self.store.writer().await?, statement,
            owner, now + span(LEASE), now, too_far, target => fetch_optional)?;
        Ok(row.map(|(id, target, ending, facts, tries, gives_up)| LeasedPostback {
            facts: serde_json::from_str(&facts).ok(),
            owner: owner.to_owned(),
            id,
            target,
            ending,
            tries,
            gives_up,
        }))
    }

    /// Records the outcome of an attempt. A target that takes none any more gets none that wait for it either. Returns the
    /// new state of the postback; `None` if another server has leased it meanwhile.
    pub(super) async fn complete(
        &self,
        leased: &LeasedPostback,
        delivery: &Delivery,
    ) -> Result<Option<State>, Error> {
        let now = self.now();
        let state = match delivery.verdict {
            Verdict::Accepted => State::Sent,
            Verdict::Gone => State::Dead,
            Verdict::Failed if now >= leased.gives_up => State::Dead,
            Verdict::Failed => State::Waiting,
        };
        let next =
            (now + span(wait_after(leased.tries, FIRST_WAIT, LONGEST_WAIT))).min(leased.gives_up.max(now));
        let ended = (state != State::Waiting).then_some(now);
        let recorded = sql!(self.store.writer().await?,
            "UPDATE postbacks SET state = $1, outcome = $2, answer = $3, not_before = $4, ended_at = $5, owner = NULL
             WHERE id = $6 AND owner = $7 AND state = 'waiting'",
            state.word(), &delivery.outcome, &delivery.answer, next, ended, &leased.id, &leased.owner => execute)?;
        if recorded == 1 && delivery.verdict == Verdict::Gone {
            sql!(self.store.writer().await?,
                "UPDATE postbacks SET state = 'dead', outcome = $1, ended_at = $2
                 WHERE target = $3 AND state = 'waiting' AND owner IS NULL",
                &delivery.outcome, now, &leased.target => execute)?;
        }
        Ok((recorded == 1).then_some(state))
    }

    /// The postbacks that pass `filter`, newest first, at most `limit`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, filter: &Filter, limit: u32) -> Result<Vec<Row>, Error> {
        sql!(self.store.reader().await?,
            "SELECT id, target, journey, ending, facts, state, tries, outcome, answer, not_before, created_at, ended_at
             FROM postbacks
             WHERE ($1 IS NULL OR state = $1) AND ($2 IS NULL OR target = $2) AND ($3 IS NULL OR id = $3)
                 AND ($4 IS NULL OR journey = $4)
             ORDER BY created_at DESC, id LIMIT $5",
            filter.state.map(State::word), &filter.target, &filter.id, &filter.journey, i64::from(limit) => fetch_all)
    }

    /// Sends the dead and the waiting postbacks that pass `filter` now, and again for another day while they fail. Returns
    /// how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn retry(&self, filter: &Filter) -> Result<u64, Error> {
        let now = self.now();
        sql!(self.store.writer().await?,
            "UPDATE postbacks SET state = 'waiting', tries = 0, not_before = $1, gives_up = $2, ended_at = NULL
             WHERE (state = 'dead' OR (state = 'waiting' AND owner IS NULL)) AND facts <> '' AND ($3 IS NULL OR state = $3)
                 AND ($4 IS NULL OR target = $4) AND ($5 IS NULL OR id = $5) AND ($6 IS NULL OR journey = $6)",
            now, now + span(DAY), filter.state.map(State::word), &filter.target, &filter.id, &filter.journey
            => execute)
    }

    /// The number of postbacks by target and state.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count(&self) -> Result<Vec<(String, State, i64)>, Error> {
        let rows: Vec<(String, String, i64)> = sql!(self.store.reader().await?,
            "SELECT target, state, COUNT(*) FROM postbacks GROUP BY target, state ORDER BY target, state"
            => fetch_all)?;
        Ok(rows
            .into_iter()
            .filter_map(|(target, state, rows)| Some((target, state.parse().ok()?, rows)))
            .collect())
    }

    /// For how long each target has been failing: since its oldest postback that waits after a failure was to be sent.
    ///
    /// # Errors
    /// The database failed.
    pub async fn failing(&self) -> Result<Vec<(String, Duration)>, Error> {
        let rows: Vec<(String, i64)> = sql!(self.store.reader().await?,
            "SELECT target, MIN(gives_up) FROM postbacks WHERE state = 'waiting' AND outcome IS NOT NULL GROUP BY target"
            => fetch_all)?;
        let now = self.now();
        let since = |gives_up: i64| u64::try_from(now - (gives_up - span(DAY))).unwrap_or(0);
        let failing = |(target, gives_up)| (target, Duration::from_millis(since(gives_up)));
        Ok(rows.into_iter().map(failing).collect())
    }

    /// Deletes what has been kept long enough; a postback that waited for a target that is in no server's settings any
    /// more becomes dead. Returns how many were deleted.
    ///
    /// # Errors
    /// The database failed.
    pub async fn cleanup(&self) -> Result<u64, Error> {
        let now = self.now();
        // A day longer than any server that knows the target would have tried.
        let stray = sql!(self.store.writer().await?,
            "UPDATE postbacks SET state = 'dead', outcome = 'no such target', ended_at = $1
             WHERE state = 'waiting' AND gives_up <= $2 AND not_before <= $1", now, now - span(DAY) => execute)?;
        if stray > 0 {
            tracing::error!(stray, "postback: given up, no server has the target in its settings");
        }
        sql!(self.store.writer().await?,
            "DELETE FROM postbacks WHERE (state = 'sent' AND ended_at <= $1) OR (state = 'dead' AND ended_at <= $2)",
            now - span(SENT_KEPT), now - span(DEAD_KEPT) => execute)
    }
}
