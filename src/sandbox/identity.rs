//! POST `identity` (contract 5.11, section 8): opens the record or updates it, verifies, and matches.

use axum::extract::State;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{
    Sandbox,
    credit::last_four,
    envelope::Reply,
    inputs::{self, Person, Prospect},
    meters::Address,
    records::{Identity, Match, Record, Transaction},
    request::{Ask, Reader},
    rules::{ANY, Rule, check, date, digits, needed, optional, refuse},
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
    optional("trackingId", ANY).form(digits),
    optional("guid", ANY),
    needed("firstName", 40),
    needed("lastName", 40),
    optional("middleName", 40),
    optional("maidenName", 40),
    needed("dob", ANY).form(|value| date(value).is_some()),
    needed("email", 100).form(is_email),
    needed("phoneNum", ANY).form(|value| value.len() == 10 && digits(value)),
    optional("tokenizedSSN", 20),
    optional("tokenizedTDL", 20),
    optional("noid", ANY).form(|value| value == "true"),
    optional("transactionType", ANY),
    needed("servStreetNum", 10),
    needed("servStreetName", 60),
    optional("servStreetAptNum", 10),
    needed("servCity", 30),
    needed("servState", 2),
    needed("servZipCode", 10),
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

/// Verifies a person.
pub async fn answer(State(sandbox): State<Sandbox>, ask: Ask) -> Reply {
    if let Err(refusal) = admit(&sandbox, &ask) {
        return refusal.complete(FIELDS);
    }
    let good = match record(&sandbox, &ask) {
        Ok(reply) => reply,
        // Contract 3.1: here the envelope can say OK inside a real 400.
        Err(refusal) => return refusal.with(json!({ "httpStatus": "OK" })).complete(FIELDS),
    };
    match inputs::person(ask.text("lastName")) {
        Person::Trouble(trouble) => trouble.strike(&sandbox, ask.language(), good).await,
        _ => good,
    }
}

/// Everything that ends the call before there is a record.
fn admit(sandbox: &Sandbox, ask: &Ask) -> Result<(), Reply> {
    let language = ask.language();
    check(ask, RULES)?;
    match (ask.given("trackingId"), ask.given("guid")) {
        (Some(_), None) => return Err(refuse(ask, &[("guid", "is required with trackingId")])),
        (None, Some(_)) => return Err(refuse(ask, &[("trackingId", "is required with guid")])),
        _ => {}
    }
    let tokens = [ask.given("tokenizedSSN"), ask.given("tokenizedTDL")];
    if tokens == [None, None] && ask.given("noid").is_none() {
        return Err(refuse(ask, &[("tokenizedSSN", "or tokenizedTDL is required")]));
    }
    let person = inputs::person(ask.text("lastName"));
    let today = sandbox.settings.clock.texas_today();
    let of_age = date(ask.text("dob")).is_some_and(|birth| (18..=100).contains(&age(birth, today)));
    if ask.reader != Reader::Strict && (!of_age || person == Person::InvalidBirthDate) {
        return Err(refuse(ask, &[("dob", "is not between 18 and 100 years ago")]));
    }
    let domain = ask.text("email").rsplit('@').next().unwrap_or_default().to_lowercase();
    let invented =
        ["example.com", "example.org", "example.net"].contains(&domain.as_str()) || domain.ends_with(".test");
    if !invented {
        return Err(refuse(ask, &[("email", "sandbox: only example.com, .org, .net and .test are taken")]));
    }
    if !ask.text("phoneNum").contains("555") {
        return Err(refuse(ask, &[("phoneNum", "sandbox: only numbers that contain 555 are taken")]));
    }

    let street = ask.given("billStreetNum").is_some() && ask.given("billStreetName").is_some();
    let half_street = ask.given("billStreetNum").is_some() != ask.given("billStreetName").is_some();
    if half_street || (!street && ask.given("billPOBox").is_none()) {
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
    match ask.given("prospectId").map(inputs::prospect) {
        Some(Prospect::Unknown) => Err(Reply::stop("NO_PROSPECT_MATCH_FOUND", language)),
        Some(_) if tokens.first() == Some(&None) => Err(Reply::stop("NO_PROSPECT_MATCH_FOUND", language)),
        _ => Ok(()),
    }
}

fn age(birth: Date, today: Date) -> i16 {
    let birthday_ahead = (today.month(), today.day()) < (birth.month(), birth.day());
    today.year() - birth.year() - i16::from(birthday_ahead)
}

/// Opens or updates the record, and answers from what the verification found.
fn record(sandbox: &Sandbox, ask: &Ask) -> Result<Reply, Reply> {
    let person = inputs::person(ask.text("lastName"));
    let mut memory = sandbox.memory();
    let (tracking_id, guid, attempts) = if ask.given("trackingId").is_some() {
        let record = memory.tracked(ask)?;
        record.attempts += 1;
        update(record, ask);
        (record.tracking_id.clone(), record.guid.clone(), record.attempts)
    } else {
        let bytes = sandbox.settings.entropy.bytes();
        let tracking_id = memory.next_tracking_id(sandbox.settings.clock.now()).to_string();
        let guid = uuid::Builder::from_random_bytes(bytes).into_uuid().to_string();
        let mut record = Record::open(tracking_id.clone(), guid.clone());
        update(&mut record, ask);
        memory.keep(record);
        (tracking_id, guid, 0)
    };

    let language = ask.language();
    let noid = ask.given("tokenizedSSN").is_none() && ask.given("tokenizedTDL").is_none();
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
    let dated = |field: &str| match (identity, ask.given(field)) {
        (Identity::Verified, Some(_)) => Value::from(today.clone()),
        (_, Some(_)) => Value::from("0000-00-00"),
        (_, None) => Value::Null,
    };
    let suggests =
        matches!(person, Person::Quiz(_)) && identity == Identity::Unverified && ask.brand().has_quiz();
    let reply = reply
        .with(json!({
            "trackingId": tracking_id, "guid": guid, "retryCount": attempts.to_string(),
            "tokenizedSSN": ask.given("tokenizedSSN"), "tokenizedTDL": ask.given("tokenizedTDL"),
            "posidSSNDate": dated("tokenizedSSN"), "posidDLDate": dated("tokenizedTDL"),
            "kbaSuggestionFlag": if suggests && attempts <= LAST_ATTEMPT { "X" } else { "" },
        }))
        .complete(FIELDS)
        .header("trackingId", &tracking_id)
        .header("guId", &guid);
    Ok(reply)
}

fn update(record: &mut Record, ask: &Ask) {
    let address = Address::new(
        ask.text("servStreetNum"),
        ask.text("servStreetName"),
        ask.text("servStreetAptNum"),
        ask.text("servCity"),
        ask.text("servZipCode"),
    );
    record.first_name = ask.text("firstName").to_owned();
    record.who = ["firstName", "lastName", "dob", "servStreetNum", "servStreetName", "servZipCode"]
        .map(|name| ask.text(name).trim().to_uppercase())
        .join("|");
    record.person = inputs::person(ask.text("lastName"));
    record.transaction = ask.given("transactionType").map(|kind| match kind {
        "MVI" => Transaction::MoveIn,
        _ => Transaction::Switch,
    });
    record.address = address;
    record.billing_zip = ask.text("billZipCode").chars().take(5).collect();
    record.by_ssn = ask.given("tokenizedSSN").is_some();
    record.last_four =
        ask.given("tokenizedSSN").or(ask.given("tokenizedTDL")).map(last_four).unwrap_or_default();
    record.pre_approved = ask.given("prospectId").map(inputs::prospect) == Some(Prospect::Approved);
}
