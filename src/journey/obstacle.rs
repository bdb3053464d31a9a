//! What stands between a submitted enrollment and the start of its service. Only where nothing does may a page say when the
//! service starts; otherwise the date is what was asked for.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::{
    outcome::{Advice, AdviceKind},
    record::{Identity, Quiz, Verification},
    state::Journey,
    submission::SubmissionState,
};

/// What must be done or decided before service starts, in the order in which pages say it. In a mail that waits, its name in
/// kebab case is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantArray, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obstacle {
    /// A deposit is owed.
    Deposit,
    /// NRG has issued no account number yet.
    NoAccount,
    /// The identity is not verified, and a hold is set.
    IdentityHold,
    /// The meter has a switch hold, which a form and papers remove.
    SwitchHold,
    /// No meter was found, or several, so that the right one has to be found.
    MeterUnknown,
    /// `holds` lists something that is open.
    OpenHolds,
}

/// What is known of an enrollment that was submitted.
#[derive(Debug, Clone, Copy)]
pub struct StartFacts<'a> {
    /// Whether a deposit is owed.
    pub owes_deposit: bool,
    /// Whether there is an account number.
    pub has_account: bool,
    /// The answer of `identity`, with that of the quiz.
    pub identity: Option<&'a Identity>,
    /// All the advice NRG gave.
    pub advice: &'a [Advice],
    /// The holds; `None` if they are not known.
    pub holds: Option<&'a [String]>,
}

/// Everything that stands between the enrollment and its start.
pub fn obstacles(facts: StartFacts<'_>) -> Vec<Obstacle> {
    let advised = |kind| facts.advice.iter().any(|advice| advice.kind == kind);
    let stands = |obstacle: &Obstacle| match obstacle {
        Obstacle::Deposit => facts.owes_deposit,
        Obstacle::NoAccount => !facts.has_account,
        Obstacle::IdentityHold => facts.identity.is_some_and(is_held),
        Obstacle::SwitchHold => advised(AdviceKind::SwitchHoldNotify),
        Obstacle::MeterUnknown => {
            advised(AdviceKind::NoMeterFound) || advised(AdviceKind::SeveralMetersFound)
        }
        Obstacle::OpenHolds => facts.holds.is_some_and(|holds| !holds.is_empty()),
    };
    Obstacle::VARIANTS.iter().copied().filter(stands).collect()
}

/// A quiz that was passed lifts the hold (contract 8.3).
fn is_held(identity: &Identity) -> bool {
    identity.verification != Verification::Verified && identity.quiz != Some(Quiz::Passed)
}

impl Journey {
    /// Everything that stands between this enrollment and its start.
    pub fn obstacles(&self) -> Vec<Obstacle> {
        let state = self.submission.as_ref().map(|submission| &submission.state);
        obstacles(StartFacts {
            owes_deposit: self.owes_deposit() == Some(true),
            has_account: matches!(state, Some(SubmissionState::Enrolled(_))),
            identity: self.identity(),
            advice: &self.advice(),
            holds: self.holds.as_deref(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::PriorAccount;

    /// Nothing stands in the way.
    const CLEAR: StartFacts<'_> =
        StartFacts { owes_deposit: false, has_account: true, identity: None, advice: &[], holds: None };

    fn identity(verification: Verification, quiz: Option<Quiz>) -> Identity {
        Identity {
            verification,
            quiz_suggested: false,
            prior_account: PriorAccount::None,
            past_answer: None,
            quiz,
        }
    }

    #[test]
    fn start_is_certain_only_where_no_fact_stands_in_its_way() {
        use Obstacle::{Deposit, IdentityHold, MeterUnknown, NoAccount, OpenHolds, SwitchHold};
        let advice = |kind| vec![Advice { kind, message: None }];
        let hold = vec![AdviceKind::SwitchHoldNotify, AdviceKind::NoMeterFound];
        let two: Vec<_> = hold.into_iter().flat_map(advice).collect();
        let [switch_hold, no_meter, several, undecided, default, other] = [
            AdviceKind::SwitchHoldNotify,
            AdviceKind::NoMeterFound,
            AdviceKind::SeveralMetersFound,
            AdviceKind::UndecidedMatch,
            AdviceKind::DefaultOffers,
            AdviceKind::Other,
        ]
        .map(advice);
        let verified = identity(Verification::Verified, None);
        let held = identity(Verification::Held, None);
        let failed = identity(Verification::Held, Some(Quiz::Failed));
        let passed = identity(Verification::Held, Some(Quiz::Passed));
        let passed_later = identity(Verification::NotVerified, Some(Quiz::Passed));
        let open = ["Deposit needed".to_owned()];
        let unnamed = [String::new()];
        let table: Vec<(StartFacts<'_>, Vec<Obstacle>)> = vec![
            (CLEAR, vec![]),
            (StartFacts { owes_deposit: true, ..CLEAR }, vec![Deposit]),
            (StartFacts { has_account: false, ..CLEAR }, vec![NoAccount]),
            (StartFacts { identity: Some(&verified), ..CLEAR }, vec![]),
            (StartFacts { identity: Some(&held), ..CLEAR }, vec![IdentityHold]),
            (StartFacts { identity: Some(&failed), ..CLEAR }, vec![IdentityHold]),
            (StartFacts { identity: Some(&passed), ..CLEAR }, vec![]),
            (StartFacts { identity: Some(&passed_later), ..CLEAR }, vec![]),
            (StartFacts { advice: &switch_hold, ..CLEAR }, vec![SwitchHold]),
            (StartFacts { advice: &no_meter, ..CLEAR }, vec![MeterUnknown]),
            (StartFacts { advice: &several, ..CLEAR }, vec![MeterUnknown]),
            (StartFacts { advice: &two, ..CLEAR }, vec![SwitchHold, MeterUnknown]),
            (StartFacts { advice: &undecided, ..CLEAR }, vec![]),
            (StartFacts { advice: &default, ..CLEAR }, vec![]),
            (StartFacts { advice: &other, ..CLEAR }, vec![]),
            (StartFacts { holds: Some(&[]), ..CLEAR }, vec![]),
            (StartFacts { holds: Some(&open), ..CLEAR }, vec![OpenHolds]),
            (StartFacts { holds: Some(&unnamed), ..CLEAR }, vec![OpenHolds]),
            (
                StartFacts {
                    owes_deposit: true,
                    has_account: false,
                    identity: Some(&held),
                    advice: &two,
                    holds: Some(&open),
                },
                Obstacle::VARIANTS.to_vec(),
            ),
        ];
        for (facts, expected) in table {
            assert_eq!(obstacles(facts), expected, "{facts:?}");
        }
    }
}
