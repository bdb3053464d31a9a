//! The verification of `identity` (contract 5.11, section 8): the identity of a person, and the match with earlier
//! customers.

use serde_json::json;

use super::{
    envelope::Reply,
    inputs::{Person, Quiz},
    records::{Identity, Match},
    texts::{ADDRESS_ON_FILE, Language, text_for},
};

/// The last attempt that a record allows, counted from 0: the first call and three repeats (contract 8.1).
pub const LAST_ATTEMPT: u32 = 3;

/// The results of verification and match, by the last name.
pub fn verify(person: Person, attempts: u32, language: Language) -> (Reply, Identity, Match) {
    let held = Identity::Held { permitted: true };
    let none = json!({ "bpMatchFlag": "", "bpMatchScenarioId": "5" });
    let past_service = json!({
        "messageText": format!("{} {ADDRESS_ON_FILE}", text_for("PAST_SERVICE_HISTORY", language)),
        "bpMatchFlag": "BPSD", "bpMatchScenarioId": "2", "matchedBP": "0099990007",
        "existingStreetAddress": "7 Old Elm St", "existingAptNum": "", "existingCity": "Sampleton",
        "existingState": "TX", "existingZip": "77999",
    });
    let past_due = json!({
        "bpMatchFlag": "BPSD", "bpMatchScenarioId": "1", "matchedBP": "0099990007",
        "pendingBalanceAmount": "123.45",
    });
    let restricted =
        json!({ "bpMatchFlag": "BPRESTRICT", "bpMatchScenarioId": "6", "matchedBP": "0099990007" });
    let failed = || Reply::question("POSID_FAIL", language).with(json!({ "bpMatchFlag": "" }));
    let ended = || Reply::stop("POSID_FAIL_MAX", language).with(json!({ "bpMatchFlag": "" }));
    let on_hold = || Reply::advise("POSIDHOLD", language).with(none.clone());
    match person {
        Person::Fails { hold_at_last } => match (attempts < LAST_ATTEMPT, hold_at_last) {
            (true, _) => (failed(), Identity::Unverified, Match::Clear),
            (false, true) => (on_hold(), held, Match::Clear),
            (false, false) => (ended(), Identity::Unverified, Match::Clear),
        },
        Person::Quiz(_) if attempts < LAST_ATTEMPT => (failed(), Identity::Unverified, Match::Clear),
        Person::Quiz(Quiz::AsksHeld) => (on_hold(), held, Match::Clear),
        Person::Quiz(_) | Person::FailsForGood => (ended(), Identity::Unverified, Match::Clear),
        Person::Held { permitted } => (on_hold(), Identity::Held { permitted }, Match::Clear),
        Person::HeldPastDue => {
            (Reply::question("POSID_PASTDUE", language).with(past_due), held, Match::Unresolved)
        }
        Person::HeldPastService => {
            let text = format!("{} {ADDRESS_ON_FILE}", text_for("POSID_PASTSERVICE", language));
            let reply = Reply::question("POSID_PASTSERVICE", language).with(past_service);
            (reply.with(json!({ "messageText": text })), held, Match::PastService)
        }
        Person::HeldRestricted => {
            (Reply::stop("POSIDHOLD", language).with(restricted), held, Match::Restricted)
        }
        Person::PastService => {
            let reply = Reply::question("PAST_SERVICE_HISTORY", language).with(past_service);
            (reply, Identity::Verified, Match::PastService)
        }
        Person::PastBalance => {
            let reply = Reply::question("PAST_BALANCE", language).with(past_due);
            (reply, Identity::Verified, Match::Unresolved)
        }
        Person::Current => {
            let text = format!("{} {ADDRESS_ON_FILE}", text_for("CURRENT_CUSTOMER", language));
            let reply = Reply::stop("CURRENT_CUSTOMER", language)
                .with(past_service)
                .with(json!({ "messageText": text, "bpMatchFlag": "", "bpMatchScenarioId": "3" }));
            (reply, Identity::Verified, Match::Current)
        }
        Person::Restricted => {
            (Reply::stop("BP_RESTRICTION", language).with(restricted), Identity::Verified, Match::Restricted)
        }
        Person::Undecided => {
            let found = json!({ "bpMatchFlag": "BPSD", "bpMatchScenarioId": "7" });
            (Reply::success().with(found), Identity::Verified, Match::Unresolved)
        }
        Person::Exact => {
            let found = json!({ "bpMatchFlag": "", "bpMatchScenarioId": "4", "matchedBP": "0099990007" });
            (Reply::success().with(found), Identity::Verified, Match::Clear)
        }
        Person::OddCode => {
            let text = language.pick("Please call us.", "Llámenos.");
            let reply = Reply::stop("SANDBOX_ODD_CODE", language).with(json!({ "messageText": text }));
            (reply, Identity::Unverified, Match::Clear)
        }
        // Except for the first two, these are answered before there is a record, or their answer is lost.
        Person::Plain
        | Person::OpaqueId
        | Person::TokenDown
        | Person::TokenBroken
        | Person::NotStored
        | Person::InvalidBirthDate
        | Person::Failure(_) => (Reply::success().with(none), Identity::Verified, Match::Clear),
    }
}
