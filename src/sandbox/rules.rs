//! The field rules of contract section 5, checked in the phases of 3.3: presence, then size, then format.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::{
    catalog::Brand,
    envelope::Reply,
    request::{Ask, Reader},
};

/// What one field must look like.
#[derive(Clone, Copy)]
pub struct Rule {
    name: &'static str,
    needed: bool,
    max: usize,
    form: Option<fn(&str) -> bool>,
}

/// A required field of at most `max` characters.
pub const fn needed(name: &'static str, max: usize) -> Rule {
    Rule { name, needed: true, max, form: None }
}

/// A field that may be absent or blank, of at most `max` characters.
pub const fn optional(name: &'static str, max: usize) -> Rule {
    Rule { name, needed: false, max, form: None }
}

impl Rule {
    /// The same rule, for values that satisfy `form`.
    pub const fn form(mut self, form: fn(&str) -> bool) -> Self {
        self.form = Some(form);
        self
    }
}

/// No published limit.
pub const ANY: usize = usize::MAX;

const BASE: &[Rule] = &[
    needed("affiliateId", 40),
    optional("channelType", ANY).form(|value| ["WEB", "AA", "AFF", "CC", "SMB"].contains(&value)),
    needed("companyCode", ANY).form(|value| ["0121", "0271", "0391", "0315"].contains(&value)),
    optional("brandId", 2),
    optional("languageCode", 1).form(|value| ["E", "S"].contains(&value)),
];

const IDS: &[Rule] = &[needed("trackingId", ANY), needed("guid", ANY)];

/// Checks the base fields and the endpoint's own.
///
/// # Errors
/// The 400 to answer with; under the strict reader, an HTML 500 for a field nobody knows.
pub fn check(ask: &Ask, own: &[Rule]) -> Result<(), Reply> {
    let rules = || BASE.iter().chain(own);
    if ask.reader == Reader::Strict
        && ask.fields.keys().any(|name| rules().all(|rule| rule.name != name.as_str()))
    {
        return Err(Reply::crashed());
    }
    let missing = |rule: &&Rule| rule.needed && ask.given(rule.name).is_none();
    refuse_all(ask, rules().filter(missing).map(|rule| (rule.name, "is required")))?;
    if ask.reader != Reader::Strict {
        let long = |rule: &&Rule| ask.text(rule.name).chars().count() > rule.max;
        refuse_all(ask, rules().filter(long).map(|rule| (rule.name, "is too long")))?;
        let odd = |rule: &&Rule| {
            ask.given(rule.name).is_some_and(|value| rule.form.is_some_and(|form| !form(value)))
        };
        refuse_all(ask, rules().filter(odd).map(|rule| (rule.name, "is not valid")))?;
    }
    match Brand::of(ask.text("companyCode"), ask.text("brandId")) {
        Some(_) => Ok(()),
        None => Err(refuse(ask, &[("brandId", "does not belong to companyCode")])),
    }
}

/// The same for a call that needs `trackingId` and `guid`.
///
/// # Errors
/// As [`check`].
pub fn check_tracked(ask: &Ask, own: &[Rule]) -> Result<(), Reply> {
    let own: Vec<Rule> = IDS.iter().chain(own).copied().collect();
    check(ask, &own)
}

fn refuse_all(ask: &Ask, problems: impl Iterator<Item = (&'static str, &'static str)>) -> Result<(), Reply> {
    let problems: Vec<_> = problems.collect();
    if problems.is_empty() { Ok(()) } else { Err(refuse(ask, &problems)) }
}

/// The 400 for these fields, in the shape the endpoint's method has (contract 3.3).
pub fn refuse(ask: &Ask, problems: &[(&str, &str)]) -> Reply {
    let mut text = String::from("The request could not be processed because of these fields: ");
    match ask.reader {
        Reader::Query => {
            for (name, reason) in problems {
                // Writing to a String cannot fail.
                let _ = write!(text, "* {name} {reason} ");
            }
            Reply::refuse("BAD_REQUEST", text.trim_end())
        }
        Reader::Tolerant | Reader::Strict => {
            for (name, reason) in problems {
                let _ = write!(text, "{name} {reason} * ");
            }
            let birth = problems.iter().any(|(name, _)| *name == "dob");
            Reply::refuse_generic(text.trim_end(), if birth { "INVALID_DOB" } else { "" })
        }
    }
}

/// Digits only, at least one.
pub fn digits(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// `MMddyyyy`, or nothing.
pub fn date(value: &str) -> Option<Date> {
    (value.len() == 8 && digits(value)).then(|| Date::strptime("%m%d%Y", value).ok()).flatten()
}
