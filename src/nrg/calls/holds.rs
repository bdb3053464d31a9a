//! GET `holds` (contract 5.20): what keeps a submitted account from being served.

use serde::{Deserialize, Serialize};

use crate::nrg::{
    BrandClient, Endpoint, Error,
    envelope::{Reply, Verdict},
    sanitize,
    wire::{self, Text},
};

/// One hold. Its type and status have no published vocabulary; they go to the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// `holdTitle`, text without markup, where NRG gives one.
    pub title: Option<String>,
    /// `holdDescription`, likewise.
    pub description: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Own<'a> {
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
    /// The holds on an account, by its number, check digit and billing ZIP code. Empty means none or
    /// unknown: `HOLD_LOOKUP_ERROR` is said of both.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn holds(&self, account: &str, check_digit: &str, zip: &str) -> Result<Vec<Hold>, Error> {
        let own = Own { ca_number: account, check_digit, bill_zip_code: zip };
        read(&self.get(Endpoint::Holds, &own).await?.processed()?)
    }
}

fn read(reply: &Reply<Body>) -> Result<Vec<Hold>, Error> {
    match reply.verdict {
        Verdict::Continue => {}
        Verdict::Stop | Verdict::Ask => return Err(reply.invalid_response("no list of holds")),
    }
    let hold = |entry: &Entry| {
        tracing::info!(hold_type = ?&*entry.hold_type, hold_status = ?&*entry.hold_status, "NRG holds an account");
        Hold {
            title: sanitize::plain(&entry.hold_title),
            description: sanitize::plain(&entry.hold_description),
        }
    };
    Ok(reply.body.enrollment_hold_list.iter().map(hold).collect())
}

#[cfg(test)]
mod tests {
    use crate::nrg::tests::processed;

    use super::*;

    #[test]
    fn holds_are_listed_and_failed_lookup_yields_empty_list() {
        let holds = |json: &str| read(&processed(Endpoint::Holds, json));
        let json = r#"{"statusCode":"00","enrollmentHoldList":[{"holdType":"DEPOSIT","holdStatus":"OPEN",
            "holdTitle":"Deposit <b>needed</b>","holdDescription":null},{"holdType":"X"}]}"#;
        let titled = Hold { title: Some("Deposit needed".into()), description: None };
        assert_eq!(holds(json).unwrap(), [titled, Hold { title: None, description: None }]);
        for code in ["HOLD_LOOKUP_ERROR", "NO_HOLD_ON_ACCOUNT", ""] {
            let json = format!(r#"{{"statusCode":"00","messageCode":"{code}","enrollmentHoldList":null}}"#);
            assert!(holds(&json).unwrap().is_empty());
        }
        assert!(holds(r#"{"statusCode":"01"}"#).is_err());
    }
}
