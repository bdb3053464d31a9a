//! The table of handovers: which partner handed over which journey, and what became of it. It has nothing of a person.

use std::str::FromStr;

use jiff::Timestamp;

use crate::{
    journey::{Step, StopKind},
    store::{Durability, Error, Store, Tx, millis, moment, sql},
};

/// One journey that a partner handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// The journey's id. Never sent.
    pub journey: String,
    /// What the partner knows it by.
    pub order_id: String,
    /// The partner's name.
    pub partner: String,
    /// The name of the site.
    pub site: String,
    /// When it was handed over.
    pub made_at: Timestamp,
    /// From when on its link opens nothing.
    pub ends_at: Timestamp,
    /// When the person opened the link.
    pub opened_at: Option<Timestamp>,
    /// Where it stood when its session ended.
    pub left: Option<Left>,
    /// What the same request is known by, if it comes again.
    pub request: Option<Request>,
}

/// A request that says when it comes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// A keyed hash of the partner and the key that it gave the request.
    pub key: [u8; 32],
    /// A keyed hash of all that was sent with it.
    pub hash: [u8; 32],
}

/// Where a journey stood when its session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// When that was.
    pub at: Timestamp,
    /// The step that was to be answered.
    pub step: Step,
    /// The stop that it was at.
    pub stop: Option<StopKind>,
}

/// What became of a new handover.
pub enum Noted {
    /// It is written.
    New,
    /// The same request came before, with this one.
    Before(Box<Handover>),
    /// Another request came with the same key before.
    OtherRequest,
}

#[derive(sqlx::FromRow)]
struct Stored {
    journey: String,
    order_id: String,
    partner: String,
    site: String,
    made_at: i64,
    ends_at: i64,
    opened_at: Option<i64>,
    request_key: Option<Vec<u8>>,
    request_hash: Option<Vec<u8>>,
    left_at: Option<i64>,
    left_step: Option<String>,
    left_stop: Option<String>,
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT journey, order_id, partner, site, made_at, ends_at, opened_at, request_key, request_hash, left_at,
                 left_step, left_stop
             FROM handovers WHERE ",
            $condition
        )
    };
}

impl From<Stored> for Handover {
    fn from(stored: Stored) -> Self {
        let hash = |bytes: Vec<u8>| <[u8; 32]>::try_from(bytes).ok();
        let left = || {
            Some(Left {
                at: moment(stored.left_at?),
                step: Step::of_slug(stored.left_step.as_deref()?)?,
                stop: stored.left_stop.as_deref().and_then(|word| StopKind::from_str(word).ok()),
            })
        };
        Self {
            left: left(),
            journey: stored.journey,
            order_id: stored.order_id,
            partner: stored.partner,
            site: stored.site,
            made_at: moment(stored.made_at),
            ends_at: moment(stored.ends_at),
            opened_at: stored.opened_at.map(moment),
            request: stored
                .request_key
                .and_then(hash)
                .zip(stored.request_hash.and_then(hash))
                .map(|(key, hash)| Request { key, hash }),
        }
    }
}

/// Writes `handover`, unless its request came before.
///
/// # Errors
/// The database failed.
pub async fn note(tx: &mut Tx<'_>, handover: &Handover) -> Result<Noted, Error> {
    let request = handover.request.as_ref();
    let (key, hash) = (request.map(|request| &request.key[..]), request.map(|request| &request.hash[..]));
    // Of two at the same moment, the second waits here for the first.
    let written = sql!(tx,
        "INSERT INTO handovers (journey, order_id, partner, site, made_at, ends_at, request_key, request_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        &handover.journey, &handover.order_id, &handover.partner, &handover.site, millis(handover.made_at),
        millis(handover.ends_at), key, hash => execute)?;
    if written == 1 {
        return Ok(Noted::New);
    }
    let before: Option<Stored> = sql!(tx, select!("request_key = $1"), key => fetch_optional)?;
    let before = Handover::from(before.ok_or(Error::Contended)?);
    Ok(if before.request == handover.request { Noted::Before(Box::new(before)) } else { Noted::OtherRequest })
}

/// The handover with this order id.
///
/// # Errors
/// The database failed.
pub(super) async fn find(store: &Store, order_id: &str) -> Result<Option<Handover>, Error> {
    let found: Option<Stored> =
        sql!(store.reader().await?, select!("order_id = $1"), order_id => fetch_optional)?;
    Ok(found.map(Handover::from))
}

/// Notes that the person has opened the link of `journey`.
///
/// # Errors
/// The database failed.
pub async fn opened(store: &Store, journey: &str, now: Timestamp) -> Result<(), Error> {
    sql!(store.writer().await?, "UPDATE handovers SET opened_at = $2 WHERE journey = $1 AND opened_at IS NULL",
        journey, millis(now) => execute)?;
    Ok(())
}

/// Notes where `journey` stands as its session ends.
///
/// # Errors
/// The database failed.
pub async fn left(tx: &mut Tx<'_>, journey: &str, left: &Left) -> Result<(), Error> {
    sql!(tx, "UPDATE handovers SET left_at = $2, left_step = $3, left_stop = $4 WHERE journey = $1",
        journey, millis(left.at), left.step.slug(), left.stop.map(StopKind::word) => execute)?;
    Ok(())
}

/// Deletes those that were made before `until`. Returns how many.
///
/// # Errors
/// The database failed.
pub(super) async fn cleanup(store: &Store, until: Timestamp) -> Result<u64, Error> {
    store
        .transaction(
            Durability::ProcessCrash,
            async |tx| sql!(tx, "DELETE FROM handovers WHERE made_at < $1", millis(until) => execute),
        )
        .await
}
