//! The field rules of contract section 5, checked in the phases of 3.3: presence, then size, then format.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::{
    catalog::Brand,
    envelope::Reply,
    records::{Memory, Record},
    request::{ApiRequest, Reader},
};

/// The rule of one field.
#[derive(Clone, Copy)]
pub struct Rule {
    name: &'static str,
    required: bool,
    max: usize,
    form: Option<fn(&str) -> bool>,
}

/// A required field of at most `max` characters.
pub const fn required(name: &'static str, max: usize) -> Rule {
    Rule { name, required: true, max, form: None }
}

/// A field that may be absent or blank, of at most `max` characters.
pub const fn optional(name: &'static str, max: usize) -> Rule {
    Rule { name, required: false, max, form: None }
}

impl Rule {
    /// The rule, with the condition that values satisfy `form`.
    pub const fn form(mut self, form: fn(&str) -> bool) -> Self {
        self.form = Some(form);
        self
    }
}

/// For a field without a published limit.
pub const ANY: usize = usize::MAX;

const BASE: &[Rule] = &[
    required("affiliateId", 40),
    optional("channelType", ANY).form(|value| ["WEB", "AA", "AFF", "CC", "SMB"].contains(&value)),
    required("companyCode", ANY).form(|value| ["0121", "0271", "0391", "0315"].contains(&value)),
    optional("brandId", 2),
    optional("languageCode", 1).form(|value| ["E", "S"].contains(&value)),
];

const IDS: &[Rule] = &[required("trackingId", ANY), required("guid", ANY)];

/// Checks the base fields and those of the endpoint.
///
/// # Errors
/// The 400 to answer with; for the strict reader, an HTML 500 for an unknown field.
pub fn check(request: &ApiRequest, own: &[Rule]) -> Result<(), Reply> {
    let rules = || BASE.iter().chain(own);
    if request.reader == Reader::Strict
        && request.fields.keys().any(|name| rules().all(|rule| rule.name != name.as_str()))
    {
        return Err(Reply::crashed());
    }
    let missing = |rule: &&Rule| rule.required && request.given(rule.name).is_none();
    refuse_all(request, rules().filter(missing).map(|rule| (rule.name, "is required")))?;
    if request.reader != Reader::Strict {
        let long = |rule: &&Rule| request.text(rule.name).chars().count() > rule.max;
        refuse_all(request, rules().filter(long).map(|rule| (rule.name, "is too long")))?;
        let malformed = |rule: &&Rule| {
            request.given(rule.name).is_some_and(|value| rule.form.is_some_and(|form| !form(value)))
        };
        refuse_all(request, rules().filter(malformed).map(|rule| (rule.name, "is not valid")))?;
    }
    match Brand::from_codes(request.text("companyCode"), request.text("brandId")) {
        Some(_) => Ok(()),
        None => Err(refuse(request, &[("brandId", "does not belong to companyCode")])),
    }
}

/// Like [`check`], for a call that needs `trackingId` and `guid`.
///
/// # Errors
/// As for [`check`].
pub fn check_tracked(request: &ApiRequest, own: &[Rule]) -> Result<(), Reply> {
    let own: Vec<Rule> = IDS.iter().chain(own).copied().collect();
    check(request, &own)
}

impl Memory {
    /// The record that a call is about.
    ///
    /// # Errors
    /// `NO_MATCH_FOUND` and `ENROLLMENT_ALREADY_REQUESTED`, as every tracked call answers (contract 3.4).
    pub fn tracked(&mut self, request: &ApiRequest) -> Result<&mut Record, Reply> {
        let guid = request.text("guid");
        let record = self
            .record_mut(request.text("trackingId"))
            .filter(|record| record.guid.eq_ignore_ascii_case(guid))
            .ok_or_else(|| Reply::refuse("NO_MATCH_FOUND", "no record with this trackingId and guid"))?;
        if record.submitted {
            return Err(Reply::refuse("ENROLLMENT_ALREADY_REQUESTED", "the record was submitted before"));
        }
        Ok(record)
    }
}

fn refuse_all(
    request: &ApiRequest,
    problems: impl Iterator<Item = (&'static str, &'static str)>,
) -> Result<(), Reply> {
    let problems: Vec<_> = problems.collect();
    if problems.is_empty() { Ok(()) } else { Err(refuse(request, &problems)) }
}

/// The 400 for these fields, in the shape of the endpoint's method (contract 3.3).
pub fn refuse(request: &ApiRequest, problems: &[(&str, &str)]) -> Reply {
    let mut text = String::from("The request could not be processed because of these fields: ");
    match request.reader {
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

/// Whether `value` has only digits, at least one.
pub fn digits(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// The date, if `value` is one written as `MMddyyyy`.
pub fn date(value: &str) -> Option<Date> {
    (value.len() == 8 && digits(value)).then(|| Date::strptime("%m%d%Y", value).ok()).flatten()
}
