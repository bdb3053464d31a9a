//! What an affiliate has to produce on request: everything about a journey, consents and submissions.
//! No guid, no code of the payload, no keyed hash of the person.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    Consent, Error, Filter, LedgerReader, Row, SubmissionDetails,
    details::in_list,
    privacy::{PrivacyRecord, StoredAction, action_columns},
    submission::{Stored, submission_columns},
};
use crate::store::{Store, millis, moment, sql};

/// Everything about one journey.
pub struct Records {
    /// The journey.
    pub journey: String,
    /// Oldest first.
    pub submissions: Vec<SubmissionDetails>,
    /// Its chain.
    pub consents: Vec<Consent>,
    /// What was done about its data, oldest first.
    pub actions: Vec<PrivacyRecord>,
}

impl Records {
    /// None yet.
    fn new(journey: &str) -> Self {
        let (submissions, consents, actions) = (Vec::new(), Vec::new(), Vec::new());
        Self { journey: journey.to_owned(), submissions, consents, actions }
    }

    /// When the newest of them was written: a consent given, or a submission made.
    pub fn last_at(&self) -> Option<Timestamp> {
        let consented = self.consents.last().map(|consent| moment(consent.given_at));
        let submitted = self.submissions.iter().map(|submission| submission.row.submitted_at);
        submitted.chain(consented).max()
    }
}

impl LedgerReader {
    /// The ids of the journeys of which a consent or a submission passes the filter, in order.
    ///
    /// # Errors
    /// The database failed.
    pub async fn journeys(&self, wanted: &Filter) -> Result<Vec<String>, Error> {
        if wanted.needs_submission() {
            let (mut found, mut pages) = (BTreeSet::new(), self.pages(wanted));
            loop {
                let page = pages.next().await?;
                if page.is_empty() {
                    return Ok(found.into_iter().collect());
                }
                found.extend(page.into_iter().map(|row| row.journey));
            }
        }
        let rows: Vec<(String,)> = sql!(self.store.reader().await?,
            "SELECT journey FROM consents
                 WHERE ($1 IS NULL OR given_at >= $1) AND ($2 IS NULL OR given_at < $2)
                     AND ($3 IS NULL OR tracking_id = $3) AND ($4 IS NULL OR esi_id = $4)
                     AND ($5 IS NULL OR journey = $5) AND ($6 IS NULL OR brand = $6)
             UNION SELECT journey FROM submissions
                 WHERE ($1 IS NULL OR submitted_at >= $1) AND ($2 IS NULL OR submitted_at < $2)
                     AND ($3 IS NULL OR tracking_id = $3) AND ($4 IS NULL OR esi_id = $4)
                     AND ($5 IS NULL OR journey = $5) AND ($6 IS NULL OR brand = $6)
             ORDER BY journey",
            wanted.since.map(millis), wanted.until.map(millis), &wanted.tracking_id, &wanted.esi_id, &wanted.journey,
            &wanted.brand => fetch_all)?;
        Ok(rows.into_iter().map(|(journey,)| journey).collect())
    }

    /// Everything about one journey.
    ///
    /// # Errors
    /// The database failed.
    pub async fn records(&self, journey: &str) -> Result<Records, Error> {
        let mut records = self.records_of(&[journey.to_owned()]).await?;
        let none = || Records::new(journey);
        Ok(records.pop().unwrap_or_else(none))
    }

    /// Everything about some journeys, in order: as many statements for many as for one. A journey without any is left out.
    ///
    /// # Errors
    /// The database failed.
    pub async fn records_of(&self, journeys: &[String]) -> Result<Vec<Records>, Error> {
        let list = serde_json::json!(journeys).to_string();
        let rows: Vec<Stored> = sql!(self.store.reader().await?, in_list!(&self.store,
            "SELECT ", submission_columns!(), " FROM submissions WHERE journey"; "ORDER BY created_at, tracking_id"), &list => fetch_all)?;
        let rows: Vec<Row> = rows.into_iter().map(|stored| self.row(stored)).collect();
        let consents: Vec<Consent> = sql!(self.store.reader().await?, in_list!(&self.store,
            "SELECT * FROM consents WHERE journey"; "ORDER BY journey, number"), &list => fetch_all)?;
        let actions: Vec<StoredAction> = sql!(self.store.reader().await?, in_list!(&self.store,
            action_columns!("WHERE journey"); "ORDER BY journey, number"), &list => fetch_all)?;
        let mut all: BTreeMap<String, Records> = BTreeMap::new();
        fn of<'a>(all: &'a mut BTreeMap<String, Records>, journey: &str) -> &'a mut Records {
            all.entry(journey.to_owned()).or_insert_with_key(|journey| Records::new(journey))
        }
        for submission in self.details(rows).await? {
            let journey = submission.row.journey.clone();
            of(&mut all, &journey).submissions.push(submission);
        }
        for consent in consents {
            let journey = consent.journey.clone();
            of(&mut all, &journey).consents.push(consent);
        }
        for action in actions {
            let journey = action.journey.clone();
            of(&mut all, &journey).actions.push(action.into());
        }
        Ok(all.into_values().collect())
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
            let all = Filter::default();
            let cases = [
                (all.clone(), vec![journey, "stopped"]),
                (Filter { since: Some(midnight), ..all.clone() }, vec![journey]),
                (Filter { until: Some(midnight), ..all.clone() }, vec!["stopped"]),
                (Filter { tracking_id: Some("1".to_owned()), ..all.clone() }, vec![journey]),
                (Filter { esi_id: new.esi_id.clone(), ..all.clone() }, vec![journey]),
                (Filter { esi_id: Some("none".to_owned()), ..all.clone() }, vec![]),
                (Filter { journey: Some("stopped".to_owned()), ..all }, vec!["stopped"]),
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
