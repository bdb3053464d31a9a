//! The queue of follow-ups: lease one that is due, and record what NRG told.
//!
//! Each is one conditional update, so that of several servers only one makes it. To ask twice does no harm: a server that
//! dies while it asks leaves a lease that expires.

use std::time::Duration;

use serde::Deserialize;

use super::{
    super::{
        Error, FollowUps, Ledger, State,
        endings::{self, EndedSubmission, ended_columns},
        submission::{ANSWER, PAYLOAD, StoredAnswer, json},
    },
    Standing,
};
use crate::{
    fields::{Brand, Language, Zip},
    nrg::Hold,
    postback::Ending,
    store::{Durability, Store, span, sql},
};

/// The purpose of NRG's words, encrypted. It is stored: it never changes.
pub(super) const TITLES: &str = "titles of holds";

/// How long one question may take, before another server asks it.
const LEASE: Duration = Duration::from_secs(5 * 60);
/// After how long a question is asked again that was not answered.
const AGAIN: Duration = Duration::from_secs(3600);
/// How much more seldom NRG is asked about an account that it has released.
const RELEASED_SLOWER: i64 = 4;

/// A question to NRG: which holds are on this account?
#[derive(Clone)]
pub struct FollowUpJob {
    /// The name of the site it was submitted at.
    pub site: String,
    /// The brand of the account.
    pub brand: Brand,
    /// The language the person was enrolled in.
    pub language: Language,
    /// The account's number.
    pub account: String,
    /// Its check digit.
    pub check_digit: String,
    /// The ZIP code that bills go to.
    pub billing_zip: Zip,
}

/// A follow-up that this server has leased.
pub(super) struct LeasedFollowUp {
    pub(super) tracking_id: String,
    owner: String,
    standing: Option<Standing>,
    held: i64,
    /// `None`: the account or the ZIP code is not there, or cannot be opened.
    pub(super) job: Option<FollowUpJob>,
}

/// What is read of the payload of a submission.
#[derive(Deserialize)]
struct Payload {
    brand: Brand,
    #[serde(deserialize_with = "language")]
    language: Language,
    billing_zip: Zip,
}

fn language<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Language, D::Error> {
    Ok(Language::of_wire(&String::deserialize(deserializer)?))
}

/// Site, key id and answer, key id and payload.
type Sealed = (String, Option<String>, Option<Vec<u8>>, String, Vec<u8>);

/// Leases a row. `$lock` lets PostgreSQL pass over a row another server is just leasing.
macro_rules! lease_next {
    ($lock:literal) => {
        concat!(
            "UPDATE follow_ups SET owner = $1, next_at = $2
             WHERE next_at <= $3 AND tracking_id = (SELECT f.tracking_id FROM follow_ups f
                 JOIN submissions s ON s.tracking_id = f.tracking_id
                 WHERE f.phone_hash IS NOT NULL AND f.submitted_at > $4 AND f.next_at <= $3 AND s.state = $5
                 ORDER BY f.next_at LIMIT 1 ",
            $lock,
            ") RETURNING tracking_id, standing, held"
        )
    };
}

impl Ledger {
    /// Leases a due follow-up for `owner`, a name used for this lease only.
    pub(super) async fn lease_follow_up(&self, owner: &str) -> Result<Option<LeasedFollowUp>, Error> {
        let (now, since, enrolled) = (self.now(), self.followed_since(), State::Enrolled.word());
        // Looked up first, so that idle servers do not wait for one another to write.
        let due: Option<(i64,)> = sql!(self.store.reader().await?,
            "SELECT f.next_at FROM follow_ups f JOIN submissions s ON s.tracking_id = f.tracking_id
             WHERE f.phone_hash IS NOT NULL AND f.submitted_at > $1 AND f.next_at <= $2 AND s.state = $3 LIMIT 1",
            since, now, enrolled => fetch_optional)?;
        if due.is_none() {
            return Ok(None);
        }
        let statement = match &self.store {
            Store::Sqlite { .. } => lease_next!(""),
            Store::Postgres(_) => lease_next!("FOR UPDATE OF f SKIP LOCKED"),
        };
        let leased: Option<(String, Option<String>, i64)> = sql!(self.store.writer().await?, statement,
            owner, now + span(LEASE), now, since, enrolled => fetch_optional)?;
        let Some((tracking_id, standing, held)) = leased else { return Ok(None) };
        let sealed: Option<Sealed> = sql!(self.store.reader().await?,
            "SELECT site, answer_key_id, answer, payload_key_id, payload FROM submissions WHERE tracking_id = $1",
            &tracking_id => fetch_optional)?;
        let job = sealed.and_then(|sealed| self.job(&tracking_id, sealed));
        let standing = standing.as_deref().map(Standing::parse);
        Ok(Some(LeasedFollowUp { tracking_id, owner: owner.to_owned(), standing, held, job }))
    }

    fn job(&self, tracking_id: &str, sealed: Sealed) -> Option<FollowUpJob> {
        let (site, answer_key, answer, payload_key, payload) = sealed;
        let open = |purpose, key_id: &str, blob: &[u8]| {
            self.keys.open(purpose, tracking_id.as_bytes(), key_id, blob)
        };
        let answer: StoredAnswer = serde_json::from_slice(&open(ANSWER, &answer_key?, &answer?)?).ok()?;
        let result = answer.result?;
        let Payload { brand, language, billing_zip } =
            serde_json::from_slice(&open(PAYLOAD, &payload_key, &payload)?).ok()?;
        let (account, check_digit) = (result.account_number?, result.check_digit?);
        Some(FollowUpJob { site, brand, language, account, check_digit, billing_zip })
    }

    /// Records all `holds` on the account, as NRG told them; `None`: it did not. A change is kept, and told to the targets:
    /// that the account is held, and that it is released, each time it becomes so.
    pub(super) async fn record_follow_up(
        &self,
        leased: &LeasedFollowUp,
        holds: Option<&[Hold]>,
    ) -> Result<(), Error> {
        let Some(FollowUps { every, .. }) = self.follow_ups else { return Ok(()) };
        let (now, tracking_id) = (self.now(), &leased.tracking_id);
        let Some(holds) = holds else {
            sql!(self.store.writer().await?,
                "UPDATE follow_ups SET owner = NULL, next_at = $1 WHERE tracking_id = $2 AND owner = $3",
                now + span(every.min(AGAIN)), tracking_id, &leased.owner => execute)?;
            return Ok(());
        };
        let standing = Standing::after(leased.standing, holds);
        let (was_held, is_held) = (leased.standing.is_some_and(Standing::is_held), standing.is_held());
        let ending = match (was_held, is_held) {
            (false, true) => Some(Ending::Held),
            (true, false) => Some(Ending::Released),
            (false, false) | (true, true) => None,
        };
        let held = leased.held + i64::from(ending == Some(Ending::Held));
        let wait = if is_held { span(every) } else { RELEASED_SLOWER * span(every) };
        let titles: Vec<&str> =
            holds.iter().filter(|hold| hold.open).filter_map(|hold| hold.title.as_deref()).collect();
        let sealed = (!titles.is_empty())
            .then(|| self.keys.seal(&self.entropy, TITLES, tracking_id.as_bytes(), &json(&titles)));
        let (key_id, blob) = sealed.map(|sealed| (sealed.key_id, sealed.blob)).unzip();
        let words = standing.words();
        let recorded = self.store.transaction(Durability::PowerLoss, async |tx| -> Result<(), Error> {
            let own = sql!(tx,
                "UPDATE follow_ups SET owner = NULL, next_at = $1, standing = $2, known_at = $3, held = $4,
                     titles_key_id = $5, titles = $6
                 WHERE tracking_id = $7 AND owner = $8",
                now + wait, &words, now, held, &key_id, &blob, tracking_id, &leased.owner => execute)?;
            if own == 0 || leased.standing == Some(standing) {
                return Ok(());
            }
            sql!(tx,
                "INSERT INTO standings (tracking_id, number, known_at, standing)
                 SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3 FROM standings WHERE tracking_id = $1",
                tracking_id, now, &words => execute)?;
            let Some(ending) = ending else { return Ok(()) };
            let submission: EndedSubmission = sql!(tx,
                concat!("SELECT ", ended_columns!(), " FROM submissions WHERE tracking_id = $1"), tracking_id => fetch_one)?;
            let occurrence = u32::try_from(held).unwrap_or(1);
            let rows = submission.postbacks(self, ending, occurrence, now);
            endings::record(tx, &submission.journey, ending, &rows).await?;
            Ok(())
        });
        recorded.await
    }
}
