//! Answers no contract foresees, over a real socket, and texts no person should see.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    http::{Response, StatusCode},
};
use proptest::{prelude::*, sample::Index, test_runner::TestCaseResult};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    fields::{
        Brand, EsiId, Language, LastFour, OfferCode, ProspectId, Ssn, TdspCode, Transaction, Zip, seen,
    },
    journey::{Outcome, Proof, Quiz, SafeHtml},
    nrg::{BrandClient, Enrollment, Error, QuizAnswer, bounded, calls::offers, sanitize},
    testing::properties::{run, spoil, spoils, text},
};

use super::{
    applicant, enroll_request,
    fake::{client, settings},
    hosts, record, service, site, token,
};

/// One answer for every call: what each of them reads is in it, and it leads on everywhere.
fn answer() -> Value {
    let mut answer: Value = serde_json::from_str(ANSWER).unwrap();
    answer["affiliateOfferList"] = json!([offers::tests::entry()]);
    answer
}

const ANSWER: &str = r#"{
        "statusCode": "00", "messageCode": "", "messageText": "", "errorCode": "", "errorDescription": "",
        "resultCode": "0", "resultDescription": "", "httpStatus": "OK",
        "returnToken": "7QK2MM0-6789",
        "tdspData": [{"tdspCodeCCS": "D0001", "tdspName": "Sample Wires"}],
        "streetNum": "100", "streetName": "EXAMPLE OAK LN", "aptNum": "12", "poBox": "", "city": "SAMPLETON",
        "state": "TX", "zipCode": "77999-0001",
        "esidList": [{"esidNumber": "10000009999999912", "premiseType": "RESIDENTIAL", "tdspCodeCCS": "D0001",
            "switchHoldStatus": "N", "esidStatusBrand": ""}],
        "strStreetAddr": "100 EXAMPLE OAK LN", "strAptNumber": "12", "strCity": "SAMPLETON", "strState": "TX",
        "strZip": "77999", "strZipFour": "0001", "strPremiseType": "RESIDENTIAL", "strErrCode": "",
        "affiliateOfferList": [],
        "trackingId": "4900001", "guid": "3f0f6f1e-0000-4000-8000-000000000001", "posidSSNDate": "06/18/2030",
        "posidDLDate": "", "retryCount": "0", "kbaSuggestionFlag": "", "bpMatchFlag": "",
        "pendingBalanceAmount": "", "existingStreetAddress": "", "existingAptNum": "", "existingCity": "",
        "transactionKey": "9990000000000001",
        "questions": [{"questionId": 1, "quizeId": 2, "questionText": "Which street?",
            "options": [{"optionId": 1, "optionText": "Invented Blvd"}, {"optionId": 2, "optionText": "None"}]}],
        "ssnVerifyDate": "06/18/2030", "drivingLicenceVerifyDate": "",
        "availableDates": "06202030;06212030", "esid": "10000009999999912", "tdspCode": "D0001", "tdspFee": "",
        "switchHoldFlag": "N", "meterType": "AMSR",
        "depositAmount": "200", "depositDueText": "now", "depositReasonText": "&lt;b&gt;report&lt;/b&gt;",
        "creditFactorsText": ["one", "two"], "creditAgency": "EQ",
        "caNumber": "000099900001", "checkDigit": "7", "bpid": "99900001", "idocNumber": "1",
        "enrollmentHoldList": [{"holdType": "A", "holdStatus": "B", "holdTitle": "T", "holdDescription": "D"}]
    }"#;

/// What means something somewhere in an answer.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "00", "01", "02", "03", "0", "1", "-1", "99999999999999999999", "1e999", "0000-00-00", "02302030", ";",
    "*", "NaN", " ", "\u{0}", "\r\n", "\u{feff}", "é", "ﬀ", "null", "Y", "N", "PROMO_INVALID",
    "TDSP_MISMATCH", "NESID", "POSIDHOLD", "POSID_FAIL_MAX", "NO_MATCH_FOUND",
    "ENROLLMENT_ALREADY_REQUESTED", "DUPLICATE_SUBMISSION", "RETRY_NOT_ALLOWED", "INVALID_DOB",
    "UNIT_NEEDED", "PARTIAL_MATCH", "<b>", "&amp;", "https://brand.example/a.pdf", "https://evil.example/",
    "D0002", "12312999",
];

/// A server whose next answer can be set.
async fn puppet(next: Arc<Mutex<(u16, Vec<u8>)>>) -> SocketAddr {
    let app = Router::new().fallback(move || {
        let (http, body) = next.lock().unwrap().clone();
        async move {
            let mut response = Response::new(Body::from(body));
            *response.status_mut() = StatusCode::from_u16(http).unwrap();
            response
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Makes every call once, in its turn with the answer that is set. `may` says what the answer allows.
async fn each_call(nrg: BrandClient<'_>, may: May) -> TestCaseResult {
    let (zip, meter) = (Zip::parse("77999").unwrap(), EsiId::parse("10000009999999912").unwrap());
    let (tdsp, offer) = (TdspCode::parse("D0001").unwrap(), OfferCode::parse("59990001").unwrap());
    let four = LastFour::parse("6789").unwrap();
    let quiz = [QuizAnswer { quiz_id: 2, question_id: 1, answer_id: 1 }];
    let ssn = Ssn::parse("900456789").unwrap();

    may.outcome(nrg.tdsp(&zip, Transaction::MoveIn).await)?;
    may.outcome(nrg.available_dates(&record(), false).await)?;
    may.outcome(nrg.check_credit(&record(), &offer, None).await)?;
    may.outcome(nrg.recheck_credit(&record(), &offer, None, &token()).await)?;
    may.outcome(nrg.prospect(&ProspectId::parse("AB12").unwrap(), &four).await)?;
    may.outcome(match nrg.kba_result(&record(), "9990000000000001", &quiz).await {
        Ok(Outcome::Accepted(Quiz::Failed | Quiz::Unavailable)) => Ok(Outcome::Done),
        other => other,
    })?;
    may.outcome(nrg.token_ssn(&ssn).await.map(Outcome::Accepted))?;
    // Business answers of these are no leave to go on.
    may.checked(nrg.offers(&tdsp, Transaction::Switch).await)?;
    may.checked(nrg.kba_oe(&record()).await)?;
    may.checked(nrg.cleanup_service(&service()).await)?;
    may.checked(nrg.cleanup_billing(&(&service()).into()).await)?;
    may.checked(nrg.esid(&service()).await)?;
    may.checked(nrg.esid_residential(&service()).await)?;
    may.checked(nrg.esid_validation(&meter).await)?;
    may.checked(nrg.holds("000099900001", "7", "77999").await)?;
    may.checked(nrg.identity(&applicant(Proof::Ssn(token())), None).await.map(|reply| reply.repeats))?;
    may.checked(nrg.identity(&applicant(Proof::None), Some(&record())).await.map(|reply| reply.repeats))?;

    let enrolled = nrg.enroll(&record().tracking_id, &enroll_request()).await.enrollment;
    let good = matches!(enrolled, Enrollment::Enrolled { .. } | Enrollment::Accepted { .. });
    prop_assert!(!good || may.go_on, "{enrolled:?}");
    prop_assert_ne!(enrolled, Enrollment::NotSent, "an answer came back");
    Ok(())
}

/// What an answer allows.
#[derive(Clone, Copy)]
struct May {
    /// HTTP 200 with `00`.
    go_on: bool,
}

impl May {
    fn outcome<T: std::fmt::Debug>(self, result: Result<Outcome<T>, Error>) -> TestCaseResult {
        if let Ok(Outcome::Accepted(accepted)) = &result {
            prop_assert!(self.go_on, "accepted: {accepted:?}");
        }
        self.checked(result)
    }

    /// An error that is checked never quotes the answer.
    fn checked<T: std::fmt::Debug>(self, result: Result<T, Error>) -> TestCaseResult {
        if let Err(error) = result {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            prop_assert!(!format!("{error} {cause}").contains("CANARY"), "{error} {cause}");
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
enum Bytes {
    Whole,
    Cut(Index),
    Put(Index, Vec<u8>),
}

/// Whether a person would read `00`.
fn is_continue(status: &Value) -> bool {
    match status {
        Value::String(text) => ["00", "0"].contains(&text.trim()),
        Value::Number(number) => number.to_string() == "0" || number.to_string() == "0.0",
        Value::Array(elements) => matches!(elements.as_slice(), [only] if is_continue(only)),
        Value::Null | Value::Bool(_) | Value::Object(_) => false,
    }
}

#[test]
fn fuzz_nrg_replies() {
    let next = Arc::new(Mutex::new((200, Vec::new())));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (nrg, site) = runtime.block_on(async {
        let mut settings = settings(puppet(next.clone()).await);
        settings.timeouts = crate::config::testing::defaults().nrg.client.timeouts;
        (client(settings), site())
    });
    let bytes = prop_oneof![
        6 => Just(Bytes::Whole),
        1 => any::<Index>().prop_map(Bytes::Cut),
        1 => (any::<Index>(), proptest::collection::vec(any::<u8>(), 1..6))
            .prop_map(|(at, bytes)| Bytes::Put(at, bytes)),
    ];
    let http = prop_oneof![8 => Just(200_u16), 3 => Just(400), 1 => Just(204), 1 => Just(302)];
    let status = prop_oneof![
        4 => Just(Value::from("00")),
        2 => Just(Value::from("01")),
        2 => Just(Value::from("02")),
        1 => Just(json!(0)),
        1 => text(PIECES).prop_map(Value::from)
    ];
    run((http, status, spoils(PIECES), bytes), |(http, status, spoils, bytes)| {
        let mut body = answer();
        body["statusCode"] = status;
        body["errorDescription"] = "CANARY".into();
        spoil(&mut body, spoils);
        let mut raw = body.to_string().into_bytes();
        match &bytes {
            Bytes::Whole => {}
            Bytes::Cut(at) => raw.truncate(at.index(raw.len())),
            Bytes::Put(at, bytes) => {
                let at = at.index(raw.len());
                raw.splice(at..at, bytes.iter().copied());
            }
        }
        // What no call reads need not even be UTF-8.
        let read: Option<Value> = serde_json::from_str(&String::from_utf8_lossy(&raw)).ok();
        let go_on =
            http == 200 && read.as_ref().and_then(|body| body.get("statusCode")).is_some_and(is_continue);
        *next.lock().unwrap() = (http, raw);
        runtime.block_on(each_call(nrg.brand_client(&site, Brand::Reliant, Language::Spanish), May { go_on }))
    });
}

/// What means something to a browser.
#[rustfmt::skip]
const HTML: &[&str] = &[
    "<", ">", "&", "\"", "'", "<br>", "<br/>", "</br>", "<p>", "</p>", "<a href=", "</a>", "<a>",
    "<script>", "</script>", "<style>", "<svg onload=x>", "<math><mi//xlink:href=", "<iframe srcdoc=",
    "<noscript>", "<template>", "<!--", "-->", "<![CDATA[", "]]>", "&lt;", "&gt;", "&amp;", "&quot;",
    "&#60;", "&#x3c;script&#x3e;", "&nbsp;", "javascript:", "data:", "https://brand.example/form.pdf",
    "https://brand.example@evil.example/", "https://brand.example:444/", "//evil.example",
    "https://evil.example/", "https://BRAND.EXAMPLE/", "https:\\\\brand.example\\", " onclick=alert(1) ",
    " target=_blank", " href='https://brand.example/'", " rel=opener", "\u{0}", "\u{202e}", "\u{a0}", "\n",
    "&#x202e;", "&#27;", "\u{338}", "\u{1b}[2J",
    "é", "text", "<table><td>", "<textarea>", "<title>", "<plaintext>", "<xmp>", "&lt;br&gt;",
    "&amp;lt;b&amp;gt;",
];

/// Only text, `<br>` and links whose address is https on an allow-listed host; every character that could
/// begin something else is escaped.
fn is_safe(html: &str) -> TestCaseResult {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').map(|end| at + end + 1);
        let tag = &rest[at..end.unwrap_or(rest.len())];
        let linked =
            tag.strip_prefix("<a href=\"").and_then(|rest| rest.strip_suffix("\" rel=\"noopener\">"));
        let good = match linked {
            Some(address) => {
                !address.contains(['"', '<', '>', ' '])
                    && address.starts_with("https://brand.example/")
                    && sanitize::link(&address.replace("&amp;", "&"), &hosts()).is_some()
            }
            None => matches!(tag, "<br>" | "</a>"),
        };
        prop_assert!(good, "{tag:?} in {html:?}");
        rest = &rest[at + tag.len()..];
    }
    let outside: String =
        html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    prop_assert!(!outside.contains(['<', '>']), "{html:?}");
    // Cleaned again it stays what it is: nothing waits behind one more reading.
    let again = sanitize::clean(html, &hosts()).html;
    prop_assert_eq!(again.as_ref().map(SafeHtml::as_str), Some(html));
    Ok(())
}

/// No character that is not seen, and no more than `max` of them.
fn is_bounded(text: &str, max: usize) -> TestCaseResult {
    let unseen = text.chars().find(|c| c.is_control() || seen(*c) != Some(*c));
    prop_assert_eq!(unseen, None, "{:?}", text);
    prop_assert!(text.chars().count() <= max, "{} characters", text.chars().count());
    Ok(())
}

#[test]
fn fuzz_message_cleaning() {
    run(text(HTML), |html| {
        if let Some(safe) = sanitize::clean(&html, &hosts()).html {
            is_safe(safe.as_str())?;
            is_bounded(safe.as_str(), bounded::MESSAGE)?;
        }
        if let Some(safe) = sanitize::clean_escaped(&html, &hosts()).html {
            is_safe(safe.as_str())?;
            is_bounded(safe.as_str(), bounded::MESSAGE)?;
        }
        if let Some(plain) = sanitize::plain(&html, bounded::SENTENCE) {
            prop_assert!(!plain.trim().is_empty(), "{plain:?}");
            is_bounded(&plain, bounded::SENTENCE)?;
        }
        if let Some(url) = sanitize::link(&html, &hosts()) {
            prop_assert!(url.as_str().starts_with("https://brand.example/"), "{url}");
        }
        Ok(())
    });
}
