//! Folding: what of a text counts where two spellings of one word are compared.

use icu_normalizer::{DecomposingNormalizerBorrowed, properties::CanonicalCombiningClassMapBorrowed};

use super::person_name::PersonName;

/// `text` in small letters and without accents: "MIÉRCOLES" and "miercoles" are one word, and so are "Núñez" and "NUNEZ".
pub(super) fn fold(text: &str) -> String {
    let accents = CanonicalCombiningClassMapBorrowed::new();
    let letters = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars());
    letters.filter(|c| accents.get_u8(*c) == 0).flat_map(char::to_lowercase).collect()
}

/// The words before and after a name that are no part of it.
const AROUND_NAMES: [&str; 12] =
    ["jr", "sr", "ii", "iii", "iv", "mr", "mrs", "ms", "dr", "sra", "junior", "senior"];

impl PersonName {
    /// First and last name as one text for all spellings of them: without capitals, accents, signs, initials, titles and
    /// suffixes, and of several first names the first alone. Two people may be folded to one; so it is good for a
    /// question, not for a decision.
    pub fn folded(first: &Self, last: &Self) -> String {
        let first = name_words(first.as_str());
        format!("{} {}", first.first().map_or("", String::as_str), name_words(last.as_str()).concat())
    }
}

/// The words of a name that count; all of them where none would be left.
fn name_words(name: &str) -> Vec<String> {
    let bare = fold(name).replace('\'', "");
    let words: Vec<String> = bare
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let is_around =
        |word: &String| AROUND_NAMES.contains(&word.as_str()) || (word.len() == 1 && word.is_ascii());
    let counting: Vec<String> = words.iter().filter(|word| !is_around(word)).cloned().collect();
    if counting.is_empty() { words } else { counting }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_name_is_equal_for_spellings_of_one_person() {
        let folded = |first: &str, last: &str| {
            PersonName::folded(&PersonName::parse(first).unwrap(), &PersonName::parse(last).unwrap())
        };
        for (first, last, same) in [
            ("Jordan", "O'Sample-Case", true),
            ("JORDAN A", "o\u{2019}sample case", true),
            ("Jordan Alex", "OSample Case Jr.", true),
            ("J. Jordan", "O'Sample-Case III", true),
            ("Mr. Jórdan", "O'Samplecase", true),
            ("Alex Jordan", "O'Sample-Case", false),
            ("J", "O'Sample-Case", false),
            ("Jordan", "O'Sample", false),
        ] {
            assert_eq!(folded(first, last) == folded("Jordan", "O'Sample-Case"), same, "{first} {last}");
        }
        // Where nothing else is left, an initial or a suffix is the name.
        assert_ne!(folded("J", "Sr"), folded("K", "Jr"));
        assert_ne!(folded("李", "王"), folded("王", "李"));
    }

    #[test]
    fn fold_leaves_letters_without_capitals_and_accents() {
        for (text, folded) in [
            ("MIÉRCOLES", "miercoles"),
            ("Jose\u{301} Nu\u{f1}ez", "jose nunez"),
            ("ﬁ", "fi"),
            ("李 4", "李 4"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }
}
