//! POST `enroll` (contract 5.19, section 9).
//!
//! A record is marked as submitted only when the processing is over, so that a second call arriving meanwhile
//! is processed too, and the processing continues after the client disconnects: both as at NRG.

use axum::extract::State;
use serde_json::json;

use super::{
    envelope::Reply,
    inputs::{self, Failure, Submission},
    plans::Offer,
    records::{Credit, Identity, Issued, Match, Record, Site, Transaction},
    request::ApiRequest,
    rules::{ANY, Rule, check_tracked, optional, required},
    state::Sandbox,
};

const FIELDS: &[&str] = &["trackingId", "caNumber", "checkDigit", "bpid", "idocNumber"];

const RULES: &[Rule] = &[
    required("offerCode", 8).form(|code| code.len() == 8),
    required("promoCode", 10),
    required("campaignCode", 10),
    required("productPriceCode", 10),
    required("incentiveCode", 15),
    required("marketSegment", 2),
    optional("ebillFlag", 1),
    optional("securityMethod", ANY),
];

/// How many times longer than a slow answer a hanging one takes.
const HANG: u32 = 20;

/// Submits the enrollment.
pub async fn answer(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    let language = request.language();
    tokio::spawn(process(sandbox, request)).await.unwrap_or_else(|_| Reply::technical(language))
}

async fn process(sandbox: Sandbox, request: ApiRequest) -> Reply {
    let language = request.language();
    if let Err(refusal) = check_tracked(&request, RULES) {
        return refusal;
    }
    let submission = match accept(&sandbox, &request) {
        Ok(submission) => submission,
        Err(refusal) => return refusal.complete(FIELDS),
    };
    match submission {
        Submission::Failure(Failure::Slow) => sandbox.delay().await,
        Submission::Hang => tokio::time::sleep(sandbox.settings.slow * HANG).await,
        _ => {}
    }
    let good = submit(&sandbox, &request, submission).complete(FIELDS);
    match submission {
        Submission::Failure(failure) if failure != Failure::Slow => {
            failure.apply(&sandbox, language, good).await
        }
        _ => good,
    }
}

/// The outcome of the submission, if the record may be submitted.
fn accept(sandbox: &Sandbox, request: &ApiRequest) -> Result<Submission, Reply> {
    if request.given("securityMethod").is_some() {
        return Err(Reply::refuse("BAD_REQUEST", "* securityMethod is not allowed for this channel"));
    }
    let mut memory = sandbox.memory();
    let record = memory.tracked(request)?;
    if let Some(reason) = forbidden_reason(record, request) {
        return Err(Reply::refuse("ENROLLMENT_NOT_ALLOWED", reason));
    }
    if record.transaction != Some(Transaction::Switch) && record.start_date.is_none() {
        return Err(Reply::refuse("BAD_REQUEST", "* mviDate was never given"));
    }
    let of_one_entry = Offer::find(request.brand(), request.text("offerCode")).is_some_and(|offer| {
        offer.campaign() == request.text("campaignCode")
            && offer.price_code() == request.text("productPriceCode")
            && offer.incentive() == request.text("incentiveCode")
    });
    if !of_one_entry {
        return Err(Reply::refuse(
            "BAD_REQUEST",
            "sandbox: the codes are not those of one offer of this brand",
        ));
    }
    let submission = inputs::submission(&record.first_name);
    match submission {
        Submission::Refused => Err(Reply::refuse("ENROLLMENT_NOT_ALLOWED", "restricted account")),
        Submission::RefusedOnce if record.refusals == 0 => {
            record.refusals += 1;
            Err(Reply::refuse("ENROLLMENT_NOT_ALLOWED", "credit never checked"))
        }
        Submission::NoMatch => {
            Err(Reply::refuse("NO_MATCH_FOUND", "no record with this trackingId and guid"))
        }
        Submission::BadRequest => Err(Reply::refuse("BAD_REQUEST", "* ebillFlag is not valid")),
        _ => Ok(submission),
    }
}

/// The safety rule that forbids the submission (E5), if there is one.
fn forbidden_reason(record: &Record, request: &ApiRequest) -> Option<&'static str> {
    match record.identity {
        Identity::Unverified | Identity::Held { permitted: false } => {
            return Some("identity hold not permitted");
        }
        Identity::Verified | Identity::Held { permitted: true } => {}
    }
    match record.matched {
        Match::Current => return Some("existing customer"),
        Match::Restricted => return Some("restricted account"),
        Match::Clear | Match::PastService | Match::Unresolved => {}
    }
    match record.site {
        Site::HeldSwitch => return Some("switch hold on a switch"),
        Site::Business => return Some("business meter"),
        Site::Own => return Some("existing customer"),
        Site::Fine => {}
    }
    match record.credit {
        Credit::Never => return Some("credit never checked"),
        Credit::Blocked => return Some("credit freeze or fraud alert"),
        Credit::NoResult => return Some("credit check failed or left no result"),
        Credit::NoDeposit | Credit::Owed => {}
    }
    if !record.dates_checked {
        return Some("available dates never checked");
    }
    let other_offer = record.offer.as_deref() != Some(request.text("offerCode"));
    other_offer.then_some("sandbox: credit was never checked for this offer")
}

/// Ends the processing: closes the record and, in most outcomes, issues an account.
fn submit(sandbox: &Sandbox, request: &ApiRequest, submission: Submission) -> Reply {
    let language = request.language();
    let mut memory = sandbox.memory();
    let Some(record) = memory.record_mut(request.text("trackingId")) else {
        return Reply::refuse("NO_MATCH_FOUND", "no record with this trackingId and guid");
    };
    record.submitted = true;
    match submission {
        Submission::Already => return Reply::refuse("ENROLLMENT_ALREADY_REQUESTED", "submitted before"),
        Submission::Duplicate => return Reply::refuse("DUPLICATE_SUBMISSION", "second guard"),
        Submission::Current => return Reply::stop("CURRENT_CUSTOMER", language),
        Submission::Unserved => return Reply::stop("AREA_NOT_SERVICED", language),
        _ => {}
    }
    record.processed += 1;
    let number = record.number().unwrap_or_default();
    let followed_up = matches!(record.matched, Match::PastService | Match::Unresolved);
    let (account, check_digit) = match submission {
        Submission::Zeros => ("000000000000".to_owned(), "0".to_owned()),
        Submission::NoAccount => (String::new(), "0".to_owned()),
        _ if followed_up => (String::new(), String::new()),
        _ => (format!("0000{:08}", 99_000_000 + number % 1_000_000), (number % 9 + 1).to_string()),
    };
    let partner = format!("00{:08}", 88_000_000 + number % 1_000_000);
    let document = format!("{:014}{:02}", 9_999_000_000 + number, record.processed % 100);
    if account.chars().any(|digit| digit != '0') {
        record.issued = Some(Issued {
            number: account.clone(),
            check_digit: check_digit.clone(),
            partner: partner.clone(),
        });
    }
    Reply::success().with(json!({
        "trackingId": record.tracking_id, "idocNumber": document, "caNumber": account,
        "checkDigit": check_digit, "bpid": partner,
    }))
}
