//! Cookies and stored journeys of every kind.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::*;
use crate::{
    session::{Arrival, Found, Limits, testing},
    store::{KeyRing, Store, sql, testing::ManualClock},
};

#[test]
fn journey_that_cannot_be_serialized_is_no_conflict() {
    // JSON has no object whose keys are objects.
    let impossible = std::collections::BTreeMap::from([(("a", "key"), "a value")]);
    let error = serialized(&impossible).unwrap_err();
    assert!(matches!(error, SessionError::Unserializable(_)), "{error:?}");
}

#[tokio::test]
async fn call_that_saves_twice_has_the_session_get_one_new_id() {
    let (clock, store) = (ManualClock::new().1, Store::open("sqlite::memory:").await.unwrap());
    store.migrate().await.unwrap();
    let sessions = Arc::new(testing::sessions(&store, &clock));
    let journey = Journey::new("J".into(), clock.now(), Language::English);
    let mut visit = JourneySession::absent(&sessions, journey);
    visit.change(|_| ()).await.unwrap();
    visit.cookie_to_set = None;
    let mut call = visit.of_task().await;
    call.rotate_when_seen();
    // The answer, and after the browser has its new id what the call has asked ahead.
    for (saved, has_new_id) in [(1, true), (2, false)] {
        call.change(|journey| journey.refusals_read = saved).await.unwrap();
        visit.refresh().await.unwrap();
        visit.rotate_if_due().await.unwrap();
        assert_eq!(visit.journey.refusals_read, saved);
        assert_eq!(visit.cookie_to_set.take().is_some(), has_new_id, "{saved}");
    }
}

/// What stands in a line of cookies, separated by `;`.
#[derive(Debug, Clone)]
enum Pair {
    /// Anything that is not our cookie, of any bytes.
    Other(Vec<u8>),
    /// A cookie of our name that is no id.
    NoId(&'static str),
    /// An id that nobody has.
    Unknown,
    /// The session's id.
    Known,
}

/// A pair as it is sent. `around` may stand before and behind it.
fn sent(pair: &Pair, known: &str, around: &str) -> Vec<u8> {
    let pair = match pair {
        Pair::Other(bytes) => bytes.clone(),
        Pair::NoId(value) => format!("enroll={value}").into_bytes(),
        Pair::Unknown => format!("enroll={}", "A".repeat(43)).into_bytes(),
        Pair::Known => format!("enroll={known}").into_bytes(),
    };
    [around.as_bytes(), &pair, around.as_bytes()].concat()
}

fn pairs() -> impl Strategy<Value = Vec<(Pair, &'static str)>> {
    let byte = any::<u8>().prop_filter("a separator, or no byte of a header", |byte| {
        (*byte >= b' ' || *byte == b'\t') && *byte != 0x7f && *byte != b';'
    });
    let name = proptest::sample::select(&[
        "Enroll",
        "enroll2",
        "__Host-enroll",
        "$Version",
        "%65nroll",
        "ciudad",
        "Ca\u{f1}\u{f3}n",
        "x-enroll",
        "=enroll",
        "",
    ]);
    let bytes = proptest::collection::vec(byte, 0..40);
    let other = (name, bytes).prop_map(|(name, value)| [name.as_bytes(), b"=", &value].concat());
    let no_id = proptest::sample::select(&["", "A", "\"\"", "AAAA=AAAA", "Ca\u{f1}\u{f3}n", "a b"]);
    let pair = prop_oneof![
        6 => other.prop_map(Pair::Other),
        1 => proptest::sample::select(&["enroll", "enroll enroll", ""]).prop_map(|text| Pair::Other(text.into())),
        1 => no_id.prop_map(Pair::NoId),
        1 => Just(Pair::Unknown),
        2 => Just(Pair::Known),
    ];
    proptest::collection::vec((pair, proptest::sample::select(&["", " ", "\t", "  "])), 0..6)
}

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
        let sessions = Arc::new(Sessions::new(store.clone(), keys, clock.clone(), Entropy::system(), limits));
        let journey = Journey::new("J".into(), clock.now(), Language::Spanish);
        let id = SessionId::random(&sessions.entropy);
        sessions.insert(&id, None, "J", &serde_json::to_string(&journey).unwrap()).await.unwrap();
        (store, sessions, id)
    });
    let load = async |headers: &HeaderMap| {
        let start = || Journey::new("new".into(), clock.now(), Language::English);
        let cookie = CookieKind::Plain;
        let arrival = Arrival { cookie, headers, site: "main", again: false, client: None };
        match JourneySession::load(&sessions, arrival, start).await.unwrap() {
            Found::Session(session) => *session,
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
    let cookie = id.to_cookie();
    let lines = proptest::collection::vec(pairs(), 0..4);
    crate::testing::properties::run((lines, row), |(lines, row)| {
        runtime.block_on(async {
            let mut headers = HeaderMap::new();
            for line in &lines {
                let line: Vec<_> = line.iter().map(|(pair, around)| sent(pair, &cookie, around)).collect();
                headers.append(header::COOKIE, HeaderValue::from_bytes(&line.join(&b';')).unwrap());
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
            let ours = lines.iter().flatten().map(|(pair, _)| pair);
            let ours: Vec<&Pair> = ours.filter(|pair| !matches!(pair, Pair::Other(_))).collect();
            let first_id = ours.iter().find(|pair| matches!(pair, Pair::Known | Pair::Unknown));
            let known = matches!(first_id, Some(Pair::Known));
            prop_assert_eq!(session.has_session(), known && spoilt.is_none());
            prop_assert_eq!(session.has_ended(), !ours.is_empty() && !session.has_session());
            prop_assert_eq!(&session.journey.id, if session.has_session() { "J" } else { "new" });
            let mut answer = HeaderMap::new();
            session.write_cookie(CookieKind::Plain, &mut answer);
            prop_assert_eq!(answer.contains_key(header::SET_COOKIE), session.has_ended());
            Ok(())
        })
    });
}
