//! Postbacks and counts of a journey, as its session changes and when it ends: stopped, or abandoned.

use super::{Sessions, store::FunnelContext};
use crate::{
    causes::Causes,
    journey::{EvalContext, Journey, ProgressEvent},
    ledger::endings,
    postback::{Ending, Event, PendingPostback},
    store::Durability,
};

impl Sessions {
    /// Counts journeys whose sessions ended before they did.
    pub(super) fn count_ended(&self, journeys: &[Journey]) {
        if let Some(FunnelContext { funnel, .. }) = &self.funnel {
            journeys.iter().for_each(|journey| funnel.ended(journey));
        }
    }

    /// What is to be counted of `journey` once it is saved; the journey is marked as counted.
    pub(super) fn unrecorded_events(&self, journey: &mut Journey) -> Vec<ProgressEvent> {
        let now = self.clock.now();
        let site = self.funnel.as_ref().and_then(|counting| counting.sites.get(&journey.site));
        site.map_or_else(Vec::new, |site| journey.new_events(EvalContext { site, now }))
    }

    /// Counts `events` of a journey that is saved.
    pub(super) fn record_events(&self, journey: &Journey, events: &[ProgressEvent]) {
        if let Some(FunnelContext { funnel, .. }) = &self.funnel {
            funnel.count(journey, events);
        }
    }

    /// Enqueues the postbacks of a `journey` that was stopped for good. If that fails, the end of its session does it.
    pub(super) async fn journey_stopped(&self, journey: &Journey) {
        let rows = self.pending_postbacks(journey, Ending::Stopped);
        if rows.is_empty() {
            return;
        }
        let recorded = self.store.transaction(Durability::ProcessCrash, async |tx| {
            endings::record(tx, &journey.id, Ending::Stopped, &rows).await
        });
        if let Err(error) = recorded.await {
            tracing::warn!(
                error = %Causes(&error),
                "session: postbacks of a stop are enqueued later, with the end of the session"
            );
        }
    }

    /// The postbacks of the `ending` of `journey`, which a transaction then enqueues.
    pub(super) fn pending_postbacks(&self, journey: &Journey, ending: Ending) -> Vec<PendingPostback> {
        if !self.targets.wants(ending) {
            return Vec::new();
        }
        self.targets.pending_postbacks(&self.entropy, &Event::of(journey, ending, self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::{
        clock::Clock,
        entropy::Entropy,
        fields::Language,
        journey::{Attribution, CallKind, Step, Stop, StopKind},
        ledger::testing::{ledger, submission},
        postback::{Filter, Outbox, Targets, testing::Receiver},
        session::{Arrival, CookieKind, Found, JourneySession, Limits},
        store::{
            KeyRing, Store,
            testing::{ManualClock, on_each_database},
        },
    };

    const HOUR: Duration = Duration::from_secs(3600);

    async fn telling(store: &Store, clock: &Clock) -> (Arc<Sessions>, Outbox) {
        let keys = KeyRing::parse([format!("k:{}=", "A".repeat(43))]).unwrap();
        let limits = Limits { idle: HOUR, absolute: HOUR };
        let targets = Targets::new(vec![Receiver::open([]).await.target("net", Ending::ALL)]);
        let outbox = Outbox::new(store.clone(), targets.clone(), clock.clone(), Entropy::system());
        let sessions = Sessions::new(store.clone(), keys, clock.clone(), Entropy::system(), limits);
        (Arc::new(sessions.with_targets(targets)), outbox)
    }

    /// A journey a click began, and its cookie, which has not come back yet.
    async fn begin(sessions: &Arc<Sessions>, id: &str) -> (JourneySession, http::HeaderMap) {
        let mut journey = Journey::new(id.to_owned(), sessions.clock.now(), Language::English);
        journey.attribution = Attribution::read("cid=click-1");
        let mut session = JourneySession::absent(sessions, journey);
        session.change(|_| ()).await.unwrap();
        let mut answer = http::HeaderMap::new();
        session.write_cookie(CookieKind::Plain, &mut answer);
        let cookie = answer["set-cookie"].clone();
        (session, http::HeaderMap::from_iter([(http::header::COOKIE, cookie)]))
    }

    async fn load(sessions: &Arc<Sessions>, headers: &http::HeaderMap) -> JourneySession {
        let start = || Journey::new("new".into(), sessions.clock.now(), Language::English);
        let cookie = CookieKind::Plain;
        let arrival = Arrival { cookie, headers, site: "main", again: false, client: None };
        match JourneySession::load(sessions, arrival, start).await.unwrap() {
            Found::Session(session) => *session,
            Found::Superseded(_) | Found::Replaced | Found::CookieRefused => panic!("no session"),
        }
    }

    /// A journey a click began, whose cookie has come back.
    async fn click(sessions: &Arc<Sessions>, id: &str) -> JourneySession {
        let (_, headers) = begin(sessions, id).await;
        load(sessions, &headers).await
    }

    /// The same, in which a form was posted.
    async fn visit(sessions: &Arc<Sessions>, id: &str) -> JourneySession {
        let mut visit = click(sessions, id).await;
        visit.change(|journey| journey.answered(Step::Zip)).await.unwrap();
        visit
    }

    async fn told(outbox: &Outbox) -> Vec<String> {
        let rows = outbox.list(&Filter::default(), 99).await.unwrap();
        let mut told: Vec<String> = rows.into_iter().map(|row| row.ending().to_owned()).collect();
        told.sort();
        told
    }

    #[tokio::test]
    async fn session_left_or_expired_is_posted_abandoned_once() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let (sessions, outbox) = telling(&store, &clock).await;
            let mut left = visit(&sessions, "left").await;
            left.rotate_when_seen();
            left.change(|journey| journey.refusals_read = 1).await.unwrap();
            left.rotate_if_due().await.unwrap();
            left.delete().await.unwrap();
            assert_eq!(told(&outbox).await, ["abandoned"]);
            left.delete().await.unwrap();
            visit(&sessions, "cleaned").await;
            let (_, headers) = begin(&sessions, "found").await;
            let mut found = load(&sessions, &headers).await;
            found.change(|journey| journey.answered(Step::Zip)).await.unwrap();
            assert_eq!(told(&outbox).await, ["abandoned"]);
            manual.forward(HOUR);
            // Found ended by a request of its browser, and by cleanup.
            assert!(load(&sessions, &headers).await.has_ended());
            assert_eq!(told(&outbox).await, ["abandoned", "abandoned"]);
            assert_eq!(sessions.cleanup(9).await.unwrap(), 1);
            assert_eq!(told(&outbox).await, ["abandoned", "abandoned", "abandoned"]);
        })
        .await;
    }

    #[tokio::test]
    async fn session_whose_cookie_never_came_back_is_not_posted() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let (sessions, outbox) = telling(&store, &clock).await;
            let (mut abandoned, _) = begin(&sessions, "abandoned").await;
            abandoned.change(|journey| journey.answered(Step::Zip)).await.unwrap();
            let (mut stopped, headers) = begin(&sessions, "stopped").await;
            stopped.change(|journey| journey.ending = Some(Stop::new(StopKind::Restricted))).await.unwrap();
            assert_eq!(told(&outbox).await, [""; 0]);
            // Its cookie was late.
            load(&sessions, &headers).await;
            assert_eq!(told(&outbox).await, ["stopped"]);
            manual.forward(HOUR);
            assert_eq!(sessions.cleanup(9).await.unwrap(), 2);
            assert_eq!(told(&outbox).await, ["stopped"]);
        })
        .await;
    }

    #[tokio::test]
    async fn session_without_posted_form_ends_without_postback() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let (sessions, outbox) = telling(&store, &clock).await;
            click(&sessions, "left").await.delete().await.unwrap();
            let mut linked = click(&sessions, "linked").await;
            linked.change(|journey| journey.answered_by_link(Step::Zip)).await.unwrap();
            let mut refused = click(&sessions, "refused").await;
            refused.change(|journey| journey.keep_draft(Step::Zip, [].into())).await.unwrap();
            let mut failed = click(&sessions, "failed").await;
            failed.change(|journey| journey.call_failed(Step::Zip, CallKind::Answer, None)).await.unwrap();
            manual.forward(HOUR);
            assert_eq!(sessions.cleanup(9).await.unwrap(), 3);
            let rows = outbox.list(&Filter::default(), 99).await.unwrap();
            assert_eq!(rows.len(), 2, "of the journeys in which somebody posted a form");
        })
        .await;
    }

    #[tokio::test]
    async fn session_stored_by_version_before_counts_as_posted() {
        let journey = Journey::new("before".to_owned(), Clock::system().now(), Language::English);
        assert!(!journey.has_posted());
        let mut stored = serde_json::to_value(&journey).unwrap();
        stored.as_object_mut().unwrap().remove("posted");
        let before: Journey = serde_json::from_value(stored).unwrap();
        assert!(before.has_posted());
    }

    #[tokio::test]
    async fn session_stopped_or_submitted_is_not_posted_abandoned() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let (sessions, outbox) = telling(&store, &clock).await;
            let mut stopped = visit(&sessions, "stopped").await;
            stopped.change(|journey| journey.ending = Some(Stop::new(StopKind::Restricted))).await.unwrap();
            assert_eq!(told(&outbox).await, ["stopped"]);
            stopped.change(|journey| journey.refusals_read = 1).await.unwrap();
            stopped.delete().await.unwrap();
            visit(&sessions, "journey of 1").await;
            let ledger = ledger(&store, &clock);
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            manual.forward(HOUR);
            assert_eq!(sessions.cleanup(9).await.unwrap(), 1);
            assert_eq!(told(&outbox).await, ["stopped"]);
        })
        .await;
    }
}
