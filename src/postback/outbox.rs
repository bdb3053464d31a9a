//! The outbox: what is to be told, what was, and what could not be.
//!
//! A row waits until its time has come. Whoever takes it puts that time off by a lease, so that of several servers
//! one sends it; a server that dies leaves it to the next. Thus a target may hear twice, and then of one id.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    event::{Ending, Event, Facts},
    target::Targets,
};
use crate::{
    clock::Clock,
    entropy::Entropy,
    store::{Error, Store, millis, moment, on_reader, on_writer, span},
};

/// How long a postback is tried before it is dead.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// The wait after the first try that failed; it doubles with each…
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// …up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(4 * 3600);
/// How long a try may take before another server makes it; longer than the client waits.
const LEASE: Duration = Duration::from_secs(60);
/// How long the rows of sent ones are kept, so that nothing is told twice: longer than any journey, and than
/// unknown submissions are looked through.
const SENT_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long those of dead ones are.
const DEAD_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

/// Where a postback stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// To be sent, again if need be.
    Waiting,
    /// The target took it.
    Sent,
    /// Given up after a day.
    Dead,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Sent, Self::Dead];

    /// The word in database, list and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }

    /// Reads [`word`](Self::word).
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A row to be written.
pub(crate) struct PendingPostback {
    pub id: String,
    pub target: String,
    pub journey: String,
    pub ending: &'static str,
    pub facts: String,
    pub now: i64,
    pub gives_up: i64,
    /// Only where the ledger has no submission of the journey that still has, or had, an ending of its own.
    pub unless_submitted: bool,
}

impl PendingPostback {
    pub(super) fn new(target: &str, entropy: &Entropy, event: &Event<'_>) -> Self {
        let id: String = entropy.bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
        // Words and texts always have a JSON form.
        let facts = serde_json::to_string(&event.facts(&id)).unwrap_or_default();
        let now = millis(event.at);
        Self {
            id,
            target: target.to_owned(),
            journey: event.journey.to_owned(),
            ending: event.ending.word(),
            facts,
            now,
            gives_up: now + span(DAY),
            unless_submitted: event.ending == Ending::Abandoned,
        }
    }
}

/// Writes a row, once for each target, journey and ending.
pub(crate) const PUT: &str = "INSERT INTO postbacks
    (id, target, journey, ending, facts, state, tries, not_before, gives_up, created_at)
    SELECT $1, $2, $3, $4, $5, 'waiting', 0, $6, $7, $6
    WHERE NOT ($8 AND EXISTS (SELECT 1 FROM submissions WHERE journey = $3 AND state <> 'repairable'))
    ON CONFLICT (target, journey, ending) DO NOTHING";

/// Writes `$rows` within the transaction `$tx`.
macro_rules! put {
    ($tx:expr, $rows:expr) => {
        for row in $rows {
            sqlx::query($crate::postback::PUT)
                .bind(&row.id)
                .bind(&row.target)
                .bind(&row.journey)
                .bind(row.ending)
                .bind(&row.facts)
                .bind(row.now)
                .bind(row.gives_up)
                .bind(row.unless_submitted)
                .execute(&mut *$tx)
                .await?;
        }
    };
}
pub(crate) use put;

/// A postback as it stands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// By which the target knows it.
    pub id: String,
    /// Who is told.
    pub target: String,
    /// [`Ending::word`].
    pub ending: String,
    state: String,
    /// Tries so far, since the last time it began anew.
    pub tries: i64,
    /// What came of the latest try.
    pub outcome: Option<String>,
    not_before: i64,
    created_at: i64,
    ended_at: Option<i64>,
}

impl Row {
    /// Where it stands.
    pub fn state(&self) -> State {
        // The table's CHECK admits no other word.
        State::from_word(&self.state).unwrap_or(State::Dead)
    }

    /// When the journey ended.
    pub fn created_at(&self) -> Timestamp {
        moment(self.created_at)
    }

    /// When it was sent, or given up.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.ended_at.map(moment)
    }

    /// When it is tried next, if it waits.
    pub fn next_try(&self) -> Option<Timestamp> {
        (self.state() == State::Waiting).then(|| moment(self.not_before))
    }
}

/// Which postbacks are meant. What is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Standing there.
    pub state: Option<State>,
    /// For this target.
    pub target: Option<String>,
    /// This one.
    pub id: Option<String>,
}

/// A row this server has taken, and must send.
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

/// Taking a row, with the words that let PostgreSQL pass over one another server is just taking.
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

    /// Who is told.
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

    /// Takes a due row for `target`, and for `owner`, a name used for this once.
    pub(super) async fn lease_next(
        &self,
        target: &str,
        owner: &str,
    ) -> Result<Option<LeasedPostback>, Error> {
        let now = self.now();
        // Further off than it can have been set: by a clock that has jumped since.
        let too_far = now + 2 * span(LONGEST_WAIT);
        // Looking takes no writer: mostly there is nothing.
        let due: Option<(i64,)> = on_reader!(&self.store, db => sqlx::query_as(
            "SELECT not_before FROM postbacks
             WHERE state = 'waiting' AND target = $1 AND (not_before <= $2 OR not_before > $3) LIMIT 1")
            .bind(target).bind(now).bind(too_far).fetch_optional(db).await)?;
        if due.is_none() {
            return Ok(None);
        }
        let statement = match &self.store {
            Store::Sqlite { .. } => lease_next!(""),
            Store::Postgres(_) => lease_next!("FOR UPDATE SKIP LOCKED"),
        };
        let row: Option<(String, String, String, String, i64, i64)> = on_writer!(&self.store, db => sqlx::query_as(statement)
                .bind(owner).bind(now + span(LEASE)).bind(now).bind(too_far).bind(target).fetch_optional(db).await)?;
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

    /// Records what came of a try: `Ok` if the target took it. Out comes where the postback stands now; none, if
    /// another server has taken it meanwhile.
    pub(super) async fn complete(
        &self,
        taken: &LeasedPostback,
        told: &Result<String, String>,
    ) -> Result<Option<State>, Error> {
        let now = self.now();
        let state = match told {
            Ok(_) => State::Sent,
            Err(_) if now >= taken.gives_up => State::Dead,
            Err(_) => State::Waiting,
        };
        let (Ok(outcome) | Err(outcome)) = told;
        let next = (now + span(wait_after(taken.tries))).min(taken.gives_up.max(now));
        let ended = (state != State::Waiting).then_some(now);
        let recorded = on_writer!(&self.store, db => sqlx::query(
            "UPDATE postbacks SET state = $1, outcome = $2, not_before = $3, ended_at = $4, owner = NULL
             WHERE id = $5 AND owner = $6 AND state = 'waiting'")
            .bind(state.word()).bind(outcome).bind(next).bind(ended).bind(&taken.id).bind(&taken.owner)
            .execute(db).await.map(|done| done.rows_affected()))?;
        Ok((recorded == 1).then_some(state))
    }

    /// The postbacks that pass `filter`, newest first, at most `limit`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, filter: &Filter, limit: u32) -> Result<Vec<Row>, Error> {
        Ok(on_reader!(&self.store, db => sqlx::query_as(
            "SELECT id, target, ending, state, tries, outcome, not_before, created_at, ended_at FROM postbacks
             WHERE ($1 IS NULL OR state = $1) AND ($2 IS NULL OR target = $2) AND ($3 IS NULL OR id = $3)
             ORDER BY created_at DESC, id LIMIT $4")
            .bind(filter.state.map(State::word)).bind(&filter.target).bind(&filter.id).bind(i64::from(limit))
            .fetch_all(db).await)?)
    }

    /// Sends the dead ones that pass `filter` once more, for a day. Answers how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn retry(&self, filter: &Filter) -> Result<u64, Error> {
        let now = self.now();
        Ok(on_writer!(&self.store, db => sqlx::query(
            "UPDATE postbacks SET state = 'waiting', tries = 0, not_before = $1, gives_up = $2, ended_at = NULL
             WHERE state = 'dead' AND ($3 IS NULL OR target = $3) AND ($4 IS NULL OR id = $4)")
            .bind(now).bind(now + span(DAY)).bind(&filter.target).bind(&filter.id)
            .execute(db).await.map(|done| done.rows_affected()))?)
    }

    /// How many there are, by target and state.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count(&self) -> Result<Vec<(String, State, i64)>, Error> {
        let rows: Vec<(String, String, i64)> = on_reader!(&self.store, db => sqlx::query_as(
            "SELECT target, state, COUNT(*) FROM postbacks GROUP BY target, state ORDER BY target, state")
            .fetch_all(db).await)?;
        Ok(rows
            .into_iter()
            .filter_map(|(target, state, rows)| Some((target, State::from_word(&state)?, rows)))
            .collect())
    }

    /// Deletes what has been kept long enough; what waited for a target that is in no server's settings any more is
    /// dead. Answers how many were deleted.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sweep(&self) -> Result<u64, Error> {
        let now = self.now();
        // A day longer than any server that knows the target would have tried.
        let stray = on_writer!(&self.store, db => sqlx::query(
            "UPDATE postbacks SET state = 'dead', outcome = 'no such target', ended_at = $1
             WHERE state = 'waiting' AND gives_up <= $2 AND not_before <= $1")
            .bind(now).bind(now - span(DAY)).execute(db).await.map(|done| done.rows_affected()))?;
        if stray > 0 {
            tracing::error!(stray, "postbacks to targets that are in no settings are given up");
        }
        Ok(on_writer!(&self.store, db => sqlx::query(
            "DELETE FROM postbacks WHERE (state = 'sent' AND ended_at <= $1) OR (state = 'dead' AND ended_at <= $2)")
            .bind(now - span(SENT_KEPT)).bind(now - span(DEAD_KEPT))
            .execute(db).await.map(|done| done.rows_affected()))?)
    }
}

/// The wait after that many tries.
fn wait_after(tries: i64) -> Duration {
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or(u32::MAX);
    FIRST_WAIT.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(LONGEST_WAIT)
}
