//! Service addresses and their meters.

use sha2::{Digest, Sha256};

use super::{
    catalog::{Brand, CENTERPOINT, Utility, utilities},
    inputs::{self, Place},
};

/// A service address in capitals; the ZIP has five digits, the unit no designator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Address {
    pub number: String,
    pub street: String,
    pub unit: String,
    pub city: String,
    pub zip: String,
}

impl Address {
    /// The address of these parts, normalized.
    pub fn new(number: &str, street: &str, unit: &str, city: &str, zip: &str) -> Self {
        let tidy = |text: &str| text.trim().to_uppercase();
        let unit = tidy(unit);
        let designators = ["APARTMENT", "APT", "UNIT", "STE", "#"];
        let bare = designators.iter().find_map(|word| unit.strip_prefix(word)).unwrap_or(&unit);
        Self {
            number: tidy(number),
            street: tidy(street),
            unit: bare.trim_start_matches(['.', ' ', '#']).to_owned(),
            city: tidy(city),
            zip: zip.trim().chars().take(5).collect(),
        }
    }

    /// The outcomes that the street number selects.
    pub fn place(&self) -> Place {
        inputs::place(&self.number)
    }
}

/// A meter.
#[derive(Clone, Debug)]
pub struct Meter {
    pub esid: String,
    pub utility: &'static Utility,
    pub smart: bool,
    pub residential: bool,
    pub status: &'static str,
    pub switch_hold: bool,
    pub own_customer: bool,
    pub blocked: bool,
}

impl Meter {
    /// `AMSR` for a smart meter.
    pub fn kind(&self) -> &'static str {
        if self.smart { "AMSR" } else { "AMR" }
    }
}

/// The meters of an address, each with its own address; only that of the unit if the unit is known.
pub fn meters_at(address: &Address, brand: Brand) -> Vec<(Address, Meter)> {
    let place = address.place();
    let served = utilities(&address.zip, brand);
    let is_odd = address.number.ends_with(['1', '3', '5', '7', '9']);
    let by_zip = served.get(usize::from(is_odd)).or(served.first()).copied().unwrap_or(&CENTERPOINT);
    let utility = if place == Place::OtherUtility { by_zip.other() } else { by_zip };
    let units: Vec<String> = match place {
        Place::NoMeter | Place::NoMeterStop => Vec::new(),
        Place::ManyMeters | Place::ManyMetersStop => vec!["A".to_owned(), "B".to_owned()],
        Place::Building { first, units } => {
            let all = (first..first + units).map(|unit| unit.to_string());
            let known: Vec<String> = all.clone().filter(|unit| *unit == address.unit).collect();
            if known.is_empty() { all.collect() } else { known }
        }
        _ => vec![address.unit.clone()],
    };
    let meter = |unit: String| {
        let address = Address { unit, ..address.clone() };
        let meter = Meter {
            esid: esid_of(&address, utility),
            utility,
            smart: place != Place::SlowMeter,
            residential: !matches!(place, Place::Business | Place::NonResidential),
            status: if place == Place::Inactive { "Inactive" } else { "Active" },
            switch_hold: place == Place::Held,
            own_customer: place == Place::Own,
            blocked: place == Place::Blocked,
        };
        (address, meter)
    };
    units.into_iter().map(meter).collect()
}

/// An invented ESI ID, always the same for an address: 22 digits at CenterPoint, 17 elsewhere.
fn esid_of(address: &Address, utility: &Utility) -> String {
    let key = [&address.number, &address.street, &address.unit, &address.zip].map(String::as_str).join("|");
    let hash = Sha256::digest(key.as_bytes());
    let number = hash.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let head = format!("1000{:02}", utility.number());
    if utility.code == "D0001" {
        format!("{head}{:016}", number % 10_u64.pow(16))
    } else {
        format!("{head}{:011}", number % 10_u64.pow(11))
    }
}
