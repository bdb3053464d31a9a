//! Everything NRG can answer, and what becomes of it: one numbered row for each row of the contract's
//! tables, walked in both languages. Beside the numbers, `x` rows for what the contract does not know.
//!
//! A row says the page (path, HTTP status, title), what NRG is asked after the answer, and what the journey
//! remembers. [`TABLES`] counts the contract's rows: one without a walk, or a walk without a row, fails.

mod after;
mod before;
mod failures;
mod person;
mod repairs;
mod row;
mod texts;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::AssertUnwindSafe,
};

use futures_util::{FutureExt, StreamExt, stream};
use nrg_enroll::fields::Language;

use crate::support::fault_proxy::Reply;
use row::{Met, Pace, Row, check};

/// The tables of the contract with their number of rows. 5.4 to 5.7 are sentences there; their parts are counted.
const TABLES: [(&str, usize); 24] = [
    ("3.4", 13),
    ("5.1", 4),
    ("5.2", 2),
    ("5.3", 8),
    ("5.4", 11),
    ("5.5", 3),
    ("5.6", 8),
    ("5.7", 3),
    ("5.8", 7),
    ("5.9", 3),
    ("5.11", 17),
    ("5.12", 6),
    ("5.14", 5),
    ("5.15", 11),
    ("5.16", 6),
    ("5.17", 6),
    ("5.19", 9),
    ("5.20", 3),
    ("8.1", 3),
    ("8.2", 6),
    ("8.3", 2),
    ("8.4", 2),
    ("8.5", 3),
    ("8.6", 2),
];

/// The rows that take more than one answer, and the test that walks each.
const ELSEWHERE: [(&str, fn()); 4] = [
    ("8.1-1", repairs::identity_correction_uses_same_record_until_attempts_are_used_up),
    ("8.1-2", repairs::identity_hold_at_last_attempt_continues_only_where_allowed),
    ("8.1-3", repairs::used_up_record_locks_identity_steps_and_is_never_repeated),
    ("8.5-3", repairs::switch_hold_at_enroll_is_shown_as_refusal),
];

/// Contract 9, line by line: what becomes of a repetition.
const REPETITIONS: [(&str, fn()); 12] = [
    ("idempotency key", repairs::record_is_submitted_under_its_own_tracking_id),
    ("enrollment in progress", crate::bad_input::review_posted_fifty_times_submits_once),
    ("second enroll after completion", enroll_contract_rows_hold),
    ("any tracked call after submission", credit_contract_rows_hold),
    ("read a lost result", repairs::submission_without_answer_is_never_sent_again),
    ("enroll timed out, 500, empty", failures::enroll_failure_is_refused_or_unknown_and_never_sent_again),
    ("enroll refused with E5 or E8", repairs::enroll_refusal_that_is_correctable_is_corrected_once),
    (
        "new attempt for the same person",
        crate::submit_once::same_person_within_a_day_is_asked_first_and_may_submit_again,
    ),
    ("identity first call timed out", failures::every_endpoint_failure_leads_to_its_page_and_number_of_calls),
    ("identity repeat timed out", repairs::identity_repeat_that_times_out_is_not_retried),
    ("read-like calls", failures::every_endpoint_failure_leads_to_its_page_and_number_of_calls),
    ("check-credit timed out", failures::every_endpoint_failure_leads_to_its_page_and_number_of_calls),
];

/// The codes of section 6, the endpoints each can come from, and its `statusCode`. A code of every tracked call, or
/// of every call, is listed under `tracked` or `all`.
const CODES: [(&str, &[&str], &str); 45] = [
    ("AREA_NOT_SERVICED", &["tdsp", "offers", "available-dates", "enroll"], "01"),
    ("BAD_REQUEST", &["all"], "01"),
    ("BP_RESTRICTION", &["identity"], "01"),
    ("BUSINESS_METER", &["tdsp", "available-dates"], "01"),
    ("COMPLETE_MATCH", &["cleanup-address"], "00"),
    ("CREDIT_FRAUD", &["check-credit", "recheck-credit"], "01"),
    ("CREDIT_FREEZE", &["check-credit", "recheck-credit"], "01"),
    ("CURRENT_CUSTOMER", &["identity", "enroll"], "01"),
    ("DUPLICATE_SUBMISSION", &["enroll"], "01"),
    ("ENROLLMENT_ALREADY_REQUESTED", &["tracked"], "01"),
    ("ENROLLMENT_NOT_ALLOWED", &["enroll"], "01"),
    ("ESID_ACTIVE", &["tdsp", "available-dates"], "01"),
    ("HOLD_LOOKUP_ERROR", &["holds"], "00"),
    ("INCORRECT_UNIT", &["cleanup-address"], "02"),
    ("UNIT_NEEDED", &["cleanup-address"], "02"),
    ("UNVERIFIED_ADDRESS", &["cleanup-address"], "02"),
    ("PARTIAL_MATCH", &["cleanup-address"], "02"),
    ("NO_MATCH", &["cleanup-address"], "02"),
    ("INTERNAL_SERVER_ERROR", &["identity"], "01"),
    ("INVALID_DOB", &["identity"], "01"),
    ("MESID", &["tdsp", "available-dates"], "00"),
    ("MESID", &["available-dates"], "01"),
    ("NESID", &["tdsp", "available-dates"], "00"),
    ("NESID", &["available-dates"], "01"),
    ("NRESID", &["tdsp"], "00"),
    ("NO_HOLD_ON_ACCOUNT", &["holds"], "00"),
    ("NO_MATCH_FOUND", &["tracked"], "01"),
    ("NO_PROSPECT_MATCH_FOUND", &["prospect", "identity"], "01"),
    ("NOTIFY_SWITCH_HOLD", &["tdsp", "available-dates"], "00"),
    ("PAST_BALANCE", &["identity"], "02"),
    ("PAST_SERVICE_HISTORY", &["identity"], "02"),
    ("POSIDHOLD", &["identity", "kba-oe", "kba-result"], "00"),
    ("POSIDHOLD", &["identity"], "01"),
    ("POSID_FAIL", &["identity"], "02"),
    ("POSID_FAIL_MAX", &["identity"], "01"),
    ("POSID_PASTDUE", &["identity"], "02"),
    ("POSID_PASTSERVICE", &["identity"], "02"),
    ("PROMO_INVALID", &["offers"], "01"),
    ("PROMO_INVALID", &["offers"], "00"),
    ("RETRY_NOT_ALLOWED", &["kba-result"], "01"),
    ("SWITCH_HOLD", &["tdsp", "available-dates"], "01"),
    ("TDSP_MISMATCH", &["available-dates"], "01"),
    ("TECHNICAL_ERROR", &["all"], "01"),
    ("TOKEN_SERVER_DOWN", &["identity"], "01"),
    ("1", &["kba-result"], "01"),
];

const TRACKED: [&str; 7] =
    ["identity", "kba-oe", "kba-result", "available-dates", "check-credit", "recheck-credit", "enroll"];

const UNTRACKED: [&str; 10] = [
    "token",
    "prospect",
    "cleanup-address",
    "tdsp",
    "esid",
    "esid/residential",
    "esidValidation",
    "offers",
    "offer-details",
    "holds",
];

fn all() -> Vec<Row> {
    [
        before::statuses(),
        before::numbers(),
        before::addresses(),
        before::utilities(),
        before::meters(),
        before::plans(),
        person::identity(),
        person::quiz(),
        person::branches(),
        after::dates(),
        after::credit(),
        after::enroll(),
        after::holds(),
        after::branches(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the rows let NRG say, for those who want it said at random.
pub fn scripted() -> Vec<(&'static str, Reply)> {
    all().into_iter().flat_map(|row| row.says).collect()
}

/// The number of a row: `5.15-3b` and `5.15-3 bill` are row 3 of table 5.15; `5.15-x1` is none.
fn number(id: &str) -> Option<(&str, usize)> {
    let (table, rest) = id.split_once('-')?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((table, digits.parse().ok()?))
}

#[test]
fn every_contract_row_has_a_walk() {
    let rows = all();
    let ids: Vec<&str> = rows.iter().map(|row| row.id).chain(ELSEWHERE.map(|(id, _)| id)).collect();
    let walked: BTreeSet<(&str, usize)> = ids.iter().filter_map(|id| number(id)).collect();
    let counted = TABLES.iter().flat_map(|(table, rows)| (1..=*rows).map(|row| (*table, row)));
    let counted: BTreeSet<(&str, usize)> = counted.collect();
    let missing: Vec<_> = counted.difference(&walked).collect();
    let unknown: Vec<_> = walked.difference(&counted).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing {missing:?}, unknown {unknown:?}");
    let once: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(once.len(), ids.len(), "a number is used twice");
    let beside = ids.iter().filter(|id| number(id).is_none()).count();
    println!(
        "{} rows of the contract and {beside} beside them in {} walks, each page in two languages",
        counted.len(),
        ids.len()
    );
    println!("{} kinds of repetition, {} codes", REPETITIONS.len(), CODES.len());
}

#[test]
fn every_contract_code_is_met_at_each_of_its_endpoints() {
    let met: Vec<Met> = all().iter().map(|row| row.met).chain(failures::met()).collect();
    let mut missing = Vec::new();
    for (code, endpoints, status_code) in CODES {
        let endpoints = match endpoints {
            ["tracked"] => TRACKED.to_vec(),
            ["all"] => [TRACKED.as_slice(), UNTRACKED.as_slice()].concat(),
            some => some.to_vec(),
        };
        for endpoint in endpoints {
            let here = |met: &Met| (met.0, met.2, met.3) == (endpoint, status_code, code);
            if !met.iter().any(here) {
                missing.push((code, endpoint, status_code));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

/// Walks every row, and sees its page in both languages.
async fn walk(rows: Vec<Row>) {
    let rows: BTreeMap<&str, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    let rows = &rows;
    let both = |(id, row): (&&'static str, &Row)| {
        let spanish = (!row.is_shown_again()).then_some((*id, Language::Spanish));
        [Some((*id, Language::English)), spanish].into_iter().flatten()
    };
    let ids: Vec<_> = rows.iter().flat_map(both).collect();
    // A few at once: some wait for NRG to be asked again.
    let wrong: Vec<String> = stream::iter(ids)
        .map(async |(id, language)| {
            let wrong = check(&rows[id], language, Pace::Prompt).await;
            wrong.into_iter().map(|what| format!("{id} {language:?}: {what}")).collect::<Vec<_>>()
        })
        .buffer_unordered(4)
        .concat()
        .await;
    assert!(wrong.is_empty(), "{} things\n{}", wrong.len(), wrong.join("\n"));
}

/// Every row once more, with an answer that comes later than the request waits. A submission has a page of its own that
/// waits, and holds appear on the confirmation.
#[tokio::test]
async fn every_contract_row_is_reached_through_a_waiting_page() {
    let mut rows = all();
    rows.retain(|row| !["enroll", "holds"].contains(&row.met.0));
    let wrong: Vec<String> = stream::iter(&rows)
        .map(async |row| {
            // One that does not get as far says so among the others.
            let walked = AssertUnwindSafe(check(row, Language::English, Pace::Slow)).catch_unwind().await;
            let wrong = walked.unwrap_or_else(|_| vec!["panicked".to_owned()]);
            wrong.into_iter().map(|what| format!("{}: {what}", row.id)).collect::<Vec<_>>()
        })
        .buffer_unordered(8)
        .concat()
        .await;
    assert!(wrong.is_empty(), "{} things\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn http_status_contract_rows_hold() {
    walk(before::statuses()).await;
}

#[tokio::test]
async fn token_and_prospect_contract_rows_hold() {
    walk(before::numbers()).await;
}

#[tokio::test]
async fn cleanup_address_contract_rows_hold() {
    walk(before::addresses()).await;
}

#[tokio::test]
async fn tdsp_contract_rows_hold() {
    walk(before::utilities()).await;
}

#[tokio::test]
async fn esid_contract_rows_hold() {
    walk(before::meters()).await;
}

#[tokio::test]
async fn offers_contract_rows_hold() {
    walk(before::plans()).await;
}

#[tokio::test]
async fn identity_contract_rows_hold() {
    walk(person::identity()).await;
}

#[tokio::test]
async fn kba_contract_rows_hold() {
    walk(person::quiz()).await;
}

#[tokio::test]
async fn match_and_document_contract_rows_hold() {
    walk(person::branches()).await;
}

#[tokio::test]
async fn available_dates_contract_rows_hold() {
    walk(after::dates()).await;
}

#[tokio::test]
async fn credit_contract_rows_hold() {
    walk(after::credit()).await;
}

#[tokio::test]
async fn enroll_contract_rows_hold() {
    walk(after::enroll()).await;
}

#[tokio::test]
async fn holds_contract_rows_hold() {
    walk(after::holds()).await;
}

#[tokio::test]
async fn switch_hold_and_deposit_contract_rows_hold() {
    walk(after::branches()).await;
}
