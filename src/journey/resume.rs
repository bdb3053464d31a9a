//! Saving a journey for later: when that is possible, and the challenge before it is resumed.

use super::state::Journey;
use crate::fields::{BirthDate, Phone};

/// An answer of the journey that has to be given again before it is resumed: the link alone does not prove who opens it.
/// The more the journey shows, the stronger the challenge.
#[derive(Clone, PartialEq, Eq)]
pub enum ResumeChallenge {
    /// The birth date of step `identity`.
    BirthDate(BirthDate),
    /// The phone number of step `contact`.
    Phone(Phone),
    /// The journey has no answer about the person yet: the link is enough.
    Nothing,
}

impl Journey {
    /// Whether the journey may be saved: it has an answer, has not ended, and was not submitted.
    pub fn may_be_saved(&self) -> bool {
        self.service.is_some() && self.ending.is_none() && !self.submitting
    }

    /// Whether the journey may be put aside when its session times out: it may be saved, and its challenge is the birth
    /// date.
    pub fn may_be_put_aside(&self) -> bool {
        self.may_be_saved() && matches!(self.resume_challenge(), ResumeChallenge::BirthDate(_))
    }

    /// The challenge before the journey is resumed.
    pub fn resume_challenge(&self) -> ResumeChallenge {
        let answered = self.contact.as_ref().map(|contact| contact.phone.clone());
        let phone = || answered.or_else(|| self.given_phone()).map(ResumeChallenge::Phone);
        let birth_date = self.person.as_ref().map(|person| ResumeChallenge::BirthDate(person.birth_date));
        birth_date.or_else(phone).unwrap_or(ResumeChallenge::Nothing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::{Step, Stop, StopKind, tests::answered_to};

    #[test]
    fn resume_challenge_follows_answers_and_ended_journey_is_not_savable() {
        for step in Step::ALL {
            let journey = answered_to(step);
            let known = match journey.resume_challenge() {
                ResumeChallenge::Nothing => 0,
                ResumeChallenge::Phone(_) => 1,
                ResumeChallenge::BirthDate(_) => 2,
            };
            let expected = u8::from(step > Step::Contact) + u8::from(step > Step::Identity);
            assert_eq!(known, expected, "{step:?}");
            assert_eq!(journey.may_be_saved(), step > Step::Zip, "{step:?}");
        }
        let mut journey = answered_to(Step::Review);
        journey.submitting = true;
        assert!(!journey.may_be_saved());
        let mut journey = answered_to(Step::Review);
        journey.ending = Some(Stop::new(StopKind::Restricted));
        assert!(!journey.may_be_saved());
    }
}
