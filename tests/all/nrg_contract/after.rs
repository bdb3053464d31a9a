//! Answers about dates, credit, submission and holds: contract 5.15 to 5.20, 8.5, 8.6.

use serde_json::{Value, json};

use super::{
    before::technical,
    row::{At, INTERNAL, Row, Ways, row},
};
use crate::support::fault_proxy::{Reply, html, json as answer};

/// What leads to another inquiry at a bureau.
const INQUIRES: &str = "a[href^='/start-date'], a[href^='/deposit'], form[action='/start-date'], form[action='/deposit'], \
                        form[action='/stop']";

/// 5.15 `available-dates`.
pub fn dates() -> Vec<Row> {
    let met = |status, code| ("available-dates", 200, status, code);
    let refused = |code| ("available-dates", 400, "01", code);
    vec![
        row("5.15-1", At::Identity, met("00", ""))
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .keeps("record 0; Verified; dates"),
        row("5.15-2", At::Identity, met("00", "NOTIFY_SWITCH_HOLD"))
            .street("600 Example Oak Ln")
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .words(|t| &t.advice.switch_hold_notify_title)
            .keeps("record 0; Verified; dates; advice SwitchHoldNotify"),
        row("5.15-3a", At::Identity, met("00", "NESID"))
            .street("700 Example Oak Ln")
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .words(|t| &t.advice.no_meter_found_title)
            .keeps("no meter; record 0; Verified; dates; advice NoMeterFound"),
        row("5.15-3b", At::Identity, met("00", "MESID"))
            .changed(json!({"messageCode": "MESID", "esid": ""}))
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .words(|t| &t.advice.several_meters_found_title)
            .keeps("record 0; Verified; dates; advice SeveralMetersFound"),
        row("5.15-2 papers", At::Identity, met("00", "NOTIFY_SWITCH_HOLD"))
            .street("600 Example Oak Ln")
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .words(|t| &t.advice.switch_hold_notify)
            .keeps("record 0; Verified; dates; advice SwitchHoldNotify"),
        row("5.15-3a end", At::Review, met("00", "NESID"))
            .street("700 Example Oak Ln")
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.confirmation.first_meter)
            .then("check-credit enroll holds")
            .keeps("no meter; record 0; Verified; dates; deposit 0; advice NoMeterFound; enrolled"),
        row("5.15-3b end", At::Review, met("00", "MESID"))
            .changed(json!({"messageCode": "MESID", "esid": ""}))
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.confirmation.next_asked_move_in)
            .then("check-credit enroll holds")
            .keeps("record 0; Verified; dates; deposit 0; advice SeveralMetersFound; enrolled"),
        row("5.15-4a", At::Identity, met("01", "NESID"))
            .street("710 Example Oak Ln")
            .leads("/stop", 200, |t| &t.stop.no_meter.title)
            .keeps("no meter; record 0; Verified; no dates NoMeter; advice NoMeterFound"),
        row("5.15-4b", At::Identity, met("01", "MESID"))
            .changed(json!({"statusCode": "01", "messageCode": "MESID", "availableDates": null}))
            .leads("/stop", 200, |t| &t.stop.no_meter.title)
            .keeps("record 0; Verified; no dates NoMeter"),
        row("5.15-5", At::Identity, met("01", "SWITCH_HOLD"))
            .switch()
            .changed(json!({"statusCode": "01", "messageCode": "SWITCH_HOLD", "availableDates": null}))
            .leads("/stop", 200, |t| &t.stop.switch_hold.title)
            .keeps("record 0; Verified; no dates SwitchHold"),
        row("5.15-6", At::Identity, met("01", "ESID_ACTIVE"))
            .switch()
            .changed(json!({"statusCode": "01", "messageCode": "ESID_ACTIVE", "availableDates": null}))
            .leads("/stop", 200, |t| &t.stop.own_customer.title)
            .keeps("record 0; Verified; no dates OwnCustomer"),
        row("5.15-7", At::Identity, met("01", "BUSINESS_METER"))
            .changed(json!({"statusCode": "01", "messageCode": "BUSINESS_METER", "availableDates": null}))
            .leads("/stop", 200, |t| &t.stop.business_meter.title)
            .keeps("record 0; Verified; no dates BusinessMeter"),
        row("5.15-8", At::Identity, met("01", "TDSP_MISMATCH"))
            .street("800 Example Oak Ln")
            .leads("/plans", 200, |t| &t.plans.title)
            .words(|t| &t.plans.other_utility)
            .then("offers")
            .keeps("repair OtherUtility"),
        row("5.15-9", At::Identity, met("01", "AREA_NOT_SERVICED"))
            .street("820 Example Oak Ln")
            .leads("/stop", 200, |t| &t.stop.area_not_served.title)
            .keeps("record 0; Verified; no dates AreaNotServed"),
        row("5.15-10", At::Identity, met("00", ""))
            .street("830 Example Oak Ln")
            .leads("/start-date", 502, |t| &t.error.sorry_title)
            .keeps("record 0; Verified"),
        row("5.15-11a", At::Identity, refused("NO_MATCH_FOUND"))
            .plainly()
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.record_unknown)
            .keeps("repair RecordUnknown"),
        row("5.15-11b", At::Identity, refused("ENROLLMENT_ALREADY_REQUESTED"))
            .plainly()
            .leads("/stop", 200, |t| &t.stop.already_submitted.title)
            .keeps("record 0; Verified; ended AlreadySubmitted"),
        row("5.15-x1", At::Identity, met("00", "NEW_CODE"))
            .changed(json!({"messageCode": "NEW_CODE", "messageText": "(advice)"}))
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .words(|t| &t.advice.other_title)
            .keeps("record 0; Verified; dates; advice Other"),
        row("5.15-x2", At::Identity, met("01", "NEW_CODE"))
            .plainly()
            .leads("/stop", 200, |t| &t.stop.other.title)
            .keeps("record 0; Verified; ended Other"),
        row("5.15-x3", At::Identity, met("02", "NEW_CODE"))
            .plainly()
            .leads("/stop", 200, |t| &t.stop.other.title)
            .keeps("record 0; Verified; ended Other"),
    ]
}

/// 5.16 `check-credit`, 5.17 `recheck-credit`: the same answers.
pub fn credit() -> Vec<Row> {
    let recheck = |ssn| Ways { recheck: Some(ssn), ..Ways::default() };
    let met = |http, status, code| ("check-credit", http, status, code);
    let met_again = |http, status, code| ("recheck-credit", http, status, code);
    let again = |id, met| row(id, At::Deposit, met).ssn("900-45-0200");
    vec![
        row("5.16-1 none", At::StartDate, met(200, "00", ""))
            .leads("/review", 200, |t| &t.review.title)
            .keeps("record 0; Verified; dates; deposit 0"),
        row("5.16-1 owed", At::StartDate, met(200, "00", ""))
            .ssn("900-45-0350")
            .leads("/deposit", 200, |t| &t.deposit.title)
            .words(|t| &t.deposit.reasons)
            .keeps("record 0; Verified; dates; deposit 350"),
        row("5.16-1 ways out", At::StartDate, met(200, "00", ""))
            .ssn("900-45-0350")
            .leads("/deposit", 200, |t| &t.deposit.title)
            .words(|t| &t.deposit.way_military)
            .keeps("record 0; Verified; dates; deposit 350"),
        row("5.16-1 guarantor", At::StartDate, met(200, "00", ""))
            .ssn("900-45-0350")
            .brand("GM")
            .leads("/deposit", 200, |t| &t.deposit.title)
            .words(|t| &t.deposit.way_guarantee)
            .keeps("record 0; Verified; dates; deposit 350"),
        row("5.16-1 letter of credit", At::StartDate, met(200, "00", ""))
            .ssn("900-45-0350")
            .env(&[("ENROLL__BRANDS__RE__DEPOSIT__WAYS_OUT", "letter_of_credit")])
            .leads("/deposit", 200, |t| &t.deposit.title)
            .words(|t| &t.deposit.way_letter_of_credit)
            .keeps("record 0; Verified; dates; deposit 350"),
        row("5.16-1 papers", At::Deposit, met(200, "00", ""))
            .ssn("900-45-0350")
            .ways(Ways { papers: true, ..Ways::default() })
            .leads("/deposit", 200, |t| &t.deposit.title)
            .words(|t| &t.deposit.papers_call)
            .keeps("record 0; Verified; dates; deposit 350"),
        row("5.16-1 accepted", At::Deposit, met(200, "00", ""))
            .ssn("900-45-0350")
            .leads("/review", 200, |t| &t.review.title)
            .words(|t| &t.deposit.waits)
            .keeps("record 0; Verified; dates; deposit 350"),
        row("5.16-1 unknown", At::StartDate, met(200, "00", ""))
            .ssn("900-45-0003")
            .leads("/stop", 200, |t| &t.stop.deposit_unknown.title)
            .lacks(INQUIRES)
            .keeps("record 0; Verified; dates; ended DepositUnknown"),
        row("5.16-x1", At::StartDate, met(200, "00", ""))
            .ssn("900-45-0009")
            .leads("/stop", 200, |t| &t.stop.deposit_unknown.title)
            .lacks(INQUIRES)
            .keeps("record 0; Verified; dates; ended DepositUnknown"),
        row("5.16-x2 cents", At::StartDate, met(200, "00", ""))
            .ssn("900-45-0213")
            .leads("/deposit", 200, |t| &t.deposit.title)
            .shows("$213.45")
            .keeps("record 0; Verified; dates; deposit 213.45"),
        row("5.16-x2 sign", At::StartDate, met(200, "00", ""))
            .ssn("900-45-0201")
            .leads("/deposit", 200, |t| &t.deposit.title)
            .shows("$200")
            .keeps("record 0; Verified; dates; deposit 200"),
        row("5.16-x2 comma", At::StartDate, met(200, "00", ""))
            .ssn("900-45-1200")
            .leads("/deposit", 200, |t| &t.deposit.title)
            .shows("$1,200")
            .keeps("record 0; Verified; dates; deposit 1200"),
        row("5.16-x3 cents", At::Deposit, met(200, "00", ""))
            .ssn("900-45-0213")
            .leads("/review", 200, |t| &t.review.title)
            .shows("$213.45")
            .keeps("record 0; Verified; dates; deposit 213.45"),
        row("5.16-x3 sign", At::Deposit, met(200, "00", ""))
            .ssn("900-45-0201")
            .leads("/review", 200, |t| &t.review.title)
            .shows("$200")
            .keeps("record 0; Verified; dates; deposit 200"),
        row("5.16-x3 comma", At::Deposit, met(200, "00", ""))
            .ssn("900-45-1200")
            .leads("/review", 200, |t| &t.review.title)
            .shows("$1,200")
            .keeps("record 0; Verified; dates; deposit 1200"),
        row("5.16-2", At::StartDate, met(200, "01", "CREDIT_FREEZE"))
            .ssn("900-45-0001")
            .leads("/stop", 200, |t| &t.stop.credit_freeze.title)
            .keeps("record 0; Verified; dates; no credit CreditFreeze"),
        row("5.16-3", At::StartDate, met(200, "01", "CREDIT_FRAUD"))
            .ssn("900-45-0002")
            .leads("/stop", 200, |t| &t.stop.credit_fraud.title)
            .keeps("record 0; Verified; dates; ended CreditFraud"),
        row("5.16-4", At::StartDate, met(400, "01", "BAD_REQUEST"))
            .plainly()
            .leads("/start-date", 502, |t| &t.error.sorry_title)
            .words(|t| &t.error.credit_again)
            .keeps("record 0; Verified; dates"),
        row("5.16-5a", At::StartDate, met(400, "01", "NO_MATCH_FOUND"))
            .plainly()
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.record_unknown)
            .keeps("repair RecordUnknown"),
        row("5.16-5b", At::StartDate, met(400, "01", "ENROLLMENT_ALREADY_REQUESTED"))
            .plainly()
            .leads("/stop", 200, |t| &t.stop.already_submitted.title)
            .keeps("record 0; Verified; dates; ended AlreadySubmitted"),
        row("5.16-6", At::StartDate, met(500, "01", "TECHNICAL_ERROR"))
            .ssn("900-45-0004")
            .leads("/start-date", 503, |t| &t.error.busy_title)
            .words(|t| &t.error.credit_again)
            .keeps("record 0; Verified; dates"),
        row("5.16-x", At::StartDate, met(200, "02", "NEW_CODE"))
            .plainly()
            .leads("/stop", 200, |t| &t.stop.other.title)
            .keeps("record 0; Verified; dates; ended Other"),
        again("5.17-1 none", met_again(200, "00", ""))
            .ways(recheck("900-45-6789"))
            .leads("/review", 200, |t| &t.review.title)
            .keeps("record 0; Verified; dates; deposit 0"),
        again("5.17-1 owed", met_again(200, "00", ""))
            .ways(recheck("900-45-0350"))
            .leads("/deposit", 200, |t| &t.deposit.title)
            .keeps("record 0; Verified; dates; deposit 350"),
        again("5.17-1 unknown", met_again(200, "00", ""))
            .ways(recheck("900-45-0003"))
            .leads("/stop", 200, |t| &t.stop.deposit_unknown.title)
            .lacks(INQUIRES)
            .keeps("record 0; Verified; dates; deposit 200; ended DepositUnknown"),
        again("5.17-x", met_again(200, "00", ""))
            .ways(recheck("900-45-0213"))
            .leads("/deposit", 200, |t| &t.deposit.title)
            .shows("$213.45")
            .keeps("record 0; Verified; dates; deposit 213.45"),
        again("5.17-2", met_again(200, "01", "CREDIT_FREEZE"))
            .ways(recheck("900-45-0001"))
            .leads("/stop", 200, |t| &t.stop.credit_freeze.title)
            .keeps("record 0; Verified; dates; no credit CreditFreeze"),
        again("5.17-3", met_again(200, "01", "CREDIT_FRAUD"))
            .ways(recheck("900-45-0002"))
            .leads("/stop", 200, |t| &t.stop.credit_fraud.title)
            .keeps("record 0; Verified; dates; deposit 200; ended CreditFraud"),
        again("5.17-4", met_again(400, "01", "BAD_REQUEST"))
            .ways(recheck("900-45-6789"))
            .plainly()
            .leads("/deposit", 502, |t| &t.error.sorry_title)
            .words(|t| &t.error.credit_again)
            .keeps("record 0; Verified; dates; deposit 200"),
        again("5.17-5a", met_again(400, "01", "NO_MATCH_FOUND"))
            .ways(recheck("900-45-6789"))
            .plainly()
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.record_unknown)
            .keeps("repair RecordUnknown"),
        again("5.17-5b", met_again(400, "01", "ENROLLMENT_ALREADY_REQUESTED"))
            .ways(recheck("900-45-6789"))
            .plainly()
            .leads("/stop", 200, |t| &t.stop.already_submitted.title)
            .keeps("record 0; Verified; dates; deposit 200; ended AlreadySubmitted"),
        again("5.17-6", met_again(500, "01", "TECHNICAL_ERROR"))
            .ways(recheck("900-45-0004"))
            .leads("/deposit", 503, |t| &t.error.busy_title)
            .words(|t| &t.error.credit_again)
            .keeps("record 0; Verified; dates; deposit 200"),
    ]
}

const CONFIRMS: &[(&str, &str)] = &[("ENROLL__BRANDS__RE__CONFIRMATION_EMAIL", "true")];

/// 5.19 `enroll`.
pub fn enroll() -> Vec<Row> {
    let met = |http, status, code| ("enroll", http, status, code);
    let submitted = |id, first, met| row(id, At::Review, met).first(first);
    let shape_b = json!({
        "resultCode": "1", "resultDescription": INTERNAL, "resultDisplayText": "", "errorCode": "", "errorDescription": "",
        "messageCode": "", "messageText": "", "statusCode": "01"
    });
    vec![
        row("5.19-1", At::Review, met(200, "00", ""))
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.confirmation.next_start_move_in)
            .then("holds")
            .keeps("record 0; Verified; dates; deposit 0; enrolled"),
        row("5.19-1 switch", At::Review, met(200, "00", ""))
            .switch()
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.confirmation.next_start_switch)
            .then("holds")
            .keeps("record 0; Verified; dates; deposit 0; enrolled"),
        row("5.19-1 not canceled", At::Review, met(200, "00", ""))
            .switch()
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.confirmation.next_no_cancel)
            .then("holds")
            .keeps("record 0; Verified; dates; deposit 0; enrolled"),
        row("5.19-1 e-mail", At::Review, met(200, "00", ""))
            .env(CONFIRMS)
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.confirmation.next_email)
            .then("holds")
            .keeps("record 0; Verified; dates; deposit 0; enrolled"),
        submitted("5.19-2 e-mail", "Blank", met(200, "00", ""))
            .env(CONFIRMS)
            .leads("/confirmation", 200, |t| &t.confirmation.accepted_title)
            .words(|t| &t.confirmation.accepted_lead)
            .keeps("record 0; Verified; dates; deposit 0; accepted"),
        submitted("5.19-2 start", "Blank", met(200, "00", ""))
            .leads("/confirmation", 200, |t| &t.confirmation.accepted_title)
            .words(|t| &t.confirmation.next_asked_move_in)
            .keeps("record 0; Verified; dates; deposit 0; accepted"),
        submitted("5.19-2 switch", "Blank", met(200, "00", ""))
            .switch()
            .leads("/confirmation", 200, |t| &t.confirmation.accepted_title)
            .words(|t| &t.confirmation.next_asked_switch)
            .keeps("record 0; Verified; dates; deposit 0; accepted"),
        submitted("5.19-6 e-mail", "Already", met(400, "01", "ENROLLMENT_ALREADY_REQUESTED"))
            .env(CONFIRMS)
            .leads("/confirmation", 200, |t| &t.confirmation.duplicate_title)
            .words(|t| &t.confirmation.duplicate_lead)
            .keeps("record 0; Verified; dates; deposit 0; duplicate"),
        submitted("5.19-2 blank", "Blank", met(200, "00", ""))
            .leads("/confirmation", 200, |t| &t.confirmation.accepted_title)
            .words(|t| &t.confirmation.accepted_lead_call)
            .keeps("record 0; Verified; dates; deposit 0; accepted"),
        submitted("5.19-2 zeros", "Zeros", met(200, "00", ""))
            .leads("/confirmation", 200, |t| &t.confirmation.accepted_title)
            .words(|t| &t.confirmation.first_account)
            .keeps("record 0; Verified; dates; deposit 0; accepted"),
        submitted("5.19-3", "Existing", met(200, "01", "CURRENT_CUSTOMER"))
            .leads("/stop", 200, |t| &t.stop.refused.title)
            .keeps("record 0; Verified; refused"),
        submitted("5.19-4", "Nowhere", met(200, "01", "AREA_NOT_SERVICED"))
            .leads("/stop", 200, |t| &t.stop.refused.title)
            .keeps("record 0; Verified; refused"),
        submitted("5.19-5", "Never", met(400, "01", "ENROLLMENT_NOT_ALLOWED"))
            .leads("/stop", 200, |t| &t.stop.refused.title)
            .words(|t| &t.stop.check_again)
            .keeps("record 0; Verified; refused, open"),
        submitted("5.19-6a", "Already", met(400, "01", "ENROLLMENT_ALREADY_REQUESTED"))
            .leads("/confirmation", 200, |t| &t.confirmation.duplicate_title)
            .words(|t| &t.confirmation.duplicate_lead_call)
            .keeps("record 0; Verified; dates; deposit 0; duplicate"),
        submitted("5.19-6b", "Double", met(400, "01", "DUPLICATE_SUBMISSION"))
            .leads("/confirmation", 200, |t| &t.confirmation.duplicate_title)
            .words(|t| &t.confirmation.first_account)
            .keeps("record 0; Verified; dates; deposit 0; duplicate"),
        submitted("5.19-7", "Nomatch", met(400, "01", "NO_MATCH_FOUND"))
            .leads("/stop", 200, |t| &t.stop.refused.title)
            .keeps("record 0; Verified; refused"),
        submitted("5.19-8a", "Jordan", met(400, "01", "BAD_REQUEST"))
            .plainly()
            .leads("/stop", 200, |t| &t.stop.refused.title)
            .words(|t| &t.stop.check_again)
            .keeps("record 0; Verified; refused, open"),
        submitted("5.19-8b", "Jordan", met(400, "01", ""))
            .says("enroll", answer(400, &shape_b))
            .leads("/stop", 200, |t| &t.stop.refused.title)
            .words(|t| &t.stop.check_again)
            .keeps("record 0; Verified; refused, open"),
        submitted("5.19-9", "Technical", met(500, "01", "TECHNICAL_ERROR"))
            .leads("/processing", 200, |t| &t.processing.unknown_title)
            .keeps("record 0; Verified; dates; deposit 0; unknown"),
        submitted("5.19-x1", "Nocontent", met(204, "", ""))
            .leads("/processing", 200, |t| &t.processing.unknown_title)
            .keeps("record 0; Verified; dates; deposit 0; unknown"),
        submitted("5.19-x2", "Garbage", met(200, "", ""))
            .leads("/processing", 200, |t| &t.processing.unknown_title)
            .keeps("record 0; Verified; dates; deposit 0; unknown"),
        submitted("5.19-x3", "Jordan", met(200, "02", "NEW_CODE"))
            .plainly()
            .leads("/processing", 200, |t| &t.processing.unknown_title)
            .keeps("record 0; Verified; dates; deposit 0; unknown"),
        submitted("5.19-x4", "Jordan", met(400, "01", "NEW_CODE"))
            .plainly()
            .leads("/processing", 200, |t| &t.processing.unknown_title)
            .keeps("record 0; Verified; dates; deposit 0; unknown"),
        submitted("5.19-x5", "Jordan", met(200, "01", "NEW_CODE"))
            .plainly()
            .leads("/stop", 200, |t| &t.stop.refused.title)
            .keeps("record 0; Verified; refused"),
    ]
}

/// 5.20 `holds`, shown on the confirmation.
pub fn holds() -> Vec<Row> {
    let holds = |code: &str, list: Value| json!({"statusCode": "00", "messageCode": code, "messageText": "", "errorDescription": INTERNAL, "enrollmentHoldList": list});
    let confirmed = |id, met| row(id, At::Review, met).leads("/confirmation", 200, |t| &t.confirmation.title);
    let one = json!([{"holdType": "X", "holdTitle": "Deposit needed"}]);
    let unnamed = json!([{"holdType": "X"}]);
    let enrolled = "record 0; Verified; dates; deposit 0; enrolled";
    vec![
        confirmed("5.20-1", ("holds", 200, "00", ""))
            .says("holds", Reply::Changed(holds("", one.clone())))
            .words(|t| &t.confirmation.first_open)
            .keeps(enrolled),
        confirmed("5.20-1 start", ("holds", 200, "00", ""))
            .says("holds", Reply::Changed(holds("", one.clone())))
            .words(|t| &t.confirmation.next_asked_move_in)
            .keeps(enrolled),
        confirmed("5.20-1 listed", ("holds", 200, "00", ""))
            .first("Listed")
            .words(|t| &t.confirmation.holds_heading)
            .keeps(enrolled),
        confirmed("5.20-2", ("holds", 200, "00", "NO_HOLD_ON_ACCOUNT"))
            .says("holds", answer(200, &holds("NO_HOLD_ON_ACCOUNT", Value::Null)))
            .words(|t| &t.confirmation.holds_none)
            .keeps(enrolled),
        confirmed("5.20-3", ("holds", 200, "00", "HOLD_LOOKUP_ERROR"))
            .says("holds", answer(200, &holds("HOLD_LOOKUP_ERROR", json!([]))))
            .words(|t| &t.confirmation.holds_unknown)
            .keeps(enrolled),
        confirmed("5.20-3 null", ("holds", 200, "00", "HOLD_LOOKUP_ERROR"))
            .first("Unread")
            .words(|t| &t.confirmation.holds_unknown)
            .keeps(enrolled),
        confirmed("5.20-3 listed", ("holds", 200, "00", "HOLD_LOOKUP_ERROR"))
            .says("holds", answer(200, &holds("HOLD_LOOKUP_ERROR", unnamed)))
            .words(|t| &t.confirmation.hold_unnamed)
            .keeps(enrolled),
        confirmed("5.20-x1", ("holds", 500, "01", "TECHNICAL_ERROR"))
            .says("holds", technical())
            .says("holds", technical())
            .says("holds", technical())
            .words(|t| &t.confirmation.holds_unknown)
            .keeps(enrolled),
        confirmed("5.20-x2", ("holds", 404, "", ""))
            .says("holds", html(404))
            .words(|t| &t.confirmation.holds_unknown)
            .keeps(enrolled),
        confirmed("5.20-x3", ("holds", 200, "01", "NEW_CODE"))
            .plainly()
            .words(|t| &t.confirmation.holds_unknown)
            .keeps(enrolled),
        confirmed("5.20-x4", ("holds", 200, "00", ""))
            .says("holds", answer(200, &holds("", json!([]))))
            .words(|t| &t.confirmation.holds_unknown)
            .keeps(enrolled),
        confirmed("5.20-x5", ("holds", 200, "00", "NEW_CODE"))
            .says("holds", answer(200, &holds("NEW_CODE", Value::Null)))
            .words(|t| &t.confirmation.holds_unknown)
            .keeps(enrolled),
    ]
}

/// 8.5: a switch hold, for each kind of transaction. 8.6: a deposit with and without an account number.
pub fn branches() -> Vec<Row> {
    vec![
        row("8.5-1", At::Review, ("available-dates", 200, "00", "NOTIFY_SWITCH_HOLD"))
            .street("600 Example Oak Ln")
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.advice.switch_hold_notify_title)
            .then("check-credit enroll holds")
            .keeps("record 0; Verified; dates; deposit 0; advice SwitchHoldNotify; enrolled"),
        row("8.5-1 papers", At::Review, ("available-dates", 200, "00", "NOTIFY_SWITCH_HOLD"))
            .street("600 Example Oak Ln")
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.confirmation.first_switch_hold)
            .then("check-credit enroll holds")
            .keeps("record 0; Verified; dates; deposit 0; advice SwitchHoldNotify; enrolled"),
        row("8.5-1 start", At::Review, ("available-dates", 200, "00", "NOTIFY_SWITCH_HOLD"))
            .street("600 Example Oak Ln")
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.confirmation.next_asked_move_in)
            .then("check-credit enroll holds")
            .keeps("record 0; Verified; dates; deposit 0; advice SwitchHoldNotify; enrolled"),
        row("8.5-2 papers", At::Address, ("esid/residential", 200, "00", ""))
            .street("600 Example Oak Ln")
            .switch()
            .leads("/stop", 200, |t| &t.stop.switch_hold.title)
            .words(|t| &t.stop.switch_hold.next)
            .keeps("advice SwitchHoldNotify"),
        row("8.5-2", At::Address, ("esid/residential", 200, "00", ""))
            .street("600 Example Oak Ln")
            .switch()
            .leads("/stop", 200, |t| &t.stop.switch_hold.title)
            .keeps("advice SwitchHoldNotify"),
        row("8.6-1", At::Review, ("enroll", 200, "00", ""))
            .ssn("900-45-0200")
            .leads("/confirmation", 200, |t| &t.confirmation.deposit_title)
            .words(|t| &t.confirmation.deposit_pay)
            .then("holds")
            .keeps("record 0; Verified; dates; deposit 200; enrolled"),
        row("8.6-1 waits", At::Review, ("enroll", 200, "00", ""))
            .ssn("900-45-0200")
            .leads("/confirmation", 200, |t| &t.confirmation.deposit_title)
            .words(|t| &t.deposit.waits)
            .then("holds")
            .keeps("record 0; Verified; dates; deposit 200; enrolled"),
        row("8.6-1 start", At::Review, ("enroll", 200, "00", ""))
            .ssn("900-45-0200")
            .leads("/confirmation", 200, |t| &t.confirmation.deposit_title)
            .words(|t| &t.confirmation.next_asked_move_in)
            .then("holds")
            .keeps("record 0; Verified; dates; deposit 200; enrolled"),
        row("8.6-2 start", At::Review, ("enroll", 200, "00", ""))
            .first("Blank")
            .ssn("900-45-0200")
            .leads("/confirmation", 200, |t| &t.confirmation.accepted_title)
            .words(|t| &t.confirmation.first_deposit)
            .keeps("record 0; Verified; dates; deposit 200; accepted"),
        row("8.6-2", At::Review, ("enroll", 200, "00", ""))
            .first("Blank")
            .ssn("900-45-0200")
            .leads("/confirmation", 200, |t| &t.confirmation.accepted_title)
            .words(|t| &t.confirmation.deposit_lead)
            .keeps("record 0; Verified; dates; deposit 200; accepted"),
    ]
}
