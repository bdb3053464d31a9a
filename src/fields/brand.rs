//! NRG's brands.

use super::Problem;

/// A brand a customer can enroll with (contract 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Brand {
    /// Reliant.
    Reliant,
    /// Green Mountain.
    GreenMountain,
    /// Cirro, of the same company as Discount Power.
    Cirro,
    /// Discount Power, of the same company as Cirro.
    DiscountPower,
    /// Direct Energy.
    DirectEnergy,
}

impl Brand {
    /// Every brand.
    pub const ALL: [Self; 5] =
        [Self::Reliant, Self::GreenMountain, Self::Cirro, Self::DiscountPower, Self::DirectEnergy];

    /// `brandId` on the wire, and the brand's name in settings and paths.
    pub fn id(self) -> &'static str {
        match self {
            Self::Reliant => "RE",
            Self::GreenMountain => "GM",
            Self::Cirro => "CE",
            Self::DiscountPower => "PW",
            Self::DirectEnergy => "DE",
        }
    }

    /// `companyCode` on the wire.
    pub fn company_code(self) -> &'static str {
        match self {
            Self::Reliant => "0121",
            Self::GreenMountain => "0271",
            Self::Cirro | Self::DiscountPower => "0391",
            Self::DirectEnergy => "0315",
        }
    }

    /// Reads an id.
    ///
    /// # Errors
    /// [`Problem::NotAChoice`].
    pub fn parse(id: &str) -> Result<Self, Problem> {
        Self::ALL.into_iter().find(|brand| brand.id() == id).ok_or(Problem::NotAChoice)
    }
}

stored_as_text!(Brand, id, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brand_id_parses_back_to_brand_and_unknown_id_is_refused() {
        for brand in Brand::ALL {
            assert_eq!(Brand::parse(brand.id()), Ok(brand));
        }
        assert_eq!(Brand::parse("XX"), Err(Problem::NotAChoice));
    }

    #[test]
    fn brand_id_serves_as_key_of_stored_map() {
        let map = std::collections::BTreeMap::from([(Brand::Cirro, 1)]);
        let stored = serde_json::to_string(&map).unwrap();
        assert_eq!(stored, r#"{"CE":1}"#);
        assert_eq!(serde_json::from_str::<std::collections::BTreeMap<Brand, u8>>(&stored).unwrap(), map);
    }
}
