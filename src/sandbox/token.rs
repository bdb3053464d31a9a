//! GET `token` (contract 5.1). The clear number is not stored; the token contains its
//! last four digits.

use axum::extract::State;
use serde_json::json;

use super::{
    envelope::Reply,
    inputs::{self, LastFour},
    request::ApiRequest,
    rules::{ANY, check, digits, refuse, required},
    state::Sandbox,
};

/// A token for an SSN or a license number.
pub async fn answer(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    let rules = [
        required("actionCode", ANY).form(|code| ["SE", "PE", "CE", "AE"].contains(&code)),
        required("numToBeTokenized", ANY).form(|number| digits(number) && !nine_identical(number)),
    ];
    if let Err(refusal) = check(&request, &rules) {
        return refusal.complete(&["returnToken"]);
    }
    let number = request.text("numToBeTokenized");
    let padded = match request.text("actionCode") {
        "SE" => format!("{number:0>9}"),
        "PE" => format!("{number:0>10}"),
        _ => return refuse(&request, &[("actionCode", "sandbox: card and bank numbers are not taken here")]),
    };
    if request.text("actionCode") == "SE" && (padded.len() != 9 || !padded.starts_with('9')) {
        let problem = ("numToBeTokenized", "sandbox: only an SSN from 900 to 999 is taken, never a real one");
        return refuse(&request, &[problem]);
    }

    let last_four = padded.get(padded.len() - 4..).unwrap_or_default();
    let token = |ending: &str| {
        let head = sandbox.settings.entropy.bytes::<7>().map(letter);
        json!({ "returnToken": format!("{}-{ending}", head.iter().collect::<String>()) })
    };
    match inputs::last_four(last_four) {
        LastFour::Token(failure) => {
            failure.apply(&sandbox, request.language(), Reply::success().with(token(last_four))).await
        }
        LastFour::TokenUnusable => Reply::success().with(token("NONE")),
        _ => Reply::success().with(token(last_four)),
    }
}

fn nine_identical(number: &str) -> bool {
    number.len() == 9 && number.bytes().all(|byte| number.starts_with(char::from(byte)))
}

/// One of 32 letters and digits.
fn letter(byte: u8) -> char {
    char::from_digit(u32::from(byte % 32), 32).map_or('0', |letter| letter.to_ascii_uppercase())
}
