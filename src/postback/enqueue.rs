//! Enqueue: an ending becomes one row of the outbox for each target that wants it.

use super::{
    event::{Ending, Event},
    outbox::DAY,
    target::{Target, Targets},
};
use crate::{
    entropy::Entropy,
    store::{millis, span},
};

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
    fn new(target: &str, entropy: &Entropy, event: &Event<'_>) -> Self {
        let id = hex::encode(entropy.bytes::<16>());
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

impl Targets {
    /// What is to be written into the outbox about `event`: a row for each target that wants it.
    pub(crate) fn pending_postbacks(&self, entropy: &Entropy, event: &Event<'_>) -> Vec<PendingPostback> {
        let wants = |target: &&Target| {
            target.endings.contains(&event.ending)
                && (target.without_click || event.click().is_some())
                && (target.sites.is_empty() || target.sites.iter().any(|site| site == event.site))
        };
        self.iter().filter(wants).map(|target| PendingPostback::new(&target.name, entropy, event)).collect()
    }
}
