//! `[amounts]`: what an enrollment is worth to the affiliate.

use super::section::Section;
use crate::postback::{Amounts, Rule};

pub(super) fn read(section: &mut Section<'_>) -> Option<Amounts> {
    const RULES: &str = "a list of amounts such as \"any = 40\", \"RE = 50\", \"RE term 24 = 60.50\" and \"RE plan 59990001 = 75\"";
    let currency = section.parse("currency", "three capital letters, such as USD", |text| {
        (text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())).then(|| text.to_owned())
    });
    let rules = section.list("rules", RULES, Rule::parse);
    match Amounts::new(currency?, rules?) {
        Some(amounts) => Some(amounts),
        None => section.must_be("rules", "a list in which nothing has two amounts", None),
    }
}
