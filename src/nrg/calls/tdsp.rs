//! POST `tdsp` (contract 5.4): the utilities of a ZIP code.

use serde::{Deserialize, Serialize};

use crate::{
    fields::{Transaction, Zip},
    journey::{Outcome, Stop, StopKind, StopScope, Utility},
};

use crate::nrg::{
    bounded::NAME,
    client::BrandClient,
    endpoint::Endpoint,
    envelope::{Reply, Verdict},
    error::Error,
    reading::Reading,
    sanitize::plain,
    utilities,
    wire::{self, Text},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    serv_zip_code: &'a str,
    transaction_type: &'static str,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    #[serde(deserialize_with = "wire::list")]
    tdsp_data: Vec<Entry>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    #[serde(rename = "tdspCodeCCS")]
    code: Text,
    #[serde(rename = "tdspName")]
    name: Text,
}

impl BrandClient<'_> {
    /// The utilities of a ZIP code, at least one, each once.
    ///
    /// # Errors
    /// [`Error`]; a `00` that names no utility is [`Kind::InvalidResponse`](crate::nrg::Kind).
    pub async fn tdsp(&self, zip: &Zip, transaction: Transaction) -> Result<Outcome<Vec<Utility>>, Error> {
        let fields = Fields { serv_zip_code: zip.as_str(), transaction_type: transaction.wire() };
        let reply = self.post(Endpoint::Tdsp, &fields).await?.processed()?;
        outcome(&reply, &self.reading(Endpoint::Tdsp))
    }
}

fn outcome(reply: &Reply<Body>, reading: &Reading<'_>) -> Result<Outcome<Vec<Utility>>, Error> {
    match reply.verdict {
        Verdict::Stop | Verdict::Ask => return Ok(Outcome::Stop(of_the_area(reply.stop(reading)))),
        Verdict::Continue => {}
    }
    let mut utilities: Vec<Utility> = Vec::new();
    for entry in &reply.body.tdsp_data {
        let Some(code) = reading.tdsp("tdspCodeCCS", &entry.code) else { continue };
        if utilities.iter().any(|known| known.code == code) {
            continue;
        }
        let published = || utilities::utility(&code).map(|utility| utility.name.to_owned());
        let name = plain(&entry.name, NAME).or_else(published).unwrap_or_else(|| code.as_str().to_owned());
        utilities.push(Utility { code, name });
    }
    if utilities.is_empty() {
        return Err(reply.invalid_response("no utility"));
    }
    Ok(Outcome::Accepted(utilities))
}

/// Before there is a record, no refusal ends more than this ZIP.
fn of_the_area(stop: Stop) -> Stop {
    match stop.kind.scope() {
        StopScope::Recoverable => stop,
        StopScope::Terminal => Stop { kind: StopKind::OtherArea, ..stop },
    }
}

#[cfg(test)]
mod tests {
    use crate::nrg::tests::{processed, reading};

    use super::*;

    fn read(json: &str) -> Result<Outcome<Vec<Utility>>, Error> {
        outcome(&processed(Endpoint::Tdsp, json), &reading())
    }

    #[test]
    fn utilities_are_listed_once_with_name_or_code() {
        let json = r#"{"statusCode":"00","tdspData":[{"tdspCodeWeb":"99901","tdspCodeCCS":"D0001","tdspName":"CenterPoint Energy",
            "availableDates":"07012030","tdspFee":"(fee text)"},{"tdspCodeCCS":"D0001"},{"tdspCodeCCS":"D0002","tdspName":null},
            {"tdspCodeCCS":"D0777"},{"tdspCodeCCS":null},{"tdspCodeCCS":"99901"}]}"#;
        let Outcome::Accepted(utilities) = read(json).unwrap() else { panic!() };
        let seen: Vec<_> =
            utilities.iter().map(|utility| (utility.code.as_str(), utility.name.as_str())).collect();
        assert_eq!(seen, [("D0001", "CenterPoint Energy"), ("D0002", "Oncor"), ("D0777", "D0777")]);
    }

    #[test]
    fn tdsp_continue_without_utility_is_an_error_and_refusal_stops() {
        assert!(read(r#"{"statusCode":"00","tdspData":null}"#).is_err());
        assert!(read(r#"{"statusCode":"00","messageCode":"NESID","tdspData":[]}"#).is_err());
        for (code, kind) in [
            ("AREA_NOT_SERVICED", StopKind::AreaNotServed),
            ("BUSINESS_METER", StopKind::BusinessMeter),
            ("NEW", StopKind::OtherArea),
            ("CURRENT_CUSTOMER", StopKind::OtherArea),
        ] {
            let json = format!(r#"{{"statusCode":"01","messageCode":"{code}","tdspData":null}}"#);
            let Outcome::Stop(stop) = read(&json).unwrap() else { panic!() };
            assert_eq!(stop.kind, kind);
        }
    }
}
