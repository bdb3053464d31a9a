//! What people type into a field that they could have left blank.

/// The words that say so, in both languages, in capitals and without dots.
#[rustfmt::skip]
const WORDS: [&str; 24] = [
    "NO", "NONE", "NOT", "NOTHING", "NIL", "NULL", "NA", "N/A", "APPLICABLE", "HAVE", "DON'T",
    "NINGUNO", "NINGUNA", "NINGÚN", "NINGUN", "NADA", "SIN", "TENGO", "TIENE", "HAY", "APLICA", "NULO", "S/N", "SN",
];

/// Whether one word in capitals says it.
pub(super) fn is_word(word: &str) -> bool {
    WORDS.contains(&word.replace('.', "").as_str())
}

/// Whether `typed` is nothing but such words ("N/A", "no tengo"), or has neither letter nor digit ("-", "#").
pub(super) fn is_said(typed: &str) -> bool {
    let typed = typed.to_uppercase().replace(" / ", "/");
    let words = || typed.split_whitespace().map(|word| word.trim_matches([',', '-', '!']));
    words().any(is_word) && words().all(|word| word.is_empty() || is_word(word))
        || !typed.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_nothing_are_told_from_answers() {
        for said in [
            "none",
            "N/A",
            "n/a.",
            "N.A.",
            "n / a",
            "NA",
            "no",
            "No.",
            "-",
            "--",
            ".",
            "#",
            " ",
            "",
            "ninguno",
            "Ninguna",
            "no tengo",
            "no aplica",
            "not applicable",
            "S/N",
            "nada",
            "don't have",
            "none-",
        ] {
            assert!(is_said(said), "{said:?}");
        }
        for answer in ["12", "N", "A", "I", "NA12", "No 5", "Nancy", "none 2", "P000123"] {
            assert!(!is_said(answer), "{answer:?}");
        }
    }
}
