//! `[limits]`: what a program fills in faster, or more often, than a person.

use std::time::Duration;

use super::section::Section;
use crate::rate_limit::{ActionRates, Rate, Rates};

/// Limits against programs that fill in forms.
pub struct Limits {
    /// Nobody comes from the first answer to the identity check faster than this; zero switches the check off.
    pub minimum: Duration,
    /// Whether to refuse who fills in the field that people do not see.
    pub honeypot: bool,
    /// How often something may be tried.
    pub rates: Rates,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Limits> {
    let minimum = section.number("minimum_seconds", "a whole number of seconds").map(Duration::from_secs);
    let honeypot = section.switch("honeypot");
    let mut act = |key, who: &[&str]| section.section(key, |section| act(section, who));
    let begin = act("begin", &["address", "affiliate"]);
    let look_up = act("look_up", &["address", "session", "affiliate"]);
    let identity = act("identity", &["address", "session", "person", "meter", "affiliate"]);
    let credit = act("credit", &["address", "session", "person", "meter", "affiliate"]);
    let resume = act("resume", &["address", "affiliate"]);
    let rates =
        Rates { begin: begin?, look_up: look_up?, identity: identity?, credit: credit?, resume: resume? };
    Some(Limits { minimum: minimum?, honeypot: honeypot?, rates })
}

/// The rates of one act, for those `who` it is counted by.
fn act(section: &mut Section<'_>, who: &[&str]) -> Option<ActionRates> {
    const WHAT: &str = "a number of tries and a length of time, such as \"5 per 6h\", or \"0\" for no limit";
    let mut rate = |key| if who.contains(&key) { section.parse(key, WHAT, Rate::parse) } else { Some(None) };
    let (address, session) = (rate("address"), rate("session"));
    let (person, meter, affiliate) = (rate("person"), rate("meter"), rate("affiliate"));
    Some(ActionRates {
        address: address?,
        session: session?,
        person: person?,
        meter: meter?,
        affiliate: affiliate?,
    })
}
