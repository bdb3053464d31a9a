//! Answers before there is a record: contract 3.4, 5.1 to 5.9.

use serde_json::json;

use super::row::{At, INTERNAL, Row, Ways, row};
use crate::support::fault_proxy::{Reply, html, json as answer};

/// The contract's own number of meter 12 of the sandbox's building 100.
const METER: &str = "10000009999999912";

/// The price of Sample Secure 12, which NRG spells in dollars here.
const ODD_PLAN: &str = "16.2¢";

/// 3.4: HTTP status against `statusCode`.
pub fn statuses() -> Vec<Row> {
    vec![
        row("3.4-1", At::Plans, ("tdsp", 200, "00", ""))
            .leads("/plans", 200, |t| &t.plans.title)
            .then("offers"),
        row("3.4-2", At::Plans, ("tdsp", 200, "01", "AREA_NOT_SERVICED"))
            .zip("77990")
            .leads("/stop", 200, |t| &t.stop.area_not_served.title)
            .keeps("area AreaNotServed"),
        row("3.4-3", At::Address, ("cleanup-address", 200, "02", "PARTIAL_MATCH"))
            .street("200 Example Oak Ln")
            .leads("/ask", 200, |t| &t.ask.suggestion_title)
            .keeps("address suggested"),
        row("3.4-4", At::Identity, ("identity", 200, "01", ""))
            .plainly()
            .leads("/stop", 200, |t| &t.stop.other.title)
            .keeps("ended Other"),
        row("3.4-5", At::Identity, ("identity", 204, "", ""))
            .says("identity", Reply::Answer { http: 204, kind: "application/json", body: String::new() })
            .leads("/identity", 502, |t| &t.error.sorry_title),
        row("3.4-6", At::Identity, ("identity", 400, "01", "BAD_REQUEST")).plainly().leads(
            "/identity",
            502,
            |t| &t.error.sorry_title,
        ),
        row("3.4-7", At::Identity, ("identity", 401, "", "")).says("identity", html(401)).leads(
            "/identity",
            502,
            |t| &t.error.sorry_title,
        ),
        row("3.4-8", At::Identity, ("identity", 403, "", "")).says("identity", html(403)).leads(
            "/identity",
            502,
            |t| &t.error.sorry_title,
        ),
        row("3.4-9a", At::Identity, ("identity", 404, "", "")).says("identity", html(404)).leads(
            "/identity",
            502,
            |t| &t.error.sorry_title,
        ),
        row("3.4-9b", At::Identity, ("identity", 405, "", "")).says("identity", html(405)).leads(
            "/identity",
            502,
            |t| &t.error.sorry_title,
        ),
        row("3.4-9c", At::Identity, ("identity", 415, "", "")).says("identity", html(415)).leads(
            "/identity",
            502,
            |t| &t.error.sorry_title,
        ),
        row("3.4-10", At::Identity, ("identity", 500, "01", "TECHNICAL_ERROR")).plainly().leads(
            "/identity",
            503,
            |t| &t.error.busy_title,
        ),
        row("3.4-11", At::Identity, ("identity", 500, "01", "INTERNAL_SERVER_ERROR"))
            .last("Notstored")
            .leads("/identity", 503, |t| &t.error.busy_title),
        row("3.4-12", At::Identity, ("identity", 500, "01", "TOKEN_SERVER_DOWN"))
            .last("Tokenbroken")
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.token_unusable)
            .keeps("repair TokenUnusable"),
        row("3.4-13", At::Identity, ("identity", 500, "", "")).says("identity", html(500)).leads(
            "/identity",
            503,
            |t| &t.error.busy_title,
        ),
    ]
}

/// 5.1 `token`, 5.2 `prospect`.
pub fn numbers() -> Vec<Row> {
    let invited = |prospect| Ways { prospect: Some(prospect), ..Ways::default() };
    vec![
        row("5.1-1", At::Identity, ("token", 200, "00", ""))
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("identity available-dates")
            .keeps("record 0; Verified; dates"),
        row("5.1-2a", At::Identity, ("token", 200, "00", ""))
            .changed(json!({"returnToken": "7QK2MM0-67X9"}))
            .leads("/identity", 502, |t| &t.error.sorry_title),
        row("5.1-2b", At::Identity, ("token", 200, "00", "")).changed(json!({"returnToken": null})).leads(
            "/identity",
            502,
            |t| &t.error.sorry_title,
        ),
        row("5.1-3", At::Identity, ("token", 400, "01", "BAD_REQUEST")).plainly().leads(
            "/identity",
            502,
            |t| &t.error.sorry_title,
        ),
        row("5.1-4", At::Identity, ("token", 500, "01", "TECHNICAL_ERROR")).ssn("900-45-0500").leads(
            "/identity",
            503,
            |t| &t.error.busy_title,
        ),
        row("5.2-1", At::Identity, ("prospect", 200, "00", ""))
            .ways(invited("P000123"))
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("identity available-dates")
            .keeps("record 0; Verified; dates"),
        row("5.2-2", At::Identity, ("prospect", 200, "01", "NO_PROSPECT_MATCH_FOUND"))
            .ways(invited("P000404"))
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.prospect_unknown)
            .keeps("repair ProspectUnknown"),
        row("5.2-x", At::Identity, ("prospect", 200, "01", "NEW_CODE"))
            .ways(invited("P000123"))
            .plainly()
            .leads("/identity", 200, |t| &t.identity.title)
            .words(|t| &t.identity.prospect_unknown)
            .keeps("repair ProspectUnknown"),
    ]
}

/// 5.3 `cleanup-address`, for the service address and for the bill's.
pub fn addresses() -> Vec<Row> {
    let bill = |street| Ways { billing: Some(street), ..Ways::default() };
    let cleaned = |code| ("cleanup-address", 200, "02", code);
    vec![
        row("5.3-1", At::Address, ("cleanup-address", 200, "00", "COMPLETE_MATCH")).leads(
            "/contact",
            200,
            |t| &t.contact.title,
        ),
        row("5.3-2", At::Address, cleaned("PARTIAL_MATCH"))
            .street("200 Example Oak Ln")
            .leads("/ask", 200, |t| &t.ask.suggestion_title)
            .keeps("address suggested"),
        row("5.3-3", At::Address, cleaned("NO_MATCH"))
            .street("400 Example Oak Ln")
            .leads("/ask", 200, |t| &t.ask.not_verified_title)
            .keeps("address not verified"),
        row("5.3-4", At::Address, cleaned("UNIT_NEEDED"))
            .street("300 Example Oak Ln")
            .leads("/ask", 200, |t| &t.ask.unit_title)
            .then("esidValidation")
            .keeps("unit needed"),
        row("5.3-5", At::Address, cleaned("INCORRECT_UNIT"))
            .street("300 Example Oak Ln")
            .unit("9")
            .leads("/ask", 200, |t| &t.ask.unit_unknown_title)
            .then("esid/residential esidValidation")
            .keeps("unit unknown"),
        row("5.3-6", At::Address, cleaned("UNVERIFIED_ADDRESS"))
            .street("410 Example Oak Ln")
            .leads("/ask", 200, |t| &t.ask.not_verified_title)
            .keeps("address not verified"),
        row("5.3-7", At::Address, cleaned(""))
            .street("420 Example Oak Ln")
            .leads("/ask", 200, |t| &t.ask.not_verified_title)
            .keeps("address not verified"),
        row("5.3-8a", At::Address, ("cleanup-address", 200, "00", ""))
            .street("430 Example Oak Ln")
            .leads("/ask", 200, |t| &t.ask.not_verified_title)
            .keeps("address not verified"),
        row("5.3-8b", At::Address, ("cleanup-address", 200, "00", ""))
            .street("431 Example Oak Ln")
            .leads("/ask", 200, |t| &t.ask.not_verified_title)
            .keeps("address not verified"),
        row("5.3-x1", At::Address, cleaned("NEW_CODE"))
            .changed(json!({"statusCode": "02", "messageCode": "NEW_CODE"}))
            .leads("/ask", 200, |t| &t.ask.not_verified_title)
            .keeps("address not verified"),
        row("5.3-x2", At::Address, ("cleanup-address", 200, "01", "NEW_CODE"))
            .plainly()
            .leads("/address", 502, |t| &t.error.sorry_title)
            .keeps("address"),
        row("5.3-1 bill", At::Billing, ("cleanup-address", 200, "00", "COMPLETE_MATCH"))
            .ways(bill("100 Other Oak Ln"))
            .leads("/identity", 200, |t| &t.identity.title),
        row("5.3-2 bill", At::Billing, cleaned("PARTIAL_MATCH"))
            .ways(bill("200 Other Oak Ln"))
            .leads("/ask", 200, |t| &t.ask.billing_title)
            .words(|t| &t.ask.suggestion_lead),
        row("5.3-3 bill", At::Billing, cleaned("NO_MATCH"))
            .ways(bill("400 Other Oak Ln"))
            .leads("/ask", 200, |t| &t.ask.billing_title)
            .words(|t| &t.ask.not_verified_lead),
        row("5.3-4 bill", At::Billing, cleaned("UNIT_NEEDED"))
            .ways(bill("300 Other Oak Ln"))
            .leads("/ask", 200, |t| &t.ask.billing_title)
            .words(|t| &t.ask.unit_lead),
        row("5.3-8 bill", At::Billing, ("cleanup-address", 200, "00", ""))
            .ways(bill("430 Other Oak Ln"))
            .leads("/ask", 200, |t| &t.ask.billing_title)
            .words(|t| &t.ask.not_verified_lead),
    ]
}

/// 5.4 `tdsp`, in the order of the contract's sentence, then what a ZIP can have.
pub fn utilities() -> Vec<Row> {
    let stopped = |code| json!({"statusCode": "01", "messageCode": code, "tdspData": null, "errorDescription": INTERNAL});
    let advised = |code| json!({"messageCode": code, "errorDescription": INTERNAL});
    vec![
        row("5.4-1", At::Plans, ("tdsp", 200, "01", "AREA_NOT_SERVICED"))
            .zip("77990")
            .leads("/stop", 200, |t| &t.stop.area_not_served.title)
            .keeps("area AreaNotServed"),
        row("5.4-2", At::Plans, ("tdsp", 200, "01", "SWITCH_HOLD"))
            .switch()
            .every_brand("tdsp", &Reply::Changed(stopped("SWITCH_HOLD")))
            .leads("/stop", 200, |t| &t.stop.switch_hold.title)
            .keeps("area SwitchHold"),
        row("5.4-3", At::Plans, ("tdsp", 200, "00", "NOTIFY_SWITCH_HOLD"))
            .changed(advised("NOTIFY_SWITCH_HOLD"))
            .leads("/plans", 200, |t| &t.plans.title)
            .then("offers"),
        row("5.4-4", At::Plans, ("tdsp", 200, "01", "ESID_ACTIVE"))
            .switch()
            .every_brand("tdsp", &Reply::Changed(stopped("ESID_ACTIVE")))
            .leads("/stop", 200, |t| &t.stop.own_customer.title)
            .keeps("area OwnCustomer"),
        row("5.4-5", At::Plans, ("tdsp", 200, "01", "BUSINESS_METER"))
            .every_brand("tdsp", &Reply::Changed(stopped("BUSINESS_METER")))
            .leads("/stop", 200, |t| &t.stop.business_meter.title)
            .keeps("area BusinessMeter"),
        row("5.4-6", At::Plans, ("tdsp", 200, "00", "MESID"))
            .changed(advised("MESID"))
            .leads("/plans", 200, |t| &t.plans.title)
            .then("offers"),
        row("5.4-7", At::Plans, ("tdsp", 200, "00", "NESID"))
            .changed(advised("NESID"))
            .leads("/plans", 200, |t| &t.plans.title)
            .then("offers"),
        row("5.4-8", At::Plans, ("tdsp", 200, "00", "NRESID"))
            .changed(advised("NRESID"))
            .leads("/plans", 200, |t| &t.plans.title)
            .then("offers"),
        row("5.4-9", At::Plans, ("tdsp", 200, "00", "")).changed(json!({"tdspData": null})).leads(
            "/",
            502,
            |t| &t.error.sorry_title,
        ),
        row("5.4-10", At::Plans, ("tdsp", 200, "00", ""))
            .zip("77997")
            .leads("/ask", 200, |t| &t.ask.utility_title),
        row("5.4-11", At::Plans, ("tdsp", 200, "01", "AREA_NOT_SERVICED"))
            .zip("77991")
            .leads("/plans", 200, |t| &t.plans.title)
            .then("tdsp offers"),
        row("5.4-x", At::Plans, ("tdsp", 200, "02", "NEW_CODE"))
            .every_brand(
                "tdsp",
                &Reply::Changed(json!({"statusCode": "02", "messageCode": "NEW_CODE", "tdspData": null})),
            )
            .leads("/stop", 200, |t| &t.stop.other_area.title)
            .keeps("area OtherArea"),
    ]
}

/// 5.5 `esid`, 5.6 `esid/residential`, 5.7 `esidValidation`.
pub fn meters() -> Vec<Row> {
    let residential = ("esid/residential", 200, "00", "");
    let typed = Ways { esi_id: Some(METER), ..Ways::default() };
    vec![
        row("5.6-1", At::Address, residential).leads("/contact", 200, |t| &t.contact.title),
        row("5.6-2", At::Address, residential)
            .street("720 Example Oak Ln")
            .leads("/ask", 200, |t| &t.ask.meter_title)
            .then("esidValidation")
            .keeps("meters 2"),
        row("5.6-3", At::Address, residential)
            .street("600 Example Oak Ln")
            .switch()
            .leads("/stop", 200, |t| &t.stop.switch_hold.title)
            .keeps("advice SwitchHoldNotify"),
        row("5.6-4", At::Address, residential)
            .street("600 Example Oak Ln")
            .leads("/contact", 200, |t| &t.contact.title)
            .keeps("advice SwitchHoldNotify"),
        row("5.6-5", At::Address, residential)
            .street("610 Example Oak Ln")
            .switch()
            .leads("/stop", 200, |t| &t.stop.own_customer.title),
        row("5.6-6", At::Address, residential)
            .street("810 Example Oak Ln")
            .leads("/plans", 200, |t| &t.plans.title)
            .words(|t| &t.plans.other_utility)
            .then("offers")
            .keeps("repair OtherUtility"),
        row("5.6-7", At::Address, residential)
            .street("750 Example Oak Ln")
            .leads("/contact", 200, |t| &t.contact.title),
        row("5.6-8", At::Address, residential)
            .street("510 Example Oak Ln")
            .leads("/stop", 200, |t| &t.stop.business_meter.title)
            .then("esid")
            .keeps("business meter"),
        row("5.6-x", At::Address, ("esid/residential", 200, "01", "NEW_CODE"))
            .plainly()
            .leads("/address", 502, |t| &t.error.sorry_title)
            .keeps("address"),
        row("5.5-1", At::Address, ("esid", 200, "00", ""))
            .street("500 Example Oak Ln")
            .leads("/stop", 200, |t| &t.stop.business_meter.title)
            .keeps("business meter"),
        row("5.5-2", At::Address, ("esid", 200, "00", ""))
            .street("700 Example Oak Ln")
            .leads("/contact", 200, |t| &t.contact.title)
            .keeps("no meter; advice NoMeterFound"),
        row("5.5-3", At::Address, ("esid", 200, "00", ""))
            .street("760 Example Oak Ln")
            .leads("/contact", 200, |t| &t.contact.title)
            .keeps("no meter; advice NoMeterFound"),
        row("5.7-1", At::Address, ("esidValidation", 200, "00", ""))
            .ways(typed)
            .changed(json!({
                "strAddressLine1": "100 EXAMPLE OAK LN", "strAptNumber": "", "strCity": "SAMPLETON", "strState": "TX",
                "strZip": "77999", "strPremiseType": "RESIDENTIAL", "strErrCode": null
            }))
            .leads("/contact", 200, |t| &t.contact.title)
            .then("esid/residential"),
        row("5.7-2", At::Address, ("esidValidation", 200, "00", ""))
            .ways(typed)
            .changed(json!({"strErrCode": "NOT_FOUND"}))
            .leads("/address", 200, |t| &t.address.title)
            .words(|t| &t.address.esi_id_unknown)
            .keeps("address not verified"),
        row("5.7-3", At::Address, ("esidValidation", 200, "00", ""))
            .ways(typed)
            .changed(json!({
                "strAddressLine1": "500 EXAMPLE OAK LN", "strAptNumber": "", "strCity": "SAMPLETON", "strState": "TX",
                "strZip": "77999", "strPremiseType": "SMALL NON-RESIDENTIAL", "strErrCode": null
            }))
            .leads("/stop", 200, |t| &t.stop.business_meter.title)
            .then("esid/residential esid")
            .keeps("business meter"),
    ]
}

/// 5.8 `offers`, 5.9 `offer-details`.
pub fn plans() -> Vec<Row> {
    let refused = answer(
        400,
        &json!({"errorCode": "BAD_REQUEST", "errorDescription": INTERNAL, "messageCode": "", "statusCode": "01"}),
    );
    vec![
        row("5.8-1", At::Plans, ("offers", 200, "00", "")).leads("/plans", 200, |t| &t.plans.title),
        row("5.8-2", At::Plans, ("offers", 200, "01", "PROMO_INVALID")).zip("77993").leads(
            "/plans",
            200,
            |t| &t.stop.no_plans.title,
        ),
        row("5.8-3", At::Plans, ("offers", 200, "00", "PROMO_INVALID"))
            .zip("77994")
            .leads("/plans", 200, |t| &t.plans.title)
            .words(|t| &t.advice.default_offers_title),
        row("5.8-3 chosen", At::StartDate, ("offers", 200, "00", "PROMO_INVALID"))
            .zip("77994")
            .leads("/review", 200, |t| &t.review.title)
            .words(|t| &t.advice.default_offers_title)
            .then("cleanup-address token identity available-dates check-credit")
            .keeps("record 0; Verified; dates; deposit 0; advice DefaultOffers"),
        row("5.8-4", At::Plans, ("offers", 200, "01", "AREA_NOT_SERVICED")).zip("77989").leads(
            "/plans",
            200,
            |t| &t.stop.no_plans.title,
        ),
        row("5.8-5", At::Plans, ("offers", 200, "01", ""))
            .zip("77992")
            .leads("/plans", 200, |t| &t.stop.no_plans.title),
        row("5.8-6", At::Plans, ("offers", 400, "01", "BAD_REQUEST")).every_brand("offers", &refused).leads(
            "/plans",
            502,
            |t| &t.error.sorry_title,
        ),
        row("5.8-7", At::Plans, ("offers", 500, "01", "TECHNICAL_ERROR")).zip("77995").leads(
            "/plans",
            503,
            |t| &t.error.busy_title,
        ),
        row("5.8-7 one brand", At::Plans, ("offers", 400, "01", "BAD_REQUEST"))
            .says("offers", refused.clone())
            .leads("/plans", 200, |t| &t.plans.title)
            .words(|t| &t.plans.brand_missing)
            .then("offers"),
        row("5.8-x", At::Plans, ("offers", 200, "01", "NEW_CODE"))
            .says("offers", answer(200, &json!({"statusCode": "01", "messageCode": "NEW_CODE"})))
            .leads("/plans", 200, |t| &t.plans.title)
            .then("offers"),
        row("5.8-x2 odd", At::Plans, ("offers", 200, "00", ""))
            .zip("77979")
            .leads("/plans", 200, |t| &t.plans.title)
            .shows(ODD_PLAN),
        row("5.8-x2 odd chosen", At::StartDate, ("offers", 200, "00", ""))
            .zip("77979")
            .leads("/review", 200, |t| &t.review.title)
            .then("cleanup-address token identity available-dates check-credit")
            .keeps("record 0; Verified; dates; deposit 0"),
        row("5.8-x2 odd sold", At::Review, ("enroll", 200, "00", ""))
            .zip("77979")
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .then("holds")
            .keeps("record 0; Verified; dates; deposit 0; enrolled"),
        row("5.9-x odd", At::NextDay, ("offer-details", 200, "00", ""))
            .zip("77979")
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("available-dates")
            .keeps("record 0; Verified; dates"),
        row("5.8-x3 flawed", At::Plans, ("offers", 200, "00", ""))
            .zip("77996")
            .leads("/plans", 200, |t| &t.plans.title),
        row("5.9-1", At::NextDay, ("offer-details", 200, "00", ""))
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("available-dates")
            .keeps("record 0; Verified; dates"),
        row("5.9-2", At::NextDay, ("offer-details", 200, "01", ""))
            .zip("77984")
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("offers available-dates")
            .keeps("record 0; Verified; dates"),
        row("5.9-2 null", At::NextDay, ("offer-details", 200, "00", ""))
            .changed(json!({"affiliateOfferList": null}))
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("offers available-dates")
            .keeps("record 0; Verified; dates"),
        row("5.9-2 gone", At::NextDay, ("offer-details", 200, "01", ""))
            .zip("77984")
            .every_brand("offers", &as_it_is())
            .says("offers", Reply::Changed(json!({"affiliateOfferList": []})))
            .leads("/plans", 200, |t| &t.plans.title)
            .words(|t| &t.plans.gone)
            .then("offers")
            .keeps("record 0; repair PlanGone"),
        row("5.9-2 failing", At::NextDay, ("offer-details", 200, "01", ""))
            .zip("77984")
            .every_brand("offers", &as_it_is())
            .says("offers", technical())
            .says("offers", technical())
            .says("offers", technical())
            .leads("/start-date", 503, |t| &t.error.busy_title)
            .then("offers")
            .keeps("record 0; Verified; dates; deposit 0"),
        row("5.9-3", At::NextDay, ("offer-details", 500, "01", "TECHNICAL_ERROR"))
            .zip("77985")
            .leads("/start-date", 200, |t| &t.start_date.title_move_in)
            .then("offers available-dates")
            .keeps("record 0; Verified; dates"),
        row("5.9-3 gone", At::NextDay, ("offer-details", 500, "01", "TECHNICAL_ERROR"))
            .zip("77985")
            .every_brand("offers", &as_it_is())
            .says("offers", Reply::Changed(json!({"affiliateOfferList": []})))
            .leads("/plans", 200, |t| &t.plans.title)
            .words(|t| &t.plans.gone)
            .then("offers")
            .keeps("record 0; repair PlanGone"),
        row("5.9-3 failing", At::NextDay, ("offer-details", 500, "01", "TECHNICAL_ERROR"))
            .zip("77985")
            .every_brand("offers", &as_it_is())
            .says("offers", technical())
            .says("offers", technical())
            .says("offers", technical())
            .leads("/start-date", 503, |t| &t.error.busy_title)
            .then("offers")
            .keeps("record 0; Verified; dates; deposit 0"),
        row("5.8-x2", At::Plans, ("offers", 200, "00", ""))
            .zip("77986")
            .leads("/plans", 200, |t| &t.plans.title)
            .words(|t| &t.plans.paperless),
        row("5.8-x3", At::Plans, ("offers", 200, "00", ""))
            .zip("77986")
            .leads("/plans", 200, |t| &t.plans.title)
            .words(|t| &t.plans.autopay),
        row("5.8-x4", At::StartDate, ("offers", 200, "00", ""))
            .zip("77986")
            .leads("/review", 200, |t| &t.review.title)
            .words(|t| &t.review.paperless_no_hint)
            .then("cleanup-address token identity available-dates check-credit")
            .keeps("record 0; Verified; dates; deposit 0"),
        row("5.8-x5", At::StartDate, ("offers", 200, "00", ""))
            .zip("77986")
            .brand("GM")
            .leads("/review", 200, |t| &t.review.title)
            .words(|t| &t.plans.autopay)
            .then("cleanup-address token identity available-dates check-credit")
            .keeps("record 0; Verified; dates; deposit 0"),
        row("5.8-x6", At::Plans, ("offers", 200, "00", ""))
            .zip("77987")
            .env(PREPAID_ALLOWED)
            .leads("/plans", 200, |t| &t.plans.title)
            .words(|t| &t.plans.prepaid_flag),
        row("5.8-x7", At::StartDate, ("offers", 200, "00", ""))
            .zip("77987")
            .brand("DE")
            .env(PREPAID_ALLOWED)
            .leads("/review", 200, |t| &t.review.title)
            .words(|t| &t.plans.prepaid_cut)
            .then("cleanup-address token identity available-dates check-credit")
            .keeps("record 0; Verified; dates; deposit 0"),
        row("5.8-x8", At::Review, ("offers", 200, "00", ""))
            .zip("77987")
            .brand("DE")
            .env(PREPAID_ALLOWED)
            .leads("/confirmation", 200, |t| &t.confirmation.title)
            .words(|t| &t.plans.prepaid_minimum)
            .then("cleanup-address token identity available-dates check-credit enroll holds")
            .keeps("record 0; Verified; dates; deposit 0; enrolled"),
    ]
}

const PREPAID_ALLOWED: &[(&str, &str)] = &[("ENROLL__AFFILIATE__ALLOW_PREPAID", "true")];

/// What the sandbox answers.
fn as_it_is() -> Reply {
    Reply::Changed(json!({}))
}

/// The 500 of NRG's application.
pub fn technical() -> Reply {
    answer(
        500,
        &json!({
            "errorCode": "TECHNICAL_ERROR", "errorDescription": INTERNAL, "messageCode": "TECHNICAL_ERROR",
            "messageText": "(sorry)", "statusCode": "01", "httpStatus": "INTERNAL_SERVER_ERROR"
        }),
    )
}
