//! The notice on a page whose answers NRG compares with the identity: another answer is checked again.

use crate::{
    journey::Step,
    messages::interpolate,
    web::{Notice, page_context::PageContext},
};

/// The notice for the page of `step`, once NRG has answered about the identity: that a change is checked again, how often
/// that can still be done, and what is no such change.
pub(super) fn notice(ctx: PageContext<'_>, step: Step) -> Option<Notice<'_>> {
    let (journey, t) = (ctx.journey, ctx.messages());
    journey.identity()?;
    let record = journey.record.as_ref()?;
    let again = interpolate(&t.identity.checked_again, &[("brand", ctx.brand_name())]);
    // Another service address is a record of its own.
    let left = (step != Step::Address).then(|| t.attempts_left(record.repeats_left()));
    let without = (step == Step::Contact).then(|| t.contact.not_checked_again.clone());
    let text: Vec<String> = [Some(again), left, without].into_iter().flatten().collect();
    Some(Notice { title: t.common.important.clone(), text: Some(text.join(" ")), message: None })
}
