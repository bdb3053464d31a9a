//! The caps, on both databases.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;
use crate::{
    entropy::Entropy,
    ledger::LedgerKey,
    session::{Caps, KeyRing, Limits, SessionError, SessionId, store::Row},
    store::{
        Store,
        testing::{ManualClock, on_each_database},
    },
};

const HOUR: Duration = Duration::from_secs(3600);

fn sessions(store: &Store, caps: Caps) -> (ManualClock, Sessions) {
    let (manual, clock) = ManualClock::new();
    let keys = KeyRing::parse([format!("k:{}", STANDARD.encode([1; 32]))]).unwrap();
    let limits = Limits { idle: HOUR, absolute: HOUR };
    let sessions = Sessions::new(store.clone(), keys, clock, Entropy::system(), limits);
    (manual, sessions.with_caps(caps, LedgerKey::new([7; 32])))
}

/// How far a session has come.
#[derive(Clone, Copy)]
enum State {
    Unconfirmed,
    Unanswered,
    Answered,
}

async fn begin(sessions: &Sessions, client: &str, state: State) -> Result<SessionId, SessionError> {
    let id = SessionId::random(&sessions.entropy);
    let journey = hex::encode(id.row_key());
    let row = sessions.insert(&id, client.parse().ok(), &journey, "{}").await?;
    let confirmed = !matches!(state, State::Unconfirmed);
    let row = Row { confirmed, used: confirmed, answered: matches!(state, State::Answered), ..row };
    sessions.update(&row, &journey, "{}").await?;
    Ok(id)
}

async fn lives(sessions: &Sessions, id: &SessionId) -> bool {
    sessions.peek(id).await.unwrap().is_some()
}

#[tokio::test]
async fn full_network_gives_up_unconfirmed_then_unanswered_sessions() {
    on_each_database(async |store| {
        let caps = Caps { address: 3, ..Caps::default() };
        let (manual, sessions) = sessions(&store, caps);
        let from = "192.0.2.1";
        let answered = begin(&sessions, from, State::Answered).await.unwrap();
        let unanswered = begin(&sessions, from, State::Unanswered).await.unwrap();
        manual.forward(Duration::from_secs(1));
        let unconfirmed = begin(&sessions, from, State::Unconfirmed).await.unwrap();
        let elsewhere = begin(&sessions, "192.0.2.2", State::Unconfirmed).await.unwrap();
        let fourth = begin(&sessions, from, State::Answered).await.unwrap();
        assert!(!lives(&sessions, &unconfirmed).await && lives(&sessions, &unanswered).await);
        let fifth = begin(&sessions, from, State::Answered).await.unwrap();
        assert!(!lives(&sessions, &unanswered).await);
        assert!(matches!(begin(&sessions, from, State::Answered).await, Err(SessionError::Full)));
        for id in [&answered, &fourth, &fifth, &elsewhere] {
            assert!(lives(&sessions, id).await, "whoever holds a session is not refused");
        }
        // Room comes when they end.
        manual.forward(HOUR);
        begin(&sessions, from, State::Answered).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn ipv6_is_capped_by_its_64_bits_and_more_generously_by_48() {
    on_each_database(async |store| {
        let caps = Caps { address: 1, network: 3, ..Caps::default() };
        let (_, sessions) = sessions(&store, caps);
        let answered = async |client: &str| begin(&sessions, client, State::Answered).await.is_ok();
        assert!(answered("2001:db8:1:1::1").await);
        assert!(!answered("2001:db8:1:1:ffff::2").await, "the same household");
        assert!(answered("2001:db8:1:2::1").await && answered("2001:db8:1:3::1").await);
        assert!(!answered("2001:db8:1:4::1").await, "the same customer");
        assert!(answered("2001:db8:2:1::1").await);
        // An IPv4 address is one, however it is written.
        assert!(answered("192.0.2.1").await);
        assert!(!answered("::ffff:192.0.2.1").await);
    })
    .await;
}

#[tokio::test]
async fn sessions_are_capped_in_all() {
    on_each_database(async |store| {
        let caps = Caps { total: 2, ..Caps::default() };
        let (_, sessions) = sessions(&store, caps);
        begin(&sessions, "192.0.2.1", State::Answered).await.unwrap();
        let unanswered = begin(&sessions, "192.0.2.2", State::Unanswered).await.unwrap();
        // Those of other servers are known since the last cleanup.
        sessions.recount().await.unwrap();
        begin(&sessions, "192.0.2.3", State::Answered).await.unwrap();
        assert!(!lives(&sessions, &unanswered).await);
        assert!(matches!(begin(&sessions, "192.0.2.4", State::Answered).await, Err(SessionError::Full)));
        assert_eq!(sessions.count_all().await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn network_is_stored_as_keyed_hash_only() {
    on_each_database(async |store| {
        let (_, sessions) = sessions(&store, Caps { address: 9, ..Caps::default() });
        begin(&sessions, "203.0.113.77", State::Answered).await.unwrap();
        let (network,): (Vec<u8>,) =
            sql!(store.reader().await.unwrap(), "SELECT network FROM sessions" => fetch_one).unwrap();
        assert_eq!(network.len(), 32);
        assert!(!network.windows(4).any(|part| part == [203, 0, 113, 77]));
    })
    .await;
}
