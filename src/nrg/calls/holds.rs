//! GET `holds` (contract 5.20): the holds that keep a submitted account from being served.

use serde::{Deserialize, Serialize};

use crate::nrg::{
    bounded::{MESSAGE, NAME},
    client::BrandClient,
    codes,
    endpoint::Endpoint,
    envelope::{Reply, Verdict},
    error::Error,
    sanitize::plain,
    wire::{self, Text},
};

/// What is known of the holds on an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// These are all; may be empty.
    Known(Vec<Hold>),
    /// They could not be looked up. NRG answers `HOLD_LOOKUP_ERROR` also where there is none, so that it says nothing.
    Unknown,
}

/// One hold. Its type and status have no published vocabulary; they are logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// `holdTitle`, text without markup, if NRG gives one.
    pub title: Option<String>,
    /// `holdDescription`, likewise.
    pub description: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    ca_number: &'a str,
    check_digit: &'a str,
    bill_zip_code: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    #[serde(deserialize_with = "wire::list")]
    enrollment_hold_list: Vec<Entry>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Entry {
    hold_type: Text,
    hold_status: Text,
    hold_title: Text,
    hold_description: Text,
}

impl BrandClient<'_> {
    /// The holds on an account, by its number, check digit and billing ZIP code. That there is none is known from
    /// `NO_HOLD_ON_ACCOUNT` alone.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn holds(&self, account: &str, check_digit: &str, zip: &str) -> Result<Holds, Error> {
        let fields = Fields { ca_number: account, check_digit, bill_zip_code: zip };
        read(&self.get(Endpoint::Holds, &fields).await?.processed()?)
    }
}

fn read(reply: &Reply<Body>) -> Result<Holds, Error> {
    match reply.verdict {
        Verdict::Continue => {}
        Verdict::Stop | Verdict::Ask => return Err(reply.invalid_response("no list of holds")),
    }
    let hold = |entry: &Entry| {
        let (hold_type, hold_status) = (codes::short(&entry.hold_type), codes::short(&entry.hold_status));
        tracing::info!(hold_type, hold_status, "nrg: hold on an account");
        Hold { title: plain(&entry.hold_title, NAME), description: plain(&entry.hold_description, MESSAGE) }
    };
    let list: Vec<Hold> = reply.body.enrollment_hold_list.iter().map(hold).collect();
    if list.is_empty() && &*reply.code != "NO_HOLD_ON_ACCOUNT" {
        tracing::info!(code = codes::short(&reply.code), "nrg: holds could not be looked up");
        return Ok(Holds::Unknown);
    }
    Ok(Holds::Known(list))
}

#[cfg(test)]
mod tests {
    use crate::nrg::tests::processed;

    use super::*;

    #[test]
    fn holds_are_listed_and_none_is_known_from_its_own_code_only() {
        let holds = |json: &str| read(&processed(Endpoint::Holds, json));
        let json = r#"{"statusCode":"00","enrollmentHoldList":[{"holdType":"DEPOSIT","holdStatus":"OPEN",
            "holdTitle":"Deposit <b>needed</b>","holdDescription":null},{"holdType":"X"}]}"#;
        let titled = Hold { title: Some("Deposit needed".into()), description: None };
        let unnamed = Hold { title: None, description: None };
        assert_eq!(holds(json).unwrap(), Holds::Known(vec![titled, unnamed.clone()]));
        for (code, list, known) in [
            ("NO_HOLD_ON_ACCOUNT", "null", Holds::Known(vec![])),
            ("NO_HOLD_ON_ACCOUNT", "[]", Holds::Known(vec![])),
            ("HOLD_LOOKUP_ERROR", "null", Holds::Unknown),
            ("HOLD_LOOKUP_ERROR", "[]", Holds::Unknown),
            ("HOLD_LOOKUP_ERROR", r#"[{"holdType":"X"}]"#, Holds::Known(vec![unnamed])),
            ("NEW_CODE", "[]", Holds::Unknown),
            ("", "[]", Holds::Unknown),
            ("", "null", Holds::Unknown),
        ] {
            let json = format!(r#"{{"statusCode":"00","messageCode":"{code}","enrollmentHoldList":{list}}}"#);
            assert_eq!(holds(&json).unwrap(), known, "{json}");
        }
        assert!(holds(r#"{"statusCode":"01"}"#).is_err());
    }
}
