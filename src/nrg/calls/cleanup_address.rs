//! POST `cleanup-address` (contract 5.3): an address, verified by NRG.

use serde::{Deserialize, Serialize};

use crate::{
    fields::{BillingAddress, City, PoBox, ServiceAddress, State, Street, Unit, Zip, optional},
    journey::Cleaned,
};

use crate::nrg::{
    client::BrandClient,
    endpoint::Endpoint,
    envelope::{Reply, Verdict},
    error::Error,
    wire::Text,
};

/// Street or PO box, never both.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    street_num: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    street_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    apt_num: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    po_box: Option<&'a str>,
    city: &'a str,
    state: &'a str,
    zip_code: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    street_num: Text,
    street_name: Text,
    apt_num: Text,
    po_box: Text,
    city: Text,
    state: Text,
    zip_code: Text,
}

impl BrandClient<'_> {
    /// The answer about a service address. A suggestion that names the same place counts as verified.
    ///
    /// # Errors
    /// [`Error`]; a `01`, which this endpoint does not know, is [`Kind::InvalidResponse`](crate::nrg::Kind).
    pub async fn cleanup_service(&self, typed: &ServiceAddress) -> Result<Cleaned<ServiceAddress>, Error> {
        let fields = Fields {
            street_num: Some(typed.street.number()),
            street_name: Some(typed.street.name()),
            apt_num: typed.unit.as_ref().map(Unit::as_str),
            po_box: None,
            city: typed.city.as_str(),
            state: State::TEXAS.as_str(),
            zip_code: &typed.zip_wire(),
        };
        let reply = self.post(Endpoint::CleanupAddress, &fields).await?.processed()?;
        cleaned(&reply, service_address(&reply.body), |found| found.same_place(typed))
    }

    /// The answer about a billing address. A suggestion that names the same place counts as verified.
    ///
    /// # Errors
    /// As [`BrandClient::cleanup_service`].
    pub async fn cleanup_billing(&self, typed: &BillingAddress) -> Result<Cleaned<BillingAddress>, Error> {
        let fields = match typed {
            BillingAddress::Street { street, unit, city, state, zip } => Fields {
                street_num: Some(street.number()),
                street_name: Some(street.name()),
                apt_num: unit.as_ref().map(Unit::as_str),
                po_box: None,
                city: city.as_str(),
                state: state.as_str(),
                zip_code: zip.as_str(),
            },
            BillingAddress::PoBox { po_box, city, state, zip } => Fields {
                po_box: Some(po_box.as_str()),
                city: city.as_str(),
                state: state.as_str(),
                zip_code: zip.as_str(),
                ..Fields::default()
            },
        };
        let reply = self.post(Endpoint::CleanupAddress, &fields).await?.processed()?;
        let same = |found: &BillingAddress| found.line().to_lowercase() == typed.line().to_lowercase();
        cleaned(&reply, billing_address(&reply.body), same)
    }
}

/// A `00` verifies only with `COMPLETE_MATCH` and an address that can be read: failures hide behind `00`.
fn cleaned<A>(
    reply: &Reply<Body>,
    found: Option<A>,
    is_typed: impl Fn(&A) -> bool,
) -> Result<Cleaned<A>, Error> {
    Ok(match (reply.verdict, &*reply.code, found) {
        (Verdict::Stop, ..) => return Err(reply.invalid_response("a stop where none is known")),
        (Verdict::Continue, "COMPLETE_MATCH", Some(found)) => Cleaned::Verified(found),
        (_, "PARTIAL_MATCH" | "COMPLETE_MATCH", Some(found)) if is_typed(&found) => Cleaned::Verified(found),
        (_, "PARTIAL_MATCH" | "COMPLETE_MATCH", Some(found)) => Cleaned::Suggested(found),
        (_, "UNIT_NEEDED", _) => Cleaned::UnitNeeded,
        (_, "INCORRECT_UNIT", _) => Cleaned::UnitUnknown,
        (Verdict::Continue | Verdict::Ask, ..) => Cleaned::NotVerified,
    })
}

/// None where the address cannot be a service address: unreadable, a PO box, or not in Texas.
fn service_address(body: &Body) -> Option<ServiceAddress> {
    if body.po_box.filled().is_some() || State::parse(&body.state).ok()? != State::TEXAS {
        return None;
    }
    let (zip, plus_four) = Zip::parse_with_plus_four(&body.zip_code).ok()?;
    Some(ServiceAddress {
        street: Street::from_parts(&body.street_num, &body.street_name).ok()?,
        unit: optional(&body.apt_num, Unit::parse).ok()?,
        city: City::parse(&body.city).ok()?,
        zip,
        plus_four,
    })
}

fn billing_address(body: &Body) -> Option<BillingAddress> {
    let city = City::parse(&body.city).ok()?;
    let state = State::parse(&body.state).ok()?;
    let zip = Zip::parse(&body.zip_code).ok()?;
    Some(match body.po_box.filled() {
        Some(po_box) => BillingAddress::PoBox { po_box: PoBox::parse(po_box).ok()?, city, state, zip },
        None => BillingAddress::Street {
            street: billing_street(body)?,
            unit: optional(&body.apt_num, Unit::parse).ok()?,
            city,
            state,
            zip,
        },
    })
}

/// In two parts, or for a line without a house number ("RR 2 BOX 152") perhaps in one.
fn billing_street(body: &Body) -> Option<Street> {
    let whole = || Street::parse_mail(&body.street_name).ok().filter(|_| body.street_num.filled().is_none());
    let street = Street::from_parts(&body.street_num, &body.street_name).ok();
    street.or_else(|| whole().map(|(street, _)| street))
}

#[cfg(test)]
mod tests {
    use crate::nrg::tests::{processed, service};

    use super::*;

    const FOUND: &str = r#""streetNum":"100","streetName":"EXAMPLE OAK LN","aptNum":"12","city":"SAMPLETON","state":"TX",
        "zipCode":"77999-0001","poBox":"","country":"US""#;

    fn read(json: &str) -> Result<Cleaned<ServiceAddress>, Error> {
        let reply = processed(Endpoint::CleanupAddress, json);
        cleaned(&reply, service_address(&reply.body), |found| found.same_place(&service()))
    }

    #[test]
    fn cleanup_address_answer_maps_to_outcome_by_status_and_code() {
        let word = |cleaned: Cleaned<ServiceAddress>| match cleaned {
            Cleaned::Verified(_) => "verified",
            Cleaned::Suggested(_) => "suggested",
            Cleaned::UnitNeeded => "unit needed",
            Cleaned::UnitUnknown => "unit unknown",
            Cleaned::NotVerified => "not verified",
        };
        for (status, code, address, expected) in [
            ("00", "COMPLETE_MATCH", FOUND, "verified"),
            ("00", "COMPLETE_MATCH", r#""streetNum":null"#, "not verified"),
            ("00", "", FOUND, "not verified"),
            ("00", "NEW_CODE", FOUND, "not verified"),
            ("02", "PARTIAL_MATCH", FOUND, "verified"),
            ("02", "PARTIAL_MATCH", &FOUND.replace("100", "102"), "suggested"),
            ("02", "PARTIAL_MATCH", &FOUND.replace("TX", "OK"), "not verified"),
            ("02", "PARTIAL_MATCH", &FOUND.replace(r#""poBox":"""#, r#""poBox":"12""#), "not verified"),
            ("02", "COMPLETE_MATCH", &FOUND.replace("100", "102"), "suggested"),
            ("02", "NO_MATCH", FOUND, "not verified"),
            ("02", "UNIT_NEEDED", FOUND, "unit needed"),
            ("02", "INCORRECT_UNIT", FOUND, "unit unknown"),
            ("02", "UNVERIFIED_ADDRESS", FOUND, "not verified"),
            ("02", "", r#""streetNum":null"#, "not verified"),
        ] {
            let json = format!(r#"{{"statusCode":"{status}","messageCode":"{code}",{address}}}"#);
            assert_eq!(word(read(&json).unwrap()), expected, "{status} {code}");
        }
        assert!(read(r#"{"statusCode":"01"}"#).is_err());
    }

    #[test]
    fn verified_address_is_taken_from_nrg_answer() {
        let json = format!(r#"{{"statusCode":"00","messageCode":"COMPLETE_MATCH",{FOUND}}}"#);
        let Cleaned::Verified(address) = read(&json).unwrap() else { panic!() };
        assert_eq!(address.line(), "100 EXAMPLE OAK LN #12, SAMPLETON, TX 77999-0001");
    }

    #[test]
    fn billing_address_may_be_po_box_in_another_state() {
        let json = r#"{"statusCode":"00","messageCode":"COMPLETE_MATCH","poBox":"PO BOX 123","city":"SAMPLETON",
            "state":"OK","zipCode":"73999","streetNum":"","streetName":null}"#;
        let address = billing_address(&processed::<Body>(Endpoint::CleanupAddress, json).body).unwrap();
        assert_eq!(address.line(), "PO Box 123, SAMPLETON, OK 73999");
    }

    #[test]
    fn billing_line_without_house_number_is_read_in_one_part_or_two() {
        for street in
            [r#""streetNum":"RR 2","streetName":"BOX 152""#, r#""streetNum":"","streetName":"RR 2 BOX 152""#]
        {
            let json = format!(
                r#"{{"statusCode":"00",{street},"city":"SAMPLETON","state":"TX","zipCode":"77999"}}"#
            );
            let address = billing_address(&processed::<Body>(Endpoint::CleanupAddress, &json).body).unwrap();
            assert_eq!(address.line(), "RR 2 BOX 152, SAMPLETON, TX 77999", "{street}");
        }
    }
}
