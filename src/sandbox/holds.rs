//! GET `holds` (contract 5.20).

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    envelope::Reply,
    inputs::{self, Account, Submission},
    records::{Credit, Identity, Record},
    request::ApiRequest,
    rules::{check, digits, required},
    state::Sandbox,
    texts::Language,
};

const FIELDS: &[&str] = &["enrollmentStatus", "caNumber", "checkDigit", "bpNumber", "enrollmentHoldList"];

/// The holds on an account: of an invented one, or of one that `enroll` issued.
pub async fn answer(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    let rules = [
        required("caNumber", 12).form(digits),
        required("checkDigit", 1).form(digits),
        required("billZipCode", 10),
    ];
    if let Err(refusal) = check(&request, &rules) {
        return refusal;
    }
    let language = request.language();
    let number = format!("{:0>12}", request.text("caNumber"));
    let shown = |reply: Reply, holds: Vec<Value>, partner: &str| {
        let status = if holds.is_empty() { "COMPLETE" } else { "HOLD" };
        reply.complete(FIELDS).with(json!({
            "enrollmentStatus": status, "caNumber": number, "checkDigit": request.text("checkDigit"),
            "bpNumber": partner, "enrollmentHoldList": holds,
        }))
    };
    let unreadable = || Reply::advise("HOLD_LOOKUP_ERROR", language).complete(FIELDS);
    match inputs::account(&number) {
        Some(Account::None) => {
            return shown(Reply::advise("NO_HOLD_ON_ACCOUNT", language), vec![], "0099990101");
        }
        Some(Account::Deposit) => return shown(Reply::success(), vec![deposit(language)], "0099990102"),
        Some(Account::Documents) => return shown(Reply::success(), vec![documents()], "0099990103"),
        Some(Account::Unreadable) => return unreadable(),
        Some(Account::Failure(failure)) => return failure.apply(&sandbox, language, unreadable()).await,
        None => {}
    }
    let memory = sandbox.memory();
    let zip: String = request.text("billZipCode").chars().take(5).collect();
    let found = memory.account(&number).and_then(|record| Some((record, record.issued.as_ref()?)));
    match found {
        Some((record, issued))
            if issued.check_digit == request.text("checkDigit") && record.billing_zip == zip =>
        {
            let submission = inputs::submission(&record.first_name);
            if submission == Submission::HoldsUnread {
                return unreadable();
            }
            let mut holds = holds_on(record, language);
            if submission == Submission::HoldsListed {
                holds.push(missing(language));
            }
            let code = if holds.is_empty() { "NO_HOLD_ON_ACCOUNT" } else { "" };
            shown(Reply::advise(code, language), holds, &issued.partner)
        }
        _ => unreadable(),
    }
}

fn holds_on(record: &Record, language: Language) -> Vec<Value> {
    let owed = record.credit == Credit::Owed;
    let held = matches!(record.identity, Identity::Held { .. });
    [owed.then(|| deposit(language)), held.then(documents)].into_iter().flatten().collect()
}

fn deposit(language: Language) -> Value {
    json!({
        "holdType": "DEPOSIT", "holdStatus": "OPEN",
        "holdTitle": language.pick("Deposit needed", "Falta el depósito"),
        "holdDescription": language.pick("Please pay the deposit.<br>Service starts after that.",
            "Pague el depósito.<br>Después inicia el servicio."),
    })
}

/// Of a kind that nothing else tells of.
fn missing(language: Language) -> Value {
    json!({
        "holdType": "DOCUMENT", "holdStatus": "OPEN",
        "holdTitle": language.pick("Document missing", "Falta un documento"), "holdDescription": null,
    })
}

/// Without texts, as if NRG had not enabled them.
fn documents() -> Value {
    json!({ "holdType": "POSID", "holdStatus": "OPEN", "holdTitle": null, "holdDescription": null })
}
