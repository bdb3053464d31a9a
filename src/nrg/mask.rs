//! Masks an address of NRG's records, which may belong to another person (contract 10, rule 2).

use super::bounded::SENTENCE;
use crate::fields::cut;

/// The first character of each word of the street and of the unit, then the city: `7 O** E** S*, Sampleton`.
/// The result is none without a street.
pub(super) fn masked_address(street: &str, unit: &str, city: &str) -> Option<String> {
    let mask = |word: &str| -> String {
        word.chars().enumerate().map(|(at, letter)| if at == 0 { letter } else { '*' }).collect()
    };
    if street.trim().is_empty() {
        return None;
    }
    let words: Vec<String> = street.split_whitespace().chain(unit.split_whitespace()).map(mask).collect();
    let city = city.split_whitespace().collect::<Vec<_>>().join(" ");
    let masked = if city.is_empty() { words.join(" ") } else { format!("{}, {city}", words.join(" ")) };
    Some(cut(&masked, SENTENCE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_address_keeps_first_character_of_each_word() {
        for (street, unit, city, masked) in [
            ("7 Old Elm St", "", "Sampleton", Some("7 O** E** S*, Sampleton")),
            ("1234 Example Oak Ln", "12B", "San Sample", Some("1*** E****** O** L* 1**, San Sample")),
            ("7  Ñandú   St ", " ", "", Some("7 Ñ**** S*")),
            ("", "12", "Sampleton", None),
            (" ", "", "", None),
        ] {
            assert_eq!(masked_address(street, unit, city).as_deref(), masked);
        }
    }
}
