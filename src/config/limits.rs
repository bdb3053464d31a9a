//! `[limits]`: what a program fills in faster, or more, than a person.

use std::time::Duration;

use super::section::Section;

/// Limits against programs that fill in forms.
pub struct Limits {
    /// Nobody comes from the first answer to the identity check faster than this; zero switches the check off.
    pub minimum: Duration,
    /// Whether to refuse who fills in the field that people do not see.
    pub honeypot: bool,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Limits> {
    let minimum = section.number("minimum_seconds", "a whole number of seconds").map(Duration::from_secs);
    let honeypot = section.switch("honeypot");
    Some(Limits { minimum: minimum?, honeypot: honeypot? })
}
