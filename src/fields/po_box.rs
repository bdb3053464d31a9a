//! PO boxes.

use super::{problem::Problem, typed};

/// A PO box's number without the words before it, at most 25 characters (contract 5.3): "123".
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PoBox(String);

/// The words for a PO box, without their spaces and dots. The first two mean one wherever they stand.
const WORDS: [&str; 7] = ["postofficebox", "pobox", "podrawer", "apartadopostal", "apartado", "apdo", "box"];

impl PoBox {
    /// Reads "PO Box 123" or "123".
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::TooLong`], [`Problem::PoBoxNumber`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let line = typed::tidy(typed, usize::MAX)?;
        let rest = WORDS.into_iter().find_map(|words| after(words, &line)).unwrap_or(&line);
        let number = rest.trim_start_matches([' ', '.', '#', ':']);
        if number.is_empty() || !number.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(Problem::PoBoxNumber);
        }
        Ok(Self(typed::tidy(number, 25)?.to_uppercase()))
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is written on an envelope, "PO Box 123".
    pub fn line(&self) -> String {
        format!("PO Box {}", self.0)
    }
}

redacted_debug!(PoBox);
stored_as_text!(PoBox, as_str, parse);

/// Whether a tidy street line names a PO box instead, or besides.
pub(super) fn is_named_in(line: &str) -> bool {
    WORDS.into_iter().any(|words| after(words, line).is_some())
        || line.match_indices(' ').any(|(at, _)| {
            let rest = line.get(at + 1..).unwrap_or_default();
            WORDS.into_iter().take(2).any(|words| after(words, rest).is_some())
        })
}

/// What follows `words` at the start of `line`, however they are spaced and dotted.
fn after<'a>(words: &str, line: &'a str) -> Option<&'a str> {
    let mut rest = line;
    for letter in words.chars() {
        rest = rest.trim_start_matches([' ', '.']);
        rest = rest.strip_prefix([letter, letter.to_ascii_uppercase()])?;
    }
    // "Box Elder" is a tree, and "Boxwood" another.
    let is_whole = match words {
        "box" => rest.trim_start_matches([' ', '.', '#']).starts_with(|c: char| c.is_ascii_digit()),
        _ => !rest.starts_with(char::is_alphabetic),
    };
    is_whole.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn po_box_number_is_extracted_or_refused() {
        for (typed, expected) in [
            ("123", Ok("123")),
            ("PO Box 123", Ok("123")),
            ("P.O. Box 123", Ok("123")),
            ("p o box #123", Ok("123")),
            ("POBox123", Ok("123")),
            ("Post Office Box 123", Ok("123")),
            ("Box 123", Ok("123")),
            ("Apartado postal 123", Ok("123")),
            ("Apdo. 123", Ok("123")),
            ("P.O. Drawer 123", Ok("123")),
            ("PO Box a-12", Ok("A-12")),
            ("", Err(Problem::Missing)),
            ("PO Box", Err(Problem::PoBoxNumber)),
            ("100 Example Oak Ln", Err(Problem::PoBoxNumber)),
            ("12345678901234567890123456", Err(Problem::TooLong { max: 25 })),
        ] {
            assert_eq!(
                PoBox::parse(typed).as_ref().map(PoBox::as_str).map_err(|p| *p),
                expected,
                "{typed:?}"
            );
        }
    }

    #[test]
    fn po_box_in_street_line_is_detected() {
        for (line, names_one) in [
            ("PO Box 1", true),
            ("100 Example Ln P.O. Box 1", true),
            ("100 Boxwood Ln", false),
            ("Box Elder Ln", false),
            ("100 Apartado Ln", false),
            ("100 Poboxer St", false),
        ] {
            assert_eq!(is_named_in(line), names_one, "{line:?}");
        }
    }
}
