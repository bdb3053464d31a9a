//! The days service can start.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{birth_date::parse_month, problem::Problem, typed};

/// A day on which service starts. Stored as an ISO date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServiceDate(pub Date);

impl ServiceDate {
    /// `MMddyyyy`, as NRG takes and gives it (contract 2.7).
    pub fn wire(self) -> String {
        typed::wire_date(self.0)
    }

    /// Reads `MMddyyyy`.
    ///
    /// # Errors
    /// [`Problem::NotADate`].
    pub fn parse_wire(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Problem::NotADate);
        }
        Date::strptime("%m%d%Y", text).map(Self).map_err(|_| Problem::NotADate)
    }

    /// `yyyy-MM-dd`, as forms take and give it.
    pub fn iso(self) -> String {
        self.0.to_string()
    }

    /// Reads `yyyy-MM-dd`.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::NotADate`].
    pub fn parse_iso(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Problem::Missing);
        }
        Date::strptime("%Y-%m-%d", text).map(Self).map_err(|_| Problem::NotADate)
    }

    /// Reads a date as people in Texas type it: "7/4/2030", "July 4", "4 de julio de 2030". In numbers the month
    /// comes first. A date without a year is the next one from `first` on.
    ///
    /// # Errors
    /// [`Problem::NotADate`].
    pub fn parse_typed(text: &str, first: Date) -> Result<Self, Problem> {
        read_typed(text, first).map(Self).ok_or(Problem::NotADate)
    }
}

fn read_typed(text: &str, first: Date) -> Option<Date> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !["", "de", "del"].contains(word));
    let words: Vec<&str> = words.collect();
    let (one, two, year) = match words.as_slice() {
        [one, two] => (*one, *two, None),
        [one, two, year] => (*one, *two, Some(*year)),
        _ => return None,
    };
    let is_name = |word: &str| word.chars().all(char::is_alphabetic);
    let (month, day) = if is_name(two) { (two, one) } else { (one, two) };
    let month = parse_month(month)?;
    // "4th".
    let day: i8 = day.trim_end_matches(char::is_alphabetic).parse().ok()?;
    match year {
        Some(year) => {
            let year: i16 = year.parse().ok()?;
            Date::new(if year < 100 { year + 2000 } else { year }, month, day).ok()
        }
        None => {
            let this_year = Date::new(first.year(), month, day).ok();
            this_year.filter(|date| *date >= first).or_else(|| Date::new(first.year() + 1, month, day).ok())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_date_wire_format_is_parsed_and_written_back() {
        for (text, expected) in [
            ("06192030", Ok("2030-06-19")),
            ("02292028", Ok("2028-02-29")),
            ("02292030", Err(Problem::NotADate)),
            ("6192030", Err(Problem::NotADate)),
            ("00000000", Err(Problem::NotADate)),
            ("2030-6-1", Err(Problem::NotADate)),
            ("", Err(Problem::NotADate)),
        ] {
            let read = ServiceDate::parse_wire(text);
            assert_eq!(read.map(ServiceDate::iso), expected.map(str::to_owned), "{text:?}");
            if let Ok(date) = read {
                assert_eq!(date.wire(), text);
            }
        }
    }

    #[test]
    fn service_date_typed_freely_is_parsed_in_both_languages() {
        let first = jiff::civil::date(2030, 6, 19);
        for (text, read) in [
            ("7/4/2030", Some("2030-07-04")),
            ("07-04-30", Some("2030-07-04")),
            (" 7 4 2030 ", Some("2030-07-04")),
            ("7/4", Some("2030-07-04")),
            ("6/18", Some("2031-06-18")),
            ("July 4, 2030", Some("2030-07-04")),
            ("jul. 4th", Some("2030-07-04")),
            ("4 de julio de 2030", Some("2030-07-04")),
            ("4 de julio", Some("2030-07-04")),
            ("4 jul 2030", Some("2030-07-04")),
            ("13/4/2030", None),
            ("2/30/2030", None),
            ("7/4/2030/1", None),
            ("July", None),
            ("tomorrow", None),
            ("", None),
        ] {
            let date = ServiceDate::parse_typed(text, first).ok().map(ServiceDate::iso);
            assert_eq!(date.as_deref(), read, "{text:?}");
        }
    }

    #[test]
    fn service_date_in_forms_is_parsed_as_iso_date_only() {
        for (text, expected) in [
            ("2030-06-19", Ok("06192030")),
            ("2030-02-30", Err(Problem::NotADate)),
            ("06/19/2030", Err(Problem::NotADate)),
            ("2030-06-19T10:00", Err(Problem::NotADate)),
            (" ", Err(Problem::Missing)),
        ] {
            assert_eq!(
                ServiceDate::parse_iso(text).map(ServiceDate::wire),
                expected.map(str::to_owned),
                "{text:?}"
            );
        }
    }
}
