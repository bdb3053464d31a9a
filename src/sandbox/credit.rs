//! POST `check-credit` and `recheck-credit` (contract 5.16, 5.17).

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    Sandbox,
    envelope::Reply,
    inputs::{self, Factors, LastFour, Trouble},
    records::{Credit, Record, Transaction},
    request::Ask,
    rules::{ANY, Rule, check_tracked, date, needed, optional},
    texts::{Language, say},
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

const OFFER: Rule = needed("offerCode", 8).form(|code| code.len() == 8);
const START: Rule = optional("mviDate", ANY).form(|day| date(day).is_some());

/// POST `check-credit`.
pub async fn check(State(sandbox): State<Sandbox>, ask: Ask) -> Reply {
    assess(&sandbox, &ask, &[OFFER, START], "EQ").await
}

/// POST `recheck-credit`: the same with another SSN token, which replaces the stored one.
pub async fn recheck(State(sandbox): State<Sandbox>, ask: Ask) -> Reply {
    assess(&sandbox, &ask, &[OFFER, START, needed("tokenizedSSN", 20)], "TU").await
}

async fn assess(sandbox: &Sandbox, ask: &Ask, rules: &[Rule], agency: &str) -> Reply {
    if let Err(refusal) = check_tracked(ask, rules) {
        return refusal;
    }
    if ask.lacks("languageCode") {
        return Reply::technical(Language::English);
    }
    let today = sandbox.settings.clock.texas_today();
    let (reply, trouble) = {
        let mut memory = sandbox.memory();
        let record = match memory.tracked(ask) {
            Ok(record) => record,
            Err(refusal) => return refusal.complete(FIELDS),
        };
        let start = date(ask.text("mviDate"));
        match start {
            None if record.transaction != Some(Transaction::Switch) => {
                return Reply::refuse("BAD_REQUEST", "* mviDate is required").complete(FIELDS);
            }
            Some(day) if day < today => {
                return Reply::refuse("BAD_REQUEST", "* mviDate is in the past").complete(FIELDS);
            }
            _ => {}
        }
        if let Some(token) = ask.given("tokenizedSSN") {
            record.last_four = last_four(token);
            record.by_ssn = true;
        }
        record.start_date = start;
        record.offer = Some(ask.text("offerCode").to_owned());
        record.credit_checks += 1;
        decide(record, ask, agency)
    };
    match trouble {
        Some(trouble) => trouble.strike(sandbox, ask.language(), reply).await,
        None => reply,
    }
}

/// The answer, and what goes wrong on the way.
fn decide(record: &mut Record, ask: &Ask, agency: &str) -> (Reply, Option<Trouble>) {
    let language = ask.body_language();
    let outcome = inputs::last_four(&record.last_four);
    let (reply, credit, trouble) = match outcome {
        LastFour::Freeze => (Reply::stop("CREDIT_FREEZE", ask.language()), Credit::Blocked, None),
        LastFour::FreezeOnce if record.credit_checks == 1 => {
            (Reply::stop("CREDIT_FREEZE", ask.language()), Credit::Blocked, None)
        }
        LastFour::Fraud => (Reply::stop("CREDIT_FRAUD", ask.language()), Credit::Blocked, None),
        LastFour::NoAmount => {
            (assessed(agency, json!(null), json!(null), false, language), Credit::NoResult, None)
        }
        LastFour::Deposit { dollars, factors } if !record.pre_approved => {
            let reasons = match (factors, language) {
                (Factors::Null, _) => json!(null),
                (Factors::OneBlank, _) => json!([""]),
                (Factors::Listed, Language::English) => json!(["Too few accounts", "Short history"]),
                (Factors::Listed, Language::Spanish) => json!(["Muy pocas cuentas", "Historial corto"]),
            };
            let reply = assessed(agency, json!(dollars.to_string()), reasons, true, language);
            (reply, Credit::Deposit(dollars), None)
        }
        other => {
            let trouble = if let LastFour::Credit(trouble) = other { Some(trouble) } else { None };
            let lost = trouble.is_some_and(|trouble| trouble != Trouble::Slow);
            let credit = if lost { Credit::NoResult } else { Credit::Deposit(0) };
            (assessed(agency, json!("0"), json!([""]), false, language), credit, trouble)
        }
    };
    record.credit = credit;
    (reply.complete(FIELDS), trouble)
}

fn assessed(agency: &str, amount: Value, factors: Value, owed: bool, language: Language) -> Reply {
    let (due, reason) = if owed {
        (json!(say("(deposit due)", language)), say("(deposit reason)", language))
    } else {
        (json!(null), "")
    };
    Reply::go_on().with(json!({
        "httpStatus": null, "creditAgency": agency, "depositAmount": amount, "depositDueText": due,
        "depositReasonText": reason, "creditFactorsText": factors,
    }))
}

/// The last four characters of a token.
pub fn last_four(token: &str) -> String {
    let skipped = token.chars().count().saturating_sub(4);
    token.chars().skip(skipped).collect()
}
