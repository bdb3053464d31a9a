//! NRG's brands.

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::problem::Problem;

/// A brand a customer can enroll with (contract 2.2).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumCount,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
pub enum Brand {
    /// Reliant.
    #[strum(serialize = "RE")]
    Reliant,
    /// Green Mountain.
    #[strum(serialize = "GM")]
    GreenMountain,
    /// Cirro, of the same company as Discount Power.
    #[strum(serialize = "CE")]
    Cirro,
    /// Discount Power, of the same company as Cirro.
    #[strum(serialize = "PW")]
    DiscountPower,
    /// Direct Energy.
    #[strum(serialize = "DE")]
    DirectEnergy,
}

impl Brand {
    /// Every brand.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.as_array().unwrap();

    /// `brandId` on the wire, and the brand's name in settings and paths.
    pub fn id(self) -> &'static str {
        self.into()
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

    /// Parses an id.
    ///
    /// # Errors
    /// [`Problem::NotAChoice`].
    pub fn parse(id: &str) -> Result<Self, Problem> {
        id.parse().map_err(|_| Problem::NotAChoice)
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
