//! Sessions on both databases: saved, found, ended, replaced, deleted.

use super::*;
use crate::{
    session::{
        successor::Successor,
        testing::{begin, sessions, sessions_under},
    },
    store::testing::{ManualClock, on_each_database},
};

const MINUTE: Duration = Duration::from_secs(60);

async fn rows(store: &Store) -> i64 {
    let (rows,): (i64,) =
        sql!(store.reader().await.unwrap(), "SELECT COUNT(*) FROM sessions" => fetch_one).unwrap();
    rows
}

async fn find(sessions: &Sessions, id: &SessionId) -> Option<String> {
    sessions.find(&id.row_key()).await.unwrap().map(|found| found.journey)
}

/// The successor of `id`, if no browser has returned it yet.
async fn unused(sessions: &Sessions, id: &SessionId) -> Option<SessionId> {
    match sessions.successor(id).await.unwrap() {
        Successor::Unused(new) => Some(new),
        Successor::None
        | Successor::Used
        | Successor::Saved
        | Successor::TimedOut
        | Successor::UnknownKey => None,
    }
}

#[tokio::test]
async fn session_saved_is_loaded_and_stored_encrypted_without_its_id() {
    on_each_database(async |store| {
        let sessions = sessions(&store, &ManualClock::new().1);
        let id = SessionId::random(&sessions.entropy);
        let row = sessions.insert(&id, None, "j", "canary one").await.unwrap();
        let row = sessions.update(&row, "j", "canary two").await.unwrap();
        let loaded = sessions.find(&id.row_key()).await.unwrap().unwrap();
        assert_eq!((loaded.journey.as_str(), loaded.row.version), ("canary two", row.version));
        let (key, data): (Vec<u8>, Vec<u8>) =
            sql!(store.reader().await.unwrap(), "SELECT key, data FROM sessions" => fetch_one).unwrap();
        assert!(key != id.bytes());
        assert!(!data.windows(6).any(|part| part == b"canary"));
    })
    .await;
}

#[tokio::test]
async fn session_id_unknown_or_deleted_is_never_adopted() {
    on_each_database(async |store| {
        let sessions = sessions(&store, &ManualClock::new().1);
        for bytes in [[9; 32], [0; 32]] {
            let stranger = SessionId::from_bytes(bytes);
            assert!(find(&sessions, &stranger).await.is_none());
            assert!(matches!(sessions.successor(&stranger).await.unwrap(), Successor::None));
        }
        let (id, row) = begin(&sessions, "j").await;
        sessions.delete_row(&row.key, None).await.unwrap();
        assert!(find(&sessions, &id).await.is_none());
        assert!(matches!(sessions.update(&row, "j", "y").await, Err(SessionError::Ended)));
        assert_eq!(rows(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn save_writes_columns_of_indexes_once_a_minute_or_with_a_new_mark() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (_, row) = begin(&sessions, "j").await;
        let stored = async || -> (i64, i64, bool) {
            sql!(store.reader().await.unwrap(), "SELECT seen, ends, answered FROM sessions" => fetch_one)
                .unwrap()
        };
        let (seen, ends, _) = stored().await;
        manual.forward(MINUTE / 2);
        let row = sessions.update(&row, "j", "y").await.unwrap();
        assert_eq!(stored().await, (seen, ends, false));
        let row = sessions.update(&Row { answered: true, ..row }, "j", "z").await.unwrap();
        assert_eq!(stored().await, (seen + 30_000, ends + 30_000, true));
        manual.forward(MINUTE);
        sessions.update(&row, "j", "y").await.unwrap();
        assert_eq!(stored().await, (seen + 90_000, ends + 90_000, true));
    })
    .await;
}

#[tokio::test]
async fn save_from_stale_version_is_a_conflict() {
    on_each_database(async |store| {
        let sessions = sessions(&store, &ManualClock::new().1);
        let (_, row) = begin(&sessions, "j").await;
        let race = (0..20).map(|_| {
            let (sessions, row) = (sessions.clone(), row.clone());
            tokio::spawn(async move { sessions.update(&row, "j", "1").await })
        });
        let saved = futures_util::future::join_all(race).await;
        let won = saved.iter().filter(|saved| saved.as_ref().unwrap().is_ok()).count();
        let lost =
            saved.iter().filter(|s| matches!(s.as_ref().unwrap(), Err(SessionError::Conflict))).count();
        assert_eq!((won, lost), (1, 19));
    })
    .await;
}

#[tokio::test]
async fn session_row_with_wrong_key_or_from_another_row_is_not_opened() {
    on_each_database(async |store| {
        let clock = ManualClock::new().1;
        let ours = sessions(&store, &clock);
        let (one, _) = begin(&ours, "one").await;
        let (two, _) = begin(&ours, "two").await;
        let theirs = sessions_under(&store, &clock, &[2]);
        assert!(find(&theirs, &one).await.is_none());
        sql!(store.writer().await.unwrap(),
            "UPDATE sessions SET data = (SELECT data FROM sessions WHERE key = $1) WHERE key = $2",
            &one.row_key()[..], &two.row_key()[..] => execute)
        .unwrap();
        assert!(find(&ours, &two).await.is_none());
        assert!(find(&ours, &one).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn session_use_extends_idle_limit_but_not_absolute_limit() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (id, mut row) = begin(&sessions, "j").await;
        // 29 idle minutes at a time, 24 times: 11 hours and 36 minutes.
        for round in 0..24 {
            manual.forward(29 * MINUTE);
            assert!(find(&sessions, &id).await.is_some());
            if round % 2 == 0 {
                row = sessions.update(&row, "j", "x").await.unwrap();
            }
        }
        manual.forward(24 * MINUTE);
        assert!(matches!(sessions.update(&row, "j", "y").await, Err(SessionError::Ended)));
        assert!(find(&sessions, &id).await.is_none());
        assert_eq!(rows(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn session_idle_past_limit_is_ended_and_deleted() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (id, _) = begin(&sessions, "j").await;
        manual.forward(30 * MINUTE - Duration::from_millis(1));
        assert!(find(&sessions, &id).await.is_some());
        manual.forward(30 * MINUTE);
        assert!(find(&sessions, &id).await.is_none());
        assert_eq!(rows(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn session_whose_cookie_never_came_back_ends_in_minutes_uncounted() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let id = SessionId::random(&sessions.entropy);
        let row = sessions.insert(&id, None, "j", "x").await.unwrap();
        sessions.update(&row, "j", "y").await.unwrap();
        assert_eq!(sessions.count().await.unwrap(), 0);
        manual.forward(UNCONFIRMED);
        assert!(find(&sessions, &id).await.is_none());
        assert_eq!(rows(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn replaced_id_leads_to_its_successor_until_that_was_used() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (old, row) = begin(&sessions, "j").await;
        let (new, next) = sessions.replace_id(&row, "x").await.unwrap().unwrap();
        assert!(new != old);
        assert!(find(&sessions, &old).await.is_none(), "the old one opens nothing");
        assert!(matches!(sessions.update(&row, "j", "y").await, Err(SessionError::Conflict)));
        // For as long as the session lasts, however late the browser comes.
        manual.forward(29 * MINUTE);
        assert!(unused(&sessions, &old).await.unwrap() == new);
        assert!(find(&sessions, &new).await.is_some());
        manual.forward(29 * MINUTE);
        assert!(unused(&sessions, &old).await.unwrap() == new);
        sessions.mark_used(&next).await.unwrap();
        assert!(matches!(sessions.successor(&old).await.unwrap(), Successor::Used));
        // And once the session has ended, nothing is known of either.
        manual.forward(31 * MINUTE);
        assert!(matches!(sessions.successor(&old).await.unwrap(), Successor::None));
    })
    .await;
}

#[tokio::test]
async fn id_replaced_twice_is_dead() {
    on_each_database(async |store| {
        let sessions = sessions(&store, &ManualClock::new().1);
        let (first, row) = begin(&sessions, "j").await;
        let (_, row) = sessions.replace_id(&row, "x").await.unwrap().unwrap();
        let (third, _) = sessions.replace_id(&row, "x").await.unwrap().unwrap();
        assert!(matches!(sessions.successor(&first).await.unwrap(), Successor::Used));
        assert!(find(&sessions, &third).await.is_some());
        // With the session goes all that its ids left.
        sessions.delete_row(&third.row_key(), None).await.unwrap();
        assert_eq!(rows(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn concurrent_id_replacements_create_one_successor() {
    on_each_database(async |store| {
        let sessions = sessions(&store, &ManualClock::new().1);
        let (_, row) = begin(&sessions, "j").await;
        let race = (0..10).map(|_| {
            let (sessions, row) = (sessions.clone(), row.clone());
            tokio::spawn(async move { sessions.replace_id(&row, "x").await.unwrap().is_some() })
        });
        let replaced = futures_util::future::join_all(race).await;
        let replaced = replaced.into_iter().filter(|replaced| *replaced.as_ref().unwrap()).count();
        assert_eq!((replaced, rows(&store).await), (1, 2));
    })
    .await;
}

#[tokio::test]
async fn row_is_found_by_its_journey_under_whatever_id() {
    on_each_database(async |store| {
        let sessions = sessions(&store, &ManualClock::new().1);
        let (_, row) = begin(&sessions, "j").await;
        begin(&sessions, "another").await;
        let (new, _) = sessions.replace_id(&row, "x").await.unwrap().unwrap();
        let found = sessions.find_journey("j").await.unwrap().unwrap();
        assert!(found.row.key == new.row_key());
        sessions.update(&found.row, "j", "answer").await.unwrap();
        assert_eq!(find(&sessions, &new).await.unwrap(), "answer");
    })
    .await;
}

#[tokio::test]
async fn id_of_version_before_is_replaced_when_it_comes() {
    on_each_database(async |store| {
        let sessions = sessions(&store, &ManualClock::new().1);
        let old = SessionId::from_bytes([7; 32]);
        sessions.insert(&old, None, "j", "x").await.unwrap();
        // As that version writes it.
        sql!(store.writer().await.unwrap(), "UPDATE sessions SET journey = NULL, confirmed = TRUE" => execute)
            .unwrap();
        let new = unused(&sessions, &old).await.unwrap();
        assert!(new.library().is_some());
        assert!(unused(&sessions, &old).await.unwrap() == new);
        assert_eq!(find(&sessions, &new).await.unwrap(), "x");
    })
    .await;
}

#[tokio::test]
async fn cleanup_deletes_ended_sessions_only() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        for n in 0..7 {
            begin(&sessions, &n.to_string()).await;
        }
        manual.forward(20 * MINUTE);
        let (kept, _) = begin(&sessions, "kept").await;
        assert_eq!(sessions.cleanup(3).await.unwrap(), 0);
        manual.forward(10 * MINUTE);
        assert_eq!(sessions.cleanup(3).await.unwrap(), 7);
        assert!(find(&sessions, &kept).await.is_some());
    })
    .await;
}
