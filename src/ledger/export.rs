//! What an affiliate has to produce on request: everything about a journey, consents and submissions.
//! No guid, no code of the payload, no keyed hash of the person.

use jiff::Timestamp;

use super::{Consent, Error, LedgerReader, SubmissionDetails};
use crate::store::{millis, sql};

/// Filter of the journeys to export. `None` does not filter; a journey passes if one of its consents or submissions
/// meets all conditions.
#[derive(Clone, Debug, Default)]
pub struct ExportFilter {
    /// Given or submitted at this moment or later.
    pub since: Option<Timestamp>,
    /// Given or submitted before this moment.
    pub until: Option<Timestamp>,
    /// Of this record at NRG.
    pub tracking_id: Option<String>,
    /// For this meter.
    pub esi_id: Option<String>,
    /// This journey: the reference its pages name.
    pub journey: Option<String>,
}

/// Everything about one journey.
pub struct Records {
    /// The journey.
    pub journey: String,
    /// Oldest first.
    pub submissions: Vec<SubmissionDetails>,
    /// Its chain.
    pub consents: Vec<Consent>,
}

impl LedgerReader {
    /// The ids of the journeys that pass the filter, in order.
    ///
    /// # Errors
    /// The database failed.
    pub async fn journeys(&self, wanted: &ExportFilter) -> Result<Vec<String>, Error> {
        let rows: Vec<(String,)> = sql!(self.store.reader().await?,
            "SELECT journey FROM consents
                 WHERE ($1 IS NULL OR given_at >= $1) AND ($2 IS NULL OR given_at < $2)
                     AND ($3 IS NULL OR tracking_id = $3) AND ($4 IS NULL OR esi_id = $4)
                     AND ($5 IS NULL OR journey = $5)
             UNION SELECT journey FROM submissions
                 WHERE ($1 IS NULL OR submitted_at >= $1) AND ($2 IS NULL OR submitted_at < $2)
                     AND ($3 IS NULL OR tracking_id = $3) AND ($4 IS NULL OR esi_id = $4)
                     AND ($5 IS NULL OR journey = $5)
             ORDER BY journey",
            wanted.since.map(millis), wanted.until.map(millis), &wanted.tracking_id, &wanted.esi_id, &wanted.journey
            => fetch_all)?;
        Ok(rows.into_iter().map(|(journey,)| journey).collect())
    }

    /// Everything about one journey.
    ///
    /// # Errors
    /// The database failed.
    pub async fn records(&self, journey: &str) -> Result<Records, Error> {
        let submitted: Vec<(String,)> = sql!(self.store.reader().await?,
            "SELECT tracking_id FROM submissions WHERE journey = $1 ORDER BY created_at, tracking_id",
            journey => fetch_all)?;
        let mut submissions = Vec::new();
        for (tracking_id,) in submitted {
            submissions.extend(self.show(&tracking_id).await?);
        }
        let consents = sql!(self.store.reader().await?,
            "SELECT * FROM consents WHERE journey = $1 ORDER BY number", journey => fetch_all)?;
        Ok(Records { journey: journey.to_owned(), submissions, consents })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        ledger::testing::{consent, ledger, submission},
        store::testing::{ManualClock, on_each_database},
    };

    #[tokio::test]
    async fn export_filter_finds_journeys_by_time_tracking_id_meter_and_id() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            let day = Duration::from_secs(24 * 3600);
            ledger.consent(&consent("stopped")).await.unwrap();
            manual.forward(day);
            let midnight = clock.now();
            let new = submission(&ledger, "1");
            ledger.consent(&consent(&new.journey)).await.unwrap();
            ledger.submit(&new, &[consent(&new.journey)]).await.unwrap();
            let journey = new.journey.as_str();
            let all = ExportFilter::default();
            let cases = [
                (all.clone(), vec![journey, "stopped"]),
                (ExportFilter { since: Some(midnight), ..all.clone() }, vec![journey]),
                (ExportFilter { until: Some(midnight), ..all.clone() }, vec!["stopped"]),
                (ExportFilter { tracking_id: Some("1".to_owned()), ..all.clone() }, vec![journey]),
                (ExportFilter { esi_id: new.esi_id.clone(), ..all.clone() }, vec![journey]),
                (ExportFilter { esi_id: Some("none".to_owned()), ..all.clone() }, vec![]),
                (ExportFilter { journey: Some("stopped".to_owned()), ..all }, vec!["stopped"]),
            ];
            for (wanted, expected) in cases {
                assert_eq!(ledger.journeys(&wanted).await.unwrap(), expected, "{wanted:?}");
            }
            let records = ledger.records(journey).await.unwrap();
            assert_eq!((records.submissions.len(), records.consents.len()), (1, 2));
            assert_eq!(records.consents[1].number, 2);
            assert_eq!(ledger.records("none").await.unwrap().consents, []);
        })
        .await;
    }
}
