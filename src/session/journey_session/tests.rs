//! Cookies and stored journeys of every kind.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::*;
use crate::{
    session::Limits,
    store::{KeyRing, Store, sql, testing::ManualClock},
};

#[test]
fn journey_that_cannot_be_serialized_is_no_conflict() {
    // JSON has no object whose keys are objects.
    let impossible = std::collections::BTreeMap::from([(("a", "key"), "a value")]);
    let error = serialized(&impossible).unwrap_err();
    assert!(matches!(error, SessionError::Unserializable(_)), "{error:?}");
}

#[rustfmt::skip]
const PIECES: &[&str] = &[
    "enroll", "__Host-enroll", "=", ";", "; ", ",", "\"", " ", "\t", "enroll=", "Enroll=", "$Version=1", "a=b", "%65nroll=",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "ID", "-", "_", "+", "/",
];

/// A session, and requests with cookies of every kind: it is found by its own id alone, and whatever stands in
/// its row but what was sealed for it is no session.
#[test]
fn fuzz_cookies_and_sessions() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let clock = ManualClock::new().1;
    let (store, sessions, id) = runtime.block_on(async {
        let store = Store::open("sqlite::memory:").await.unwrap();
        store.migrate().await.unwrap();
        let keys = KeyRing::parse([format!("k:{}", STANDARD.encode([1; 32]))]).unwrap();
        let hour = Duration::from_secs(3600);
        let limits = Limits { idle: hour, absolute: hour };
        let sessions = Sessions::new(store.clone(), keys, clock.clone(), Entropy::system(), limits);
        let journey = Journey::new("J".into(), clock.now(), Language::Spanish);
        let id = SessionId::random(&sessions.entropy);
        sessions.insert(&id, "J", &serde_json::to_string(&journey).unwrap()).await.unwrap();
        (store, sessions, id)
    });
    let load = async |headers: &HeaderMap| {
        let start = || Journey::new("new".into(), clock.now(), Language::English);
        match JourneySession::load(&sessions, CookieKind::Plain, headers, false, start).await.unwrap() {
            Found::Session(session) => session,
            Found::Superseded(_) | Found::Replaced | Found::CookieRefused => panic!("no id was replaced"),
        }
    };
    let (key, sealed): (Vec<u8>, Vec<u8>) = runtime.block_on(async {
        sql!(store.writer().await.unwrap(), "SELECT key, data FROM sessions" => fetch_one).unwrap()
    });
    let put = async |data: &[u8]| {
        sql!(store.writer().await.unwrap(), "UPDATE sessions SET data = $1 WHERE key = $2", data, &key[..] => execute)
            .unwrap();
    };
    let row = prop_oneof![
        4 => Just(None),
        2 => (any::<prop::sample::Index>(), 1..=255_u8).prop_map(|(at, bit)| Some(Err((at, bit)))),
        2 => proptest::collection::vec(any::<u8>(), 0..100).prop_map(|bytes| Some(Ok(bytes))),
    ];
    let value = prop_oneof![
        3 => crate::testing::properties::text(PIECES).prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..100),
    ];
    let cookie = id.to_cookie();
    let lines = proptest::collection::vec((value, any::<bool>()), 0..4);
    crate::testing::properties::run((lines, row), |(lines, row)| {
        runtime.block_on(async {
            let mut headers = HeaderMap::new();
            for (bytes, with_id) in &lines {
                let mut line = bytes.clone();
                if *with_id {
                    line.extend_from_slice(format!("; enroll={cookie}").as_bytes());
                }
                if let Ok(value) = HeaderValue::from_bytes(&line) {
                    headers.append(header::COOKIE, value);
                }
            }
            let spoilt = match &row {
                None => None,
                Some(Ok(bytes)) => Some(bytes.clone()),
                Some(Err((at, bit))) => {
                    let mut bytes = sealed.clone();
                    bytes[at.index(sealed.len())] ^= bit;
                    Some(bytes)
                }
            };
            if let Some(bytes) = &spoilt {
                put(bytes).await;
            }
            let session = load(&headers).await;
            if spoilt.is_some() {
                put(&sealed).await;
            }
            let sent = CookieKind::Plain.read(&headers);
            let known = sent.as_deref().and_then(SessionId::from_cookie).is_some_and(|sent| sent == id);
            prop_assert_eq!(session.has_session(), known && spoilt.is_none());
            prop_assert_eq!(session.has_ended(), sent.is_some() && !session.has_session());
            prop_assert_eq!(&session.journey.id, if session.has_session() { "J" } else { "new" });
            let mut answer = HeaderMap::new();
            session.write_cookie(CookieKind::Plain, &mut answer);
            prop_assert_eq!(answer.contains_key(header::SET_COOKIE), session.has_ended());
            Ok(())
        })
    });
}
