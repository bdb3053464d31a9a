//! What goes over the wire, to the letter.

use serde_json::{Value, json};

use crate::{
    fields::{
        BillingAddress, Brand, City, DriverLicense, EsiId, Language, LastFour, OfferCode, PoBox, ProspectId,
        ServiceDate, Ssn, State, TdspCode, Transaction, Zip,
    },
    journey::{Offer, Proof},
    nrg::{BrandClient, QuizAnswer},
};

use super::{
    applicant, enroll_request,
    fake::{Asked, Fake, client, json, settings},
    record, service, site, token,
};

/// The one request that `call` sends for Cirro in Spanish.
async fn sent(call: impl AsyncFnOnce(BrandClient<'_>)) -> Asked {
    let fake = Fake::start([json(200, r#"{"statusCode":"01"}"#)]).await;
    let (nrg, site) = (client(settings(fake.address)), site());
    call(nrg.brand_client(&site, Brand::Cirro, Language::Spanish)).await;
    let mut asked = fake.asked();
    assert_eq!(asked.len(), 1);
    asked.remove(0)
}

/// Checks what every request has, and manual back the path and the fields beside the base fields.
fn own_fields(asked: &Asked) -> (String, Value) {
    let header = |name: &str| {
        let mut all = asked.headers.get_all(name).iter().map(|value| value.to_str().unwrap());
        let first = all.next();
        assert_eq!(all.next(), None, "{name} is sent once");
        first
    };
    assert_eq!(header("authorization"), Some("Basic cGFydG5lcjpwYXNzOndvcmQ="));
    assert_eq!(header("accept"), Some("application/json"));
    assert_eq!(header("languagecode"), Some("S"));
    let mut names: Vec<&str> = asked.headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    let mut fields = if asked.method == "GET" {
        assert_eq!(names, ["accept", "authorization", "host", "languagecode"], "nothing of a browser's");
        assert!(asked.body.is_empty());
        url::form_urlencoded::parse(asked.query.as_bytes())
            .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
            .collect()
    } else {
        assert_eq!(asked.method, "POST");
        assert_eq!(header("content-type"), Some("application/json"), "without a charset");
        assert_eq!(
            names,
            ["accept", "authorization", "content-length", "content-type", "host", "languagecode"]
        );
        assert_eq!(asked.query, "");
        match serde_json::from_slice(&asked.body).unwrap() {
            Value::Object(fields) => fields,
            other => panic!("{other}"),
        }
    };
    for (name, value) in &fields {
        assert!(!value.is_null() && value != "", "{name} is blank");
    }
    for (name, value) in [
        ("affiliateId", "AFF-DEMO"),
        ("channelType", "AFF"),
        ("companyCode", "0391"),
        ("brandId", "CE"),
        ("languageCode", "S"),
    ] {
        assert_eq!(fields.remove(name), Some(Value::from(value)));
    }
    let path = asked.path.strip_prefix("/NRGREST/rest/sales/").unwrap();
    (format!("{} {path}", asked.method), Value::Object(fields))
}

macro_rules! sends {
    ($call:expr, $line:literal, $fields:tt) => {
        assert_eq!(own_fields(&sent($call).await), ($line.to_owned(), json!($fields)))
    };
}

fn offer() -> Offer {
    serde_json::from_value(json!({
        "brand": "CE", "tdsp": "D0001", "code": "59990001",
        "codes": {"promo": "DEMO99", "campaign": "CAMPDEMO", "product_price": "P", "incentive": "I", "market_segment": "01"},
        "name": "Sample", "tagline": null, "details": null, "fine_print": null, "kind": "fixed", "term_months": 12,
        "cancel_fee": 150, "average": {"at_500": 1, "at_1000": 1, "at_2000": 1}, "charges": [], "usage_credit": null,
        "green": false, "smart_meter": false,
        "documents": {"efl": "https://brand.example/e", "tos": "https://brand.example/t", "yrac": "https://brand.example/y"}
    }))
    .unwrap()
}

#[tokio::test]
async fn get_requests_carry_their_query_parameters() {
    sends!(async |caller| drop(caller.token_ssn(&Ssn::parse("900-45-6789").unwrap()).await),
        "GET token", {"actionCode": "SE", "numToBeTokenized": "900456789"});
    sends!(async |caller| drop(caller.token_license(&DriverLicense::parse("99012345").unwrap()).await),
        "GET token", {"actionCode": "PE", "numToBeTokenized": "99012345"});
    let (prospect, last_four) = (ProspectId::parse("P000123").unwrap(), LastFour::parse("6789").unwrap());
    sends!(async |caller| drop(caller.prospect(&prospect, &last_four).await),
        "GET prospect", {"prospectID": "P000123", "last4SSN": "6789"});
    let tdsp = TdspCode::parse("D0001").unwrap();
    sends!(async |caller| drop(caller.offers(&tdsp, Transaction::Switch).await),
        "GET offers", {"tdspCodeCCS": "D0001", "transactionType": "SWI"});
    sends!(async |caller| drop(caller.offer_details(&offer()).await),
        "GET offer-details", {"offerCode": "59990001", "promoCode": "DEMO99", "campaignCode": "CAMPDEMO"});
    sends!(async |caller| drop(caller.holds("000099990001", "7", "77999").await),
        "GET holds", {"caNumber": "000099990001", "checkDigit": "7", "billZipCode": "77999"});
}

#[tokio::test]
async fn post_requests_before_identity_carry_their_body() {
    sends!(async |caller| drop(caller.cleanup_service(&service()).await),
        "POST cleanup-address", {"streetNum": "100", "streetName": "Example Oak Ln", "aptNum": "12", "city": "Sampleton",
            "state": "TX", "zipCode": "77999"});
    sends!(async |caller| drop(caller.cleanup_billing(&po_box()).await),
        "POST cleanup-address", {"poBox": "123", "city": "Sampleton", "state": "OK", "zipCode": "73999"});
    sends!(async |caller| drop(caller.tdsp(&Zip::parse("77999").unwrap(), Transaction::MoveIn).await),
        "POST tdsp", {"servZipCode": "77999", "transactionType": "MVI"});
    sends!(async |caller| drop(caller.esid(&service()).await),
        "POST esid", {"servStreet": "100 Example Oak Ln", "servStreetAptNum": "12", "servCity": "Sampleton",
            "servZipCode": "77999"});
    let mut house = service();
    house.unit = None;
    sends!(async |caller| drop(caller.esid_residential(&house).await),
        "POST esid/residential", {"servStreet": "100 Example Oak Ln", "servCity": "Sampleton", "servZipCode": "77999"});
    sends!(async |caller| drop(caller.esid_validation(&EsiId::parse("10000009999999912").unwrap()).await),
        "POST esidValidation", {"esid": "10000009999999912"});
}

fn po_box() -> BillingAddress {
    BillingAddress::PoBox {
        po_box: PoBox::parse("PO Box 123").unwrap(),
        city: City::parse("Sampleton").unwrap(),
        state: State::parse("OK").unwrap(),
        zip: Zip::parse("73999").unwrap(),
    }
}

#[tokio::test]
async fn identity_request_carries_applicant_and_ids_when_repeated() {
    let person = json!({
        "firstName": "Jordan", "lastName": "Samplecase", "dob": "01151990", "email": "jordan.samplecase@example.com",
        "phoneNum": "7135550142", "transactionType": "MVI", "preferredLanguage": "E", "servStreetNum": "100",
        "servStreetName": "Example Oak Ln", "servStreetAptNum": "12", "servCity": "Sampleton", "servState": "TX",
        "servZipCode": "77999", "billCity": "Sampleton", "billState": "TX", "billZipCode": "77999"
    });
    let with = |more: Value| {
        let mut all = person.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("POST identity".to_owned(), all)
    };
    let street =
        json!({"billStreetNum": "100", "billStreetName": "Example Oak Ln", "billStreetAptNum": "12"});

    let mut first = applicant(Proof::Ssn(token()));
    first.prospect = Some(ProspectId::parse("P000123").unwrap());
    let asked = sent(async |caller| drop(caller.identity(&first, None).await)).await;
    let (line, mut expected) = with(street);
    let own = json!({"tokenizedSSN": "7QK2MM0-6789", "prospectId": "P000123", "mktPref": "Y"});
    expected.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    assert_eq!(own_fields(&asked), (line, expected));

    let mut repeat = applicant(Proof::DriverLicense(token()));
    (repeat.billing, repeat.marketing_email) = (po_box(), false);
    repeat.prospect = Some(ProspectId::parse("P000123").unwrap());
    let asked = sent(async |caller| drop(caller.identity(&repeat, Some(&record())).await)).await;
    let expected = with(
        json!({"tokenizedTDL": "7QK2MM0-6789", "billPOBox": "123", "billState": "OK", "billZipCode": "73999",
        "trackingId": "4900001", "guid": "3f0f6f1e-0000-4000-8000-000000000001"}),
    );
    assert_eq!(own_fields(&asked), expected, "no prospect without an SSN");

    let mut without = applicant(Proof::None);
    without.billing = po_box();
    let asked = sent(async |caller| drop(caller.identity(&without, None).await)).await;
    let expected = with(
        json!({"noid": "true", "mktPref": "Y", "billPOBox": "123", "billState": "OK", "billZipCode": "73999"}),
    );
    assert_eq!(own_fields(&asked), expected);
}

#[tokio::test]
async fn tracked_post_requests_carry_ids_and_their_body() {
    let (offer, date) = (OfferCode::parse("59990001").unwrap(), ServiceDate::parse_wire("06192030").unwrap());
    sends!(async |caller| drop(caller.kba_oe(&record()).await),
        "POST kba-oe", {"trackingId": "4900001", "guid": "3f0f6f1e-0000-4000-8000-000000000001"});
    let answer = QuizAnswer { quiz_id: 1, question_id: 2, answer_id: 3 };
    sends!(async |caller| drop(caller.kba_result(&record(), "9990000000000001", &[answer]).await),
        "POST kba-result", {"trackingId": "4900001", "guid": "3f0f6f1e-0000-4000-8000-000000000001",
            "transactionKey": "9990000000000001", "questionList": [{"quizId": 1, "questionId": 2, "answerId": 3}]});
    for (past_service, flag) in [(true, "Y"), (false, "N")] {
        sends!(async |caller| drop(caller.available_dates(&record(), past_service).await),
            "POST available-dates", {"trackingId": "4900001", "guid": "3f0f6f1e-0000-4000-8000-000000000001",
                "pastServiceMatchedFlag": flag});
    }
    sends!(async |caller| drop(caller.check_credit(&record(), &offer, Some(date)).await),
        "POST check-credit", {"trackingId": "4900001", "guid": "3f0f6f1e-0000-4000-8000-000000000001",
            "offerCode": "59990001", "mviDate": "06192030"});
    sends!(async |caller| drop(caller.recheck_credit(&record(), &offer, None, &token()).await),
        "POST recheck-credit", {"trackingId": "4900001", "guid": "3f0f6f1e-0000-4000-8000-000000000001",
            "offerCode": "59990001", "tokenizedSSN": "7QK2MM0-6789"});
    sends!(async |caller| drop(caller.enroll(&record().tracking_id, &enroll_request()).await),
        "POST enroll", {"trackingId": "4900001", "guid": "3f0f6f1e-0000-4000-8000-000000000001",
            "offerCode": "59990001", "promoCode": "DEMO99", "campaignCode": "CAMPDEMO", "productPriceCode": "PPCDEMO",
            "incentiveCode": "INCDEMO", "marketSegment": "01", "ebillFlag": "Y"});
}
