//! A journey that is put aside and taken up again: when it may be, and what whoever takes it up has to know.

use super::Journey;
use crate::fields::{BirthDate, Phone};

/// What the person has told that a link to the journey does not. The more there is to see, the more is asked.
#[derive(Clone, PartialEq, Eq)]
pub enum ResumeChallenge {
    /// Told on the identity page.
    BirthDate(BirthDate),
    /// Told on the contact page.
    Phone(Phone),
    /// Nothing yet that tells who somebody is: the link is enough.
    Nothing,
}

impl Journey {
    /// Whether there is something to put aside. What has ended or was submitted stays where it is.
    pub fn may_be_saved(&self) -> bool {
        self.service.is_some() && self.ending.is_none() && !self.submitting
    }

    /// What to ask whoever takes it up.
    pub fn resume_challenge(&self) -> ResumeChallenge {
        let phone = || self.contact.as_ref().map(|contact| ResumeChallenge::Phone(contact.phone.clone()));
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
