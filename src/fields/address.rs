//! The service address and the billing address.

use serde::{Deserialize, Serialize};

use super::{
    city::City, plus_four::PlusFour, po_box::PoBox, state::State, street::Street, unit::Unit, zip::Zip,
};

/// A service address: a street address, always in Texas (contract 2.8).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceAddress {
    /// Number and name of the street.
    pub street: Street,
    /// The unit, where the building has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The city.
    pub city: City,
    /// The five digits of the ZIP code.
    pub zip: Zip,
    /// The other four, known once NRG has verified the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plus_four: Option<PlusFour>,
}

impl ServiceAddress {
    /// All in one line, "100 Example Oak Ln #12, Sampleton, TX 77999-0001".
    pub fn line(&self) -> String {
        let street = street_and_unit(&self.street, self.unit.as_ref());
        format!("{street}, {}, {} {}", self.city.as_str(), State::TEXAS.as_str(), self.zip_wire())
    }

    /// The ZIP code as NRG takes it: "77999", or "77999-0001" where the rest is known.
    pub fn zip_wire(&self) -> String {
        match &self.plus_four {
            Some(plus_four) => format!("{}-{}", self.zip.as_str(), plus_four.as_str()),
            None => self.zip.as_str().to_owned(),
        }
    }

    /// Whether both name the same place: capitals and the ZIP+4 do not count.
    pub fn same_place(&self, other: &Self) -> bool {
        let key = |address: &Self| {
            let Self { street, unit, city, zip, plus_four: _ } = address;
            (street.line().to_lowercase(), unit.clone(), city.as_str().to_lowercase(), zip.clone())
        };
        key(self) == key(other)
    }
}

redacted_debug!(ServiceAddress);

/// A billing address: a street address or a PO box, in any state (contract 2.8).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum BillingAddress {
    /// A street address.
    Street {
        /// Number and name of the street.
        street: Street,
        /// The unit, where the building has several.
        #[serde(skip_serializing_if = "Option::is_none")]
        unit: Option<Unit>,
        /// The city.
        city: City,
        /// The state.
        state: State,
        /// The ZIP code.
        zip: Zip,
    },
    /// A PO box.
    PoBox {
        /// The box.
        po_box: PoBox,
        /// The city of its post office.
        city: City,
        /// The state.
        state: State,
        /// The ZIP code.
        zip: Zip,
    },
}

impl BillingAddress {
    /// The ZIP code.
    pub fn zip(&self) -> &Zip {
        match self {
            Self::Street { zip, .. } | Self::PoBox { zip, .. } => zip,
        }
    }

    /// All in one line, "PO Box 123, Sampleton, TX 77999".
    pub fn line(&self) -> String {
        let (first, city, state, zip) = match self {
            Self::Street { street, unit, city, state, zip } => {
                (street_and_unit(street, unit.as_ref()), city, state, zip)
            }
            Self::PoBox { po_box, city, state, zip } => (po_box.line(), city, state, zip),
        };
        format!("{first}, {}, {} {}", city.as_str(), state.as_str(), zip.as_str())
    }
}

impl From<&ServiceAddress> for BillingAddress {
    fn from(service: &ServiceAddress) -> Self {
        Self::Street {
            street: service.street.clone(),
            unit: service.unit.clone(),
            city: service.city.clone(),
            state: State::TEXAS,
            zip: service.zip.clone(),
        }
    }
}

redacted_debug!(BillingAddress);

fn street_and_unit(street: &Street, unit: Option<&Unit>) -> String {
    match unit {
        Some(unit) => format!("{} #{}", street.line(), unit.as_str()),
        None => street.line(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(street: &str, unit: &str, city: &str, zip: &str) -> ServiceAddress {
        let (zip, plus_four) = Zip::parse_with_plus_four(zip).unwrap();
        ServiceAddress {
            street: Street::parse(street).unwrap(),
            unit: crate::fields::optional(unit, Unit::parse).unwrap(),
            city: City::parse(city).unwrap(),
            zip,
            plus_four,
        }
    }

    #[test]
    fn same_place_ignores_spelling_but_not_unit_street_city_or_zip() {
        let home = address("100 Example Oak Ln", "12b", "Sampleton", "77999");
        for (other, same) in [
            (address("100 EXAMPLE OAK LN", "Apt 12B", "SAMPLETON", "77999-0001"), true),
            (address("100 Example Oak Ln", "", "Sampleton", "77999"), false),
            (address("101 Example Oak Ln", "12b", "Sampleton", "77999"), false),
            (address("100 Example Oak Ln", "12b", "Otherville", "77999"), false),
            (address("100 Example Oak Ln", "12b", "Sampleton", "77998"), false),
        ] {
            assert_eq!(home.same_place(&other), same, "{}", other.line());
        }
    }

    #[test]
    fn address_line_and_zip_wire_are_formatted_and_debug_is_redacted() {
        let home = address("100 Example Oak Ln", "12", "Sampleton", "77999-0001");
        assert_eq!(home.line(), "100 Example Oak Ln #12, Sampleton, TX 77999-0001");
        assert_eq!(home.zip_wire(), "77999-0001");
        assert_eq!(address("1 A St", "", "Sampleton", "77999").zip_wire(), "77999");
        assert_eq!(BillingAddress::from(&home).line(), "100 Example Oak Ln #12, Sampleton, TX 77999");
        let po_box = BillingAddress::PoBox {
            po_box: PoBox::parse("123").unwrap(),
            city: City::parse("Sampleton").unwrap(),
            state: State::TEXAS,
            zip: Zip::parse("77999").unwrap(),
        };
        assert_eq!(po_box.line(), "PO Box 123, Sampleton, TX 77999");
        assert_eq!(format!("{home:?} {po_box:?}"), "ServiceAddress(hidden) BillingAddress(hidden)");
    }

    #[test]
    fn address_survives_serialization_and_invalid_zip_is_refused() {
        let home = address("100 Example Oak Ln", "12", "Sampleton", "77999-0001");
        let stored = serde_json::to_string(&home).unwrap();
        assert_eq!(serde_json::from_str::<ServiceAddress>(&stored).unwrap(), home);
        assert!(serde_json::from_str::<ServiceAddress>(&stored.replace("77999", "7799")).is_err());
        let billing = BillingAddress::from(&home);
        let stored = serde_json::to_string(&billing).unwrap();
        assert_eq!(serde_json::from_str::<BillingAddress>(&stored).unwrap(), billing);
    }
}
