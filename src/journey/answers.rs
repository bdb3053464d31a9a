//! Records NRG's answers in the journey: one method for each tracked call. A correction drops the stored answers that it
//! makes void.

use jiff::Timestamp;

use crate::fields::{Guid, TrackingId};

use super::{
    outcome::{Correction, Outcome, Stop, StopKind, StopScope},
    premise::Premise,
    record::{
        Applicant, Credit, CreditAsked, Dates, DatesAsked, DatesFetched, Identity, Memo, Proof, Quiz, Record,
        Verification,
    },
    site::Site,
    state::Journey,
    step::Step,
};

impl Journey {
    /// Records a service address that was looked up, and the utility of its meter. A plan of another utility has to be
    /// chosen again.
    pub fn premise_found(&mut self, premise: Premise) {
        let utility = premise.meter().and_then(|meter| meter.tdsp.clone());
        if let (Some(address), Some(tdsp)) = (premise.settled.clone(), utility) {
            if self.plan.as_ref().is_some_and(|plan| plan.offer.tdsp != tdsp) {
                self.correction = Some(Correction::OtherUtility(tdsp.clone()));
            }
            self.address_utility = Some(Memo { inputs: address, result: tdsp });
        }
        self.premise = Some(premise);
    }

    /// Records the answer of `identity` about `applicant`. The ids are stored whatever the outcome is.
    pub fn identity_answered(
        &mut self,
        applicant: &Applicant,
        ids: Option<(TrackingId, Guid)>,
        repeats: Option<u8>,
        outcome: Outcome<Identity>,
    ) {
        let before = self.record_for(applicant).cloned();
        if let Some((tracking_id, guid)) = ids {
            let repeated = before.filter(|record| record.tracking_id == tracking_id);
            let counted_repeats = repeated.as_ref().map_or(0, |record| record.repeats + 1);
            self.record = Some(Record {
                brand: applicant.brand,
                tracking_id,
                guid,
                repeats: repeats.unwrap_or(counted_repeats),
                meter_address: repeated.and_then(|record| record.meter_address),
            });
        }
        match outcome {
            Outcome::Accepted(identity) => {
                self.identity = Some(Memo { inputs: applicant.clone(), result: identity });
            }
            Outcome::Correct(correction) => self.correct(correction, applicant),
            Outcome::Stop(stop) => self.end(stop),
            Outcome::Done => self.already_submitted(),
        }
    }

    /// Records the answer of `kba-oe` or `kba-result`.
    pub fn quiz_answered(&mut self, applicant: &Applicant, outcome: Outcome<Quiz>, site: &Site) {
        match outcome {
            Outcome::Accepted(quiz) => {
                let Some(Memo { inputs, result: identity }) = &mut self.identity else { return };
                if inputs != applicant {
                    return;
                }
                if quiz == Quiz::Failed {
                    // A failed quiz leaves a hold on the record (contract 8.3).
                    identity.verification = Verification::Held;
                }
                if quiz == Quiz::Passed {
                    // What NRG said about the identity it had not verified is over.
                    self.advice_texts.retain(|kept| kept.step != Step::Identity);
                }
                let ended = quiz == Quiz::Failed && !site.allow_identity_hold;
                identity.quiz = Some(quiz);
                if ended {
                    self.end(Stop::new(StopKind::QuizFailed));
                }
            }
            Outcome::Correct(correction) => self.correct(correction, applicant),
            Outcome::Stop(stop) => self.end(stop),
            Outcome::Done => self.already_submitted(),
        }
    }

    /// Records the answer of `available-dates`. From now on NRG keeps the meter of this address.
    pub fn dates_answered(
        &mut self,
        applicant: &Applicant,
        asked: DatesAsked,
        at: Timestamp,
        outcome: Outcome<Dates>,
    ) {
        if let Some(record) = self.record.as_mut().filter(|record| record.tracking_id == asked.tracking_id) {
            record.meter_address = Some(asked.address.clone());
        }
        match outcome {
            Outcome::Accepted(dates) => self.dates = Some(fetched(asked, at, Ok(dates))),
            Outcome::Correct(correction) => self.correct(correction, applicant),
            Outcome::Stop(stop) => match stop.kind.scope() {
                StopScope::Recoverable => self.dates = Some(fetched(asked, at, Err(stop))),
                StopScope::Terminal => self.end(stop),
            },
            Outcome::Done => self.already_submitted(),
        }
    }

    /// Records the answer of `check-credit` or `recheck-credit`.
    pub fn credit_answered(&mut self, applicant: &Applicant, asked: CreditAsked, outcome: Outcome<Credit>) {
        // The person agreed to the previous deposit, not to this one.
        (self.deposit_accepted, self.deposit_papers) = (None, None);
        match outcome {
            Outcome::Accepted(credit) => self.credit = Some(Memo { inputs: asked, result: Ok(credit) }),
            Outcome::Correct(correction) => self.correct(correction, applicant),
            Outcome::Stop(stop) => match stop.kind.scope() {
                StopScope::Recoverable => self.credit = Some(Memo { inputs: asked, result: Err(stop) }),
                StopScope::Terminal => self.end(stop),
            },
            Outcome::Done => self.already_submitted(),
        }
    }

    /// Ends the journey; the first ending is kept. A recoverable stop has no answer to change here, so it becomes `Other`.
    fn end(&mut self, stop: Stop) {
        let kind = match stop.kind.scope() {
            StopScope::Recoverable => StopKind::Other,
            StopScope::Terminal => stop.kind,
        };
        self.ending.get_or_insert(Stop { kind, ..stop });
    }

    /// Records that the record was submitted before. If the ledger has a row for it, that has the result; otherwise the
    /// journey ends.
    fn already_submitted(&mut self) {
        if self.submission.as_ref().is_none_or(|submission| submission.stop().is_some()) {
            self.end(Stop::new(StopKind::AlreadySubmitted));
        }
    }

    /// Drops what the correction makes void, and stores the correction for the page of its step.
    fn correct(&mut self, correction: Correction, applicant: &Applicant) {
        match &correction {
            Correction::OtherUtility(tdsp) => {
                self.address_utility = Some(Memo { inputs: applicant.service.clone(), result: tdsp.clone() });
                self.drop_record();
            }
            Correction::RecordUnknown => self.drop_record(),
            Correction::ProspectUnknown => {
                if let Some(person) = &mut self.person {
                    person.prospect = None;
                }
            }
            Correction::TokenUnusable => {
                let (Proof::Ssn(token) | Proof::DriverLicense(token)) = &applicant.proof else { return };
                self.tokens.retain(|kept| kept.token != *token);
            }
            Correction::NewQuestions => {
                if let Some(identity) = &mut self.identity {
                    identity.result.quiz = None;
                }
            }
            Correction::BirthDate
            | Correction::SameNumber
            | Correction::NothingChanged
            | Correction::NothingChangedAgain
            | Correction::PlanGone
            | Correction::PlanChanged => {}
        }
        self.correction = Some(correction);
    }

    fn drop_record(&mut self) {
        self.record = None;
        self.identity = None;
    }
}

fn fetched(asked: DatesAsked, at: Timestamp, verdict: Result<Dates, Stop>) -> Memo<DatesAsked, DatesFetched> {
    Memo { inputs: asked, result: DatesFetched { at, verdict } }
}
