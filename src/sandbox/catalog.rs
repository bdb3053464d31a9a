//! The brands and the utilities of contract 2.2 and 2.4, with invented delivery charges.

use super::inputs::{self, Area};

/// A brand of contract 2.2.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Brand {
    Reliant,
    GreenMountain,
    Cirro,
    DiscountPower,
    DirectEnergy,
}

impl Brand {
    /// The brand of a company code and a brand id. Without an id, 0391 is Discount Power (contract 2.2).
    pub fn from_codes(company: &str, id: &str) -> Option<Self> {
        match (company, id) {
            ("0121", "RE" | "") => Some(Self::Reliant),
            ("0271", "GM" | "") => Some(Self::GreenMountain),
            ("0391", "CE") => Some(Self::Cirro),
            ("0391", "PW" | "") => Some(Self::DiscountPower),
            ("0315", "DE" | "") => Some(Self::DirectEnergy),
            _ => None,
        }
    }

    /// The wire id, for example `RE`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Reliant => "RE",
            Self::GreenMountain => "GM",
            Self::Cirro => "CE",
            Self::DiscountPower => "PW",
            Self::DirectEnergy => "DE",
        }
    }

    /// Whether the brand has knowledge questions; one has none, so that the 400 of contract 5.12 can be tested.
    pub fn has_quiz(self) -> bool {
        self != Self::Cirro
    }
}

/// A utility: its two codes, its name, and what it charges for delivery.
#[derive(Debug)]
pub struct Utility {
    /// The `Dnnnn` code.
    pub code: &'static str,
    /// The five-digit code.
    pub web: &'static str,
    pub name: &'static str,
    /// Cents per kWh.
    pub per_kwh: f64,
    /// Dollars per month.
    pub monthly: f64,
}

const fn utility(
    code: &'static str,
    web: &'static str,
    name: &'static str,
    per_kwh: f64,
    monthly: f64,
) -> Utility {
    Utility { code, web, name, per_kwh, monthly }
}

/// CenterPoint, also the default for an unknown code.
pub static CENTERPOINT: Utility = utility("D0001", "99901", "CenterPoint Energy", 5.51, 4.39);

static OTHERS: [Utility; 18] = [
    utility("D0002", "99902", "ONCOR", 5.03, 4.23),
    utility("D0003", "99903", "Texas-New Mexico Power", 6.12, 7.85),
    utility("D0004", "99904", "AEP Texas Central", 5.69, 5.88),
    utility("D0005", "99905", "AEP Texas North", 5.37, 5.88),
    utility("D0009", "99909", "Sharyland Utilities", 6.27, 9.10),
    utility("D0011", "99911", "Lubbock Power & Light", 6.04, 0.00),
    // No utility has these codes: through them a ZIP selects an outcome of `offers`, which has no ZIP.
    utility("D0079", "99979", "Sandbox Utility with odd spellings", 5.51, 4.39),
    utility("D0084", "99984", "Sandbox Utility without plan details", 5.51, 4.39),
    utility("D0085", "99985", "Sandbox Utility with failing plan details", 5.51, 4.39),
    utility("D0086", "99986", "Sandbox Utility with discounts", 5.51, 4.39),
    utility("D0087", "99987", "Sandbox Utility with prepaid plans", 5.51, 4.39),
    utility("D0088", "99988", "Sandbox Utility with many plans", 5.51, 4.39),
    utility("D0089", "99989", "Sandbox Utility without service", 5.51, 4.39),
    utility("D0092", "99992", "Sandbox Utility without plans", 5.51, 4.39),
    utility("D0093", "99993", "Sandbox Utility without promotions", 5.51, 4.39),
    utility("D0094", "99994", "Sandbox Utility with default plans", 5.51, 4.39),
    utility("D0095", "99995", "Sandbox Utility without prices", 5.51, 4.39),
    utility("D0096", "99996", "Sandbox Utility with defective plans", 5.51, 4.39),
];

impl Utility {
    /// The utility with this `Dnnnn` code.
    pub fn by_code(code: &str) -> Option<&'static Self> {
        std::iter::once(&CENTERPOINT).chain(&OTHERS).find(|utility| utility.code == code)
    }

    /// Another utility, for meters that turn out to belong to one.
    pub fn other(&self) -> &'static Self {
        let code = if self.code == "D0001" { "D0002" } else { "D0001" };
        Self::by_code(code).unwrap_or(&CENTERPOINT)
    }

    /// The number in the code, for example 11 for `D0011`.
    pub fn number(&self) -> u32 {
        self.code.trim_start_matches('D').parse().unwrap_or_default()
    }
}

/// The utilities of a ZIP for this brand; none if the ZIP is not served.
pub fn utilities(zip: &str, brand: Brand) -> Vec<&'static Utility> {
    let codes: &[&str] = match inputs::area(zip) {
        Area::Served(codes) => codes,
        Area::NotBy(id) if id == brand.id() => &[],
        Area::NotBy(_) | Area::Failure(_) => &["D0001"],
        Area::Unserved => &[],
    };
    codes.iter().filter_map(|code| Utility::by_code(code)).collect()
}
