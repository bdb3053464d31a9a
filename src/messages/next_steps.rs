//! What happens after an enrollment, as page and mail say it.

use super::{Messages, interpolate};
use crate::fields::Transaction;

/// What the next steps depend on.
#[derive(Clone, Copy)]
pub struct NextSteps<'a> {
    /// Moving in or switching.
    pub transaction: Transaction,
    /// The start date, in words, if one was chosen.
    pub date: Option<&'a str>,
    /// Whether nothing stands in the way: otherwise the date is only what was asked for.
    pub is_certain: bool,
    /// Whether the price counts a discount for automatic payment.
    pub autopay: bool,
    /// Whether the plan is prepaid.
    pub prepaid: bool,
}

impl Messages {
    /// What happens next, in order, with the placeholder `{brand}`.
    #[must_use]
    pub fn next_steps(&self, of: NextSteps<'_>) -> Vec<String> {
        let t = &self.confirmation;
        let is_switch = of.transaction == Transaction::Switch;
        let steps = [
            self.start(of),
            is_switch.then(|| t.next_no_cancel.clone()),
            of.autopay.then(|| t.next_autopay.clone()),
            (!of.prepaid).then(|| t.next_bill.clone()),
        ];
        steps.into_iter().flatten().collect()
    }

    /// When service starts: a day is promised only if nothing stands in its way, otherwise it is what was asked for.
    fn start(&self, of: NextSteps<'_>) -> Option<String> {
        let t = &self.confirmation;
        let words = match (of.transaction, of.date, of.is_certain) {
            (Transaction::MoveIn, Some(_), true) => &t.next_start_move_in,
            (Transaction::MoveIn, Some(_), false) => &t.next_asked_move_in,
            (Transaction::MoveIn, None, _) => return None,
            (Transaction::Switch, Some(_), true) => &t.next_start_switch,
            (Transaction::Switch, Some(_), false) => &t.next_asked_switch,
            (Transaction::Switch, None, true) => &t.next_start_switch_undated,
            (Transaction::Switch, None, false) => &t.next_asked_switch_undated,
        };
        Some(interpolate(words, &[("date", of.date.unwrap_or_default())]))
    }
}
