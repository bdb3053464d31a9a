//! The words for what the journey names: its steps, stops and advice.

use super::{Messages, StopKindText};
use crate::journey::{AdviceKind, RejectedParam, Step, StopKind};

impl Messages {
    /// The name of a step, as the step indicator says it.
    #[must_use]
    pub fn step(&self, step: Step) -> &str {
        let t = &self.steps;
        match step {
            Step::Zip => &t.zip,
            Step::Plans => &t.plans,
            Step::Address => &t.address,
            Step::Contact => &t.contact,
            Step::Billing => &t.billing,
            Step::Identity => &t.identity,
            Step::Quiz => &t.quiz,
            Step::StartDate => &t.start_date,
            Step::Deposit => &t.deposit,
            Step::Review => &t.review,
        }
    }

    /// What a stop page says. `{brand}` is to be filled in.
    #[must_use]
    pub fn stop(&self, kind: StopKind) -> &StopKindText {
        let t = &self.stop;
        match kind {
            StopKind::AreaNotServed => &t.area_not_served,
            StopKind::OtherArea => &t.other_area,
            StopKind::BusinessMeter => &t.business_meter,
            StopKind::SwitchHold => &t.switch_hold,
            StopKind::OwnCustomer => &t.own_customer,
            StopKind::NoMeter => &t.no_meter,
            StopKind::CreditFreeze => &t.credit_freeze,
            StopKind::CreditFraud => &t.credit_fraud,
            StopKind::AttemptsUsedUp => &t.attempts_used_up,
            StopKind::IdentityHold => &t.identity_hold,
            StopKind::QuizFailed => &t.quiz_failed,
            StopKind::CurrentCustomer => &t.current_customer,
            StopKind::Restricted => &t.restricted,
            StopKind::NoId => &t.no_id,
            StopKind::Refused => &t.refused,
            StopKind::NotSent => &t.not_sent,
            StopKind::AlreadySubmitted => &t.already_submitted,
            StopKind::Other => &t.other,
        }
    }

    /// What is said of a part of a link that cannot be used.
    #[must_use]
    pub fn unused(&self, unused: RejectedParam) -> &str {
        let t = &self.link;
        match unused {
            RejectedParam::Zip => &t.zip,
            RejectedParam::Type => &t.transaction,
            RejectedParam::Language => &t.language,
            RejectedParam::Brand => &t.brand,
            RejectedParam::Offer => &t.offer,
            RejectedParam::Promo => &t.promo,
            RejectedParam::Plan => &t.plan,
        }
    }

    /// The title of a piece of advice and our words for it, with `{brand}` to be filled in. Advice
    /// we have no words for has only NRG's.
    #[must_use]
    pub fn advice(&self, kind: AdviceKind) -> (&str, Option<&str>) {
        let t = &self.advice;
        match kind {
            AdviceKind::SwitchHoldNotify => (&t.switch_hold_notify_title, Some(&t.switch_hold_notify)),
            AdviceKind::NoMeterFound => (&t.no_meter_found_title, Some(&t.no_meter_found)),
            AdviceKind::SeveralMetersFound => (&t.several_meters_found_title, Some(&t.several_meters_found)),
            AdviceKind::DefaultOffers => (&t.default_offers_title, Some(&t.default_offers)),
            AdviceKind::UndecidedMatch => (&t.undecided_match_title, Some(&t.undecided_match)),
            AdviceKind::Other => (&t.other_title, None),
        }
    }
}
