//! GET `holds` (contract 5.20): the holds that keep a submitted account from being served.

use serde::{Deserialize, Serialize};

use crate::nrg::{
    client::BrandClient,
    endpoint::Endpoint,
    envelope::{Reply, Verdict},
    error::Error,
    sanitize,
    wire::{self, Text},
};

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
    /// The holds on an account, by its number, check digit and billing ZIP code. Empty means none or
    /// unknown: NRG answers `HOLD_LOOKUP_ERROR` for both.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn holds(&self, account: &str, check_digit: &str, zip: &str) -> Result<Vec<Hold>, Error> {
        let fields = Fields { ca_number: account, check_digit, bill_zip_code: zip };
        read(&self.get(Endpoint::Holds, &fields).await?.processed()?)
    }
}

fn read(reply: &Reply<Body>) -> Result<Vec<Hold>, Error> {
    match reply.verdict {
        Verdict::Continue => {}
        Verdict::Stop | Verdict::Ask => return Err(reply.invalid_response("no list of holds")),
    }
    let hold = |entry: &Entry| {
        tracing::info!(hold_type = ?&*entry.hold_type, hold_status = ?&*entry.hold_status, "nrg: hold on an account");
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
