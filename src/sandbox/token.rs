//! GET `token` (contract 5.1). The clear number is looked at and forgotten; only its last four stay, in the
//! token.

use axum::extract::State;
use serde_json::json;

use super::{
    Sandbox,
    envelope::Reply,
    inputs::{self, LastFour},
    request::Ask,
    rules::{ANY, check, digits, needed, refuse},
};

/// A token for an SSN or a license number.
pub async fn answer(State(sandbox): State<Sandbox>, ask: Ask) -> Reply {
    let rules = [
        needed("actionCode", ANY).form(|code| ["SE", "PE", "CE", "AE"].contains(&code)),
        needed("numToBeTokenized", ANY).form(|number| digits(number) && !nine_identical(number)),
    ];
    if let Err(refusal) = check(&ask, &rules) {
        return refusal.complete(&["returnToken"]);
    }
    let number = ask.text("numToBeTokenized");
    let padded = match ask.text("actionCode") {
        "SE" => format!("{number:0>9}"),
        "PE" => format!("{number:0>10}"),
        _ => return refuse(&ask, &[("actionCode", "sandbox: card and bank numbers are not taken here")]),
    };
    if ask.text("actionCode") == "SE" && (padded.len() != 9 || !padded.starts_with('9')) {
        let problem = ("numToBeTokenized", "sandbox: only an SSN from 900 to 999 is taken, never a real one");
        return refuse(&ask, &[problem]);
    }

    let last_four = padded.get(padded.len() - 4..).unwrap_or_default();
    let token = |ending: &str| {
        let head = sandbox.settings.entropy.bytes::<7>().map(letter);
        json!({ "returnToken": format!("{}-{ending}", head.iter().collect::<String>()) })
    };
    match inputs::last_four(last_four) {
        LastFour::Token(trouble) => {
            trouble.strike(&sandbox, ask.language(), Reply::go_on().with(token(last_four))).await
        }
        LastFour::TokenUnusable => Reply::go_on().with(token("NONE")),
        _ => Reply::go_on().with(token(last_four)),
    }
}

fn nine_identical(number: &str) -> bool {
    number.len() == 9 && number.bytes().all(|byte| number.starts_with(char::from(byte)))
}

/// One of 32 letters and digits.
fn letter(byte: u8) -> char {
    char::from_digit(u32::from(byte % 32), 32).map_or('0', |letter| letter.to_ascii_uppercase())
}
