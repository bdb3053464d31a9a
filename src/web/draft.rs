//! Drafts: what was typed into a form and not accepted, or not sent, as the journey keeps it until the step is answered.

use std::collections::BTreeMap;

use serde::Serialize;

use super::form::to_fields;

/// The most bytes that a draft keeps of one field. No valid answer is longer, and whoever fills rows of the database
/// fills them slowly.
const MAX_FIELD_BYTES: usize = 512;

/// The entry of a draft that says that a field was cut. No form has a field of this name.
const CUT: &str = "(cut)";

/// The entry of a draft that names the fields that were filled in and are never kept. No form has a field of this name.
const WITHHELD: &str = "(withheld)";

/// The field of a form that says which question it answers. The own form of a step has none.
pub const QUESTION: &str = "question";

/// The draft of `form`: its fields, except secrets, each cut to at most 512 bytes between two characters.
pub fn draft_of(form: &impl Serialize) -> BTreeMap<String, String> {
    let mut fields = to_fields(form);
    let mut cut = false;
    for value in fields.values_mut().filter(|value| value.len() > MAX_FIELD_BYTES) {
        value.truncate(value.floor_char_boundary(MAX_FIELD_BYTES));
        cut = true;
    }
    if cut {
        fields.insert(CUT.to_owned(), String::new());
    }
    fields
}

/// Notes in the draft that the fields `names` were filled in, but not kept.
pub fn note_withheld(draft: &mut BTreeMap<String, String>, names: &[&str]) {
    if !names.is_empty() {
        draft.insert(WITHHELD.to_owned(), names.join(" "));
    }
}

/// Whether `field` was filled in when the draft was made, and has to be filled in again.
pub fn is_withheld(draft: &BTreeMap<String, String>, field: &str) -> bool {
    draft.get(WITHHELD).is_some_and(|names| names.split(' ').any(|name| name == field))
}

/// Whether a field of the draft was cut.
pub fn is_cut(draft: &BTreeMap<String, String>) -> bool {
    draft.contains_key(CUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draft_keeps_512_bytes_of_a_field_cut_between_characters() {
        // "ñ" has two bytes.
        for (typed, kept, cut) in [
            ("a".repeat(512), 512, false),
            ("a".repeat(513), 512, true),
            ("ñ".repeat(256), 512, false),
            (format!("a{}", "ñ".repeat(256)), 511, true),
        ] {
            let draft = draft_of(&[("short", "b"), ("long", &typed)]);
            assert_eq!((draft["long"].len(), draft["short"].as_str()), (kept, "b"));
            assert!(typed.starts_with(&draft["long"]));
            assert_eq!(is_cut(&draft), cut, "{}", typed.len());
        }
    }
}
