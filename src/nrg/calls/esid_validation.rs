//! POST `esidValidation` (contract 5.7): the address of a meter.

use serde::{Deserialize, Serialize};

use crate::fields::{City, EsiId, PlusFour, ServiceAddress, State, Street, Unit, Zip};

use crate::nrg::{
    calls::esid::is_residential,
    client::BrandClient,
    endpoint::Endpoint,
    envelope::{Reply, Verdict},
    error::Error,
    wire::Text,
};

/// The address of a meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterAddress {
    /// The address in NRG's data.
    pub address: ServiceAddress,
    /// Whether a household may be enrolled there.
    pub residential: bool,
}

#[derive(Serialize)]
struct Fields<'a> {
    esid: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    str_address_line1: Text,
    str_address_line2: Text,
    str_apt_number: Text,
    str_city: Text,
    str_state: Text,
    str_zip: Text,
    str_zip_four: Text,
    str_premise_type: Text,
    str_err_code: Text,
}

impl BrandClient<'_> {
    /// The address of the meter; none if NRG does not know it, or if its address cannot be parsed.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn esid_validation(&self, esi_id: &EsiId) -> Result<Option<MeterAddress>, Error> {
        let fields = Fields { esid: esi_id.as_str() };
        read(&self.post(Endpoint::EsidValidation, &fields).await?.processed()?)
    }
}

fn read(reply: &Reply<Body>) -> Result<Option<MeterAddress>, Error> {
    match reply.verdict {
        Verdict::Continue => {}
        Verdict::Stop | Verdict::Ask => return Err(reply.invalid_response("no answer about the meter")),
    }
    let body = &reply.body;
    if body.str_err_code.filled().is_some() {
        return Ok(None);
    }
    let residential = is_residential(&body.str_premise_type);
    let address = address(body);
    if address.is_none() {
        tracing::warn!(endpoint = %reply.endpoint, "nrg: address of a meter cannot be parsed");
    }
    Ok(address.map(|address| MeterAddress { address, residential }))
}

fn address(body: &Body) -> Option<ServiceAddress> {
    let state = body.str_state.filled();
    if state.is_some_and(|state| State::parse(state) != Ok(State::TEXAS)) {
        return None;
    }
    let (zip, plus_four) = Zip::parse_with_plus_four(&body.str_zip).ok()?;
    let unit = body.str_apt_number.filled().or(body.str_address_line2.filled());
    let (street, beside) = Street::parse_with_unit(&body.str_address_line1).ok()?;
    Some(ServiceAddress {
        street,
        unit: unit.and_then(|unit| Unit::parse(unit).ok()).or(beside),
        city: City::parse(&body.str_city).ok()?,
        zip,
        plus_four: plus_four.or_else(|| PlusFour::parse(&body.str_zip_four).ok()),
    })
}

#[cfg(test)]
mod tests {
    use crate::nrg::tests::processed;

    use super::*;

    const KNOWN: &str = r#"{"statusCode":"00","strAddressLine1":"100 EXAMPLE OAK LN","strAddressLine2":null,"strAptNumber":"12",
        "strCity":"SAMPLETON","strState":"TX","strZip":"77999","strZipFour":"0001","strStatus":"Active",
        "strPremiseType":"RESIDENTIAL","strErrCode":null}"#;

    fn validated(json: &str) -> Option<MeterAddress> {
        read(&processed(Endpoint::EsidValidation, json)).unwrap()
    }

    #[test]
    fn known_meter_yields_its_address() {
        let known = validated(KNOWN).unwrap();
        assert_eq!(known.address.line(), "100 EXAMPLE OAK LN #12, SAMPLETON, TX 77999-0001");
        assert!(known.residential);
        assert!(!validated(&KNOWN.replace("RESIDENTIAL", "LARGE")).unwrap().residential);
        let on_line_two = KNOWN.replace(r#""strAptNumber":"12""#, r#""strAptNumber":"""#);
        let on_line_two = on_line_two.replace(r#""strAddressLine2":null"#, r#""strAddressLine2":"APT 7""#);
        assert_eq!(validated(&on_line_two).unwrap().address.unit.unwrap().as_str(), "7");
    }

    #[test]
    fn meter_with_error_code_or_outside_texas_yields_none() {
        assert_eq!(validated(&KNOWN.replace(r#""strErrCode":null"#, r#""strErrCode":"E1""#)), None);
        assert_eq!(validated(&KNOWN.replace("TX", "OK")), None);
        assert_eq!(validated(r#"{"statusCode":"00"}"#), None);
    }
}
