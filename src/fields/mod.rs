//! The types of fields, one in each file, parsed once from what a person typed or NRG sent.
//!
//! The input is text; the output is a value that is valid, or a [`Problem`]: a kind, never a wording and never the text
//! itself. A value from the session or the ledger is parsed again. Values that identify a person print nothing under
//! `Debug`.

#[macro_use]
mod typed;

mod address;
mod birth_date;
mod brand;
mod cents_per_kwh;
mod city;
mod cut;
mod designator;
mod dollars;
mod driver_license;
mod email;
mod esi_id;
mod fold;
mod ids;
mod language;
mod last_four;
mod mail_line;
mod nothing;
mod number_key;
mod offer_code;
mod person_name;
mod phone;
mod plus_four;
mod po_box;
mod problem;
mod prospect_id;
mod query;
mod service_date;
mod ssn;
mod state;
mod street;
mod tdsp_code;
mod tidied;
mod token;
mod transaction;
mod unit;
mod usps;
mod zip;

pub use address::{BillingAddress, ServiceAddress};
pub use birth_date::{BirthDate, BirthDatePart};
pub use brand::Brand;
pub use cents_per_kwh::CentsPerKwh;
pub use city::City;
pub use cut::cut;
pub use dollars::Dollars;
pub use driver_license::DriverLicense;
pub use email::Email;
pub use esi_id::EsiId;
pub use ids::{Guid, TrackingId};
pub use language::Language;
pub use last_four::LastFour;
pub use number_key::NumberKey;
pub use offer_code::OfferCode;
pub use person_name::PersonName;
pub use phone::Phone;
pub use plus_four::PlusFour;
pub use po_box::PoBox;
pub use problem::{Problem, optional};
pub use prospect_id::ProspectId;
pub use query::Query;
pub use service_date::{ServiceDate, TypedDate};
pub use ssn::Ssn;
pub use state::State;
pub use street::Street;
pub use tdsp_code::TdspCode;
pub use tidied::{seen, tidied};
pub use token::Token;
pub use transaction::Transaction;
pub use unit::Unit;
pub use zip::Zip;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::{Serialize, de::DeserializeOwned};

    use super::*;

    #[rustfmt::skip]
    const PIECES: &[&str] = &[
        "1", "9", "0", "12", "77999", "900456789", "10000009999999912", " ", "-", ".", "'", "\u{2019}", "#", "/", "apt", "PO Box",
        "Oak", "N", "TX", "é", "e\u{301}", "ß", "İ", "١", "\u{200b}", "\u{202e}", "\u{feff}", "\0", "\n", "@", "a@b.co",
        "example.com", "xn--", "D0001", "3f0f6f1e-0000-4000-8000-000000000001", "<b>", "&", "%", "99999999999999999999", "1e9",
    ];

    /// A value that was read is stored, and read again as the same.
    fn comes_back<T>(read: Result<T, Problem>) -> Result<(), TestCaseError>
    where
        T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        if let Ok(value) = read {
            let stored =
                serde_json::to_string(&value).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let again = serde_json::from_str::<T>(&stored);
            prop_assert!(again.is_ok_and(|again| again == value), "{value:?} stored as {stored}");
        }
        Ok(())
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "an invented number")]
    fn fuzz_fields() {
        crate::testing::properties::run(crate::testing::properties::text(PIECES), |text| {
            let text = text.as_str();
            comes_back(Zip::parse(text))?;
            comes_back(PlusFour::parse(text))?;
            comes_back(Phone::parse(text))?;
            comes_back(Email::parse(text))?;
            comes_back(PersonName::parse(text))?;
            comes_back(Street::parse(text))?;
            comes_back(Unit::parse(text))?;
            comes_back(City::parse(text))?;
            comes_back(State::parse(text))?;
            comes_back(PoBox::parse(text))?;
            comes_back(EsiId::parse(text))?;
            comes_back(ProspectId::parse(text))?;
            comes_back(OfferCode::parse(text))?;
            comes_back(TdspCode::parse(text))?;
            comes_back(Token::parse(text))?;
            comes_back(LastFour::parse(text))?;
            comes_back(TrackingId::parse(text))?;
            comes_back(Guid::parse(text))?;
            comes_back(NumberKey::parse(text))?;
            comes_back(ServiceDate::parse_iso(text))?;
            let today = jiff::civil::date(2030, 6, 18);
            comes_back(BirthDate::parse(text, "1", "1990", today).map_err(|(_, problem)| problem))?;
            comes_back(BirthDate::parse("1", text, "1990", today).map_err(|(_, problem)| problem))?;
            comes_back(BirthDate::parse("1", "1", text, today).map_err(|(_, problem)| problem))?;
            if let Ok(ssn) = Ssn::parse(text) {
                prop_assert!(ssn.expose().len() == 9 && ssn.last_four().as_str().len() == 4);
            }
            if let Ok(license) = DriverLicense::parse(text) {
                prop_assert!((7..=8).contains(&license.expose().len()));
            }
            Ok(())
        });
    }
}
