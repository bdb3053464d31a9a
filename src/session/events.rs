//! Postbacks and counts of a journey, as its session changes and when it ends: stopped, or abandoned.

use super::{Sessions, store::FunnelContext};
use crate::{
    journey::{EvalContext, Journey, ProgressEvent},
    ledger::endings,
    postback::{Ending, Event, PendingPostback},
    store::Durability,
};

impl Sessions {
    /// Counts journeys whose sessions ended before they did.
    pub(super) fn count_abandoned(&self, journeys: &[Journey]) {
        if let Some(FunnelContext { funnel, .. }) = &self.counting {
            journeys.iter().for_each(|journey| funnel.abandoned(journey));
        }
    }

    /// What is to be counted of `journey` once it is saved; the journey is marked as counted.
    pub(super) fn unrecorded_events(&self, journey: &mut Journey) -> Vec<ProgressEvent> {
        let now = self.clock.now();
        let site = self.counting.as_ref().and_then(|counting| counting.sites.get(&journey.site));
        site.map_or_else(Vec::new, |site| journey.new_events(EvalContext { site, now }))
    }

    /// Counts `events` of a journey that is saved.
    pub(super) fn record_events(&self, journey: &Journey, events: &[ProgressEvent]) {
        if let Some(FunnelContext { funnel, .. }) = &self.counting {
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
                error = &error as &dyn std::error::Error,
                "session: postbacks of a stop are enqueued later, with the end of the session"
            );
        }
    }

    /// The postbacks of the `ending` of `journey`, which a transaction then enqueues.
    pub(super) fn pending_postbacks(&self, journey: &Journey, ending: Ending) -> Vec<PendingPostback> {
        self.targets.pending_postbacks(&self.entropy, &Event::of(journey, ending, self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        clock::Clock,
        entropy::Entropy,
        fields::Language,
        journey::{Attribution, Step, Stop, StopKind},
        ledger::testing::{ledger, submission},
        postback::{Filter, Outbox, Targets, testing::Receiver},
        session::{CookieKind, JourneySession, Limits},
        store::{
            KeyRing, Store,
            testing::{ManualClock, on_each_database},
        },
    };

    const HOUR: Duration = Duration::from_secs(3600);

    async fn telling(store: &Store, clock: &Clock) -> (Sessions, Outbox) {
        let keys = KeyRing::parse([format!("k:{}=", "A".repeat(43))]).unwrap();
        let limits = Limits { idle: HOUR, absolute: HOUR };
        let targets = Targets::new(vec![Receiver::open([]).await.target("net", Ending::ALL)]);
        let outbox = Outbox::new(store.clone(), targets.clone(), clock.clone(), Entropy::system());
        let sessions = Sessions::new(store.clone(), keys, clock.clone(), Entropy::system(), limits);
        (sessions.with_targets(targets), outbox)
    }

    /// A journey a click began.
    async fn click(sessions: &Sessions, id: &str) -> JourneySession {
        let mut journey = Journey::new(id.to_owned(), sessions.clock.now(), Language::English);
        journey.attribution = Attribution::read("cid=click-1");
        let mut click = JourneySession::absent(sessions, journey);
        click.change(|_| ()).await.unwrap();
        click
    }

    /// A journey a click began, and in which a form was posted.
    async fn visit(sessions: &Sessions, id: &str) -> JourneySession {
        let mut visit = click(sessions, id).await;
        visit.change(|journey| journey.answered(Step::Zip)).await.unwrap();
        visit
    }

    async fn told(outbox: &Outbox) -> Vec<String> {
        let rows = outbox.list(&Filter::default(), 99).await.unwrap();
        let mut told: Vec<String> = rows.into_iter().map(|row| row.ending).collect();
        told.sort();
        told
    }

    #[tokio::test]
    async fn session_left_or_expired_is_posted_abandoned_once() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let (sessions, outbox) = telling(&store, &clock).await;
            let mut left = visit(&sessions, "left").await;
            left.rotate_id().await.unwrap();
            left.delete().await.unwrap();
            assert_eq!(told(&outbox).await, ["abandoned"]);
            left.delete().await.unwrap();
            visit(&sessions, "cleaned").await;
            let found = visit(&sessions, "found").await;
            let mut headers = http::HeaderMap::new();
            found.write_cookie(CookieKind::Plain, &mut headers);
            let cookie = headers["set-cookie"].clone();
            assert_eq!(told(&outbox).await, ["abandoned"]);
            manual.forward(HOUR);
            // Found ended by a request of its browser, and by cleanup.
            let start = || Journey::new("new".into(), clock.now(), Language::English);
            let headers = http::HeaderMap::from_iter([(http::header::COOKIE, cookie)]);
            assert!(
                JourneySession::load(&sessions, CookieKind::Plain, &headers, start)
                    .await
                    .unwrap()
                    .has_ended()
            );
            assert_eq!(told(&outbox).await, ["abandoned", "abandoned"]);
            // The deleted one, and the pointer of the renewed one.
            assert_eq!(sessions.cleanup(9).await.unwrap(), 2);
            assert_eq!(told(&outbox).await, ["abandoned", "abandoned", "abandoned"]);
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
            failed.change(|journey| journey.failed(Step::Zip)).await.unwrap();
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
