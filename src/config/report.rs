//! `[report]`: the password of the report's page, the links of partners, and how long counts are kept.

use std::time::Duration;

use super::section::Section;
use crate::report::Password;

/// The report.
pub struct Report {
    /// The password of its page; without one there is no page.
    pub password: Option<Password>,
    /// The generation of partners' links that is valid; 0: none.
    pub partner_links: u32,
    /// How long counts are kept.
    pub kept: Duration,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Report> {
    let password = section.optional_secret("password", "12 characters or more", Password::new);
    let partner_links = section.number("partner_links", "a whole number");
    let days: Option<u32> = section.number("keep_days", "a whole number of days");
    if days == Some(0) {
        section.must_be::<()>("keep_days", "1 or more", None);
    }
    let kept = Duration::from_secs(24 * 3600).saturating_mul(days?);
    Some(Report { password: password?, partner_links: partner_links?, kept })
}
