//! GET `holds` (contract 5.20).

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    Sandbox,
    envelope::Reply,
    inputs::{self, Account},
    records::{Credit, Identity, Record},
    request::Ask,
    rules::{check, digits, needed},
    texts::Language,
};

const FIELDS: &[&str] = &["enrollmentStatus", "caNumber", "checkDigit", "bpNumber", "enrollmentHoldList"];

/// The holds on an account: of a made-up one, or of one that `enroll` issued.
pub async fn answer(State(sandbox): State<Sandbox>, ask: Ask) -> Reply {
    let rules = [
        needed("caNumber", 12).form(digits),
        needed("checkDigit", 1).form(digits),
        needed("billZipCode", 10),
    ];
    if let Err(refusal) = check(&ask, &rules) {
        return refusal;
    }
    let language = ask.language();
    let number = format!("{:0>12}", ask.text("caNumber"));
    let shown = |reply: Reply, holds: Vec<Value>, partner: &str| {
        let status = if holds.is_empty() { "COMPLETE" } else { "HOLD" };
        reply.complete(FIELDS).with(json!({
            "enrollmentStatus": status, "caNumber": number, "checkDigit": ask.text("checkDigit"),
            "bpNumber": partner, "enrollmentHoldList": holds,
        }))
    };
    let unreadable = || Reply::advise("HOLD_LOOKUP_ERROR", language).complete(FIELDS);
    match inputs::account(&number) {
        Some(Account::None) => {
            return shown(Reply::advise("NO_HOLD_ON_ACCOUNT", language), vec![], "0099990101");
        }
        Some(Account::Deposit) => return shown(Reply::go_on(), vec![deposit(language)], "0099990102"),
        Some(Account::Documents) => return shown(Reply::go_on(), vec![documents()], "0099990103"),
        Some(Account::Unreadable) => return unreadable(),
        Some(Account::Trouble(trouble)) => return trouble.strike(&sandbox, language, unreadable()).await,
        None => {}
    }
    let memory = sandbox.memory();
    let zip: String = ask.text("billZipCode").chars().take(5).collect();
    let found = memory.account(&number).and_then(|record| Some((record, record.issued.as_ref()?)));
    match found {
        Some((record, issued))
            if issued.check_digit == ask.text("checkDigit") && record.billing_zip == zip =>
        {
            let holds = of(record, language);
            let code = if holds.is_empty() { "NO_HOLD_ON_ACCOUNT" } else { "" };
            shown(Reply::advise(code, language), holds, &issued.partner)
        }
        _ => unreadable(),
    }
}

fn of(record: &Record, language: Language) -> Vec<Value> {
    let owed = matches!(record.credit, Credit::Deposit(dollars) if dollars > 0);
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

/// Without content, as when NRG has not enabled it.
fn documents() -> Value {
    json!({ "holdType": "POSID", "holdStatus": "OPEN", "holdTitle": null, "holdDescription": null })
}
