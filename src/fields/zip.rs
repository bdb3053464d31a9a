//! ZIP codes.

use super::{plus_four::PlusFour, problem::Problem, typed};

/// A ZIP code: five digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Zip(String);

impl Zip {
    /// Reads "77999", and "77999-0001" keeping the five.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::ZipDigits`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        Self::parse_with_plus_four(typed).map(|(zip, _)| zip)
    }

    /// Reads "77999" and "77999-0001", keeping both parts.
    ///
    /// # Errors
    /// As [`Zip::parse`].
    pub fn parse_with_plus_four(typed: &str) -> Result<(Self, Option<PlusFour>), Problem> {
        if typed.trim().is_empty() {
            return Err(Problem::Missing);
        }
        let digits = typed::digits(typed).ok_or(Problem::ZipDigits)?;
        let (zip, rest) = digits.split_at_checked(5).ok_or(Problem::ZipDigits)?;
        let plus_four = super::optional(rest, PlusFour::parse)?;
        Ok((Self(zip.to_owned()), plus_four))
    }

    /// The five digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

stored_as_text!(Zip, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zip_is_parsed_with_optional_plus_four_or_refused() {
        for (typed, expected) in [
            ("77999", Ok(("77999", None))),
            (" 77999-0001", Ok(("77999", Some("0001")))),
            ("77999 0001", Ok(("77999", Some("0001")))),
            ("779990001", Ok(("77999", Some("0001")))),
            ("77999-", Ok(("77999", None))),
            ("01234", Ok(("01234", None))),
            ("  ", Err(Problem::Missing)),
            ("7799", Err(Problem::ZipDigits)),
            ("779990", Err(Problem::ZipDigits)),
            ("7799900011", Err(Problem::ZipDigits)),
            ("7799O", Err(Problem::ZipDigits)),
        ] {
            let read = Zip::parse_with_plus_four(typed);
            let read = read
                .as_ref()
                .map(|(z, four)| (z.as_str(), four.as_ref().map(PlusFour::as_str)))
                .map_err(|p| *p);
            assert_eq!(read, expected, "{typed:?}");
        }
    }

    #[test]
    fn zip_stored_with_invalid_value_is_refused_when_read() {
        let zip = Zip::parse("77999-0001").unwrap();
        assert_eq!(serde_json::to_string(&zip).unwrap(), r#""77999""#);
        assert_eq!(serde_json::from_str::<Zip>(r#""77999""#).unwrap(), zip);
        assert!(serde_json::from_str::<Zip>(r#""7799""#).is_err());
    }
}
