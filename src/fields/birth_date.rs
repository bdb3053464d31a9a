//! Birth dates, typed in three inputs.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{problem::Problem, typed};

/// The birth date of somebody aged 18 to 100 on the day it was typed (contract 5.11).
///
/// Stored as an ISO date; read back without asking the age again, which was right when it was typed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BirthDate(Date);

/// The input to point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BirthDatePart {
    /// The month's.
    Month,
    /// The day's.
    Day,
    /// The year's.
    Year,
    /// All three together.
    Whole,
}

/// Each month in English and Spanish; September has two Spanish spellings.
const MONTHS: [[&str; 3]; 12] = [
    ["january", "enero", "enero"],
    ["february", "febrero", "febrero"],
    ["march", "marzo", "marzo"],
    ["april", "abril", "abril"],
    ["may", "mayo", "mayo"],
    ["june", "junio", "junio"],
    ["july", "julio", "julio"],
    ["august", "agosto", "agosto"],
    ["september", "septiembre", "setiembre"],
    ["october", "octubre", "octubre"],
    ["november", "noviembre", "noviembre"],
    ["december", "diciembre", "diciembre"],
];

impl BirthDate {
    /// Reads month (a number, or an English or Spanish name or the beginning of one), day, and a year of
    /// four digits. `today` is the day in Texas.
    ///
    /// # Errors
    /// The input to point at, with one of [`Problem::Missing`] (all blank), [`Problem::MonthMissing`],
    /// [`Problem::DayMissing`], [`Problem::YearMissing`], [`Problem::NotAMonth`], [`Problem::NotADay`],
    /// [`Problem::YearDigits`], [`Problem::NotADate`], [`Problem::InFuture`], [`Problem::TooYoung`],
    /// [`Problem::TooOld`].
    pub fn parse(month: &str, day: &str, year: &str, today: Date) -> Result<Self, (BirthDatePart, Problem)> {
        use BirthDatePart::{Day, Month, Whole, Year};

        let (month, day, year) = (month.trim(), day.trim(), year.trim());
        if month.is_empty() && day.is_empty() && year.is_empty() {
            return Err((Whole, Problem::Missing));
        }
        for (text, part, problem) in [
            (month, Month, Problem::MonthMissing),
            (day, Day, Problem::DayMissing),
            (year, Year, Problem::YearMissing),
        ] {
            if text.is_empty() {
                return Err((part, problem));
            }
        }
        let month = parse_month(month).ok_or((Month, Problem::NotAMonth))?;
        let day = parse_number(day).filter(|day| (1..=31).contains(day)).ok_or((Day, Problem::NotADay))?;
        let year = (year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()))
            .then(|| year.parse().ok())
            .flatten()
            .ok_or((Year, Problem::YearDigits))?;
        let date = Date::new(year, month, day).map_err(|_| (Whole, Problem::NotADate))?;

        if date > today {
            return Err((Whole, Problem::InFuture));
        }
        let had_birthday = (today.month(), today.day()) >= (date.month(), date.day());
        let age = today.year() - date.year() - i16::from(!had_birthday);
        match age {
            ..18 => Err((Whole, Problem::TooYoung)),
            18..=100 => Ok(Self(date)),
            101.. => Err((Whole, Problem::TooOld)),
        }
    }

    /// `MMddyyyy`, as NRG takes it (contract 2.7).
    pub fn wire(self) -> String {
        typed::wire_date(self.0)
    }

    /// The date.
    pub fn date(self) -> Date {
        self.0
    }
}

redacted_debug!(BirthDate);

/// The month of a number, or of an English or Spanish name or the beginning of one.
pub(super) fn parse_month(text: &str) -> Option<i8> {
    if let Some(number) = parse_number(text) {
        return (1..=12).contains(&number).then_some(number);
    }
    let name = text.trim_end_matches('.').to_lowercase();
    // Three letters identify every month in both languages.
    let is_meant = |names: &[&str; 3]| name.len() >= 3 && names.iter().any(|full| full.starts_with(&name));
    (1..).zip(&MONTHS).find_map(|(number, names)| is_meant(names).then_some(number))
}

fn parse_number(text: &str) -> Option<i8> {
    (text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::{BirthDatePart::*, *};

    const TODAY: Date = jiff::civil::date(2030, 6, 15);

    #[test]
    fn birth_date_is_parsed_or_refused_with_its_problem() {
        for (month, day, year, expected) in [
            ("1", "15", "1990", Ok("01151990")),
            (" 01 ", "05", "1990", Ok("01051990")),
            ("Jan", "15", "1990", Ok("01151990")),
            ("enero", "15", "1990", Ok("01151990")),
            ("Sept.", "15", "1990", Ok("09151990")),
            ("SETIEMBRE", "15", "1990", Ok("09151990")),
            ("ago", "15", "1990", Ok("08151990")),
            ("mayo", "15", "1990", Ok("05151990")),
            ("2", "29", "2000", Ok("02292000")),
            ("6", "15", "2012", Ok("06152012")),
            ("6", "16", "2012", Err((Whole, Problem::TooYoung))),
            ("6", "16", "1929", Ok("06161929")),
            ("6", "15", "1929", Err((Whole, Problem::TooOld))),
            ("6", "16", "2030", Err((Whole, Problem::InFuture))),
            ("6", "15", "2030", Err((Whole, Problem::TooYoung))),
            ("", " ", "", Err((Whole, Problem::Missing))),
            ("", "15", "1990", Err((Month, Problem::MonthMissing))),
            ("1", "", "1990", Err((Day, Problem::DayMissing))),
            ("1", "15", "", Err((Year, Problem::YearMissing))),
            ("13", "15", "1990", Err((Month, Problem::NotAMonth))),
            ("0", "15", "1990", Err((Month, Problem::NotAMonth))),
            ("ju", "15", "1990", Err((Month, Problem::NotAMonth))),
            ("janvier", "15", "1990", Err((Month, Problem::NotAMonth))),
            ("1", "32", "1990", Err((Day, Problem::NotADay))),
            ("1", "-1", "1990", Err((Day, Problem::NotADay))),
            ("1", "15", "90", Err((Year, Problem::YearDigits))),
            ("1", "15", "+990", Err((Year, Problem::YearDigits))),
            ("2", "30", "1990", Err((Whole, Problem::NotADate))),
            ("2", "29", "1990", Err((Whole, Problem::NotADate))),
        ] {
            let read = BirthDate::parse(month, day, year, TODAY).map(BirthDate::wire);
            assert_eq!(read, expected.map(str::to_owned), "{month:?} {day:?} {year:?}");
        }
    }

    #[test]
    fn month_is_parsed_from_its_first_three_letters() {
        for (number, names) in (1..).zip(&MONTHS) {
            for name in names {
                assert_eq!(parse_month(&name[..3]), Some(number), "{name}");
            }
        }
    }

    #[test]
    fn birth_date_is_stored_as_iso_date_and_redacted_in_debug() {
        let birth = BirthDate::parse("1", "15", "1990", TODAY).unwrap();
        assert_eq!(serde_json::to_string(&birth).unwrap(), r#""1990-01-15""#);
        assert_eq!(serde_json::from_str::<BirthDate>(r#""1990-01-15""#).unwrap(), birth);
        assert!(serde_json::from_str::<BirthDate>(r#""1990-02-30""#).is_err());
        assert_eq!(format!("{birth:?}"), "BirthDate(hidden)");
    }
}
