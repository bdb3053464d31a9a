//! The kinds of problems of a field's value.

/// The problem of one value. The message catalogs have the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Problem {
    /// Nothing was typed or chosen.
    Missing,
    /// More characters than NRG accepts.
    TooLong {
        /// The most characters allowed.
        max: usize,
    },
    /// Contains a character that did not arrive whole.
    Garbled,
    /// Not a ZIP code of five digits, or nine with the ZIP+4.
    ZipDigits,
    /// Not a US phone number of ten digits.
    PhoneDigits,
    /// Ten digits, but an area code or exchange that starts with 0 or 1.
    PhoneNeverIssued,
    /// Does not look like name@example.com.
    EmailShape,
    /// A name with digits or special characters, or without any letter.
    NameCharacters,
    /// Not nine digits.
    SsnDigits,
    /// Nine digits that were never issued as an SSN.
    SsnNeverIssued,
    /// Not the seven or eight digits of a Texas driver license or ID card.
    LicenseDigits,
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
    /// A birth date in the future.
    InFuture,
    /// Under 18.
    TooYoung,
    /// Over 100.
    TooOld,
    /// A street address that does not begin with a number.
    StreetNumberMissing,
    /// The number of the street address has more characters than NRG accepts.
    StreetNumberTooLong {
        /// The most characters allowed.
        max: usize,
    },
    /// A street address with a number only.
    StreetNameMissing,
    /// A unit other than the one at the end of the street line.
    OtherUnit,
    /// A PO box where a street address is needed.
    PoBoxHere,
    /// No readable box number.
    PoBoxNumber,
    /// Characters that no address has.
    AddressCharacters,
    /// Digits or characters that no city has.
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
    /// The token service did not return a token. NRG caused this, never a person.
    NotAToken,
    /// A value of NRG that does not match the contract. A person never causes this.
    Unreadable,
}

/// Parses an optional field: blank is `None`, and so is what says that there is none.
///
/// # Errors
/// The problem that `parse` reports for a field that is not blank.
pub fn optional<T>(
    typed: &str,
    parse: impl FnOnce(&str) -> Result<T, Problem>,
) -> Result<Option<T>, Problem> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    match parse(typed) {
        Err(Problem::Missing) => Ok(None),
        parsed => parsed.map(Some),
    }
}
