//! The pair by which NRG knows an enrollment record (contract 2.1). Kept on the server.

use super::problem::Problem;

/// `trackingId`: 1 to 20 digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TrackingId(String);

impl TrackingId {
    /// Reads what NRG gave.
    ///
    /// # Errors
    /// [`Problem::Unreadable`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::Unreadable)
        }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `guid`: the text of a UUID, to be sent back just as it came.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Guid(String);

impl Guid {
    /// Reads what NRG gave.
    ///
    /// # Errors
    /// [`Problem::Unreadable`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        match uuid::Uuid::try_parse(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err(Problem::Unreadable),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

redacted_debug!(TrackingId);
redacted_debug!(Guid);
stored_as_text!(TrackingId, as_str, parse);
stored_as_text!(Guid, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracking_id_is_parsed_from_digits_or_refused() {
        for (text, good) in
            [("4900001", true), ("0", true), ("", false), ("49A", false), ("123456789012345678901", false)]
        {
            assert_eq!(TrackingId::parse(text).is_ok(), good, "{text:?}");
        }
    }

    #[test]
    fn guid_is_parsed_keeping_its_case_or_refused() {
        for (text, good) in [
            ("3f0f6f1e-0000-4000-8000-000000000001", true),
            ("3F0F6F1E-0000-4000-8000-000000000001", true),
            ("3f0f6f1e", false),
            ("", false),
        ] {
            let read = Guid::parse(text).ok();
            assert_eq!(read.as_ref().map(Guid::as_str), good.then_some(text), "{text:?}");
        }
    }
}
