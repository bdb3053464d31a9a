//! Answers about the person: contract 5.11 to 5.14, 8.1 to 8.4.

use serde_json::json;

use super::{
    before::technical,
    row::{At, Row, Ways, row},
};
use crate::support::fault_proxy::json as answer;

const HOLD_ALLOWED: &[(&str, &str)] = &[("ENROLL__AFFILIATE__ALLOW_IDENTITY_HOLD", "true")];
const NO_QUIZ: &[(&str, &str)] = &[("ENROLL__AFFILIATE__QUIZ", "false")];
const NO_QUIZ_BUT_HOLD: &[(&str, &str)] =
    &[("ENROLL__AFFILIATE__QUIZ", "false"), ("ENROLL__AFFILIATE__ALLOW_IDENTITY_HOLD", "true")];
const NO_ID_ALLOWED: &[(&str, &str)] = &[("ENROLL__AFFILIATE__ALLOW_NO_ID", "true")];

/// 5.11 `identity`.
pub fn identity() -> Vec<Row> {
    let met = |status, code| ("identity", 200, status, code);
    let refused = |code| ("identity", 400, "01", code);
    vec![
        row("5.11-1", At::Identity, met("00", ""))
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("available-dates")
            .keeps("record 0; Verified; dates"),
        row("5.11-x opaque id", At::Review, ("enroll", 200, "00", ""))
            .last("Opaqueid")
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .then("holds")
            .keeps("record 0; Verified; dates; deposit 0; enrolled"),
        row("5.11-1 undecided", At::Identity, met("00", ""))
            .last("Undecided")
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("available-dates")
            .keeps("record 0; Verified, undecided; dates; advice UndecidedMatch"),
        row("5.11-2", At::Identity, met("02", "POSID_FAIL"))
            .last("Posidfail")
            .leads("/identity", 200, |t| &t.identity.not_verified_title)
            .words(|t| &t.identity.not_verified)
            .keeps("record 0; NotVerified"),
        row("5.11-2 attempts", At::Identity, met("02", "POSID_FAIL"))
            .last("Posidfail")
            .leads("/identity", 200, |t| &t.identity.not_verified_title)
            .words(|t| &t.identity.attempts_left)
            .keeps("record 0; NotVerified"),
        row("5.11-3", At::Identity, met("01", "POSID_FAIL_MAX"))
            .last("Failmax")
            .leads("/stop", 200, |t| &t.stop.attempts_used_up.title)
            .keeps("record 0; ended AttemptsUsedUp"),
        row("5.11-4", At::Identity, met("00", "POSIDHOLD"))
            .last("Hold")
            .leads("/quiz", 200, |t| &t.quiz.title)
            .then("kba-oe")
            .keeps("record 0; Held, quiz asked; advice Other"),
        row("5.11-4 no quiz", At::Identity, met("00", "POSIDHOLD"))
            .last("Hold")
            .env(NO_QUIZ)
            .leads("/stop", 200, |t| &t.stop.identity_hold.title)
            .keeps("record 0; Held; advice Other"),
        row("5.11-4 allowed", At::Identity, met("00", "POSIDHOLD"))
            .last("Hold")
            .env(NO_QUIZ_BUT_HOLD)
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("available-dates")
            .keeps("record 0; Held; dates; advice Other"),
        row("5.11-4 end", At::Review, met("00", "POSIDHOLD"))
            .last("Hold")
            .env(NO_QUIZ_BUT_HOLD)
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.confirmation.first_identity)
            .then("available-dates check-credit enroll holds")
            .keeps("record 0; Held; dates; deposit 0; advice Other; enrolled"),
        row("5.11-5a", At::Identity, met("02", "POSID_PASTDUE"))
            .last("Holdpastdue")
            .leads("/ask", 200, |t| &t.ask.past_balance_title)
            .keeps("record 0; Held, past balance"),
        row("5.11-5b", At::Identity, met("02", "POSID_PASTSERVICE"))
            .last("Holdpastservice")
            .leads("/ask", 200, |t| &t.ask.past_service_title)
            .keeps("record 0; Held, past service"),
        row("5.11-6", At::Identity, met("02", "PAST_BALANCE"))
            .last("Pastbalance")
            .leads("/ask", 200, |t| &t.ask.past_balance_title)
            .words(|t| &t.ask.past_balance_amount)
            .keeps("record 0; Verified, past balance"),
        row("5.11-7", At::Identity, met("02", "PAST_SERVICE_HISTORY"))
            .last("Pastservice")
            .leads("/ask", 200, |t| &t.ask.past_service_title)
            .keeps("record 0; Verified, past service"),
        row("5.11-8", At::Identity, met("01", "CURRENT_CUSTOMER"))
            .last("Current")
            .leads("/stop", 200, |t| &t.stop.current_customer.title)
            .keeps("record 0; ended CurrentCustomer"),
        row("5.11-9a", At::Identity, met("01", "BP_RESTRICTION"))
            .last("Restricted")
            .leads("/stop", 200, |t| &t.stop.restricted.title)
            .keeps("record 0; ended Restricted"),
        row("5.11-9b", At::Identity, met("01", "POSIDHOLD"))
            .last("Holdrestricted")
            .leads("/stop", 200, |t| &t.stop.restricted.title)
            .keeps("record 0; ended Restricted"),
        row("5.11-10", At::Identity, met("01", "NO_PROSPECT_MATCH_FOUND"))
            .plainly()
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.prospect_unknown)
            .keeps("repair ProspectUnknown"),
        row("5.11-11", At::Identity, met("01", "TOKEN_SERVER_DOWN"))
            .last("Tokendown")
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.token_unusable)
            .keeps("repair TokenUnusable"),
        row("5.11-12", At::Identity, met("01", ""))
            .plainly()
            .leads("/stop", 200, |t| &t.stop.other.title)
            .keeps("ended Other"),
        row("5.11-13", At::Identity, refused("BAD_REQUEST"))
            .plainly()
            .leads("/identity", 502, |t| &t.error.sorry_title),
        row("5.11-14", At::Identity, refused("INVALID_DOB"))
            .last("Invaliddob")
            .says("identity", answer(400, &json!({
                "resultCode": "1", "resultDescription": super::row::INTERNAL, "errorCode": "", "messageCode": "INVALID_DOB",
                "statusCode": "01"
            })))
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.birth_date_refused)
            .keeps("repair BirthDate"),
        row("5.11-15", At::Identity, refused("NO_MATCH_FOUND"))
            .plainly()
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.record_unknown)
            .keeps("repair RecordUnknown"),
        row("5.11-16", At::Identity, refused("ENROLLMENT_ALREADY_REQUESTED"))
            .plainly()
            .leads("/stop", 200, |t| &t.stop.already_submitted.title)
            .keeps("ended AlreadySubmitted"),
        row("5.11-17a", At::Identity, ("identity", 500, "01", "TECHNICAL_ERROR"))
            .says("identity", technical())
            .leads("/identity", 503, |t| &t.error.busy_title),
        row("5.11-17b", At::Identity, ("identity", 500, "01", "INTERNAL_SERVER_ERROR"))
            .last("Notstored")
            .leads("/identity", 503, |t| &t.error.busy_title),
        row("5.11-17c", At::Identity, ("identity", 500, "01", "TOKEN_SERVER_DOWN"))
            .last("Tokenbroken")
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.token_unusable)
            .keeps("repair TokenUnusable"),
        row("5.11-x1", At::Identity, met("00", "NEW_CODE"))
            .changed(json!({"messageCode": "NEW_CODE"}))
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("available-dates")
            .keeps("record 0; Verified; dates"),
        row("5.11-x2", At::Identity, met("02", "NEW_CODE"))
            .changed(json!({"statusCode": "02", "messageCode": "NEW_CODE"}))
            .leads("/ask", 200, |t| &t.ask.other_title)
            .keeps("record 0; Verified, question"),
        row("5.11-x3", At::Identity, met("01", "NEW_CODE"))
            .last("Oddcode")
            .changed(json!({"messageCode": "NEW_CODE"}))
            .leads("/stop", 200, |t| &t.stop.other.title)
            .keeps("record 0; ended Other"),
        row("5.11-x4", At::Identity, met("00", ""))
            .changed(json!({"trackingId": null, "guid": null}))
            .leads("/identity", 502, |t| &t.error.sorry_title),
        row("5.11-x5", At::Identity, met("", ""))
            .last("Nostatus")
            .leads("/identity", 502, |t| &t.error.sorry_title),
        row("5.11-x6", At::Identity, met("07", ""))
            .last("Oddstatus")
            .leads("/identity", 502, |t| &t.error.sorry_title),
    ]
}

/// 5.12 `kba-oe`, 5.14 `kba-result`.
pub fn quiz() -> Vec<Row> {
    let wrong = Ways { wrong_answers: true, ..Ways::default() };
    let asked = |http, status, code| ("kba-oe", http, status, code);
    let result = |http, status, code| ("kba-result", http, status, code);
    vec![
        row("5.12-1", At::Identity, asked(200, "00", ""))
            .last("Kba")
            .leads("/quiz", 200, |t| &t.quiz.title)
            .keeps("record 0; NotVerified, quiz asked"),
        row("5.12-2", At::Identity, asked(200, "00", "POSIDHOLD"))
            .last("Kbanone")
            .leads("/identity", 200, |t| &t.identity.not_verified_title)
            .words(|t| &t.identity.not_verified)
            .keeps("record 0; NotVerified, no quiz; advice Other"),
        row("5.12-2 held", At::Identity, asked(200, "00", "POSIDHOLD"))
            .last("Hold")
            .plainly()
            .leads("/stop", 200, |t| &t.stop.identity_hold.title)
            .keeps("record 0; Held, no quiz; advice Other"),
        row("5.12-3", At::Identity, asked(200, "00", "POSIDHOLD"))
            .last("Kbadown")
            .leads("/identity", 200, |t| &t.identity.not_verified_title)
            .words(|t| &t.identity.not_verified)
            .keeps("record 0; NotVerified, no quiz; advice Other"),
        row("5.12-4", At::Identity, asked(400, "01", "BAD_REQUEST"))
            .last("Kba")
            .plainly()
            .leads("/identity", 200, |t| &t.identity.not_verified_title)
            .words(|t| &t.identity.not_verified)
            .keeps("record 0; NotVerified, no quiz"),
        row("5.12-5", At::Identity, asked(400, "01", "NO_MATCH_FOUND"))
            .last("Kba")
            .plainly()
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.record_unknown)
            .keeps("repair RecordUnknown"),
        row("5.12-6", At::Identity, asked(400, "01", "ENROLLMENT_ALREADY_REQUESTED"))
            .last("Kba")
            .plainly()
            .leads("/stop", 200, |t| &t.stop.already_submitted.title)
            .keeps("record 0; NotVerified; ended AlreadySubmitted"),
        row("5.12-x", At::Identity, asked(200, "00", ""))
            .last("Kba")
            .changed(json!({"transactionKey": null}))
            .leads("/quiz", 502, |t| &t.error.sorry_title)
            .keeps("record 0; NotVerified"),
        row("5.14-1", At::Quiz, result(200, "00", ""))
            .last("Kba")
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("available-dates")
            .keeps("record 0; NotVerified, quiz passed; dates"),
        row("5.14-1 end", At::Review, result(200, "00", ""))
            .last("Kba")
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.confirmation.next_start_move_in)
            .then("available-dates check-credit enroll holds")
            .keeps("record 0; NotVerified, quiz passed; dates; deposit 0; enrolled"),
        row("5.14-2 end", At::Review, result(200, "00", "POSIDHOLD"))
            .last("Kbahold")
            .ways(wrong)
            .env(HOLD_ALLOWED)
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.confirmation.next_asked_move_in)
            .then("available-dates check-credit enroll holds")
            .keeps("record 0; Held, quiz failed; dates; deposit 0; advice Other; enrolled"),
        row("5.14-2", At::Quiz, result(200, "00", "POSIDHOLD"))
            .last("Kba")
            .ways(wrong)
            .leads("/stop", 200, |t| &t.stop.quiz_failed.title)
            .keeps("record 0; Held, quiz failed; advice Other; ended QuizFailed"),
        row("5.14-2 allowed", At::Quiz, result(200, "00", "POSIDHOLD"))
            .last("Kbahold")
            .ways(wrong)
            .env(HOLD_ALLOWED)
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("available-dates")
            .keeps("record 0; Held, quiz failed; dates; advice Other"),
        row("5.14-3", At::Quiz, result(400, "01", "RETRY_NOT_ALLOWED"))
            .last("Kba")
            .plainly()
            .leads("/quiz", 200, |t| &t.quiz.title)
            .words(|t| &t.quiz.new_questions)
            .then("kba-oe")
            .keeps("record 0; NotVerified, quiz asked; repair NewQuestions"),
        row("5.14-4a", At::Quiz, result(400, "01", "NO_MATCH_FOUND"))
            .last("Kba")
            .plainly()
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.record_unknown)
            .keeps("repair RecordUnknown"),
        row("5.14-4b", At::Quiz, result(400, "01", "ENROLLMENT_ALREADY_REQUESTED"))
            .last("Kba")
            .plainly()
            .leads("/stop", 200, |t| &t.stop.already_submitted.title)
            .keeps("record 0; NotVerified, quiz asked; ended AlreadySubmitted"),
        row("5.14-5", At::Quiz, result(200, "01", "1"))
            .last("Kbaerror")
            .leads("/quiz", 503, |t| &t.error.busy_title)
            .keeps("record 0; NotVerified, quiz asked"),
        row("5.14-x1", At::Quiz, result(200, "00", ""))
            .last("Kba")
            .changed(
                json!({"decision": "Y", "ssnVerifyDate": "0000-00-00", "drivingLicenceVerifyDate": null}),
            )
            .leads("/stop", 200, |t| &t.stop.quiz_failed.title)
            .keeps("record 0; Held, quiz failed; ended QuizFailed"),
        row("5.14-x2", At::Quiz, result(200, "02", "NEW_CODE"))
            .last("Kba")
            .plainly()
            .leads("/stop", 200, |t| &t.stop.other.title)
            .keeps("record 0; NotVerified, quiz asked; ended Other"),
    ]
}

/// 8.2 to 8.4: what becomes of a question, and of a person without a number.
pub fn branches() -> Vec<Row> {
    let no = Ways { choice: Some("no"), ..Ways::default() };
    let no_number = Ways { no_number: true, ..Ways::default() };
    let past = ("identity", 200, "02", "PAST_SERVICE_HISTORY");
    vec![
        row("8.2-1", At::Review, ("identity", 200, "00", ""))
            .last("Exact")
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .then("available-dates check-credit enroll holds")
            .keeps("record 0; Verified; dates; deposit 0; enrolled"),
        row("8.2-2", At::Review, ("identity", 200, "00", ""))
            .last("Undecided")
            .leads("/confirmation", 200, |t| &t.confirmation.accepted_title)
            .words(|t| &t.advice.undecided_match_title)
            .then("available-dates check-credit enroll")
            .keeps("record 0; Verified, undecided; dates; deposit 0; advice UndecidedMatch; accepted"),
        row("8.2-3 yes", At::Review, past)
            .last("Pastservice")
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .then("available-dates check-credit enroll holds")
            .keeps("record 0; Verified, past service; dates; deposit 0; enrolled"),
        row("8.2-3 no", At::Review, past)
            .last("Pastservice")
            .ways(no)
            .leads("/confirmation", 200, |t| &t.confirmation.accepted_title)
            .then("available-dates check-credit enroll")
            .keeps("record 0; Verified, past service; dates; deposit 0; accepted"),
        row("8.2-4", At::Review, ("identity", 200, "02", "PAST_BALANCE"))
            .last("Pastbalance")
            .leads("/confirmation", 200, |t| &t.confirmation.accepted_title)
            .then("available-dates check-credit enroll")
            .keeps("record 0; Verified, past balance; dates; deposit 0; accepted"),
        row("8.2-5", At::Identity, ("identity", 200, "01", "CURRENT_CUSTOMER"))
            .last("Current")
            .leads("/stop", 200, |t| &t.stop.current_customer.title)
            .keeps("record 0; ended CurrentCustomer"),
        row("8.2-6", At::Identity, ("identity", 200, "01", "BP_RESTRICTION"))
            .last("Restricted")
            .leads("/stop", 200, |t| &t.stop.restricted.title)
            .keeps("record 0; ended Restricted"),
        row("8.3-1", At::Quiz, ("kba-result", 200, "00", ""))
            .last("Hold")
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("available-dates")
            .keeps("record 0; Held, quiz passed; dates"),
        row("8.3-2", At::PriorAccount, ("identity", 200, "02", "POSID_PASTSERVICE"))
            .last("Holdpastservice")
            .leads("/quiz", 200, |t| &t.quiz.title)
            .then("kba-oe")
            .keeps("record 0; Held, past service, quiz asked"),
        row("8.4-1", At::Identity, ("cleanup-address", 200, "00", "COMPLETE_MATCH")).ways(no_number).leads(
            "/stop",
            200,
            |t| &t.stop.no_id.title,
        ),
        row("8.4-2", At::Identity, ("identity", 200, "00", "POSIDHOLD"))
            .ways(no_number)
            .env(NO_ID_ALLOWED)
            .leads("/quiz", 200, |t| &t.quiz.title)
            .then("kba-oe")
            .keeps("record 0; Held, quiz asked; advice Other"),
    ]
}
