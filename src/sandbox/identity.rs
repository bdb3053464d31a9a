//! POST `identity` (contract 5.11, section 8): opens the record or updates it, verifies, and matches.

use axum::extract::State;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{
    credit::last_four,
    envelope::Reply,
    inputs::{self, Person, Prospect},
    premise::Address,
    records::{Identity, Match, Record, Transaction},
    request::{ApiRequest, Reader},
    rules::{ANY, Rule, check, date, digits, optional, refuse, required},
    state::Sandbox,
    verification::{self, LAST_ATTEMPT},
};

const FIELDS: &[&str] = &[
    "trackingId",
    "guid",
    "tokenizedSSN",
    "tokenizedTDL",
    "posidSSNDate",
    "posidDLDate",
    "retryCount",
    "kbaSuggestionFlag",
    "bpMatchFlag",
    "bpMatchScenarioId",
    "matchedBP",
    "pendingBalanceAmount",
    "existingStreetAddress",
    "existingAptNum",
    "existingCity",
    "existingState",
    "existingZip",
];

const RULES: &[Rule] = &[
    optional("trackingId", ANY).form(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric())),
    optional("guid", ANY),
    required("firstName", 40),
    required("lastName", 40),
    optional("middleName", 40),
    optional("maidenName", 40),
    required("dob", ANY).form(|value| date(value).is_some()),
    required("email", 100).form(is_email),
    required("phoneNum", ANY).form(|value| value.len() == 10 && digits(value)),
    optional("tokenizedSSN", 20),
    optional("tokenizedTDL", 20),
    optional("noid", ANY).form(|value| value == "true"),
    optional("transactionType", ANY),
    required("servStreetNum", 10),
    required("servStreetName", 60),
    optional("servStreetAptNum", 10),
    required("servCity", 30),
    required("servState", 2),
    required("servZipCode", 10),
    optional("billStreetNum", 10),
    optional("billStreetName", 60),
    optional("billStreetAptNum", 10),
    optional("billPOBox", 25),
    optional("billCity", ANY),
    optional("billState", ANY),
    optional("billZipCode", ANY),
    optional("preferredLanguage", ANY),
    optional("mktPref", 1),
    optional("prospectId", ANY),
];

fn is_email(value: &str) -> bool {
    value.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && domain.contains('.') && !domain.starts_with('.') && !value.contains(' ')
    })
}

/// Verifies the person.
pub async fn answer(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    if let Err(refusal) = check_request(&sandbox, &request) {
        return refusal.complete(FIELDS);
    }
    let good = match record(&sandbox, &request) {
        Ok(reply) => reply,
        // Contract 3.1: here `httpStatus` can be OK inside a 400.
        Err(refusal) => return refusal.with(json!({ "httpStatus": "OK" })).complete(FIELDS),
    };
    match inputs::person(request.text("lastName")) {
        Person::Failure(failure) => failure.apply(&sandbox, request.language(), good).await,
        _ => good,
    }
}

/// Checks everything that can end the call before there is a record.
fn check_request(sandbox: &Sandbox, request: &ApiRequest) -> Result<(), Reply> {
    let language = request.language();
    check(request, RULES)?;
    match (request.given("trackingId"), request.given("guid")) {
        (Some(_), None) => return Err(refuse(request, &[("guid", "is required with trackingId")])),
        (None, Some(_)) => return Err(refuse(request, &[("trackingId", "is required with guid")])),
        _ => {}
    }
    let tokens = [request.given("tokenizedSSN"), request.given("tokenizedTDL")];
    if tokens == [None, None] && request.given("noid").is_none() {
        return Err(refuse(request, &[("tokenizedSSN", "or tokenizedTDL is required")]));
    }
    let person = inputs::person(request.text("lastName"));
    let today = sandbox.settings.clock.texas_today();
    let of_age = date(request.text("dob")).is_some_and(|birth| (18..=100).contains(&age(birth, today)));
    if request.reader != Reader::Strict && (!of_age || person == Person::InvalidBirthDate) {
        return Err(refuse(request, &[("dob", "is not between 18 and 100 years ago")]));
    }
    let domain = request.text("email").rsplit('@').next().unwrap_or_default().to_lowercase();
    let invented =
        ["example.com", "example.org", "example.net"].contains(&domain.as_str()) || domain.ends_with(".test");
    if !invented {
        return Err(refuse(
            request,
            &[("email", "sandbox: only example.com, .org, .net and .test are taken")],
        ));
    }
    if !request.text("phoneNum").contains("555") {
        return Err(refuse(request, &[("phoneNum", "sandbox: only numbers that contain 555 are taken")]));
    }

    let street = request.given("billStreetNum").is_some() && request.given("billStreetName").is_some();
    let half_street = request.given("billStreetNum").is_some() != request.given("billStreetName").is_some();
    if half_street || (!street && request.given("billPOBox").is_none()) {
        return Err(Reply::stop("", language));
    }
    let usable = |token: &str| digits(&last_four(token));
    if person == Person::TokenDown || tokens.iter().flatten().any(|token| !usable(token)) {
        return Err(Reply::stop("TOKEN_SERVER_DOWN", language));
    }
    if person == Person::TokenBroken {
        return Err(Reply::failed("", "TOKEN_SERVER_DOWN", language));
    }
    if person == Person::NotStored {
        return Err(Reply::failed("INTERNAL_SERVER_ERROR", "", language));
    }
    match request.given("prospectId").map(inputs::prospect) {
        Some(Prospect::Unknown) => Err(Reply::stop("NO_PROSPECT_MATCH_FOUND", language)),
        Some(_) if tokens.first() == Some(&None) => Err(Reply::stop("NO_PROSPECT_MATCH_FOUND", language)),
        _ => Ok(()),
    }
}

fn age(birth: Date, today: Date) -> i16 {
    let birthday_ahead = (today.month(), today.day()) < (birth.month(), birth.day());
    today.year() - birth.year() - i16::from(birthday_ahead)
}

/// Opens or updates the record, and answers with the result of the verification.
fn record(sandbox: &Sandbox, request: &ApiRequest) -> Result<Reply, Reply> {
    let person = inputs::person(request.text("lastName"));
    let mut memory = sandbox.memory();
    let (tracking_id, guid, attempts) = if request.given("trackingId").is_some() {
        let record = memory.tracked(request)?;
        record.attempts += 1;
        update(record, request);
        (record.tracking_id.clone(), record.guid.clone(), record.attempts)
    } else {
        let bytes = sandbox.settings.entropy.bytes();
        let number = memory.next_tracking_id(sandbox.settings.clock.now());
        let tracking_id =
            if person == Person::OpaqueId { format!("S{number:025}") } else { number.to_string() };
        let guid = uuid::Builder::from_random_bytes(bytes).into_uuid().to_string();
        let mut record = Record::open(tracking_id.clone(), guid.clone());
        update(&mut record, request);
        memory.insert(record);
        (tracking_id, guid, 0)
    };

    let language = request.language();
    let noid = request.given("tokenizedSSN").is_none() && request.given("tokenizedTDL").is_none();
    let (reply, identity, matched) = if attempts > LAST_ATTEMPT {
        (Reply::stop("POSID_FAIL_MAX", language), Identity::Unverified, Match::Clear)
    } else if noid {
        (Reply::advise("POSIDHOLD", language), Identity::Held { permitted: true }, Match::Clear)
    } else {
        verification::verify(person, attempts, language)
    };
    if let Some(record) = memory.record_mut(&tracking_id) {
        record.identity = identity;
        record.matched = matched;
    }
    drop(memory);

    let today = sandbox.settings.clock.texas_today().strftime("%m/%d/%Y").to_string();
    let dated = |field: &str| match (identity, request.given(field)) {
        (Identity::Verified, Some(_)) => Value::from(today.clone()),
        (_, Some(_)) => Value::from("0000-00-00"),
        (_, None) => Value::Null,
    };
    let suggests =
        matches!(person, Person::Quiz(_)) && identity == Identity::Unverified && request.brand().has_quiz();
    let reply = reply
        .with(json!({
            "trackingId": tracking_id, "guid": guid, "retryCount": attempts.to_string(),
            "tokenizedSSN": request.given("tokenizedSSN"), "tokenizedTDL": request.given("tokenizedTDL"),
            "posidSSNDate": dated("tokenizedSSN"), "posidDLDate": dated("tokenizedTDL"),
            "kbaSuggestionFlag": if suggests && attempts <= LAST_ATTEMPT { "X" } else { "" },
        }))
        .complete(FIELDS)
        .header("trackingId", &tracking_id)
        .header("guId", &guid);
    Ok(reply)
}

fn update(record: &mut Record, request: &ApiRequest) {
    let address = Address::new(
        request.text("servStreetNum"),
        request.text("servStreetName"),
        request.text("servStreetAptNum"),
        request.text("servCity"),
        request.text("servZipCode"),
    );
    record.first_name = request.text("firstName").to_owned();
    record.person_key = ["firstName", "lastName", "dob", "servStreetNum", "servStreetName", "servZipCode"]
        .map(|name| request.text(name).trim().to_uppercase())
        .join("|");
    record.person = inputs::person(request.text("lastName"));
    record.transaction = request.given("transactionType").map(|kind| match kind {
        "MVI" => Transaction::MoveIn,
        _ => Transaction::Switch,
    });
    record.address = address;
    record.billing_zip = request.text("billZipCode").chars().take(5).collect();
    record.by_ssn = request.given("tokenizedSSN").is_some();
    record.last_four =
        request.given("tokenizedSSN").or(request.given("tokenizedTDL")).map(last_four).unwrap_or_default();
    record.pre_approved = request.given("prospectId").map(inputs::prospect) == Some(Prospect::Approved);
}
