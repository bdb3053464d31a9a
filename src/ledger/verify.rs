//! Verify: reads the whole ledger, and names every place where it is not as it was written.
//!
//! What a server of the release before writes has no stamp, and what it changes does not fit its stamp. Such a server runs
//! beside this release while an update is under way: therefore a stamp that does not fit is counted, not named, where the
//! journey was counted on the first day of the count or the one after it. What has no stamp is counted, too; a stamp that
//! was taken away does not fit the count of its journey.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    Consent, Error, Ledger, LedgerKey, LedgerReader,
    amend::{self, StoredAmendment},
    count::{CountedDay, CountedJourney},
    keyed_hash::same,
    privacy::{self, StoredAction},
    settle::{self, StoredSettlement},
    stamp::{StampedSubmission, stamped_columns},
};
use crate::store::sql;

/// Rows read at a time.
const PAGE: i64 = 500;

/// What [`LedgerReader::verify`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Journeys with consents that were read.
    pub journeys: u64,
    /// Consents that were read.
    pub consents: u64,
    /// Submissions that were read.
    pub submissions: u64,
    /// Settlements that were read.
    pub settlements: u64,
    /// Amendments that were read.
    pub amendments: u64,
    /// Privacy actions that were read.
    pub actions: u64,
    /// Journeys that were ever counted. It never falls: who notes it elsewhere sees that the last days were removed.
    pub counted: u64,
    /// Submissions and settlements that a server of an earlier release wrote or changed, so that nothing can be said of
    /// them.
    pub unstamped: u64,
    /// Where the ledger is not as it was written; empty when all is.
    pub breaks: Vec<Break>,
}

/// A place where the ledger is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Break {
    /// This consent is the first of its journey that is not as it was written, or not where.
    Consent {
        /// The journey.
        journey: String,
        /// The consent's number in it.
        number: i64,
    },
    /// The consents of the journey are not all there that were when this record was submitted.
    Consents {
        /// The journey.
        journey: String,
        /// The record.
        tracking_id: String,
    },
    /// This submission is not as it was written, or its last settlement or amendment is gone.
    Submission {
        /// Its journey.
        journey: String,
        /// The record.
        tracking_id: String,
    },
    /// This settlement is not as it was written, or the one before it is gone.
    Settlement {
        /// The record.
        tracking_id: String,
        /// The submission's round.
        round: i64,
    },
    /// This amendment is not as it was written, or the one before it is gone.
    Amendment {
        /// The record.
        tracking_id: String,
        /// The amendment's number.
        number: i64,
    },
    /// This privacy action is not as it was written, or the one before it is gone.
    PrivacyAction {
        /// The journey.
        journey: String,
        /// The action's number.
        number: i64,
    },
    /// Not all is there of this journey, and retention has not deleted it; or its count was changed.
    Journey {
        /// The journey.
        journey: String,
    },
    /// Not all journeys of this day are there, and retention has not deleted them; or its count was changed. In UTC.
    Day(Date),
}

/// A submission, with what it is compared with.
#[derive(sqlx::FromRow)]
struct Compared {
    #[sqlx(flatten)]
    row: StampedSubmission,
    /// The consent at which it says that the chain ended.
    chain: Option<Vec<u8>>,
    /// The day on which its journey was counted.
    counted_on: Option<i64>,
}

/// A counted journey, with what is there of it.
#[derive(sqlx::FromRow)]
struct Journey {
    #[sqlx(flatten)]
    counted: CountedJourney,
    there: i64,
    acted: i64,
    /// A record of any kind.
    remains: bool,
}

/// A counted day, with the number of its journeys that are there.
#[derive(sqlx::FromRow)]
struct Day {
    #[sqlx(flatten)]
    counted: CountedDay,
    there: i64,
}

/// The day of that number.
fn date(day: i64) -> Date {
    let moment = Timestamp::from_second(day.saturating_mul(24 * 3600)).unwrap_or_default();
    moment.to_zoned_datetime(TimeZone::UTC).date()
}

impl LedgerReader {
    /// Reads the whole ledger, and checks by its `key` that all is as it was written. Not detected: the removed end of a
    /// chain of consents that no submission followed, and that everything of the last days was removed, their counts
    /// included.
    ///
    /// # Errors
    /// The database failed.
    pub async fn verify(&self, key: &LedgerKey) -> Result<VerifyReport, Error> {
        let mut report = VerifyReport::default();
        self.verify_consents(key, &mut report).await?;
        let days = self.verify_days(key, &mut report).await?;
        self.verify_journeys(key, &days, &mut report).await?;
        // An update takes hours; the second day is for the one that takes them around midnight.
        let mixed_until = days.first().map(|first| first + 1);
        self.verify_submissions(key, mixed_until, &mut report).await?;
        self.verify_settlements(key, &mut report).await?;
        self.verify_amendments(key, &mut report).await?;
        self.verify_actions(key, &mut report).await?;
        Ok(report)
    }

    async fn verify_consents(&self, key: &LedgerKey, report: &mut VerifyReport) -> Result<(), Error> {
        let (mut journey, mut number, mut chain) = (String::new(), 0_i64, Vec::new());
        let mut read_to = (String::new(), 0_i64);
        let mut broken = false;
        loop {
            let page: Vec<Consent> = sql!(self.store.reader().await?,
                "SELECT * FROM consents WHERE (journey, number) > ($1, $2) ORDER BY journey, number LIMIT $3",
                &read_to.0, read_to.1, PAGE => fetch_all)?;
            let Some(last) = page.last() else { return Ok(()) };
            read_to = (last.journey.clone(), last.number);
            for row in page {
                report.consents += 1;
                if row.journey != journey {
                    report.journeys += 1;
                    (journey, number, chain, broken) = (row.journey.clone(), 0, Vec::new(), false);
                }
                // After the first break of a journey nothing more can be said about it.
                if !broken && (row.number != number + 1 || !same(&row.chain, &row.link(&chain, key))) {
                    broken = true;
                    report.breaks.push(Break::Consent { journey: row.journey, number: row.number });
                }
                (number, chain) = (row.number, row.chain);
            }
        }
    }

    /// Returns the days there are. A day is compared with its journeys by one statement, so that what is written meanwhile
    /// is in both or in none; so are journeys with their submissions, and submissions with their latest settlement.
    async fn verify_days(&self, key: &LedgerKey, report: &mut VerifyReport) -> Result<BTreeSet<i64>, Error> {
        let days: Vec<Day> = sql!(self.store.reader().await?,
            "SELECT d.day, d.previous, d.begun, d.taken, d.stamp,
                 (SELECT COUNT(*) FROM counted_journeys j WHERE j.day = d.day) AS there
             FROM counted_days d ORDER BY d.day" => fetch_all)?;
        let all: BTreeSet<i64> = days.iter().map(|day| day.counted.day).collect();
        for Day { counted, there } in days {
            report.counted += u64::try_from(counted.begun).unwrap_or_default();
            let previous =
                counted.previous.map_or(Some(&counted.day) == all.first(), |day| all.contains(&day));
            if !previous || !counted.holds(key) || there != counted.begun - counted.taken {
                report.breaks.push(Break::Day(date(counted.day)));
            }
        }
        Ok(all)
    }

    async fn verify_journeys(
        &self,
        key: &LedgerKey,
        days: &BTreeSet<i64>,
        report: &mut VerifyReport,
    ) -> Result<(), Error> {
        let (mut read_to, mut gone) = (String::new(), BTreeSet::new());
        loop {
            let page: Vec<Journey> = sql!(self.store.reader().await?,
                "SELECT j.journey, j.day, j.number, j.submissions, j.actions, j.stamp,
                     (SELECT COUNT(*) FROM privacy_actions a WHERE a.journey = j.journey) AS acted,
                     (SELECT COUNT(*) FROM submissions s WHERE s.journey = j.journey AND s.stamp IS NOT NULL) AS there,
                     EXISTS (SELECT 1 FROM submissions s WHERE s.journey = j.journey)
                         OR EXISTS (SELECT 1 FROM consents c WHERE c.journey = j.journey) AS remains
                 FROM counted_journeys j WHERE j.journey > $1 ORDER BY j.journey LIMIT $2", &read_to, PAGE
                => fetch_all)?;
            let Some(last) = page.last() else { break };
            read_to.clone_from(&last.counted.journey);
            for Journey { counted, there, acted, remains } in page {
                if !days.contains(&counted.day) {
                    gone.insert(counted.day);
                }
                let all = there == counted.submissions && acted == counted.actions;
                if !remains || !all || !counted.holds(key) {
                    report.breaks.push(Break::Journey { journey: counted.journey });
                }
            }
        }
        report.breaks.extend(gone.into_iter().map(|day| Break::Day(date(day))));
        Ok(())
    }

    async fn verify_submissions(
        &self,
        key: &LedgerKey,
        mixed_until: Option<i64>,
        report: &mut VerifyReport,
    ) -> Result<(), Error> {
        let mut read_to = String::new();
        loop {
            let page: Vec<Compared> = sql!(self.store.reader().await?, stamped_columns!(
                ", c.chain, j.day AS counted_on FROM submissions s
                 LEFT JOIN consents c ON c.journey = s.journey AND c.number = s.consents_to
                 LEFT JOIN counted_journeys j ON j.journey = s.journey
                 WHERE s.tracking_id > $1 ORDER BY s.tracking_id LIMIT $2"), &read_to, PAGE => fetch_all)?;
            let Some(last) = page.last() else { return Ok(()) };
            read_to.clone_from(&last.row.tracking_id);
            for Compared { row, chain, counted_on } in page {
                report.submissions += 1;
                let (number, chain) = (row.consents_to.unwrap_or_default(), chain.unwrap_or_default());
                let end = key.chain_end(&row.tracking_id, &row.journey, number, &chain);
                let expected = row.expected(key);
                let StampedSubmission { tracking_id, journey, consents_seal, stamp, .. } = row;
                let mixed = counted_on.zip(mixed_until).is_some_and(|(day, until)| day <= until);
                match stamp {
                    Some(stamp) if same(&stamp, &expected) => {}
                    Some(_) if !mixed => {
                        report.breaks.push(Break::Submission {
                            journey: journey.clone(),
                            tracking_id: tracking_id.clone(),
                        });
                    }
                    Some(_) | None => report.unstamped += 1,
                }
                if !consents_seal.is_some_and(|seal| same(&seal, &end)) {
                    report.breaks.push(Break::Consents { journey, tracking_id });
                }
            }
        }
    }

    async fn verify_settlements(&self, key: &LedgerKey, report: &mut VerifyReport) -> Result<(), Error> {
        let (mut read_to, mut before) = ((String::new(), 0_i64), (String::new(), None));
        loop {
            let page: Vec<StoredSettlement> = sql!(self.store.reader().await?, settle::settlement_columns!(
                "WHERE (tracking_id, round) > ($1, $2) ORDER BY tracking_id, round LIMIT $3"),
                &read_to.0, read_to.1, PAGE => fetch_all)?;
            let Some(last) = page.last() else { return Ok(()) };
            read_to = (last.tracking_id.clone(), last.round);
            for row in page {
                report.settlements += 1;
                let previous =
                    Some(before).filter(|(id, _)| *id == row.tracking_id).and_then(|(_, stamp)| stamp);
                match &row.stamp {
                    None => report.unstamped += 1,
                    Some(stamp) if same(stamp, &row.expected(key, previous)) => {}
                    Some(_) => {
                        let tracking_id = row.tracking_id.clone();
                        report.breaks.push(Break::Settlement { tracking_id, round: row.round });
                    }
                }
                before = (row.tracking_id, row.stamp);
            }
        }
    }

    async fn verify_amendments(&self, key: &LedgerKey, report: &mut VerifyReport) -> Result<(), Error> {
        let (mut read_to, mut before) = ((String::new(), 0_i64), (String::new(), None));
        loop {
            let page: Vec<StoredAmendment> = sql!(self.store.reader().await?, amend::amendment_columns!(
                "WHERE (tracking_id, number) > ($1, $2) ORDER BY tracking_id, number LIMIT $3"),
                &read_to.0, read_to.1, PAGE => fetch_all)?;
            let Some(last) = page.last() else { return Ok(()) };
            read_to = (last.tracking_id.clone(), last.number);
            for row in page {
                report.amendments += 1;
                let previous =
                    Some(before).filter(|(id, _)| *id == row.tracking_id).and_then(|(_, stamp)| stamp);
                if !same(&row.stamp, &row.expected(key, previous)) {
                    let tracking_id = row.tracking_id.clone();
                    report.breaks.push(Break::Amendment { tracking_id, number: row.number });
                }
                before = (row.tracking_id, Some(row.stamp));
            }
        }
    }

    async fn verify_actions(&self, key: &LedgerKey, report: &mut VerifyReport) -> Result<(), Error> {
        let (mut read_to, mut before) = ((String::new(), 0_i64), (String::new(), None));
        loop {
            let page: Vec<StoredAction> = sql!(self.store.reader().await?, privacy::action_columns!(
                "WHERE (journey, number) > ($1, $2) ORDER BY journey, number LIMIT $3"),
                &read_to.0, read_to.1, PAGE => fetch_all)?;
            let Some(last) = page.last() else { return Ok(()) };
            read_to = (last.journey.clone(), last.number);
            for row in page {
                report.actions += 1;
                let previous = Some(before).filter(|(id, _)| *id == row.journey).and_then(|(_, stamp)| stamp);
                if !same(&row.stamp, &row.expected(key, previous)) {
                    let journey = row.journey.clone();
                    report.breaks.push(Break::PrivacyAction { journey, number: row.number });
                }
                before = (row.journey, Some(row.stamp));
            }
        }
    }
}

impl Ledger {
    /// As [`LedgerReader::verify`], by the ledger's own key.
    ///
    /// # Errors
    /// The database failed.
    pub async fn verify(&self) -> Result<VerifyReport, Error> {
        self.reader.verify(&self.key).await
    }
}

#[cfg(test)]
mod tests;
