//! The count of journeys: by it a journey shows that is gone although retention has not deleted it.
//!
//! Every journey of which the ledger has a record is one row, numbered within the day in which it was counted; it says how
//! many stamped submissions and how many privacy actions the journey has. Every day is a row with the number of its journeys, and of those that retention
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
    /// How many privacy actions it has.
    pub(super) actions: i64,
    stamp: Vec<u8>,
}

/// The columns of a [`CountedJourney`].
macro_rules! counted_columns {
    () => {
        "journey, day, number, submissions, actions, stamp"
    };
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
        const LABEL: &str = "count of a journey";
        let Self { journey, day, number, submissions, actions, stamp: _ } = self;
        match actions {
            // As earlier releases wrote it, and read it.
            0 => key.stamp(LABEL, &[journey, day, number, submissions]),
            _ => key.stamp(LABEL, &[journey, day, number, submissions, actions]),
        }
    }

    /// Whether the row is as it was written.
    pub(super) fn holds(&self, key: &LedgerKey) -> bool {
        same(&self.stamp, &self.expected(key))
    }

    async fn find(tx: &mut Tx<'_>, journey: &str) -> Result<Option<Self>, Error> {
        sql!(tx, concat!("SELECT ", counted_columns!(), " FROM counted_journeys WHERE journey = $1"), journey
            => fetch_optional)
    }

    /// Locks the row until the end of the transaction, if there is one.
    pub(super) async fn lock(tx: &mut Tx<'_>, journey: &str) -> Result<Option<Self>, Error> {
        sql!(tx, concat!("UPDATE counted_journeys SET number = number WHERE journey = $1 RETURNING ", counted_columns!()),
            journey => fetch_optional)
    }

    /// Counts one more privacy action.
    pub(super) async fn add_action(self, tx: &mut Tx<'_>, key: &LedgerKey) -> Result<(), Error> {
        let (submissions, actions) = (self.submissions, self.actions + 1);
        self.set(tx, key, submissions, actions).await
    }

    /// Writes other numbers. [`Error::Contended`]: they were changed meanwhile.
    async fn set(
        self,
        tx: &mut Tx<'_>,
        key: &LedgerKey,
        submissions: i64,
        actions: i64,
    ) -> Result<(), Error> {
        let (submissions_before, actions_before) = (self.submissions, self.actions);
        let held = self.holds(key);
        let mut after = Self { submissions, actions, ..self };
        if held {
            after.stamp = after.expected(key).to_vec();
        }
        let written = sql!(tx,
            "UPDATE counted_journeys SET submissions = $2, actions = $3, stamp = $4
             WHERE journey = $1 AND submissions = $5 AND actions = $6",
            &after.journey, submissions, actions, &after.stamp, submissions_before, actions_before => execute)?;
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
        let (after, actions) = (known.submissions + submissions, known.actions);
        return if submissions == 0 { Ok(()) } else { known.set(tx, key, after, actions).await };
    }
    let day = now.div_euclid(DAY);
    let counted = match CountedDay::add(tx, key, day, 1, 0).await? {
        Some(counted) => counted,
        None => CountedDay::begin(tx, key, day).await?,
    };
    let (journey, number, stamp) = (journey.to_owned(), counted.begun, Vec::new());
    let row = CountedJourney { journey, day, number, submissions, actions: 0, stamp };
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
            let (after, actions) = (known.submissions - submissions, known.actions);
            known.set(tx, key, after, actions).await?;
        }
    }
    for (day, taken) in days {
        CountedDay::add(tx, key, day, 0, taken).await?;
    }
    Ok(())
}
