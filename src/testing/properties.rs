//! Property tests of any duration. In `cargo test` each runs a few hundred cases; alone and for ten minutes:
//!
//! ```text
//! ENROLL_FUZZ_SECONDS=600 cargo test --lib fuzz_nrg_replies -- --nocapture
//! ```
//!
//! The targets are in the modules that they test: `fuzz_form_decoding` (`web::form`), `fuzz_fields` (`fields`),
//! `fuzz_nrg_replies` and `fuzz_message_cleaning` (`nrg`), `fuzz_cookies_and_sessions` (`session`),
//! `fuzz_stored_journeys` (`journey`).

use std::time::{Duration, Instant};

use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseResult, TestRunner},
};
use serde_json::Value;

/// The cases of one round; `cargo test` runs one round.
const ROUND: u32 = 256;

/// Runs `check` on what `strategy` makes up; a failure is shrunk and reported.
pub fn run<S: Strategy>(strategy: S, check: impl Fn(S::Value) -> TestCaseResult) {
    #[allow(clippy::disallowed_methods, reason = "how long a test runs is no setting of the program")]
    let seconds = std::env::var("ENROLL_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let (until, mut cases) = (Instant::now() + Duration::from_secs(seconds), 0_u64);
    loop {
        let config = Config { cases: ROUND, failure_persistence: None, ..Config::default() };
        if let Err(error) = TestRunner::new(config).run(&strategy, &check) {
            panic!("after {cases} good cases: {error}");
        }
        cases += u64::from(ROUND);
        if Instant::now() >= until {
            break;
        }
    }
    println!("{cases} cases");
}

/// Unexpected text: arbitrary characters, or pieces that have a meaning somewhere.
pub fn text(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => proptest::sample::select(pieces).prop_map(str::to_owned),
        2 => proptest::collection::vec(any::<char>(), 0..6).prop_map(String::from_iter),
        1 => (proptest::sample::select(pieces), 1..200_usize).prop_map(|(piece, times)| piece.repeat(times)),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Characters of which nothing is seen: each kind that comes along when text is copied.
#[rustfmt::skip]
pub const UNSEEN: &[char] = &[
    '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2060}',
    '\u{2061}', '\u{2066}', '\u{2069}', '\u{206a}', '\u{feff}', '\u{ad}', '\u{61c}', '\u{180b}', '\u{180e}', '\u{fe00}',
    '\u{fe0f}', '\u{34f}', '\u{3164}', '\u{ffa0}', '\u{115f}', '\u{1160}', '\u{17b4}', '\u{e0001}', '\u{e0020}', '\u{e0100}',
    '\u{fff9}', '\u{1d173}', '\u{0}', '\u{7}', '\u{1f}', '\u{7f}', '\u{9c}',
];

/// `text` with characters of [`UNSEEN`] around and inside it.
pub fn strewn(text: String) -> impl Strategy<Value = String> {
    let unseen =
        proptest::collection::vec((any::<prop::sample::Index>(), proptest::sample::select(UNSEEN)), 1..8);
    unseen.prop_map(move |unseen| {
        let mut chars: Vec<char> = text.chars().collect();
        for (at, c) in unseen {
            chars.insert(at.index(chars.len() + 1), c);
        }
        chars.into_iter().collect()
    })
}

/// A change that spoils JSON at a place.
#[derive(Debug, Clone)]
pub enum Spoil {
    /// Another value.
    Replace(Value),
    /// Nothing.
    Remove,
    /// The value in a list of itself.
    Wrap,
    /// A text with something put into it.
    Insert(String),
}

/// Ways to spoil JSON; `pieces` are texts that mean something where the JSON is read.
pub fn spoils(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<(prop::sample::Index, Spoil)>> {
    let value = prop_oneof![
        4 => text(pieces).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(serde_json::json!([])),
        1 => Just(serde_json::json!({})),
        1 => Just(serde_json::json!([null, {"a": []}])),
    ];
    let spoil = prop_oneof![
        5 => value.prop_map(Spoil::Replace),
        2 => Just(Spoil::Remove),
        1 => Just(Spoil::Wrap),
        3 => text(pieces).prop_map(Spoil::Insert),
    ];
    proptest::collection::vec((any::<prop::sample::Index>(), spoil), 0..6)
}

/// Spoils `value`, each time at one of all its places.
pub fn spoil(value: &mut Value, spoils: Vec<(prop::sample::Index, Spoil)>) {
    for (index, spoil) in spoils {
        let mut places = Vec::new();
        all_places(value, String::new(), &mut places);
        let Some(place) = value.pointer_mut(&places[index.index(places.len())]) else { continue };
        match spoil {
            Spoil::Replace(new) => *place = new,
            Spoil::Remove => *place = Value::Null,
            Spoil::Wrap => *place = Value::Array(vec![place.take()]),
            Spoil::Insert(piece) => {
                let old = place.as_str().unwrap_or_default();
                let middle = (0..=old.len() / 2).rev().find(|at| old.is_char_boundary(*at)).unwrap_or(0);
                *place = Value::from(format!("{}{piece}{}", &old[..middle], &old[middle..]));
            }
        }
    }
}

fn all_places(value: &Value, here: String, places: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                all_places(item, format!("{here}/{at}"), places);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                all_places(field, format!("{here}/{name}"), places);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    places.push(here);
}
