//! POST `esid` and POST `esid/residential` (contract 5.5, 5.6): the meters at an address.

use serde::{Deserialize, Serialize};

use crate::{
    fields::{EsiId, ServiceAddress, Unit},
    journey::{Meter, Meters},
};

use crate::nrg::{
    client::BrandClient,
    endpoint::Endpoint,
    envelope::{Reply, Verdict},
    error::Error,
    reading::Reading,
    wire::{self, Text},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    serv_street: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    serv_street_apt_num: Option<&'a str>,
    serv_city: &'a str,
    serv_zip_code: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    #[serde(deserialize_with = "wire::list")]
    esid_list: Vec<Entry>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Entry {
    esid_number: Text,
    premise_type: Text,
    #[serde(rename = "tdspCodeCCS")]
    tdsp: Text,
    switch_hold_status: Text,
    esid_status_brand: Text,
}

impl BrandClient<'_> {
    /// The meters at an address that can be enrolled, with what is known of holds and own customers.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn esid_residential(&self, address: &ServiceAddress) -> Result<Meters, Error> {
        self.meters(Endpoint::EsidResidential, address).await
    }

    /// All the meters at an address; says of an empty residential list whether business meters are behind it.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn esid(&self, address: &ServiceAddress) -> Result<Meters, Error> {
        self.meters(Endpoint::Esid, address).await
    }

    async fn meters(&self, endpoint: Endpoint, address: &ServiceAddress) -> Result<Meters, Error> {
        let fields = Fields {
            serv_street: &address.street.line(),
            serv_street_apt_num: address.unit.as_ref().map(Unit::as_str),
            serv_city: address.city.as_str(),
            serv_zip_code: address.zip.as_str(),
        };
        read(&self.post(endpoint, &fields).await?.processed()?, &self.reading(endpoint))
    }
}

/// NRG says nothing against a meter whose premise type is blank.
pub(in crate::nrg) fn is_residential(premise_type: &Text) -> bool {
    premise_type.filled().is_none_or(|premise_type| premise_type.eq_ignore_ascii_case("RESIDENTIAL"))
}

fn read(reply: &Reply<Body>, reading: &Reading<'_>) -> Result<Meters, Error> {
    match reply.verdict {
        Verdict::Continue => {}
        Verdict::Stop | Verdict::Ask => return Err(reply.invalid_response("no list of meters")),
    }
    let list = &reply.body.esid_list;
    // An id that cannot be read, such as the marker `NRESID`, names no meter that could be enrolled.
    let meters: Vec<Meter> = list
        .iter()
        .filter(|entry| is_residential(&entry.premise_type))
        .filter_map(|entry| meter(entry, reading))
        .collect();
    let any_business =
        list.iter().any(|entry| &*entry.esid_number == "NRESID" || !is_residential(&entry.premise_type));
    Ok(match (meters.is_empty(), any_business) {
        (false, _) => Meters::Residential(meters),
        (true, true) => Meters::Business,
        (true, false) => Meters::None,
    })
}

fn meter(entry: &Entry, reading: &Reading<'_>) -> Option<Meter> {
    Some(Meter {
        esi_id: EsiId::parse(&entry.esid_number).ok()?,
        tdsp: reading.tdsp("tdspCodeCCS", &entry.tdsp),
        switch_hold: reading.flag("switchHoldStatus", &entry.switch_hold_status, "ON"),
        own_customer: entry.esid_status_brand.eq_ignore_ascii_case("ACTIVE"),
        unit: None,
    })
}

#[cfg(test)]
mod tests {
    use crate::nrg::tests::{processed, reading};

    use super::*;

    fn meters(entries: &str) -> Meters {
        let json = format!(r#"{{"statusCode":"00","esidList":{entries}}}"#);
        read(&processed(Endpoint::EsidResidential, &json), &reading()).unwrap()
    }

    #[test]
    fn esid_list_yields_none_business_or_residential_meters() {
        assert_eq!(meters("null"), Meters::None);
        assert_eq!(meters("[]"), Meters::None);
        assert_eq!(meters(r#"[{"esidNumber":"NRESID"}]"#), Meters::Business);
        assert_eq!(
            meters(r#"[{"esidNumber":"10000009999999912","premiseType":"SMALL NON-RESIDENTIAL"}]"#),
            Meters::Business
        );
        assert_eq!(meters(r#"[{"esidNumber":"garbled","premiseType":"RESIDENTIAL"}]"#), Meters::None);
        let Meters::Residential(all) = meters(
            r#"[{"esidNumber":"10000009999999912","premiseType":"RESIDENTIAL","tdspCodeCCS":"D0001","switchHoldStatus":"ON",
                 "esidStatusBrand":"ACTIVE"},
                {"esidNumber":10000009999999913,"premiseType":null,"tdspCodeCCS":null,"switchHoldStatus":"OFF"},
                {"esidNumber":"10000009999999914","premiseType":"LARGE"}]"#,
        ) else {
            panic!()
        };
        let seen: Vec<_> = all
            .iter()
            .map(|meter| (meter.esi_id.as_str(), meter.tdsp.is_some(), meter.switch_hold, meter.own_customer))
            .collect();
        assert_eq!(
            seen,
            [("10000009999999912", true, true, true), ("10000009999999913", false, false, false)]
        );
    }

    #[test]
    fn esid_answer_other_than_continue_is_an_error() {
        assert!(
            read(&processed(Endpoint::Esid, r#"{"statusCode":"01","esidList":[]}"#), &reading()).is_err()
        );
    }
}
