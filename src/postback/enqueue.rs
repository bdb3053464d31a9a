//! Enqueue: an ending becomes one row of the outbox for each target that wants it.

use std::collections::HashSet;

use super::{
    event::{Ending, Event},
    fact::{Fact, Facts},
    outbox::DAY,
    target::Targets,
};
use crate::{
    entropy::Entropy,
    store::{Error, Store, Tx, millis, span, sql},
};

/// A row of the outbox that is to be written.
pub(crate) struct PendingPostback {
    id: String,
    pub(super) target: String,
    journey: String,
    /// As the outbox keeps it.
    ending: String,
    facts: String,
    now: i64,
    gives_up: i64,
}

impl PendingPostback {
    fn new(target: &str, entropy: &Entropy, event: &Event<'_>, mut facts: Facts) -> Self {
        let id = hex::encode(entropy.bytes::<16>());
        facts.set(Fact::Id, Some(&id));
        // Texts always have a JSON form.
        let facts = serde_json::to_string(&facts).unwrap_or_default();
        let now = millis(event.at);
        Self {
            id,
            target: target.to_owned(),
            journey: event.journey.to_owned(),
            ending: event.key(),
            facts,
            now,
            gives_up: now + span(DAY),
        }
    }
}

/// Writes `rows` to the outbox, once for each target, journey and ending.
///
/// # Errors
/// The database failed.
pub(crate) async fn enqueue(tx: &mut Tx<'_>, rows: &[PendingPostback]) -> Result<(), Error> {
    for row in rows {
        sql!(tx,
            "INSERT INTO postbacks
                 (id, target, journey, ending, facts, state, tries, not_before, gives_up, created_at)
             VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $7, $6)
             ON CONFLICT (target, journey, ending) DO NOTHING",
            &row.id, &row.target, &row.journey, &row.ending, &row.facts, row.now, row.gives_up => execute)?;
    }
    Ok(())
}

/// Those of `journeys` of which the outbox has a postback of `ending`, to any target.
///
/// # Errors
/// The database failed.
pub(crate) async fn enqueued(
    store: &Store,
    ending: Ending,
    journeys: &[&str],
) -> Result<HashSet<String>, Error> {
    // A list as one parameter is JSON in both databases.
    let statement = match store {
        Store::Sqlite { .. } => {
            "SELECT DISTINCT journey FROM postbacks
             WHERE ending = $1 AND journey IN (SELECT value FROM json_each($2))"
        }
        Store::Postgres(_) => {
            "SELECT DISTINCT journey FROM postbacks
             WHERE ending = $1 AND journey IN (SELECT json_array_elements_text($2::json))"
        }
    };
    let list = serde_json::json!(journeys).to_string();
    let rows: Vec<(String,)> = sql!(store.reader().await?, statement, ending.word(), &list => fetch_all)?;
    Ok(rows.into_iter().map(|(journey,)| journey).collect())
}

/// What [`erase`] did.
pub(crate) struct ErasedPostbacks {
    /// How many had something to erase.
    pub(crate) erased: u64,
    /// How many of them waited, and are not sent any more.
    pub(crate) dropped: u64,
}

/// Erases at `now` what the postbacks of `journey` may tell, and what targets answered. The rows stay for as long as others,
/// so that none is enqueued again; one without facts is never sent.
///
/// # Errors
/// The database failed.
pub(crate) async fn erase(tx: &mut Tx<'_>, journey: &str, now: i64) -> Result<ErasedPostbacks, Error> {
    let dropped = sql!(tx,
        "UPDATE postbacks SET state = 'dead', outcome = 'erased', ended_at = $2 WHERE journey = $1 AND state = 'waiting'",
        journey, now => execute)?;
    let erased = sql!(tx,
        "UPDATE postbacks SET facts = '', answer = NULL WHERE journey = $1 AND facts <> ''", journey => execute)?;
    Ok(ErasedPostbacks { erased, dropped })
}

impl Targets {
    /// The rows of the outbox about `event`: one for each target that wants it.
    pub(crate) fn pending_postbacks(&self, entropy: &Entropy, event: &Event<'_>) -> Vec<PendingPostback> {
        let facts = event.facts();
        let wanting = self.iter().filter(|target| target.wants.include(event, &facts));
        wanting.map(|target| PendingPostback::new(&target.name, entropy, event, facts.clone())).collect()
    }
}
