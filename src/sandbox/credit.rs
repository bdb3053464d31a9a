//! POST `check-credit` and `recheck-credit` (contract 5.16, 5.17).

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    envelope::Reply,
    inputs::{self, Factors, Failure, LastFour},
    records::{Credit, Record, Transaction},
    request::ApiRequest,
    rules::{ANY, Rule, check_tracked, date, optional, required},
    state::Sandbox,
    texts::{Language, text_for},
};

const FIELDS: &[&str] = &[
    "creditAgency",
    "depositAmount",
    "depositDueText",
    "depositReasonText",
    "creditFactorsText",
    "depositOptionsText",
    "activationFee",
    "bondPrice",
    "accSecStatus",
];

const OFFER: Rule = required("offerCode", 8).form(|code| code.len() == 8);
const START: Rule = optional("mviDate", ANY).form(|day| date(day).is_some());

/// POST `check-credit`.
pub async fn check(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    assess(&sandbox, &request, &[OFFER, START], "EQ").await
}

/// POST `recheck-credit`: the same with another SSN token, which replaces the stored one.
pub async fn recheck(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    assess(&sandbox, &request, &[OFFER, START, required("tokenizedSSN", 20)], "TU").await
}

async fn assess(sandbox: &Sandbox, request: &ApiRequest, rules: &[Rule], agency: &str) -> Reply {
    if let Err(refusal) = check_tracked(request, rules) {
        return refusal;
    }
    if request.lacks("languageCode") {
        return Reply::technical(Language::English);
    }
    let today = sandbox.settings.clock.texas_today();
    let (reply, failure) = {
        let mut memory = sandbox.memory();
        let record = match memory.tracked(request) {
            Ok(record) => record,
            Err(refusal) => return refusal.complete(FIELDS),
        };
        let start = date(request.text("mviDate"));
        match start {
            None if record.transaction != Some(Transaction::Switch) => {
                return Reply::refuse("BAD_REQUEST", "* mviDate is required").complete(FIELDS);
            }
            Some(day) if day < today => {
                return Reply::refuse("BAD_REQUEST", "* mviDate is in the past").complete(FIELDS);
            }
            _ => {}
        }
        if let Some(token) = request.given("tokenizedSSN") {
            record.last_four = last_four(token);
            record.by_ssn = true;
        }
        record.start_date = start;
        record.offer = Some(request.text("offerCode").to_owned());
        record.credit_checks += 1;
        decide(record, request, agency)
    };
    match failure {
        Some(failure) => failure.apply(sandbox, request.language(), reply).await,
        None => reply,
    }
}

/// The answer, and what goes wrong on the way.
fn decide(record: &mut Record, request: &ApiRequest, agency: &str) -> (Reply, Option<Failure>) {
    let language = request.body_language();
    let outcome = inputs::last_four(&record.last_four);
    let (reply, credit, failure) = match outcome {
        LastFour::Freeze => (Reply::stop("CREDIT_FREEZE", request.language()), Credit::Blocked, None),
        LastFour::FreezeOnce if record.credit_checks == 1 => {
            (Reply::stop("CREDIT_FREEZE", request.language()), Credit::Blocked, None)
        }
        LastFour::Fraud => (Reply::stop("CREDIT_FRAUD", request.language()), Credit::Blocked, None),
        LastFour::NoAmount => {
            (assessed(agency, json!(null), json!(null), false, language), Credit::NoResult, None)
        }
        LastFour::Unreadable => {
            (assessed(agency, json!("see letter"), json!(null), true, language), Credit::NoResult, None)
        }
        LastFour::Spelled(amount) if !record.pre_approved => {
            (assessed(agency, json!(amount), json!(null), true, language), Credit::Owed, None)
        }
        LastFour::Deposit { dollars, factors } if !record.pre_approved => {
            let reasons = match (factors, language) {
                (Factors::Null, _) => json!(null),
                (Factors::OneBlank, _) => json!([""]),
                (Factors::Listed, Language::English) => json!(["Too few accounts", "Short history"]),
                (Factors::Listed, Language::Spanish) => json!(["Muy pocas cuentas", "Historial corto"]),
            };
            (assessed(agency, json!(dollars.to_string()), reasons, true, language), Credit::Owed, None)
        }
        other => {
            let failure = if let LastFour::Credit(failure) = other { Some(failure) } else { None };
            let lost = failure.is_some_and(|failure| failure != Failure::Slow);
            let credit = if lost { Credit::NoResult } else { Credit::NoDeposit };
            (assessed(agency, json!("0"), json!([""]), false, language), credit, failure)
        }
    };
    record.credit = credit;
    (reply.complete(FIELDS), failure)
}

fn assessed(agency: &str, amount: Value, factors: Value, owed: bool, language: Language) -> Reply {
    let (due, reason) = if owed {
        (json!(text_for("(deposit due)", language)), text_for("(deposit reason)", language))
    } else {
        (json!(null), "")
    };
    Reply::success().with(json!({
        "httpStatus": null, "creditAgency": agency, "depositAmount": amount, "depositDueText": due,
        "depositReasonText": reason, "creditFactorsText": factors,
    }))
}

/// The last four characters of a token.
pub fn last_four(token: &str) -> String {
    let skipped = token.chars().count().saturating_sub(4);
    token.chars().skip(skipped).collect()
}
