//! A saved journey, on both databases: its code, its tries, its end.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, header};

use super::*;
use crate::{
    fields::Language,
    session::{
        Arrival, CookieKind, Found,
        successor::Successor,
        testing::{begin, sessions, sessions_under},
    },
    store::testing::{ManualClock, on_each_database},
};

const HOUR: Duration = Duration::from_secs(3600);
async fn opens(sessions: &Sessions, id: &SessionId) -> bool {
    sessions.find(&id.row_key()).await.unwrap().is_some()
}

#[tokio::test]
async fn saved_session_leaves_its_cookie_and_is_resumed_once_with_new_id() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (old, row) = begin(&sessions, "j").await;
        let code = sessions.save_for_later(&row, "canary two").await.unwrap();
        assert!(!opens(&sessions, &old).await);
        assert!(matches!(sessions.save_for_later(&row, "x").await, Err(SessionError::Ended)));
        assert!(matches!(sessions.update(&row, "j", "x").await, Err(SessionError::Conflict)));
        // Nothing of the code is in its row, and what is there opens nowhere else.
        let (key, data): (Vec<u8>, Vec<u8>) =
            sql!(store.reader().await.unwrap(), "SELECT key, data FROM sessions WHERE NOT moved" => fetch_one)
            .unwrap();
        assert!(!data.windows(6).any(|part| part == b"canary"));
        let text = code.text();
        for part in text.split('-').chain([text.replace('-', "").as_str()]) {
            assert!(
                !key.windows(part.len())
                    .chain(data.windows(part.len()))
                    .any(|bytes| bytes == part.as_bytes())
            );
        }
        assert!(!opens(&sessions, &SessionId::from_bytes(key.try_into().unwrap())).await);

        manual.forward(11 * HOUR);
        assert_eq!(sessions.cleanup(9).await.unwrap(), 0, "it is not idle");
        assert_eq!(sessions.saved(&code).await.unwrap().unwrap(), "canary two");
        assert_eq!(sessions.count_attempt(&code).await.unwrap(), Some(4));
        let race = (0..10).map(|_| {
            let (sessions, code) = (sessions.clone(), code.clone());
            tokio::spawn(async move { sessions.resume(&code, None).await.unwrap().unwrap() })
        });
        let resumed = futures_util::future::join_all(race).await;
        let resumed: Vec<_> = resumed.into_iter().map(Result::unwrap).collect();
        let (new, row) = &resumed[0];
        assert!(*new != old);
        assert!(resumed.iter().all(|(id, _)| id == new), "a double click, and a response that was lost");
        assert_eq!(sessions.saved(&code).await.unwrap().unwrap(), "canary two");
        sessions.mark_used(row).await.unwrap();
        assert!(sessions.saved(&code).await.unwrap().is_none());
        assert!(sessions.resume(&code, None).await.unwrap().is_none());
        // The twelve hours count from the first request.
        manual.forward(20 * Duration::from_secs(60));
        assert!(opens(&sessions, new).await);
        manual.forward(HOUR);
        assert!(!opens(&sessions, new).await);
    })
    .await;
}

#[tokio::test]
async fn answer_that_comes_after_saving_is_resumed_with_the_rest() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (_, row) = begin(&sessions, "j").await;
        let code = sessions.save_for_later(&row, "x").await.unwrap();
        let found = sessions.find_journey("j").await.unwrap().unwrap();
        sessions.update(&found.row, "j", "answer").await.unwrap();
        manual.forward(HOUR);
        assert_eq!(sessions.saved(&code).await.unwrap().unwrap(), "answer");
        sessions.resume(&code, None).await.unwrap().unwrap();
        assert_eq!(sessions.find_journey("j").await.unwrap().unwrap().journey, "answer");
    })
    .await;
}

#[tokio::test]
async fn resume_code_allows_five_attempts_and_expires_with_its_session() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (_, row) = begin(&sessions, "j").await;
        let newer = sessions.update(&row, "j", "y").await.unwrap();
        assert!(matches!(sessions.save_for_later(&row, "x").await, Err(SessionError::Conflict)));
        let code = sessions.save_for_later(&newer, "y").await.unwrap();
        let race = (0..20).map(|_| {
            let (sessions, code) = (sessions.clone(), code.clone());
            tokio::spawn(async move { sessions.count_attempt(&code).await.unwrap() })
        });
        let left = futures_util::future::join_all(race).await;
        let mut left: Vec<i64> = left.into_iter().filter_map(Result::unwrap).collect();
        left.sort_unstable();
        assert_eq!(left, [0, 1, 2, 3, 4], "never a sixth");
        sessions.discard(&code).await.unwrap();
        assert!(sessions.saved(&code).await.unwrap().is_none());
        assert_eq!(sessions.count().await.unwrap(), 0);

        let (_, row) = begin(&sessions, "k").await;
        let code = sessions.save_for_later(&row, "x").await.unwrap();
        manual.forward(12 * HOUR);
        assert!(sessions.saved(&code).await.unwrap().is_none());
        assert!(sessions.count_attempt(&code).await.unwrap().is_none());
        assert!(sessions.resume(&code, None).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn save_repeated_before_its_code_was_tried_replaces_the_first_code() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (id, row) = begin(&sessions, "j").await;
        assert!(sessions.save_for_later_again(&id).await.unwrap().is_none());
        let first = sessions.save_for_later(&row, "x").await.unwrap();
        let (second, _) = sessions.save_for_later_again(&id).await.unwrap().unwrap();
        manual.forward(HOUR);
        assert!(matches!(sessions.successor(&id).await.unwrap(), Successor::Saved));
        let (third, data) = sessions.save_for_later_again(&id).await.unwrap().unwrap();
        assert_eq!(data, "x");
        for dead in [&first, &second] {
            assert!(sessions.saved(dead).await.unwrap().is_none());
        }
        assert!(!opens(&sessions, &id).await, "the cookie opens nothing meanwhile");
        sessions.count_attempt(&third).await.unwrap().unwrap();
        assert!(sessions.save_for_later_again(&id).await.unwrap().is_none(), "somebody has the code");
        assert!(matches!(sessions.successor(&id).await.unwrap(), Successor::None));
    })
    .await;
}

#[tokio::test]
async fn code_saved_under_an_older_session_key_is_found_and_spent() {
    on_each_database(async |store| {
        let clock = ManualClock::new().1;
        let before = sessions_under(&store, &clock, &[1]);
        let save = async |journey: &str| {
            let (_, row) = begin(&before, journey).await;
            before.save_for_later(&row, "x").await.unwrap()
        };
        let after = sessions_under(&store, &clock, &[3, 2, 1]);
        let code = save("resumed").await;
        assert_eq!(after.saved(&code).await.unwrap().unwrap(), "x");
        assert_eq!(after.count_attempt(&code).await.unwrap(), Some(TRIES - 1));
        let (id, row) = after.resume(&code, None).await.unwrap().unwrap();
        assert!(opens(&after, &id).await);
        after.mark_used(&row).await.unwrap();
        assert!(before.saved(&code).await.unwrap().is_none());
        let code = save("discarded").await;
        after.discard(&code).await.unwrap();
        assert!(before.saved(&code).await.unwrap().is_none());
        // Without the old key nobody finds what it named.
        let code = save("lost").await;
        assert!(sessions_under(&store, &clock, &[2]).saved(&code).await.unwrap().is_none());
    })
    .await;
}

/// The request that saves is the first after a call of the background asked for a new id.
#[tokio::test]
async fn cookie_of_id_that_saving_request_made_leads_to_what_it_saved() {
    on_each_database(async |store| {
        let clock = ManualClock::new().1;
        let sessions = Arc::new(sessions(&store, &clock));
        let fresh = || Journey::new("j".to_owned(), clock.now(), Language::English);
        let mut session = JourneySession::absent(&sessions, fresh());
        let mut cookie = HeaderMap::new();
        let mut load = async |answered: &JourneySession| {
            answered.write_cookie(CookieKind::Plain, &mut cookie);
            let cookie = cookie.remove(header::SET_COOKIE).unwrap();
            let headers = HeaderMap::from_iter([(header::COOKIE, cookie)]);
            let arrival = Arrival {
                cookie: CookieKind::Plain,
                headers: &headers,
                site: "main",
                again: false,
                client: None,
            };
            match JourneySession::load(&sessions, arrival, fresh).await.unwrap() {
                Found::Session(session) => *session,
                Found::Superseded(_) | Found::Replaced | Found::CookieRefused => panic!("no session"),
            }
        };
        session.change(|_| ()).await.unwrap();
        session.rotate_when_seen();
        session.change(|journey| journey.refusals_read = 1).await.unwrap();
        let mut session = load(&session).await;
        assert!(session.cookie_to_set.is_some(), "it has a new id");
        session.save_for_later(|_| true).await.unwrap().unwrap();
        let mut answer = HeaderMap::new();
        session.write_cookie(CookieKind::Plain, &mut answer);
        assert!(answer.contains_key("clear-site-data"));
        let after = load(&session).await;
        assert!(after.was_saved() && !after.has_session());
    })
    .await;
}
