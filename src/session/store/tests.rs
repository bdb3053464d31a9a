//! Sessions on both databases: saved, found, ended, renewed, deleted.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;
use crate::store::testing::{ManualClock, on_each_database};

const MINUTE: Duration = Duration::from_secs(60);
const LIMITS: Limits =
    Limits { idle: Duration::from_secs(30 * 60), absolute: Duration::from_secs(12 * 3600) };

fn keys(byte: u8) -> KeyRing {
    KeyRing::parse([format!("k:{}", STANDARD.encode([byte; 32]))]).unwrap()
}

fn sessions(store: &Store, clock: &Clock) -> Sessions {
    Sessions::new(store.clone(), keys(1), clock.clone(), Entropy::system(), LIMITS)
}

async fn rows(store: &Store) -> i64 {
    let (rows,): (i64,) =
        sql!(store.reader().await.unwrap(), "SELECT COUNT(*) FROM sessions" => fetch_one).unwrap();
    rows
}

#[tokio::test]
async fn session_saved_is_loaded_and_stored_encrypted_without_its_id() {
    on_each_database(async |store| {
        let sessions = sessions(&store, &ManualClock::new().1);
        let (id, version) = sessions.create(b"canary one").await.unwrap();
        let second = sessions.save(&id, version, b"canary two").await.unwrap();
        let loaded = sessions.load(&id).await.unwrap().unwrap();
        assert_eq!(loaded.data, b"canary two");
        assert!(loaded.version == second && loaded.id == id);
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
        let stranger = SessionId::new([9; 32]);
        assert!(sessions.load(&stranger).await.unwrap().is_none());
        assert!(matches!(sessions.save(&stranger, Version(1), b"x").await, Err(SaveError::Ended)));
        assert!(matches!(sessions.rotate_id(&stranger).await, Err(SaveError::Ended)));
        let (id, version) = sessions.create(b"x").await.unwrap();
        sessions.delete(&id).await.unwrap();
        assert!(sessions.load(&id).await.unwrap().is_none());
        assert!(matches!(sessions.save(&id, version, b"y").await, Err(SaveError::Ended)));
        assert_eq!(rows(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn save_from_stale_version_is_a_conflict() {
    on_each_database(async |store| {
        let sessions = sessions(&store, &ManualClock::new().1);
        let (id, version) = sessions.create(b"0").await.unwrap();
        let race = (0..20).map(|_| {
            let (sessions, id) = (sessions.clone(), id.clone());
            tokio::spawn(async move { sessions.save(&id, version, b"1").await })
        });
        let saved = futures_util::future::join_all(race).await;
        let won = saved.iter().filter(|saved| saved.as_ref().unwrap().is_ok()).count();
        let lost = saved.iter().filter(|s| matches!(s.as_ref().unwrap(), Err(SaveError::Conflict))).count();
        assert_eq!((won, lost), (1, 19));
    })
    .await;
}

#[tokio::test]
async fn session_row_with_wrong_key_or_from_another_row_is_not_opened() {
    on_each_database(async |store| {
        let clock = ManualClock::new().1;
        let ours = sessions(&store, &clock);
        let (one, _) = ours.create(b"one").await.unwrap();
        let (two, _) = ours.create(b"two").await.unwrap();
        let theirs = Sessions::new(store.clone(), keys(2), clock, Entropy::system(), LIMITS);
        assert!(theirs.load(&one).await.unwrap().is_none());
        sql!(store.writer().await.unwrap(),
            "UPDATE sessions SET data = (SELECT data FROM sessions WHERE key = $1) WHERE key = $2",
            &one.row_key()[..], &two.row_key()[..] => execute)
        .unwrap();
        assert!(ours.load(&two).await.unwrap().is_none());
        assert_eq!(ours.load(&one).await.unwrap().unwrap().data, b"one");
    })
    .await;
}

#[tokio::test]
async fn session_use_extends_idle_limit_but_not_absolute_limit() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (id, mut version) = sessions.create(b"x").await.unwrap();
        let begun = clock.now();
        // 29 idle minutes at a time, 24 times: 11 hours and 36 minutes.
        for round in 0..24 {
            manual.forward(29 * MINUTE);
            let loaded = sessions.load(&id).await.unwrap().unwrap();
            assert_eq!((loaded.started, loaded.seen), (begun, clock.now()));
            if round % 2 == 0 {
                version = sessions.save(&id, version, b"x").await.unwrap();
            }
        }
        manual.forward(24 * MINUTE);
        assert!(matches!(sessions.save(&id, version, b"y").await, Err(SaveError::Ended)));
        assert!(sessions.load(&id).await.unwrap().is_none());
        assert_eq!(rows(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn session_idle_past_limit_is_ended_and_deleted() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (id, _) = sessions.create(b"x").await.unwrap();
        manual.forward(30 * MINUTE - Duration::from_millis(1));
        assert!(sessions.load(&id).await.unwrap().is_some());
        manual.forward(30 * MINUTE);
        assert!(sessions.load(&id).await.unwrap().is_none());
        assert_eq!(rows(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn rotated_id_resolves_to_new_session_for_a_minute_only() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (old, version) = sessions.create(b"x").await.unwrap();
        let new = sessions.rotate_id(&old).await.unwrap();
        assert!(new != old);
        // The double click, and a renewal asked for twice, find the same session.
        let found = sessions.load(&old).await.unwrap().unwrap();
        assert!(found.id == new && found.data == b"x" && found.version == version);
        assert!(sessions.rotate_id(&old).await.unwrap() == new);
        assert!(matches!(sessions.save(&old, version, b"y").await, Err(SaveError::Conflict)));
        sessions.save(&new, version, b"y").await.unwrap();
        manual.forward(MINUTE);
        assert!(sessions.load(&old).await.unwrap().is_none());
        assert_eq!(sessions.load(&new).await.unwrap().unwrap().data, b"y");
        assert_eq!(rows(&store).await, 1);
    })
    .await;
}

#[tokio::test]
async fn concurrent_id_rotations_create_one_new_session() {
    on_each_database(async |store| {
        let sessions = sessions(&store, &ManualClock::new().1);
        let (old, _) = sessions.create(b"x").await.unwrap();
        let race = (0..10).map(|_| {
            let (sessions, old) = (sessions.clone(), old.clone());
            tokio::spawn(async move { sessions.rotate_id(&old).await.unwrap().to_cookie() })
        });
        let ids: std::collections::HashSet<_> =
            futures_util::future::join_all(race).await.into_iter().map(Result::unwrap).collect();
        assert_eq!((ids.len(), rows(&store).await), (1, 2));
    })
    .await;
}

#[tokio::test]
async fn cleanup_deletes_ended_sessions_only() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        for _ in 0..7 {
            sessions.create(b"x").await.unwrap();
        }
        manual.forward(20 * MINUTE);
        let (kept, _) = sessions.create(b"x").await.unwrap();
        assert_eq!(sessions.cleanup(3).await.unwrap(), 0);
        manual.forward(10 * MINUTE);
        assert_eq!(sessions.cleanup(3).await.unwrap(), 7);
        assert!(sessions.load(&kept).await.unwrap().is_some());
    })
    .await;
}
