//! The order id: the name of a journey towards the affiliate's partners.

use sha2::{Digest, Sha256};

/// The order id of the journey with the id `journey`: 32 hexadecimal characters, the same in every postback, list and
/// export. It is derived from the journey's id, which cannot be read from it: the id is the reference that a person
/// quotes, and partners have no use for that.
pub fn order_id(journey: &str) -> String {
    let mut id = hex::encode(Sha256::digest(format!("order id of the journey {journey}")));
    id.truncate(32);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Partners keep it for years: another release must make the same one.
    #[test]
    fn order_id_of_a_journey_never_changes() {
        assert_eq!(order_id("2ABC4DEF6GHJ"), "888e2c866d492e72751c9354666b5cbe");
        assert_ne!(order_id("2ABC4DEF6GHJ"), order_id("2ABC4DEF6GHK"));
    }
}
