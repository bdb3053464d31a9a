//! `[limits]`: rate limits, the honeypot and the minimum time.

use std::time::Duration;

use super::section::Section;
use crate::rate_limit::{ActionRates, Rate, Rates};

/// Limits against programs that fill in forms.
pub struct Limits {
    /// The shortest time from the first answer to the identity check; zero switches the check off.
    pub minimum: Duration,
    /// Whether a form is refused in which the field that people do not see is filled in.
    pub honeypot: bool,
    /// From how many different numbers of one address on they are counted as many.
    pub numbers_per_address: i64,
    /// The rate limits.
    pub rates: Rates,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Limits> {
    let minimum = section.number("minimum_seconds", "a whole number of seconds").map(Duration::from_secs);
    let honeypot = section.switch("honeypot");
    let numbers = section.number::<u32>("numbers_per_address", "a whole number of numbers").map(i64::from);
    let mut action = |key, subjects: &[&str]| section.section(key, |section| action(section, subjects));
    let begin = action("begin", &["address", "affiliate"]);
    let look_up = action("look_up", &["address", "session", "affiliate"]);
    let identity = action("identity", &["address", "session", "person", "meter", "affiliate"]);
    let credit = action("credit", &["address", "session", "person", "meter", "affiliate"]);
    let resume = action("resume", &["address", "affiliate"]);
    let feed = action("feed", &["address", "partner", "affiliate"]);
    let handover = action("handover", &["partner", "affiliate"]);
    let mail = action("mail", &["address", "recipient", "affiliate"]);
    let rates = Rates {
        begin: begin?,
        look_up: look_up?,
        identity: identity?,
        credit: credit?,
        resume: resume?,
        feed: feed?,
        handover: handover?,
        mail: mail?,
    };
    Some(Limits { minimum: minimum?, honeypot: honeypot?, numbers_per_address: numbers?, rates })
}

/// The rates of one action, for the `subjects` by which it is counted.
fn action(section: &mut Section<'_>, subjects: &[&str]) -> Option<ActionRates> {
    const WHAT: &str = "a number of tries and a length of time, such as \"5 per 6h\", or \"0\" for no limit";
    let mut rate =
        |key| if subjects.contains(&key) { section.parse(key, WHAT, Rate::parse) } else { Some(None) };
    let (address, session) = (rate("address"), rate("session"));
    let (person, meter, affiliate) = (rate("person"), rate("meter"), rate("affiliate"));
    let (partner, recipient) = (rate("partner"), rate("recipient"));
    Some(ActionRates {
        address: address?,
        session: session?,
        person: person?,
        meter: meter?,
        affiliate: affiliate?,
        partner: partner?,
        recipient: recipient?,
    })
}
