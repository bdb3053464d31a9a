//! The count of journeys: by it a journey shows that is gone although retention has not deleted it.
//!
//! Every journey of which the ledger has a record is one row, numbered within the day in which it was counted; it says how
//! many stamped submissions the journey has. Every day is a row with the number of its journeys, and of those that retention
//! has deleted; it names the day before it. Both carry a keyed hash of themselves, so that nobody without the ledger's key
//! can make a count fit what is there.

use std::collections::BTreeMap;

use super::{Error, LedgerKey, keyed_hash::same};
use crate::store::{Tx, sql};

/// Milliseconds.
const DAY: i64 = 24 * 3_600_000;

/// The count of a day.
#[derive(sqlx::FromRow)]
pub(super) struct CountedDay {
    /// Days since 1970, in UTC.
    pub(super) day: i64,
    /// The counted day before it.
    pub(super) previous: Option<i64>,
    /// Journeys that were counted.
    pub(super) begun: i64,
    /// Those of them that retention has deleted.
    pub(super) taken: i64,
    pub(super) stamp: Vec<u8>,
}

/// A journey that was counted.
#[derive(sqlx::FromRow)]
pub(super) struct CountedJourney {
    pub(super) journey: String,
    pub(super) day: i64,
    number: i64,
    /// How many of its submissions have a stamp.
    pub(super) submissions: i64,
    stamp: Vec<u8>,
}

impl CountedDay {
    pub(super) fn expected(&self, key: &LedgerKey) -> [u8; 32] {
        key.stamp("count of a day", &[&self.day, &self.previous, &self.begun, &self.taken])
    }

    /// Whether the row is as it was written.
    pub(super) fn holds(&self, key: &LedgerKey) -> bool {
        same(&self.stamp, &self.expected(key))
    }

    /// Adds to the counts of a day, if there is one. A row that is not as it was written keeps its stamp, so that this
    /// stays visible.
    async fn add(
        tx: &mut Tx<'_>,
        key: &LedgerKey,
        day: i64,
        begun: i64,
        taken: i64,
    ) -> Result<Option<Self>, Error> {
        // The row is locked from here on: others that count wait until this transaction has ended.
        let after: Option<Self> = sql!(tx,
            "UPDATE counted_days SET begun = begun + $2, taken = taken + $3 WHERE day = $1
             RETURNING day, previous, begun, taken, stamp", day, begun, taken => fetch_optional)?;
        let Some(after) = after else { return Ok(None) };
        let before = Self {
            begun: after.begun - begun,
            taken: after.taken - taken,
            stamp: after.stamp.clone(),
            ..after
        };
        if before.holds(key) {
            sql!(tx, "UPDATE counted_days SET stamp = $2 WHERE day = $1", day, &after.expected(key)[..] => execute)?;
        }
        Ok(Some(after))
    }

    /// The first count of a day. [`Error::Contended`]: another server has begun it meanwhile.
    async fn begin(tx: &mut Tx<'_>, key: &LedgerKey, day: i64) -> Result<Self, Error> {
        let previous: Option<(i64,)> = sql!(tx,
            "SELECT day FROM counted_days WHERE day < $1 ORDER BY day DESC LIMIT 1", day => fetch_optional)?;
        let previous = previous.map(|(day,)| day);
        let row = Self { day, previous, begun: 1, taken: 0, stamp: Vec::new() };
        let written = sql!(tx,
            "INSERT INTO counted_days (day, previous, begun, taken, stamp) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (day) DO NOTHING", row.day, row.previous, row.begun, row.taken, &row.expected(key)[..]
            => execute)?;
        if written == 0 { Err(Error::Contended) } else { Ok(row) }
    }
}

impl CountedJourney {
    fn expected(&self, key: &LedgerKey) -> [u8; 32] {
        key.stamp("count of a journey", &[&self.journey, &self.day, &self.number, &self.submissions])
    }

    /// Whether the row is as it was written.
    pub(super) fn holds(&self, key: &LedgerKey) -> bool {
        same(&self.stamp, &self.expected(key))
    }

    async fn find(tx: &mut Tx<'_>, journey: &str) -> Result<Option<Self>, Error> {
        sql!(tx, "SELECT journey, day, number, submissions, stamp FROM counted_journeys WHERE journey = $1", journey
            => fetch_optional)
    }

    /// Writes another number of submissions. [`Error::Contended`]: it was changed meanwhile.
    async fn set(self, tx: &mut Tx<'_>, key: &LedgerKey, submissions: i64) -> Result<(), Error> {
        let before = self.submissions;
        let held = self.holds(key);
        let mut after = Self { submissions, ..self };
        if held {
            after.stamp = after.expected(key).to_vec();
        }
        let written = sql!(tx,
            "UPDATE counted_journeys SET submissions = $2, stamp = $3 WHERE journey = $1 AND submissions = $4",
            &after.journey, submissions, &after.stamp, before => execute)?;
        if written == 0 { Err(Error::Contended) } else { Ok(()) }
    }
}

/// Counts a journey, if it is not counted yet, and so many more of its submissions. What locks a row that all servers
/// share comes last in its transaction.
///
/// # Errors
/// [`Error::Contended`]: another server counts the same; the transaction is to be tried again.
pub(super) async fn add(
    tx: &mut Tx<'_>,
    key: &LedgerKey,
    journey: &str,
    submissions: i64,
    now: i64,
) -> Result<(), Error> {
    if let Some(known) = CountedJourney::find(tx, journey).await? {
        let after = known.submissions + submissions;
        return if submissions == 0 { Ok(()) } else { known.set(tx, key, after).await };
    }
    let day = now.div_euclid(DAY);
    let counted = match CountedDay::add(tx, key, day, 1, 0).await? {
        Some(counted) => counted,
        None => CountedDay::begin(tx, key, day).await?,
    };
    let (journey, number, stamp) = (journey.to_owned(), counted.begun, Vec::new());
    let row = CountedJourney { journey, day, number, submissions, stamp };
    let written = sql!(tx,
        "INSERT INTO counted_journeys (journey, day, number, submissions, stamp) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (journey) DO NOTHING", &row.journey, day, number, submissions, &row.expected(key)[..]
        => execute)?;
    if written == 0 { Err(Error::Contended) } else { Ok(()) }
}

/// Takes out of the count what retention has deleted in this transaction: by journey, the number of stamped submissions.
pub(super) async fn take(
    tx: &mut Tx<'_>,
    key: &LedgerKey,
    deleted: &BTreeMap<String, i64>,
) -> Result<(), Error> {
    let mut days: BTreeMap<i64, i64> = BTreeMap::new();
    for (journey, submissions) in deleted {
        // One that an earlier release wrote is not counted; one that was changed stays where it shows.
        let Some(known) = CountedJourney::find(tx, journey).await?.filter(|known| known.holds(key)) else {
            continue;
        };
        let left: Option<(i32,)> = sql!(tx,
            "SELECT 1 FROM consents WHERE journey = $1 UNION ALL SELECT 1 FROM submissions WHERE journey = $1 LIMIT 1",
            journey => fetch_optional)?;
        if left.is_none() && known.submissions == *submissions {
            sql!(tx, "DELETE FROM counted_journeys WHERE journey = $1", journey => execute)?;
            *days.entry(known.day).or_default() += 1;
        } else if *submissions > 0 {
            let after = known.submissions - submissions;
            known.set(tx, key, after).await?;
        }
    }
    for (day, taken) in days {
        CountedDay::add(tx, key, day, 0, taken).await?;
    }
    Ok(())
}
