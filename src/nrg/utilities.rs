//! The channel and the utilities that NRG publishes (contract 2.3, 2.4). The brands are `fields::Brand`.

use crate::fields::TdspCode;

/// `channelType` of an affiliate.
pub const AFFILIATE_CHANNEL: &str = "AFF";

/// A published utility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedUtility {
    /// `Dnnnn`.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The phone number for outages, ten digits.
    pub outage_phone: &'static str,
}

/// The published utilities. The wire may name others, which are sold as well.
#[rustfmt::skip]
pub const UTILITIES: [PublishedUtility; 7] = [
    PublishedUtility { code: "D0001", name: "CenterPoint Energy", outage_phone: "8003327143" },
    PublishedUtility { code: "D0002", name: "Oncor", outage_phone: "8883134747" },
    PublishedUtility { code: "D0003", name: "Texas-New Mexico Power", outage_phone: "8888667456" },
    PublishedUtility { code: "D0004", name: "AEP Texas Central", outage_phone: "8662238508" },
    PublishedUtility { code: "D0005", name: "AEP Texas North", outage_phone: "8662238508" },
    PublishedUtility { code: "D0009", name: "Sharyland Utilities", outage_phone: "8663543335" },
    PublishedUtility { code: "D0011", name: "Lubbock Power & Light", outage_phone: "8067752509" },
];

/// The published utility with `code`.
pub fn utility(code: &TdspCode) -> Option<PublishedUtility> {
    UTILITIES.into_iter().find(|utility| utility.code == code.as_str())
}

#[cfg(test)]
mod tests {
    use crate::fields::Phone;

    use super::*;

    #[test]
    fn every_utility_is_found_by_code_and_has_valid_outage_phone() {
        for known in UTILITIES {
            let code = TdspCode::parse(known.code).unwrap();
            assert_eq!(utility(&code), Some(known));
            assert_eq!(Phone::parse(known.outage_phone).unwrap().digits(), known.outage_phone);
        }
        assert_eq!(utility(&TdspCode::parse("D0099").unwrap()), None);
    }
}
