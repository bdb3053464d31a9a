//! `[follow_up]`: whether, how often and for how long NRG is asked what became of an enrollment.

use std::time::Duration;

use super::section::Section;
use crate::ledger::FollowUps;

/// How enrollments are followed; `Some(None)`: not at all.
pub(super) fn read(section: &mut Section<'_>) -> Option<Option<FollowUps>> {
    let enabled = section.switch("enabled");
    let every = section.duration("every");
    let days: Option<u32> = section.number("days", "a whole number of days");
    if every.is_some_and(|every| every < Duration::from_secs(60)) {
        return section.must_be("every", "1m or more", None);
    }
    if days == Some(0) {
        return section.must_be("days", "1 or more", None);
    }
    let follow_ups = FollowUps { every: every?, days: Duration::from_secs(24 * 3600).saturating_mul(days?) };
    enabled.map(|enabled| enabled.then_some(follow_ups))
}
