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

/// One hold. Its type and status have no published vocabulary: they are logged, and what is known of them is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What it waits for, by `holdType`.
    pub kind: HoldKind,
    /// Whether it still keeps the account from being served; by `holdStatus`, unless that says that it is over.
    pub open: bool,
    /// `holdTitle`, text without markup, if NRG gives one.
    pub title: Option<String>,
    /// `holdDescription`, likewise.
    pub description: Option<String>,
}

/// What a hold waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldKind {
    /// A deposit.
    Deposit,
    /// Papers of the person, such as a proof of identity or the form of a new occupant.
    Papers,
    /// Something else.
    Other,
}

/// What the types of holds contain that wait for papers.
const PAPERS: [&str; 8] = ["DOC", "PAPER", "PROOF", "LETTER", "FORM", "POSID", "IDENT", "SWITCH"];
/// The words of a status that say that a hold is over.
const OVER: [&str; 11] = [
    "PAID",
    "CLOSED",
    "RELEASED",
    "CLEARED",
    "COMPLETE",
    "COMPLETED",
    "RECEIVED",
    "WAIVED",
    "SATISFIED",
    "RESOLVED",
    "REMOVED",
];

impl HoldKind {
    fn of(hold_type: &str) -> Self {
        let hold_type = hold_type.to_uppercase();
        if hold_type.contains("DEP") {
            Self::Deposit
        } else if PAPERS.iter().any(|papers| hold_type.contains(papers)) {
            Self::Papers
        } else {
            Self::Other
        }
    }
}

/// Whether a status says that the hold is not over. What it does not say clearly counts as open.
fn is_open(status: &str) -> bool {
    let status = status.to_uppercase();
    let mut words = status.split(|c: char| !c.is_alphanumeric());
    let has_over = words.clone().any(|word| OVER.contains(&word));
    let is_denied = words.any(|word| ["NOT", "NO", "NEVER", "AWAITING"].contains(&word));
    !has_over || is_denied
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
        let (kind, open) = (HoldKind::of(&entry.hold_type), is_open(&entry.hold_status));
        Hold {
            kind,
            open,
            title: plain(&entry.hold_title, NAME),
            description: plain(&entry.hold_description, MESSAGE),
        }
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
        let titled = Hold {
            kind: HoldKind::Deposit,
            open: true,
            title: Some("Deposit needed".into()),
            description: None,
        };
        let unnamed = Hold { kind: HoldKind::Other, open: true, title: None, description: None };
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

    #[test]
    fn kind_and_status_of_a_hold_are_read_from_words_as_they_come() {
        for (hold_type, kind) in [
            ("DEPOSIT", HoldKind::Deposit),
            ("Dep_Hold", HoldKind::Deposit),
            ("DOCUMENT", HoldKind::Papers),
            ("POSID", HoldKind::Papers),
            ("switch hold", HoldKind::Papers),
            ("", HoldKind::Other),
            ("X", HoldKind::Other),
        ] {
            assert_eq!(HoldKind::of(hold_type), kind, "{hold_type}");
        }
        for (status, open) in [
            ("OPEN", true),
            ("", true),
            ("UNPAID", true),
            ("NOT PAID", true),
            ("Not_Received", true),
            ("INCOMPLETE", true),
            ("PAID", false),
            ("Deposit-paid", false),
            ("released", false),
        ] {
            assert_eq!(is_open(status), open, "{status}");
        }
    }
}
