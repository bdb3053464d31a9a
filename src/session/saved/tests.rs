//! A saved journey, on both databases: its code, its tries, its end.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;
use crate::{
    clock::Clock,
    entropy::Entropy,
    session::Limits,
    store::{
        KeyRing, Store,
        testing::{ManualClock, on_each_database},
    },
};

const HOUR: Duration = Duration::from_secs(3600);
const LIMITS: Limits =
    Limits { idle: Duration::from_secs(30 * 60), absolute: Duration::from_secs(12 * 3600) };

fn sessions(store: &Store, clock: &Clock) -> Sessions {
    sessions_under(store, clock, &[1])
}

/// Sessions under a key made of each of `keys`, newest first.
fn sessions_under(store: &Store, clock: &Clock, keys: &[u8]) -> Sessions {
    let keys = keys.iter().map(|byte| format!("k{byte}:{}", STANDARD.encode([*byte; 32])));
    let keys = KeyRing::parse(keys).unwrap();
    Sessions::new(store.clone(), keys, clock.clone(), Entropy::system(), LIMITS)
}

#[tokio::test]
async fn saved_session_leaves_its_cookie_and_is_resumed_once_with_new_id() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (old, version) = sessions.create(b"canary").await.unwrap();
        let begun = clock.now();
        let code = sessions.save_for_later(&old, version, b"canary two").await.unwrap();
        assert!(sessions.load(&old).await.unwrap().is_none());
        assert!(matches!(sessions.save_for_later(&old, version, b"x").await, Err(SaveError::Ended)));
        assert!(matches!(sessions.save(&old, version, b"x").await, Err(SaveError::Conflict)));
        // Nothing of the code is in its row, and what is there opens nowhere else.
        let (key, data): (Vec<u8>, Vec<u8>) =
            sql!(store.reader().await.unwrap(), "SELECT key, data FROM sessions WHERE NOT moved" => fetch_one)
            .unwrap();
        let text = code.text();
        for part in text.split('-').chain([text.replace('-', "").as_str()]) {
            assert!(
                !key.windows(part.len())
                    .chain(data.windows(part.len()))
                    .any(|bytes| bytes == part.as_bytes())
            );
        }
        assert!(!data.windows(6).any(|part| part == b"canary"));
        assert!(sessions.load(&SessionId::new(key.try_into().unwrap())).await.unwrap().is_none());

        manual.forward(11 * HOUR);
        assert_eq!(sessions.cleanup(9).await.unwrap(), 1, "what the cookie led to; it is not idle itself");
        assert_eq!(sessions.cleanup(9).await.unwrap(), 0);
        assert_eq!(sessions.saved(&code).await.unwrap().unwrap(), b"canary two");
        let tried = sessions.count_attempt(&code).await.unwrap().unwrap();
        assert_eq!((tried.data.as_slice(), tried.left), (&b"canary two"[..], 4));
        let race = (0..10).map(|_| {
            let (sessions, code) = (sessions.clone(), code.clone());
            tokio::spawn(async move { sessions.resume(&code, b"canary two").await.unwrap() })
        });
        let taken: Vec<SessionId> =
            futures_util::future::join_all(race).await.into_iter().filter_map(Result::unwrap).collect();
        let [new] = taken.as_slice() else { panic!("taken up {} times", taken.len()) };
        assert!(*new != old);
        let loaded = sessions.load(new).await.unwrap().unwrap();
        assert_eq!((loaded.data.as_slice(), loaded.started), (&b"canary two"[..], begun));
        assert!(sessions.saved(&code).await.unwrap().is_none());
        assert!(sessions.count_attempt(&code).await.unwrap().is_none());
        assert!(matches!(sessions.save(new, version, b"x").await, Err(SaveError::Conflict)));
        sessions.save(new, loaded.version, b"canary three").await.unwrap();
        // The twelve hours count from the first request.
        manual.forward(20 * Duration::from_secs(60));
        assert!(sessions.load(new).await.unwrap().is_some());
        manual.forward(HOUR);
        assert!(sessions.load(new).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn resume_code_allows_five_attempts_and_expires_with_its_session() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (id, version) = sessions.create(b"x").await.unwrap();
        let newer = sessions.save(&id, version, b"y").await.unwrap();
        assert!(matches!(sessions.save_for_later(&id, version, b"x").await, Err(SaveError::Conflict)));
        let code = sessions.save_for_later(&id, newer, b"y").await.unwrap();
        let race = (0..20).map(|_| {
            let (sessions, code) = (sessions.clone(), code.clone());
            tokio::spawn(async move { sessions.count_attempt(&code).await.unwrap().map(|tried| tried.left) })
        });
        let tried = futures_util::future::join_all(race).await;
        let mut left: Vec<i64> = tried.into_iter().filter_map(Result::unwrap).collect();
        left.sort_unstable();
        assert_eq!(left, [0, 1, 2, 3, 4], "never a sixth");
        assert!(sessions.saved(&code).await.unwrap().is_none());
        sessions.discard(&code).await.unwrap();
        assert_eq!(sessions.count().await.unwrap(), 0);

        let (id, version) = sessions.create(b"x").await.unwrap();
        let code = sessions.save_for_later(&id, version, b"x").await.unwrap();
        manual.forward(12 * HOUR);
        assert!(sessions.saved(&code).await.unwrap().is_none());
        assert!(sessions.count_attempt(&code).await.unwrap().is_none());
        assert!(sessions.resume(&code, b"x").await.unwrap().is_none());
        // The row, and what each of the two cookies led to.
        assert_eq!(sessions.cleanup(9).await.unwrap(), 3);
    })
    .await;
}

#[tokio::test]
async fn save_repeated_within_a_minute_replaces_the_first_code() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let sessions = sessions(&store, &clock);
        let (id, version) = sessions.create(b"x").await.unwrap();
        assert!(sessions.save_for_later_again(&id).await.unwrap().is_none());
        let first = sessions.save_for_later(&id, version, b"x").await.unwrap();
        let (second, data) = sessions.save_for_later_again(&id).await.unwrap().unwrap();
        let (third, _) = sessions.save_for_later_again(&id).await.unwrap().unwrap();
        assert_eq!(data, b"x");
        for dead in [&first, &second] {
            assert!(sessions.saved(dead).await.unwrap().is_none());
        }
        assert!(sessions.load(&id).await.unwrap().is_none(), "the cookie opens nothing meanwhile");
        assert!(matches!(sessions.save(&id, version, b"y").await, Err(SaveError::Conflict)));
        sessions.count_attempt(&third).await.unwrap().unwrap();
        assert!(sessions.save_for_later_again(&id).await.unwrap().is_none(), "somebody has the code");

        let (id, version) = sessions.create(b"x").await.unwrap();
        let code = sessions.save_for_later(&id, version, b"x").await.unwrap();
        manual.forward(Duration::from_secs(60));
        assert!(sessions.save_for_later_again(&id).await.unwrap().is_none());
        assert!(sessions.saved(&code).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn code_saved_under_an_older_session_key_is_found_and_spent() {
    on_each_database(async |store| {
        let clock = ManualClock::new().1;
        let before = sessions_under(&store, &clock, &[1]);
        let save = async || {
            let (id, version) = before.create(b"x").await.unwrap();
            before.save_for_later(&id, version, b"x").await.unwrap()
        };
        let after = sessions_under(&store, &clock, &[3, 2, 1]);
        let code = save().await;
        assert_eq!(after.saved(&code).await.unwrap().unwrap(), b"x");
        assert_eq!(after.count_attempt(&code).await.unwrap().unwrap().left, TRIES - 1);
        let id = after.resume(&code, b"x").await.unwrap().unwrap();
        assert_eq!(after.load(&id).await.unwrap().unwrap().data, b"x");
        assert!(before.saved(&code).await.unwrap().is_none());
        let code = save().await;
        after.discard(&code).await.unwrap();
        assert!(before.saved(&code).await.unwrap().is_none());
        // Without the old key nobody finds what it named.
        let code = save().await;
        assert!(sessions_under(&store, &clock, &[2]).saved(&code).await.unwrap().is_none());
    })
    .await;
}
