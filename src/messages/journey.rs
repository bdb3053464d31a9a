//! The messages of steps, stops, advice and rejected parameters.

use super::{
    interpolate::interpolate,
    sections::{Messages, StopKindText},
};
use crate::journey::{AdviceKind, Obstacle, RejectedParam, Step, StopKind, WayOut};

impl Messages {
    /// The name of a step for the step indicator.
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

    /// The messages of a stop page, with the placeholder `{brand}`.
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
            StopKind::DepositUnknown => &t.deposit_unknown,
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

    /// How often the identity can be checked again.
    #[must_use]
    pub fn attempts_left(&self, left: u8) -> String {
        match left {
            1 => self.identity.attempts_left_one.clone(),
            left => interpolate(&self.identity.attempts_left, &[("count", &left.to_string())]),
        }
    }

    /// The message about a parameter of a link that cannot be used.
    #[must_use]
    pub fn unused(&self, param: RejectedParam) -> &str {
        let t = &self.link;
        match param {
            RejectedParam::Zip => &t.zip,
            RejectedParam::Type => &t.transaction,
            RejectedParam::Language => &t.language,
            RejectedParam::Brand => &t.brand,
            RejectedParam::Offer => &t.offer,
            RejectedParam::Promo => &t.promo,
            RejectedParam::Plan => &t.plan,
        }
    }

    /// The title and the message of advice, with the placeholder `{brand}`. Unknown advice has NRG's text only.
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

    /// The sentence about a way to avoid a deposit.
    #[must_use]
    pub fn way_out(&self, way: WayOut) -> &str {
        let t = &self.deposit;
        match way {
            WayOut::Age => &t.way_age,
            WayOut::ActiveMilitary => &t.way_military,
            WayOut::FamilyViolence => &t.way_violence,
            WayOut::Medical => &t.way_medical,
            WayOut::PaymentHistory => &t.way_payment,
            WayOut::Guarantee => &t.way_guarantee,
            WayOut::LetterOfCredit => &t.way_letter_of_credit,
        }
    }

    /// What has to be done or decided before service starts, with the placeholders `{brand}` and `{phone}`.
    #[must_use]
    pub fn obstacle(&self, obstacle: Obstacle) -> &str {
        let t = &self.confirmation;
        match obstacle {
            Obstacle::Deposit => &t.first_deposit,
            Obstacle::NoAccount => &t.first_account,
            Obstacle::IdentityHold => &t.first_identity,
            Obstacle::SwitchHold => &t.first_switch_hold,
            Obstacle::MeterUnknown => &t.first_meter,
            Obstacle::OpenHolds => &t.first_open,
        }
    }
}
