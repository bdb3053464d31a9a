//! One type a file, parsed once from what a person typed or NRG sent.
//!
//! In comes text, out comes a value that cannot be wrong, or a [`Problem`]: a kind, never a wording
//! and never the text itself. A value read back from the session or the ledger is parsed again.
//! Values that point at a person print nothing under `Debug`.

#[macro_use]
mod typed;

mod address;
mod birth_date;
mod brand;
mod cents_per_kwh;
mod city;
mod dollars;
mod email;
mod esi_id;
mod ids;
mod language;
mod last_four;
mod licence;
mod offer_code;
mod person_name;
mod phone;
mod plus_four;
mod po_box;
mod prospect_id;
mod service_date;
mod ssn;
mod state;
mod street;
mod tdsp_code;
mod token;
mod transaction;
mod unit;
mod zip;

pub use address::{BillingAddress, ServiceAddress};
pub use birth_date::{BirthDate, BirthDatePart};
pub use brand::Brand;
pub use cents_per_kwh::CentsPerKwh;
pub use city::City;
pub use dollars::Dollars;
pub use email::Email;
pub use esi_id::EsiId;
pub use ids::{Guid, TrackingId};
pub use language::Language;
pub use last_four::LastFour;
pub use licence::Licence;
pub use offer_code::OfferCode;
pub use person_name::PersonName;
pub use phone::Phone;
pub use plus_four::PlusFour;
pub use po_box::PoBox;
pub use prospect_id::ProspectId;
pub use service_date::ServiceDate;
pub use ssn::Ssn;
pub use state::State;
pub use street::Street;
pub use tdsp_code::TdspCode;
pub use token::Token;
pub use transaction::Transaction;
pub use unit::Unit;
pub use zip::Zip;

/// What is wrong with one typed value. Words live in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Problem {
    /// Nothing was typed or chosen.
    Missing,
    /// More characters than NRG takes.
    TooLong {
        /// The most characters allowed.
        max: usize,
    },
    /// Contains characters that cannot be printed.
    ControlCharacters,
    /// Not a ZIP code of five digits, or nine with the ZIP+4.
    ZipDigits,
    /// Not a US phone number of ten digits.
    PhoneDigits,
    /// Ten digits, but an area code or exchange that starts with 0 or 1.
    PhoneNeverIssued,
    /// Does not look like name@example.com.
    EmailShape,
    /// A name with digits or signs, or without any letter.
    NameCharacters,
    /// Not nine digits.
    SsnDigits,
    /// Nine digits that no one was ever given.
    SsnNeverIssued,
    /// Not the seven or eight digits of a Texas driver licence or ID card.
    LicenceDigits,
    /// The date lacks its month.
    MonthMissing,
    /// The date lacks its day.
    DayMissing,
    /// The date lacks its year.
    YearMissing,
    /// Neither 1 to 12 nor a month's name.
    NotAMonth,
    /// Not a number from 1 to 31.
    NotADay,
    /// A year not written with four digits.
    YearDigits,
    /// No such day in the calendar.
    NotADate,
    /// A birth date that has not come yet.
    InFuture,
    /// Under 18.
    TooYoung,
    /// Over 100.
    TooOld,
    /// A street address that does not begin with a number.
    StreetNumberMissing,
    /// The number of the street address has more characters than NRG takes.
    StreetNumberTooLong {
        /// The most characters allowed.
        max: usize,
    },
    /// A street address with a number only.
    StreetNameMissing,
    /// A PO box where a street address is needed.
    PoBoxHere,
    /// No readable box number.
    PoBoxNumber,
    /// Signs that no address has.
    AddressCharacters,
    /// Digits or signs that no city has.
    CityCharacters,
    /// Not the two-letter code of a US state, territory or military post.
    StateCode,
    /// Not 17 or 22 digits.
    EsiIdDigits,
    /// Not 1 to 20 letters and digits.
    ProspectIdShape,
    /// Not one of the choices of the page.
    NotAChoice,
    /// Well formed, but not (or no longer) offered.
    NotOffered,
    /// What the token service gave is not a token. NRG's doing, never a person's.
    NotAToken,
    /// A value of NRG's that is not as the contract has it. Never a person's doing.
    Unreadable,
}

/// Parses a field that may be left blank: blank is `None`.
///
/// # Errors
/// What `parse` finds wrong with a field that is not blank.
pub fn optional<T>(
    typed: &str,
    parse: impl FnOnce(&str) -> Result<T, Problem>,
) -> Result<Option<T>, Problem> {
    if typed.trim().is_empty() { Ok(None) } else { parse(typed).map(Some) }
}
