//! The days service can start.

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use super::{birth_date::parse_month, fold::fold, problem::Problem, typed};

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

    /// Reads a date as people in Texas type it, and as the pages print it: "7/4/2030", "July 4", "Thursday, July 4, 2030",
    /// "jueves 4 de julio de 2030", "2030-07-04". In numbers the month comes first, except after a year of four digits. A
    /// date without a year is the next one from `first` on.
    ///
    /// # Errors
    /// [`Problem::NotADate`].
    pub fn parse_typed(text: &str, first: Date) -> Result<TypedDate, Problem> {
        read_typed(text, first).ok_or(Problem::NotADate)
    }
}

/// A date as it was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypedDate {
    /// The date.
    pub date: ServiceDate,
    /// The day of the week that was typed with it, right or wrong.
    pub weekday: Option<Weekday>,
}

/// Each day of the week in English and Spanish, folded.
const WEEKDAYS: [(Weekday, [&str; 2]); 7] = [
    (Weekday::Monday, ["monday", "lunes"]),
    (Weekday::Tuesday, ["tuesday", "martes"]),
    (Weekday::Wednesday, ["wednesday", "miercoles"]),
    (Weekday::Thursday, ["thursday", "jueves"]),
    (Weekday::Friday, ["friday", "viernes"]),
    (Weekday::Saturday, ["saturday", "sabado"]),
    (Weekday::Sunday, ["sunday", "domingo"]),
];

/// The words of a date that say nothing.
const FILLERS: [&str; 7] = ["", "de", "del", "el", "of", "on", "the"];

fn read_typed(text: &str, first: Date) -> Option<TypedDate> {
    let text = fold(text);
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !FILLERS.contains(word));
    let mut words: Vec<&str> = words.collect();
    let weekday = take_weekday(&mut words);
    let year_first = |year: &str| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    let (one, two, year) = match words.as_slice() {
        // A keypad of digits has no slash.
        [all] if all.len() == 8 => {
            let date = ServiceDate::parse_wire(all).ok()?;
            return Some(TypedDate { date, weekday });
        }
        [one, two] => (*one, *two, None),
        [year, month, day] if year_first(year) => (*month, *day, Some(*year)),
        [one, two, year] => (*one, *two, Some(*year)),
        _ => return None,
    };
    let is_name = |word: &str| word.chars().all(char::is_alphabetic);
    let (month, day) = if is_name(two) && two != "primero" { (two, one) } else { (one, two) };
    let month = parse_month(month)?;
    let day: i8 = match day {
        "primero" => 1,
        // "4th", "1ro".
        day => day.trim_end_matches(char::is_alphabetic).parse().ok()?,
    };
    let date = match year {
        Some(year) => {
            let year: i16 = year.parse().ok()?;
            Date::new(if year < 100 { year + 2000 } else { year }, month, day).ok()
        }
        None => {
            let this_year = Date::new(first.year(), month, day).ok();
            this_year.filter(|date| *date >= first).or_else(|| Date::new(first.year() + 1, month, day).ok())
        }
    };
    Some(TypedDate { date: ServiceDate(date?), weekday })
}

/// Takes the day of the week out of the words of a date. "mar" is a Tuesday only beside a month of its own: "mar 4 jun".
fn take_weekday(words: &mut Vec<&str>) -> Option<Weekday> {
    let named = |word: &str| {
        let is_meant = |full: &&str| word.len() >= 3 && full.starts_with(word);
        WEEKDAYS.iter().find(|(_, names)| names.iter().any(is_meant)).map(|(day, _)| *day)
    };
    let months = |words: &[&str]| {
        words
            .iter()
            .filter(|word| !word.starts_with(|c: char| c.is_ascii_digit()) && parse_month(word).is_some())
            .count()
    };
    let is_month = |word: &str| months(&[word]) == 1;
    let at = words.iter().position(|word| named(word).is_some() && (!is_month(word) || months(words) > 1))?;
    named(words.remove(at))
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
            ("Thursday, July 4, 2030", Some("2030-07-04")),
            ("THU 7/4", Some("2030-07-04")),
            ("July 4, 2030 (Thursday)", Some("2030-07-04")),
            ("jueves 4 de julio de 2030", Some("2030-07-04")),
            ("el jueves, 4 de julio", Some("2030-07-04")),
            ("MIÉRCOLES 3 de julio", Some("2030-07-03")),
            ("mie\u{301}rcoles 3 jul", Some("2030-07-03")),
            ("the 4th of July", Some("2030-07-04")),
            ("1º de julio", Some("2030-07-01")),
            ("primero de julio de 2030", Some("2030-07-01")),
            ("2030-07-04", Some("2030-07-04")),
            ("2030/7/4", Some("2030-07-04")),
            ("07042030", Some("2030-07-04")),
            ("mar 4", Some("2031-03-04")),
            ("mar 2 jul", Some("2030-07-02")),
            ("4 mar 2031", Some("2031-03-04")),
            ("martes 4 de marzo de 2031", Some("2031-03-04")),
            ("mar 4 mar 2031", Some("2031-03-04")),
            ("13/4/2030", None),
            ("2/30/2030", None),
            ("7/4/2030/1", None),
            ("July", None),
            ("July 40", None),
            ("2030-13-01", None),
            ("20300704", None),
            ("Thursday", None),
            ("Monday Tuesday July 4", None),
            ("tomorrow", None),
            ("", None),
        ] {
            let date = ServiceDate::parse_typed(text, first).ok().map(|typed| typed.date.iso());
            assert_eq!(date.as_deref(), read, "{text:?}");
        }
    }

    #[test]
    fn weekday_typed_with_a_date_is_told_right_or_wrong() {
        let first = jiff::civil::date(2030, 6, 19);
        for (text, weekday) in [
            ("Thursday, July 4, 2030", Some(Weekday::Thursday)),
            ("vie 4 de julio", Some(Weekday::Friday)),
            ("mar 2 jul", Some(Weekday::Tuesday)),
            ("mar 4 mar", Some(Weekday::Tuesday)),
            ("mar 4", None),
            ("7/4/2030", None),
        ] {
            assert_eq!(ServiceDate::parse_typed(text, first).unwrap().weekday, weekday, "{text}");
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
