//! What the ending of a journey causes, within the transaction that makes it one.
//!
//! The session room calls this when a session is deleted with its journey in it, the ledger when a submission becomes
//! final. Only here is it known whether an abandoned journey has submitted anything.

use super::Error;
use crate::{
    postback::{self, Ending, PendingPostback},
    store::{Tx, sql},
};

/// Enqueues `rows`, the postbacks of the `ending` of `journey`, once for each target, journey and ending. Returns whether
/// that ending holds: a journey is not abandoned if it has a submission that has, or will have, an ending of its own.
///
/// # Errors
/// The database failed.
pub(crate) async fn record(
    tx: &mut Tx<'_>,
    journey: &str,
    ending: Ending,
    rows: &[PendingPostback],
) -> Result<bool, Error> {
    if ending == Ending::Abandoned && has_submitted(tx, journey).await? {
        return Ok(false);
    }
    for row in rows {
        sql!(tx, postback::PUT, &row.id, &row.target, &row.journey, row.ending, &row.facts, row.now, row.gives_up,
            row.unless_submitted => execute)?;
    }
    Ok(true)
}

async fn has_submitted(tx: &mut Tx<'_>, journey: &str) -> Result<bool, Error> {
    let (submissions,): (i64,) = sql!(tx,
        "SELECT COUNT(*) FROM submissions WHERE journey = $1 AND state <> 'repairable'", journey => fetch_one)?;
    Ok(submissions > 0)
}
