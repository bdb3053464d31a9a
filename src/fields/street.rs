//! Street lines, typed in one line and sent to NRG in two parts.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{mail_line, po_box, problem::Problem, typed, unit::Unit};

/// A street address: a number of at most 10 characters and a name of at most 60 (contract 5.3).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Parts<'_>")]
pub struct Street {
    number: String,
    name: String,
}

impl Street {
    const NUMBER_MAX: usize = 10;
    const NAME_MAX: usize = 60;

    /// Reads one line, "100 Example Oak Ln". The number may be "100-B" or "100 1/2".
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::PoBoxHere`], and as [`Street::from_parts`].
    pub fn parse(line: &str) -> Result<Self, Problem> {
        let line = typed::tidy(&line.replace('½', " 1/2 "), usize::MAX)?;
        if po_box::is_named_in(&line) {
            return Err(Problem::PoBoxHere);
        }
        if mail_line::parts(&line, Self::NUMBER_MAX).is_some() {
            return Err(Problem::StreetNumberMissing);
        }
        let (number, name) = line.split_once(' ').unwrap_or((&line, ""));
        match name.split_once(' ') {
            Some((fraction, name)) if is_fraction(fraction) => {
                Self::from_parts(&format!("{number} {fraction}"), name)
            }
            _ => Self::from_parts(number, name),
        }
    }

    /// Reads one line in which the unit may stand too, "100 Example Oak Ln Apt 12".
    ///
    /// # Errors
    /// As [`Street::parse`].
    pub fn parse_with_unit(line: &str) -> Result<(Self, Option<Unit>), Problem> {
        let line = typed::tidy(line, usize::MAX)?;
        if let Some((street, unit)) = Unit::off_street(&line)
            && let Ok(street) = Self::parse(&street)
        {
            return Ok((street, Some(unit)));
        }
        Ok((Self::parse(&line)?, None))
    }

    /// Reads one line that mail goes to: as [`Street::parse_with_unit`], and "RR 2 Box 152", "PSC 1234 Box 5678" or
    /// "General Delivery", which no electricity goes to. Their first words are the number, as NRG's two fields one after
    /// the other have to be the line.
    ///
    /// # Errors
    /// As [`Street::parse`].
    pub fn parse_mail(line: &str) -> Result<(Self, Option<Unit>), Problem> {
        match mail_line::parts(&typed::tidy(line, usize::MAX)?, Self::NUMBER_MAX) {
            Some((number, name)) => Ok((Self::from_parts(&number, &name)?, None)),
            None => Self::parse_with_unit(line),
        }
    }

    /// Takes number and name as NRG's replies have them.
    ///
    /// # Errors
    /// [`Problem::StreetNumberMissing`], [`Problem::StreetNumberTooLong`], [`Problem::StreetNameMissing`],
    /// [`Problem::TooLong`] (of the name), [`Problem::AddressCharacters`].
    pub fn from_parts(number: &str, name: &str) -> Result<Self, Problem> {
        let blank_is = |missing| move |problem| if problem == Problem::Missing { missing } else { problem };
        let number = typed::tidy(number.trim_end_matches(','), usize::MAX)
            .map_err(blank_is(Problem::StreetNumberMissing))?;
        let starts_with_digit = number.starts_with(|c: char| c.is_ascii_digit());
        if !starts_with_digit && mail_line::parts(&format!("{number} {name}"), Self::NUMBER_MAX).is_none() {
            return Err(Problem::StreetNumberMissing);
        }
        let name = typed::tidy(name, Self::NAME_MAX).map_err(blank_is(Problem::StreetNameMissing))?;
        if number.chars().count() > Self::NUMBER_MAX {
            return Err(Problem::StreetNumberTooLong { max: Self::NUMBER_MAX });
        }
        if !number.chars().chain(name.chars()).all(typed::is_address_character) {
            return Err(Problem::AddressCharacters);
        }
        if !name.chars().any(char::is_alphanumeric) {
            return Err(Problem::StreetNameMissing);
        }
        Ok(Self { number, name })
    }

    /// The number, "100".
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The name, "Example Oak Ln".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Both in one line, "100 Example Oak Ln".
    pub fn line(&self) -> String {
        format!("{} {}", self.number, self.name)
    }
}

redacted_debug!(Street);

/// The stored form of a street.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts<'a> {
    #[serde(borrow)]
    number: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
}

impl TryFrom<Parts<'_>> for Street {
    type Error = serde::de::value::Error;

    fn try_from(parts: Parts<'_>) -> Result<Self, Self::Error> {
        Self::from_parts(&parts.number, &parts.name).map_err(typed::refused)
    }
}

fn is_fraction(text: &str) -> bool {
    matches!(text.as_bytes(), [above, b'/', below] if above.is_ascii_digit() && below.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn street_line_is_split_into_number_and_name_or_refused() {
        for (line, expected) in [
            ("100 Example Oak Ln", Ok(("100", "Example Oak Ln"))),
            ("  100   Example  Oak Ln ", Ok(("100", "Example Oak Ln"))),
            ("100-B Example Oak Ln", Ok(("100-B", "Example Oak Ln"))),
            ("100, Example Oak Ln", Ok(("100", "Example Oak Ln"))),
            ("100 1/2 Example Oak Ln", Ok(("100 1/2", "Example Oak Ln"))),
            ("100½ Example Oak Ln", Ok(("100 1/2", "Example Oak Ln"))),
            ("100 5th St", Ok(("100", "5th St"))),
            ("100 N Example St", Ok(("100", "N Example St"))),
            ("100 Box Elder Ln", Ok(("100", "Box Elder Ln"))),
            ("100 O\u{2019}Sample Dr", Ok(("100", "O'Sample Dr"))),
            ("100 FM 1960 Rd", Ok(("100", "FM 1960 Rd"))),
            ("", Err(Problem::Missing)),
            ("Example Oak Ln", Err(Problem::StreetNumberMissing)),
            ("100", Err(Problem::StreetNameMissing)),
            ("100 1/2", Ok(("100", "1/2"))),
            ("100 -", Err(Problem::StreetNameMissing)),
            ("12345678901 Example Oak Ln", Err(Problem::StreetNumberTooLong { max: 10 })),
            ("RR 2 Box 152", Err(Problem::StreetNumberMissing)),
            ("General Delivery", Err(Problem::StreetNumberMissing)),
            ("100 <Example>", Err(Problem::AddressCharacters)),
            ("PO Box 123", Err(Problem::PoBoxHere)),
            ("p.o. box 123", Err(Problem::PoBoxHere)),
            ("Box 123", Err(Problem::PoBoxHere)),
            ("Apartado postal 123", Err(Problem::PoBoxHere)),
            ("100 Example Oak Ln, P O Box 12", Err(Problem::PoBoxHere)),
        ] {
            let read = Street::parse(line);
            let read = read.as_ref().map(|s| (s.number(), s.name())).map_err(|p| *p);
            assert_eq!(read, expected, "{line:?}");
        }
    }

    #[test]
    fn unit_is_taken_off_the_street_line() {
        for (line, street, unit) in [
            ("100 Example Oak Ln Apt 12", "100 Example Oak Ln", Some("12")),
            ("100 Example Oak Ln, apt. 12b", "100 Example Oak Ln", Some("12B")),
            ("100 Example Oak Ln #12", "100 Example Oak Ln", Some("12")),
            ("100 Example Oak Ln # 12", "100 Example Oak Ln", Some("12")),
            ("100 Example Oak Ln Apt # 12", "100 Example Oak Ln", Some("12")),
            ("100 Example Oak Ln Apt12", "100 Example Oak Ln", Some("12")),
            ("100 Example Oak Ln Unit B", "100 Example Oak Ln", Some("B")),
            ("100 Example Oak Ln Bldg 2 Apt 105", "100 Example Oak Ln", Some("2-105")),
            ("100 Example Oak Ln, Edif. 3 #12", "100 Example Oak Ln", Some("3-12")),
            ("100 Example Oak Ln Depto. 4", "100 Example Oak Ln", Some("4")),
            ("100 Example Oak Ln Lot 7", "100 Example Oak Ln", Some("7")),
            ("100 Example Oak Ln Rear", "100 Example Oak Ln", Some("REAR")),
            ("100 1/2 Example Oak Ln #12", "100 1/2 Example Oak Ln", Some("12")),
            ("100½ Example Oak Ln #12", "100 1/2 Example Oak Ln", Some("12")),
            ("Apt 12, 100 Example Oak Ln", "100 Example Oak Ln", Some("12")),
            ("#12 100 Example Oak Ln", "100 Example Oak Ln", Some("12")),
            // Names of streets.
            ("100 Example Oak Ln", "100 Example Oak Ln", None),
            ("100 Space Center Blvd", "100 Space Center Blvd", None),
            ("100 N Space Center Blvd", "100 N Space Center Blvd", None),
            ("100 Suite Ln", "100 Suite Ln", None),
            ("100 Lot 5", "100 Lot 5", None),
            ("100 Example Pier 9", "100 Example Pier 9", None),
            ("100 Upper Lake Front", "100 Upper Lake Front", None),
            ("100 FM 1960", "100 FM 1960", None),
            ("100 County Road 12", "100 County Road 12", None),
            ("100 Avenue B", "100 Avenue B", None),
            ("100 Example Apt", "100 Example Apt", None),
            ("100 Example Ocean FL 33999", "100 Example Ocean FL 33999", None),
        ] {
            let (read, found) = Street::parse_with_unit(line).unwrap();
            assert_eq!((read.line().as_str(), found.as_ref().map(Unit::as_str)), (street, unit), "{line:?}");
        }
    }

    #[test]
    fn mail_line_is_kept_in_two_parts_and_only_for_mail() {
        let (street, unit) = Street::parse_mail("RR 2 Box 152").unwrap();
        assert_eq!((street.number(), street.name(), unit), ("RR 2", "BOX 152", None));
        let stored = serde_json::to_string(&street).unwrap();
        assert_eq!(serde_json::from_str::<Street>(&stored).unwrap(), street);
        let (street, unit) = Street::parse_mail("100 Example Oak Ln Apt 12").unwrap();
        assert_eq!(
            (street.line().as_str(), unit.as_ref().map(Unit::as_str)),
            ("100 Example Oak Ln", Some("12"))
        );
        for service in
            [Street::parse("RR 2 Box 152").map(|_| ()), Street::parse_with_unit("RR 2 Box 152").map(|_| ())]
        {
            assert_eq!(service, Err(Problem::StreetNumberMissing));
        }
    }

    #[test]
    fn street_name_over_60_characters_is_refused() {
        assert!(Street::parse(&format!("100 {}", "n".repeat(60))).is_ok());
        assert_eq!(Street::parse(&format!("100 {}", "n".repeat(61))), Err(Problem::TooLong { max: 60 }));
    }

    #[test]
    fn street_is_stored_in_parts_and_validated_when_read() {
        let street = Street::parse("100 1/2 Example Oak Ln").unwrap();
        let stored = serde_json::to_string(&street).unwrap();
        assert_eq!(stored, r#"{"number":"100 1/2","name":"Example Oak Ln"}"#);
        assert_eq!(serde_json::from_str::<Street>(&stored).unwrap(), street);
        assert!(serde_json::from_str::<Street>(r#"{"number":"","name":"Example Oak Ln"}"#).is_err());
        assert_eq!(street.line(), "100 1/2 Example Oak Ln");
        assert_eq!(format!("{street:?}"), "Street(hidden)");
    }
}
