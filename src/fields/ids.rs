//! The pair by which NRG knows an enrollment record (contract 2.1). Kept on the server.

use super::problem::Problem;

/// `trackingId`: an opaque text of 1 to 64 visible ASCII characters, compared and sent as it came.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TrackingId(String);

impl TrackingId {
    /// Reads what NRG gave.
    ///
    /// # Errors
    /// [`Problem::Unreadable`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        opaque(text).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `guid`: an opaque text like `trackingId`; a UUID as far as is known.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Guid(String);

impl Guid {
    /// Reads what NRG gave.
    ///
    /// # Errors
    /// [`Problem::Unreadable`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        opaque(text).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn opaque(text: &str) -> Result<String, Problem> {
    let is_visible = text.bytes().all(|b| b.is_ascii_graphic());
    if (1..=64).contains(&text.len()) && is_visible { Ok(text.to_owned()) } else { Err(Problem::Unreadable) }
}

redacted_debug!(TrackingId);
redacted_debug!(Guid);
stored_as_text!(TrackingId, as_str, parse);
stored_as_text!(Guid, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_ids_are_kept_as_they_came_or_refused() {
        let longest = "S".repeat(64);
        for text in
            ["4900001", "0", "S4900001", "s-49/00:01+", "3F0F6F1E-0000-4000-8000-000000000001", &longest]
        {
            assert_eq!(TrackingId::parse(text).unwrap().as_str(), text);
            assert_eq!(Guid::parse(text).unwrap().as_str(), text);
        }
        let too_long = "S".repeat(65);
        for text in ["", "49 01", " 4900001", "49\n", "ñ", &too_long] {
            assert!(TrackingId::parse(text).is_err() && Guid::parse(text).is_err(), "{text:?}");
        }
    }
}
