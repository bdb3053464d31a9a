//! Through the router: every endpoint, every quirk of contract 10.1.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::{clock::Clock, entropy::Entropy};

const BASE: &str = "/NRGREST/rest/sales/";

/// A Monday morning in Texas.
const MORNING: &str = "2030-06-17T15:00:00Z";

fn sandbox_at(moment: &str) -> Sandbox {
    let moment: Timestamp = moment.parse().unwrap();
    let drawn = std::sync::atomic::AtomicU8::new(0);
    Sandbox::new(Settings {
        username: "user".into(),
        password: "pass".into(),
        affiliate_id: "AFF-DEMO".into(),
        documents_url: DOCUMENTS_URL.parse().unwrap(),
        clock: Clock::new(move || moment),
        entropy: Entropy::new(move |buffer| {
            let next = drawn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            buffer.fill(next);
        }),
        slow: Duration::from_millis(60),
    })
}

fn sandbox() -> Sandbox {
    sandbox_at(MORNING)
}

struct Got {
    status: u16,
    headers: HeaderMap,
    text: String,
    json: Value,
}

impl Got {
    fn at(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or("(none)")
    }

    /// HTTP status, statusCode, messageCode, errorCode.
    fn codes(&self) -> (u16, &str, &str, &str) {
        (self.status, self.at("statusCode"), self.at("messageCode"), self.at("errorCode"))
    }
}

async fn send(sandbox: &Sandbox, request: Request<Body>) -> Got {
    let response = sandbox.router().oneshot(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap_or_default();
    let text = String::from_utf8(body.to_vec()).unwrap();
    Got { status, headers, json: serde_json::from_str(&text).unwrap_or_default(), text }
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", "Basic dXNlcjpwYXNz")
        .header("accept", "application/json")
}

fn merged(mut base: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        match value {
            Value::Null => base.as_object_mut().unwrap().remove(name),
            value => base.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    base
}

fn base() -> Value {
    json!({ "affiliateId": "AFF-DEMO", "channelType": "AFF", "companyCode": "0121", "brandId": "RE",
            "languageCode": "E" })
}

/// A POST with the base fields and these; a null takes a base field away. The header follows the body.
async fn post_to(sandbox: &Sandbox, endpoint: &str, fields: Value) -> Got {
    let body = merged(base(), &fields);
    let language = body["languageCode"].as_str().unwrap_or("E").to_owned();
    let request = request("POST", &format!("{BASE}{endpoint}"))
        .header("content-type", "application/json")
        .header("languageCode", language)
        .body(Body::from(body.to_string()));
    send(sandbox, request.unwrap()).await
}

async fn get_from(sandbox: &Sandbox, endpoint: &str, fields: Value) -> Got {
    let all = merged(base(), &fields);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in all.as_object().unwrap() {
        query.append_pair(name, value.as_str().unwrap());
    }
    let path = format!("{BASE}{endpoint}?{}", query.finish());
    send(sandbox, request("GET", &path).body(Body::empty()).unwrap()).await
}

fn person() -> Value {
    json!({ "firstName": "Jordan", "lastName": "Samplecase", "dob": "01151990",
        "email": "jordan.samplecase@example.com", "phoneNum": "7135550142", "tokenizedSSN": "7QK2MM0-6789",
        "transactionType": "MVI", "servStreetNum": "100", "servStreetName": "Example Oak Ln",
        "servCity": "Sampleton", "servState": "TX", "servZipCode": "77999", "billStreetNum": "100",
        "billStreetName": "Example Oak Ln", "billCity": "Sampleton", "billState": "TX", "billZipCode": "77999" })
}

async fn identify(sandbox: &Sandbox, changes: Value) -> Got {
    post_to(sandbox, "identity", merged(person(), &changes)).await
}

fn ids(identity: &Got) -> Value {
    json!({ "trackingId": identity.at("trackingId"), "guid": identity.at("guid") })
}

async fn dates(sandbox: &Sandbox, ids: &Value) -> Got {
    post_to(sandbox, "available-dates", merged(ids.clone(), &json!({ "pastServiceMatchedFlag": "N" }))).await
}

async fn credit(sandbox: &Sandbox, ids: &Value) -> Got {
    let more = json!({ "offerCode": "51010101", "mviDate": "06202030" });
    post_to(sandbox, "check-credit", merged(ids.clone(), &more)).await
}

async fn submit(sandbox: &Sandbox, ids: &Value) -> Got {
    let offer = json!({ "offerCode": "51010101", "promoCode": "DEMO99", "campaignCode": "CAMPRE26",
        "productPriceCode": "P51010101", "incentiveCode": "INC51010101", "marketSegment": "01" });
    post_to(sandbox, "enroll", merged(ids.clone(), &offer)).await
}

/// Identity, dates, credit and enroll, one after the other.
async fn walk(sandbox: &Sandbox, changes: Value) -> (Value, Got) {
    let ids = ids(&identify(sandbox, changes).await);
    dates(sandbox, &ids).await;
    credit(sandbox, &ids).await;
    let enrolled = submit(sandbox, &ids).await;
    (ids, enrolled)
}

#[tokio::test]
async fn sandbox_plain_journey_ends_with_account_number() {
    let sandbox = sandbox();
    let tdsp = post_to(&sandbox, "tdsp", json!({ "servZipCode": "77999" })).await;
    assert_eq!(tdsp.json["tdspData"][0]["tdspCodeCCS"], "D0001");
    assert!(tdsp.headers.contains_key("set-cookie"));

    let clean = post_to(
        &sandbox,
        "cleanup-address",
        json!({ "streetNum": "100", "streetName": "Example Oak Ln", "aptNum": "Apt 12", "city": "Sampleton",
                "state": "TX", "zipCode": "77999" }),
    )
    .await;
    assert_eq!(clean.codes(), (200, "00", "COMPLETE_MATCH", ""));
    assert_eq!((clean.at("streetName"), clean.at("aptNum")), ("EXAMPLE OAK LN", "12"));

    let offers = get_from(&sandbox, "offers", json!({ "tdspCodeCCS": "D0001", "promoCode": "DEMO99" })).await;
    assert_eq!((offers.at("statusCode"), &offers.json["httpStatus"]), ("00", &Value::Null));
    let offer = &offers.json["affiliateOfferList"][0];
    assert_eq!((&offer["offerCode"], &offer["promoCode"]), (&json!("51010101"), &json!("DEMO99")));
    assert!(offer["yraacURL"].as_str().unwrap().starts_with("https://docs.example.com/"));

    let token =
        get_from(&sandbox, "token", json!({ "actionCode": "SE", "numToBeTokenized": "900456789" })).await;
    assert!(token.at("returnToken").ends_with("-6789"));
    assert!(token.at("returnToken").len() <= 20);

    let identity = identify(&sandbox, json!({ "tokenizedSSN": token.at("returnToken") })).await;
    assert_eq!(identity.codes(), (200, "00", "", ""));
    assert_eq!(identity.headers["trackingid"], identity.at("trackingId"));
    assert_eq!(identity.headers["guid"], identity.at("guid"));
    let ids = ids(&identity);
    assert!(dates(&sandbox, &ids).await.at("availableDates").starts_with("06172030;06182030"));
    let credit = credit(&sandbox, &ids).await;
    assert_eq!((credit.at("depositAmount"), &credit.json["httpStatus"]), ("0", &Value::Null));
    let enrolled = submit(&sandbox, &ids).await;
    assert_eq!(enrolled.at("caNumber").len(), 12);

    let query = json!({ "caNumber": enrolled.at("caNumber"), "checkDigit": enrolled.at("checkDigit"),
                        "billZipCode": "77999" });
    let holds = get_from(&sandbox, "holds", query).await;
    assert_eq!(holds.codes(), (200, "00", "NO_HOLD_ON_ACCOUNT", ""));
    assert_eq!(holds.at("bpNumber"), enrolled.at("bpid"));

    for endpoint in ["enroll", "identity", "available-dates", "check-credit", "kba-oe", "kba-result"] {
        let again = match endpoint {
            "enroll" => submit(&sandbox, &ids).await,
            "identity" => identify(&sandbox, ids.clone()).await,
            "check-credit" => super::tests::credit(&sandbox, &ids).await,
            _ => post_to(&sandbox, endpoint, ids.clone()).await,
        };
        assert_eq!(again.codes(), (400, "01", "", "ENROLLMENT_ALREADY_REQUESTED"), "{endpoint}");
        assert_eq!(again.json["caNumber"].as_str(), None);
    }
}

#[tokio::test]
async fn protocol_error_is_answered_with_its_http_status() {
    let sandbox = sandbox();
    let bare = Request::get(format!("{BASE}token")).body(Body::empty()).unwrap();
    let refused = send(&sandbox, bare).await;
    assert_eq!((refused.status, refused.text.starts_with("<html>")), (401, true));
    assert_eq!(get_from(&sandbox, "nowhere", json!({})).await.status, 404);
    let wrong_method = get_from(&sandbox, "tdsp", json!({})).await;
    assert_eq!((wrong_method.status, wrong_method.text.as_str()), (405, ""));
    let blocked = post_to(&sandbox, "tdsp", json!({ "affiliateId": "AFF-BLOCKED" })).await;
    assert_eq!((blocked.status, blocked.json), (403, Value::Null));

    let post = |kind: &str, body: String| {
        let built = request("POST", &format!("{BASE}tdsp")).header("content-type", kind);
        built.body(Body::from(body)).unwrap()
    };
    let good = merged(base(), &json!({ "servZipCode": "77999" }));
    let unknown = merged(good.clone(), &json!({ "shoeSize": "9" }));
    let long = merged(good.clone(), &json!({ "servStreetAptNum": "12345678901" }));
    for (kind, body, status) in [
        ("application/json", good.to_string(), 200),
        ("application/json", unknown.to_string(), 200),
        ("application/json", long.to_string(), 400),
        ("application/json;charset=UTF-8", good.to_string(), 200),
        ("application/json;charset=UTF-8", unknown.to_string(), 500),
        ("application/json;charset=UTF-8", long.to_string(), 200),
        ("application/json", "{broken".to_owned(), 500),
        ("text/plain", good.to_string(), 415),
        (
            "application/x-www-form-urlencoded",
            "affiliateId=AFF-DEMO&companyCode=0121&servZipCode=77999".to_owned(),
            200,
        ),
    ] {
        assert_eq!(send(&sandbox, post(kind, body.clone())).await.status, status, "{kind} {body}");
    }

    let mut letter = post("application/json", good.to_string());
    letter.headers_mut().insert("accept-language", "S".parse().unwrap());
    assert_eq!(send(&sandbox, letter).await.status, 500);
    let mut careless = post("application/json", "{}".to_owned());
    careless.headers_mut().remove("accept");
    let careless = send(&sandbox, careless).await;
    assert_eq!((careless.status, careless.json), (400, Value::Null));
}

#[tokio::test]
async fn field_validation_answers_in_phases_and_shape_of_the_method() {
    let sandbox = sandbox();
    let query = get_from(&sandbox, "offers", json!({ "tdspCodeCCS": "D0001" })).await;
    assert_eq!(query.codes(), (400, "01", "", "BAD_REQUEST"));
    assert!(query.at("errorDescription").contains("promoCode"));

    let missing =
        identify(&sandbox, json!({ "phoneNum": null, "firstName": "x".repeat(41), "dob": "1" })).await;
    assert_eq!((missing.status, missing.at("resultCode"), missing.at("errorCode")), (400, "1", ""));
    let problems = |got: &Got| {
        let text = got.at("resultDescription").to_owned();
        ["phoneNum", "firstName", "dob"].map(|name| text.contains(name))
    };
    assert_eq!(problems(&missing), [true, false, false]);
    let long = identify(&sandbox, json!({ "firstName": "x".repeat(41), "dob": "1" })).await;
    assert_eq!(problems(&long), [false, true, false]);
    let odd = identify(&sandbox, json!({ "dob": "1" })).await;
    assert_eq!((problems(&odd), odd.at("messageCode")), ([false, false, true], "INVALID_DOB"));
    assert_eq!(identify(&sandbox, json!({ "dob": "01152015" })).await.at("messageCode"), "INVALID_DOB");
    for (field, value) in [
        ("channelType", "XYZ"),
        ("companyCode", "9999"),
        ("brandId", "GM"),
        ("trackingId", "1"),
        ("email", "someone@gmail.com"),
        ("phoneNum", "7131234567"),
    ] {
        let refused = identify(&sandbox, json!({ field: value })).await;
        assert_eq!((refused.status, refused.at("resultCode")), (400, "1"), "{field}");
    }
    assert_eq!(identify(&sandbox, json!({ "tokenizedSSN": null })).await.status, 400);
}

#[tokio::test]
async fn token_accepts_invented_numbers_only_and_call_log_omits_them() {
    let sandbox = sandbox();
    for (action, number, status) in [
        ("SE", "900456789", 200),
        ("SE", "123456789", 400),
        ("SE", "45", 400),
        ("SE", "999999999", 400),
        ("se", "900456789", 400),
        ("PE", "12345678", 200),
        ("CE", "4111111111111111", 400),
        ("SE", "900450500", 500),
    ] {
        let got =
            get_from(&sandbox, "token", json!({ "actionCode": action, "numToBeTokenized": number })).await;
        assert_eq!(got.status, status, "{action} {number}");
        assert!(!got.text.contains(number));
    }
    assert!(!format!("{:?}", sandbox.calls()).contains("900456789"));
    assert_eq!(sandbox.count("token"), 8);
    sandbox.clear_calls();
    assert_eq!(sandbox.count("token"), 0);
}

#[tokio::test]
async fn prospect_is_found_or_unknown_by_its_id() {
    let sandbox = sandbox();
    let ask =
        |id: &'static str| get_from(&sandbox, "prospect", json!({ "prospectID": id, "last4SSN": "6789" }));
    assert_eq!(ask("P000123").await.at("prospectPreApprovalFlag"), "P");
    assert_eq!(ask("P000404").await.codes(), (200, "01", "NO_PROSPECT_MATCH_FOUND", ""));
    let identity = identify(&sandbox, json!({ "prospectId": "P000404" })).await;
    assert_eq!((identity.at("messageCode"), identity.at("guid")), ("NO_PROSPECT_MATCH_FOUND", "(none)"));
}

#[tokio::test]
async fn street_number_selects_cleanup_address_answer() {
    let sandbox = sandbox();
    for (number, unit, status, code) in [
        ("200", "", "02", "PARTIAL_MATCH"),
        ("300", "", "02", "UNIT_NEEDED"),
        ("300", "9", "02", "INCORRECT_UNIT"),
        ("300", "Apt. 2", "00", "COMPLETE_MATCH"),
        ("400", "", "02", "NO_MATCH"),
        ("410", "", "02", "UNVERIFIED_ADDRESS"),
        ("420", "", "02", ""),
        ("430", "", "00", ""),
        ("440", "", "01", "TECHNICAL_ERROR"),
    ] {
        let fields = json!({ "streetNum": number, "streetName": "Example Oak Ln", "aptNum": unit,
            "city": "Sampleton", "state": "TX", "zipCode": "77999" });
        let got = post_to(&sandbox, "cleanup-address", fields).await;
        assert_eq!((got.at("statusCode"), got.at("messageCode")), (status, code), "{number} {unit}");
    }
    let both = json!({ "streetNum": "1", "streetName": "A", "poBox": "2", "city": "S", "state": "TX",
        "zipCode": "77999" });
    assert_eq!(post_to(&sandbox, "cleanup-address", both).await.status, 400);
    let neither = json!({ "city": "S", "state": "TX", "zipCode": "77999" });
    assert_eq!(post_to(&sandbox, "cleanup-address", neither).await.status, 400);
}

#[tokio::test]
async fn tdsp_answer_is_selected_by_zip_street_number_and_transaction() {
    let sandbox = sandbox();
    for (zip, number, kind, status, code) in [
        ("77990", "", "MVI", "01", "AREA_NOT_SERVICED"),
        ("10001", "", "MVI", "01", "AREA_NOT_SERVICED"),
        ("77991", "", "MVI", "01", "AREA_NOT_SERVICED"),
        ("75201", "", "MVI", "00", ""),
        ("77999", "600", "SWI", "01", "SWITCH_HOLD"),
        ("77999", "600", "MVI", "00", "NOTIFY_SWITCH_HOLD"),
        ("77999", "610", "SWI", "01", "ESID_ACTIVE"),
        ("77999", "500", "MVI", "01", "BUSINESS_METER"),
        ("77999", "510", "MVI", "00", "NRESID"),
        ("77999", "700", "MVI", "00", "NESID"),
        ("77999", "310", "MVI", "00", "MESID"),
    ] {
        let fields = json!({ "servZipCode": zip, "servStreetNum": number, "servStreetName": "Oak",
            "transactionType": kind });
        let got = post_to(&sandbox, "tdsp", fields).await;
        assert_eq!((got.at("statusCode"), got.at("messageCode")), (status, code), "{zip} {number} {kind}");
        assert_eq!(got.json["tdspData"].is_null(), status == "01", "{number}");
    }
    let green = json!({ "servZipCode": "77991", "companyCode": "0271", "brandId": "GM" });
    assert_eq!(post_to(&sandbox, "tdsp", green).await.at("statusCode"), "00");
    let two = post_to(&sandbox, "tdsp", json!({ "servZipCode": "77997" })).await;
    assert_eq!(two.json["tdspData"].as_array().unwrap().len(), 2);
    assert_eq!(post_to(&sandbox, "tdsp", json!({ "servZipCode": "77981" })).await.status, 204);
}

#[tokio::test]
async fn meters_are_listed_by_address_and_found_by_esi_id() {
    let sandbox = sandbox();
    let list = async |endpoint: &str, street: &str, unit: &str| {
        let fields = json!({ "servStreet": street, "servStreetAptNum": unit, "servCity": "Sampleton",
            "servZipCode": "77999" });
        post_to(&sandbox, endpoint, fields).await.json["esidList"].as_array().unwrap().clone()
    };
    assert_eq!(list("esid/residential", "310 Oak Ln", "").await.len(), 18);
    assert_eq!(list("esid/residential", "310 Oak Ln", "Unit 105").await.len(), 1);
    assert_eq!(list("esid/residential", "500 Oak Ln", "").await.len(), 0);
    assert_eq!(list("esid", "500 Oak Ln", "").await.len(), 1);
    assert_eq!(list("esid/residential", "510 Oak Ln", "").await[0]["esidNumber"], "NRESID");
    assert_eq!(list("esid/residential", "810 Oak Ln", "").await[0]["tdspCodeCCS"], "D0002");
    assert_eq!(list("esid", "100 Oak Ln", "").await[0]["meterType"], Value::Null);
    assert_eq!(list("esid/residential", "100 Oak Ln", "").await[0]["meterType"], "AMSR");

    let meter = list("esid/residential", "300 Oak Ln", "").await[1].clone();
    let found = post_to(&sandbox, "esidValidation", json!({ "esid": meter["esidNumber"] })).await;
    assert_eq!((found.at("strAddressLine1"), found.at("strAptNumber")), ("300 OAK LN", "2"));
    let unknown = post_to(&sandbox, "esidValidation", json!({ "esid": "1" })).await;
    assert_eq!((unknown.at("statusCode"), unknown.at("strErrCode")), ("00", "E001"));
}

#[tokio::test]
async fn offers_follow_utility_promotion_and_language() {
    let sandbox = sandbox();
    for (utility, promo, codes, count) in [
        ("D0001", "DEMO99", (200, "00", "", ""), Some(6)),
        ("D0092", "DEMO99", (200, "01", "", ""), Some(0)),
        ("D0093", "DEMO99", (200, "01", "PROMO_INVALID", ""), None),
        ("D0001", "OLDPROMO", (200, "00", "PROMO_INVALID", ""), Some(6)),
        ("D0001", "NOPRICES", (500, "01", "TECHNICAL_ERROR", "TECHNICAL_ERROR"), None),
        ("D0777", "DEMO99", (200, "01", "AREA_NOT_SERVICED", ""), None),
    ] {
        let got = get_from(&sandbox, "offers", json!({ "tdspCodeCCS": utility, "promoCode": promo })).await;
        assert_eq!(got.codes(), codes, "{utility} {promo}");
        assert_eq!(got.json["affiliateOfferList"].as_array().map(Vec::len), count, "{utility} {promo}");
    }
    let spanish = json!({ "tdspCodeCCS": "D0001", "promoCode": "DEMO99,SMART1", "languageCode": "S" });
    let spanish = get_from(&sandbox, "offers", spanish).await;
    let list = &spanish.json["affiliateOfferList"];
    assert_eq!(list[0]["cmsProductTagline"], "Un precio estable");
    assert_eq!((&list[0]["promoCode"], &list[4]["promoCode"]), (&json!("DEMO99"), &json!("SMART1")));
    let credit = &list[3];
    let price = |usage: &str| credit[usage].as_str().unwrap().parse::<f64>().unwrap();
    assert!(price("averagePrice1000") < price("averagePrice500"));
    assert!(price("averagePrice1000") < price("averagePrice2000"));

    for (company, brand) in [("0121", "RE"), ("0271", "GM"), ("0391", "CE"), ("0391", "PW"), ("0315", "DE")] {
        let fields = json!({ "companyCode": company, "brandId": brand, "tdspCodeCCS": "D0011",
            "promoCode": "DEMO99" });
        let offers = get_from(&sandbox, "offers", fields).await;
        for offer in offers.json["affiliateOfferList"].as_array().unwrap() {
            let fields = json!({ "companyCode": company, "brandId": brand, "offerCode": offer["offerCode"],
                "promoCode": offer["promoCode"], "campaignCode": offer["campaignCode"] });
            let again = get_from(&sandbox, "offer-details", fields).await;
            assert_eq!(again.at("resultCode"), "0");
            assert_eq!(again.json["affiliateOfferList"][0], *offer);
            for (code, limit) in [("campaignCode", 10), ("productPriceCode", 10), ("incentiveCode", 15)] {
                assert!(offer[code].as_str().unwrap().len() <= limit, "{code}");
            }
            assert_eq!(offer["offerCode"].as_str().unwrap().len(), 8);
        }
    }
    let none = json!({ "offerCode": "59990001", "promoCode": "DEMO99", "campaignCode": "X" });
    let none = get_from(&sandbox, "offer-details", none).await;
    assert_eq!((none.status, none.at("statusCode"), none.at("resultCode")), (200, "01", "1"));
}

#[tokio::test]
async fn last_name_selects_identity_answer() {
    let sandbox = sandbox();
    for (name, codes) in [
        ("Anyone", (200, "00", "", "")),
        ("Posidfail", (200, "02", "POSID_FAIL", "")),
        ("Failmax", (200, "01", "POSID_FAIL_MAX", "")),
        ("Hold", (200, "00", "POSIDHOLD", "")),
        ("Holdpastdue", (200, "02", "POSID_PASTDUE", "")),
        ("Holdpastservice", (200, "02", "POSID_PASTSERVICE", "")),
        ("Holdrestricted", (200, "01", "POSIDHOLD", "")),
        ("Pastservice", (200, "02", "PAST_SERVICE_HISTORY", "")),
        ("Pastbalance", (200, "02", "PAST_BALANCE", "")),
        ("CURRENT", (200, "01", "CURRENT_CUSTOMER", "")),
        ("restricted", (200, "01", "BP_RESTRICTION", "")),
        ("Tokendown", (200, "01", "TOKEN_SERVER_DOWN", "")),
        ("Tokenbroken", (500, "01", "TOKEN_SERVER_DOWN", "")),
        ("Notstored", (500, "01", "", "INTERNAL_SERVER_ERROR")),
        ("Invaliddob", (400, "01", "INVALID_DOB", "")),
        ("Technical", (500, "01", "TECHNICAL_ERROR", "TECHNICAL_ERROR")),
        ("Nocontent", (204, "(none)", "(none)", "(none)")),
        ("Garbage", (200, "(none)", "(none)", "(none)")),
        ("Nostatus", (200, "(none)", "", "")),
        ("Oddstatus", (200, "07", "", "")),
        ("Forbidden", (403, "(none)", "(none)", "(none)")),
    ] {
        assert_eq!(identify(&sandbox, json!({ "lastName": name })).await.codes(), codes, "{name}");
    }
    let current = identify(&sandbox, json!({ "lastName": "Current" })).await;
    assert!(current.at("messageText").ends_with("7 Old Elm St, Sampleton, TX, 77999"));
    let undecided = identify(&sandbox, json!({ "lastName": "Undecided" })).await;
    assert_eq!((undecided.at("statusCode"), undecided.at("bpMatchFlag")), ("00", "BPSD"));
    let unusable = identify(&sandbox, json!({ "tokenizedSSN": "7QK2MM0-NONE" })).await;
    assert_eq!(unusable.at("messageCode"), "TOKEN_SERVER_DOWN");
    let nobody = identify(&sandbox, json!({ "tokenizedSSN": null, "noid": "true" })).await;
    assert_eq!(nobody.codes(), (200, "00", "POSIDHOLD", ""));
}

#[tokio::test]
async fn incomplete_billing_address_is_a_stop_without_message() {
    let sandbox = sandbox();
    let got = identify(&sandbox, json!({ "billStreetName": null })).await;
    assert_eq!(got.codes(), (200, "01", "", ""));
    assert_eq!((got.at("messageText"), got.at("trackingId")), ("", "(none)"));
    let boxed = json!({ "billStreetNum": null, "billStreetName": null, "billPOBox": "12" });
    assert_eq!(identify(&sandbox, boxed).await.at("statusCode"), "00");
}

#[tokio::test]
async fn identity_record_is_used_up_after_four_attempts() {
    let sandbox = sandbox();
    let first = identify(&sandbox, json!({ "lastName": "Posidfail" })).await;
    let again = merged(ids(&first), &json!({ "lastName": "Posidfail" }));
    for (count, code) in
        [("1", "POSID_FAIL"), ("2", "POSID_FAIL"), ("3", "POSID_FAIL_MAX"), ("4", "POSID_FAIL_MAX")]
    {
        let got = identify(&sandbox, again.clone()).await;
        assert_eq!((got.at("retryCount"), got.at("messageCode")), (count, code));
        assert_eq!(got.at("trackingId"), first.at("trackingId"));
    }
    assert_eq!(identify(&sandbox, ids(&first)).await.at("messageCode"), "POSID_FAIL_MAX");

    let first = identify(&sandbox, json!({ "lastName": "Posidfail" })).await;
    assert_eq!(identify(&sandbox, ids(&first)).await.codes(), (200, "00", "", ""));

    let unknown = merged(ids(&first), &json!({ "guid": "3f0f6f1e-0000-4000-8000-000000000001" }));
    let unknown = identify(&sandbox, unknown).await;
    assert_eq!(unknown.codes(), (400, "01", "", "NO_MATCH_FOUND"));
    assert_eq!(unknown.at("httpStatus"), "OK");
}

/// The answers to a quiz: right ones, or the first option of each.
fn answers(quiz: &Got, right: bool) -> Value {
    let answer = |question: &Value| {
        let options = question["options"].as_array().unwrap();
        let chosen = options.iter().find(|option| (option["keyAnswer"] == "X") == right).unwrap();
        json!({ "quizId": question["quizeId"], "questionId": question["questionId"],
                "answerId": chosen["optionId"].to_string() })
    };
    quiz.json["questions"].as_array().unwrap().iter().map(answer).collect()
}

#[tokio::test]
async fn quiz_is_passed_failed_or_unavailable_by_last_name() {
    let sandbox = sandbox();
    for (name, right, code, enrolled) in
        [("Kba", true, "", 200), ("Kba", false, "POSIDHOLD", 400), ("Kbahold", false, "POSIDHOLD", 200)]
    {
        let identity = identify(&sandbox, json!({ "lastName": name })).await;
        assert_eq!((identity.at("messageCode"), identity.at("kbaSuggestionFlag")), ("POSID_FAIL", "X"));
        let ids = ids(&identity);
        let quiz = post_to(&sandbox, "kba-oe", ids.clone()).await;
        let entry =
            json!({ "transactionKey": quiz.at("transactionKey"), "questionList": answers(&quiz, right) });
        let result = post_to(&sandbox, "kba-result", merged(ids.clone(), &entry)).await;
        assert_eq!(result.codes(), (200, "00", code, ""), "{name} {right}");
        assert_eq!(result.json["ssnVerifyDate"].is_string(), right);
        let again = post_to(&sandbox, "kba-result", merged(ids.clone(), &entry)).await;
        assert_eq!(again.codes(), (400, "01", "", "RETRY_NOT_ALLOWED"));
        dates(&sandbox, &ids).await;
        credit(&sandbox, &ids).await;
        assert_eq!(submit(&sandbox, &ids).await.status, enrolled, "{name} {right}");
    }

    let ids_of = async |name: &str| ids(&identify(&sandbox, json!({ "lastName": name })).await);
    let none = post_to(&sandbox, "kba-oe", ids_of("Kbanone").await).await;
    assert_eq!((none.codes(), &none.json["questions"]), ((200, "00", "POSIDHOLD", ""), &Value::Null));
    let down = post_to(&sandbox, "kba-oe", ids_of("Kbadown").await).await;
    assert_eq!(down.codes(), (200, "00", "POSIDHOLD", "1"));

    let ids = ids_of("Kba").await;
    let quiz = post_to(&sandbox, "kba-oe", ids.clone()).await;
    let mut extra = answers(&quiz, true);
    extra[0]["questionText"] = "echoed".into();
    let entry = json!({ "transactionKey": quiz.at("transactionKey"), "questionList": extra });
    assert_eq!(
        post_to(&sandbox, "kba-result", merged(ids.clone(), &entry)).await.codes(),
        (200, "01", "", "1")
    );
    let cirro = merged(ids, &json!({ "companyCode": "0391", "brandId": "CE" }));
    assert_eq!(post_to(&sandbox, "kba-oe", cirro).await.status, 400);
}

#[tokio::test]
async fn street_number_selects_available_dates_answer() {
    let sandbox = sandbox();
    for (number, kind, codes, has_dates) in [
        ("100", "MVI", (200, "00", "", ""), true),
        ("500", "MVI", (200, "01", "BUSINESS_METER", ""), false),
        ("600", "MVI", (200, "00", "NOTIFY_SWITCH_HOLD", ""), true),
        ("600", "SWI", (200, "01", "SWITCH_HOLD", ""), false),
        ("610", "SWI", (200, "01", "ESID_ACTIVE", ""), false),
        ("700", "MVI", (200, "00", "NESID", ""), true),
        ("710", "MVI", (200, "01", "NESID", ""), false),
        ("300", "MVI", (200, "00", "MESID", ""), true),
        ("720", "MVI", (200, "00", "MESID", ""), true),
        ("730", "MVI", (200, "01", "MESID", ""), false),
        ("820", "MVI", (200, "01", "AREA_NOT_SERVICED", ""), false),
        ("830", "MVI", (200, "00", "", ""), false),
        ("840", "MVI", (500, "01", "TECHNICAL_ERROR", "TECHNICAL_ERROR"), false),
        ("100", "", (200, "00", "", ""), false),
    ] {
        let changes = json!({ "servStreetNum": number, "transactionType": kind });
        let got = dates(&sandbox, &ids(&identify(&sandbox, changes).await)).await;
        assert_eq!(got.codes(), codes, "{number} {kind}");
        assert_eq!(got.at("availableDates").len() > 8, has_dates, "{number} {kind}");
    }
}

#[tokio::test]
async fn tdsp_mismatch_is_reported_until_a_new_record_is_opened() {
    let sandbox = sandbox();
    for _ in 0..2 {
        let first = ids(&identify(&sandbox, json!({ "servStreetNum": "800" })).await);
        for _ in 0..2 {
            let dated = dates(&sandbox, &first).await;
            assert_eq!(dated.codes(), (200, "01", "TDSP_MISMATCH", "TDSPSD"));
            assert_eq!(dated.at("tdspCode"), "D0002");
        }
        let second = ids(&identify(&sandbox, json!({ "servStreetNum": "800" })).await);
        assert_eq!(dates(&sandbox, &second).await.at("statusCode"), "00");
    }
}

#[tokio::test]
async fn meter_found_for_a_record_is_kept_when_address_changes() {
    let sandbox = sandbox();
    let ids = ids(&identify(&sandbox, json!({})).await);
    let first = dates(&sandbox, &ids).await;
    identify(&sandbox, merged(ids.clone(), &json!({ "servStreetNum": "102" }))).await;
    assert_eq!(dates(&sandbox, &ids).await.at("esid"), first.at("esid"));
}

#[test]
fn offered_dates_skip_sundays_holidays_and_late_same_day() {
    use super::calendar::{Delay, available_dates as offered};
    for (moment, smart, delay, first, holds, lacks) in [
        (MORNING, true, Delay::None, "06172030", "06222030", "06232030"),
        ("2030-06-17T22:30:00Z", true, Delay::None, "06182030", "07032030", "07042030"),
        ("2030-06-17T20:30:00Z", false, Delay::None, "06182030", "06192030", "06172030"),
        ("2030-06-17T20:30:00Z", true, Delay::None, "06172030", "08162030", "08172030"),
        (MORNING, true, Delay::Hold, "06212030", "06222030", "06202030"),
        ("2030-11-20T15:00:00Z", true, Delay::None, "11202030", "11292030", "11282030"),
    ] {
        let sandbox = sandbox_at(moment);
        let dates = offered(&sandbox.settings.clock, smart, delay);
        assert!(dates.starts_with(first), "{moment} {dates}");
        assert!(dates.contains(holds) && !dates.contains(lacks), "{moment} {dates}");
    }
}

#[tokio::test]
async fn last_four_selects_credit_decision() {
    let sandbox = sandbox();
    for (last_four, codes, amount) in [
        ("6789", (200, "00", "", ""), "0"),
        ("0200", (200, "00", "", ""), "200"),
        ("0350", (200, "00", "", ""), "350"),
        ("0001", (200, "01", "CREDIT_FREEZE", ""), "(none)"),
        ("0002", (200, "01", "CREDIT_FRAUD", ""), "(none)"),
        ("0003", (200, "00", "", ""), "(none)"),
        ("0004", (500, "01", "TECHNICAL_ERROR", "TECHNICAL_ERROR"), "(none)"),
        ("0006", (204, "(none)", "(none)", "(none)"), "(none)"),
    ] {
        let token = format!("7QK2MM0-{last_four}");
        let ids = ids(&identify(&sandbox, json!({ "tokenizedSSN": token })).await);
        let got = credit(&sandbox, &ids).await;
        assert_eq!((got.codes(), got.at("depositAmount")), (codes, amount), "{last_four}");
    }
    let owing = ids(&identify(&sandbox, json!({ "tokenizedSSN": "7QK2MM0-0350" })).await);
    let spanish = merged(
        owing.clone(),
        &json!({ "offerCode": "51010101", "mviDate": "06202030",
        "languageCode": "S" }),
    );
    let spanish = post_to(&sandbox, "check-credit", spanish).await;
    assert!(spanish.at("depositReasonText").starts_with("&lt;p&gt;Pedimos"));
    assert_eq!(spanish.json["creditFactorsText"][0], "Muy pocas cuentas");
    let recheck = merged(
        owing,
        &json!({ "offerCode": "51010101", "mviDate": "06202030",
        "tokenizedSSN": "8RL3NN1-6789" }),
    );
    assert_eq!(post_to(&sandbox, "recheck-credit", recheck).await.at("depositAmount"), "0");
    let approved = json!({ "tokenizedSSN": "7QK2MM0-0350", "prospectId": "P000123" });
    let approved = ids(&identify(&sandbox, approved).await);
    assert_eq!(credit(&sandbox, &approved).await.at("depositAmount"), "0");
}

#[tokio::test]
async fn check_credit_requires_language_and_move_in_date() {
    let sandbox = sandbox();
    let check = async |kind: &str, changes: Value| {
        let ids = ids(&identify(&sandbox, json!({ "transactionType": kind })).await);
        let plain = merged(ids, &json!({ "offerCode": "51010101", "mviDate": "06202030" }));
        let mut fields = plain.as_object().unwrap().clone();
        // A null stays, so that it takes away the base field too.
        fields.extend(changes.as_object().unwrap().clone());
        post_to(&sandbox, "check-credit", fields.into()).await
    };
    assert_eq!(check("MVI", json!({ "languageCode": null })).await.status, 500);
    assert_eq!(check("MVI", json!({ "languageCode": "" })).await.status, 200);
    assert_eq!(check("MVI", json!({ "mviDate": null })).await.at("errorCode"), "BAD_REQUEST");
    assert_eq!(check("SWI", json!({ "mviDate": null })).await.status, 200);
    assert_eq!(check("MVI", json!({ "mviDate": "06162030" })).await.status, 400);
    assert_eq!(check("MVI", json!({ "offerCode": "123" })).await.status, 400);
}

#[tokio::test]
async fn first_name_selects_enroll_answer() {
    let sandbox = sandbox();
    for (name, codes, again) in [
        ("Blank", (200, "00", "", ""), "ENROLLMENT_ALREADY_REQUESTED"),
        ("Zeros", (200, "00", "", ""), "ENROLLMENT_ALREADY_REQUESTED"),
        ("Existing", (200, "01", "CURRENT_CUSTOMER", ""), "ENROLLMENT_ALREADY_REQUESTED"),
        ("Nowhere", (200, "01", "AREA_NOT_SERVICED", ""), "ENROLLMENT_ALREADY_REQUESTED"),
        ("Notyet", (400, "01", "", "ENROLLMENT_NOT_ALLOWED"), ""),
        ("Never", (400, "01", "", "ENROLLMENT_NOT_ALLOWED"), "ENROLLMENT_NOT_ALLOWED"),
        ("Double", (400, "01", "", "DUPLICATE_SUBMISSION"), "ENROLLMENT_ALREADY_REQUESTED"),
        ("Nomatch", (400, "01", "", "NO_MATCH_FOUND"), "NO_MATCH_FOUND"),
        ("Badrequest", (400, "01", "", "BAD_REQUEST"), "BAD_REQUEST"),
        ("Technical", (500, "01", "TECHNICAL_ERROR", "TECHNICAL_ERROR"), "ENROLLMENT_ALREADY_REQUESTED"),
        ("Nocontent", (204, "(none)", "(none)", "(none)"), "ENROLLMENT_ALREADY_REQUESTED"),
        ("Cut", (200, "(none)", "(none)", "(none)"), "ENROLLMENT_ALREADY_REQUESTED"),
    ] {
        let (ids, got) = walk(&sandbox, json!({ "firstName": name })).await;
        assert_eq!(got.codes(), codes, "{name}");
        assert_eq!(submit(&sandbox, &ids).await.at("errorCode"), again, "{name}");
    }
    let (_, zeros) = walk(&sandbox, json!({ "firstName": "Zeros" })).await;
    assert_eq!((zeros.at("caNumber"), zeros.at("checkDigit")), ("000000000000", "0"));
    let (_, unresolved) = walk(&sandbox, json!({ "lastName": "Pastservice" })).await;
    assert_eq!((unresolved.at("statusCode"), unresolved.at("caNumber")), ("00", ""));
}

#[tokio::test]
async fn confirmed_past_service_enrolls_normally() {
    let sandbox = sandbox();
    let ids = ids(&identify(&sandbox, json!({ "lastName": "Pastservice" })).await);
    let yes = merged(ids.clone(), &json!({ "pastServiceMatchedFlag": "Y" }));
    post_to(&sandbox, "available-dates", yes).await;
    credit(&sandbox, &ids).await;
    assert_eq!(submit(&sandbox, &ids).await.at("caNumber").len(), 12);
}

#[tokio::test]
async fn enroll_before_required_calls_is_refused() {
    let sandbox = sandbox();
    let ids = ids(&identify(&sandbox, json!({})).await);
    let reason = async |ids: &Value| {
        let got = submit(&sandbox, ids).await;
        assert_eq!(got.codes(), (400, "01", "", "ENROLLMENT_NOT_ALLOWED"));
        got.at("errorDescription").to_owned()
    };
    assert_eq!(reason(&ids).await, "credit never checked");
    credit(&sandbox, &ids).await;
    assert_eq!(reason(&ids).await, "available dates never checked");
    dates(&sandbox, &ids).await;
    let method = merged(
        ids.clone(),
        &json!({ "offerCode": "51010101", "promoCode": "DEMO99",
        "campaignCode": "CAMPRE26", "productPriceCode": "P51010101", "incentiveCode": "INC51010101",
        "marketSegment": "01", "securityMethod": "DEPOSIT" }),
    );
    assert_eq!(post_to(&sandbox, "enroll", method).await.at("errorCode"), "BAD_REQUEST");
    assert_eq!(submit(&sandbox, &ids).await.status, 200);

    for (field, value) in [("lastName", "Holdrefused"), ("lastName", "Current"), ("servStreetNum", "500")] {
        let (ids, got) = walk(&sandbox, json!({ field: value })).await;
        assert_eq!(got.at("errorCode"), "ENROLLMENT_NOT_ALLOWED", "{value}");
        reason(&ids).await;
    }
}

#[tokio::test]
async fn second_enroll_during_the_first_is_processed_too() {
    let sandbox = sandbox();
    let ids = ids(&identify(&sandbox, json!({ "firstName": "Slow" })).await);
    dates(&sandbox, &ids).await;
    credit(&sandbox, &ids).await;
    let (first, second) = tokio::join!(submit(&sandbox, &ids), submit(&sandbox, &ids));
    assert_eq!((first.status, second.status), (200, 200));
    assert_ne!(first.at("idocNumber"), second.at("idocNumber"));
    assert_eq!(sandbox.processed(ids["trackingId"].as_str().unwrap()), 2);
    assert_eq!(submit(&sandbox, &ids).await.at("errorCode"), "ENROLLMENT_ALREADY_REQUESTED");
}

#[tokio::test]
async fn enroll_is_processed_when_the_caller_disconnects() {
    let sandbox = sandbox();
    let ids = ids(&identify(&sandbox, json!({ "firstName": "Slow" })).await);
    dates(&sandbox, &ids).await;
    credit(&sandbox, &ids).await;
    let gone = tokio::time::timeout(Duration::from_millis(10), submit(&sandbox, &ids)).await;
    assert!(gone.is_err());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(sandbox.processed(ids["trackingId"].as_str().unwrap()), 1);
}

#[tokio::test]
async fn holds_list_open_deposit_and_wrong_check_digit_fails_lookup() {
    let sandbox = sandbox();
    let (_, enrolled) = walk(&sandbox, json!({ "tokenizedSSN": "7QK2MM0-0200" })).await;
    let ask = async |digit: &str| {
        let query = json!({ "caNumber": enrolled.at("caNumber").trim_start_matches('0'), "checkDigit": digit,
            "billZipCode": "77999" });
        get_from(&sandbox, "holds", query).await
    };
    let open = ask(enrolled.at("checkDigit")).await;
    assert_eq!(open.json["enrollmentHoldList"][0]["holdType"], "DEPOSIT");
    assert_eq!(ask("0").await.codes(), (200, "00", "HOLD_LOOKUP_ERROR", ""));
}

#[tokio::test]
async fn text_language_follows_header_on_post() {
    let sandbox = sandbox();
    let body = merged(base(), &json!({ "servZipCode": "77990", "languageCode": "S" })).to_string();
    for (header, start) in [("E", "We are sorry"), ("S", "Lo sentimos")] {
        let request = request("POST", &format!("{BASE}tdsp"))
            .header("content-type", "application/json")
            .header("languageCode", header)
            .body(Body::from(body.clone()));
        assert!(send(&sandbox, request.unwrap()).await.at("messageText").starts_with(start), "{header}");
    }
    let call = sandbox.calls().pop().unwrap();
    assert_eq!(call.language_code.as_deref(), Some("S"));
}

#[tokio::test]
async fn gateway_page_escapes_its_input_and_links_back() {
    let sandbox = sandbox();
    let fields =
        "account=1%3Cb%3E&signature=abc&return_url=https%3A%2F%2Fenroll.example%2Fpay%2Freturn%3Fa%3D1";
    let get = Request::get(format!("/gateway/pay?{fields}")).body(Body::empty()).unwrap();
    let post = Request::post("/gateway/pay")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(fields))
        .unwrap();
    for request in [get, post] {
        let page = send(&sandbox, request).await;
        assert_eq!(page.status, 200);
        for part in [
            "This is a sandbox",
            "1&lt;b&gt;",
            "abc",
            "https://enroll.example/pay/return?a=1&amp;status=paid",
            "status=cancelled",
        ] {
            assert!(page.text.contains(part), "{part}");
        }
    }
    let script = Request::get("/gateway/pay?return_url=javascript:alert(1)").body(Body::empty()).unwrap();
    assert!(!send(&sandbox, script).await.text.contains("href"));
    let huge = Request::post("/gateway/pay").body(Body::from("a".repeat(20_000))).unwrap();
    assert_eq!(send(&sandbox, huge).await.status, 413);
}

#[test]
fn every_sandbox_input_is_listed_once() {
    let mut seen = std::collections::HashSet::new();
    for input in Sandbox::inputs() {
        assert!(seen.insert((input.field, input.value)), "{} {}", input.field, input.value);
        assert!(!input.outcome.is_empty());
    }
}
