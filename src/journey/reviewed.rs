//! What was chosen on the review page, as the answers are now.

use super::{review_choices::ReviewChoices, state::Journey};

/// The choices as the page shows them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reviewed {
    /// Whether the documents are agreed to.
    pub documents: bool,
    /// Whether the answers are said to be true.
    pub affirmation: bool,
    /// Whether notices may come electronically.
    pub records: bool,
    /// Whether bills are paperless; `None` while it is not chosen.
    pub paperless: Option<bool>,
}

impl Journey {
    /// Keeps what was chosen on the review page.
    pub fn keep_review(&mut self, reviewed: Reviewed) {
        let (Some(chosen), Some(applicant)) = (self.chosen(), self.applicant()) else { return };
        let offer = &chosen.offer;
        let choices = ReviewChoices {
            documents: reviewed.documents.then(|| offer.documents.clone()),
            records: reviewed.records.then_some(offer.brand),
            paperless: reviewed.paperless.map(|paperless| (offer.code.clone(), paperless)),
            affirmation: reviewed.affirmation.then(|| Box::new(applicant)),
        };
        self.review_choices = choices;
        self.note_post();
    }

    /// What was chosen on the review page about the answers as they are now.
    pub fn reviewed(&self) -> Reviewed {
        let (Some(chosen), Some(applicant)) = (self.chosen(), self.applicant()) else {
            return Reviewed::default();
        };
        let (offer, kept) = (&chosen.offer, &self.review_choices);
        Reviewed {
            documents: kept.documents.as_ref() == Some(&offer.documents),
            affirmation: kept.affirmation.as_deref() == Some(&applicant),
            records: kept.records == Some(offer.brand),
            paperless: match &kept.paperless {
                Some((code, paperless)) => (*code == offer.code).then_some(*paperless),
                None => self.paperless,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fields::{OfferCode, Phone},
        journey::{
            Step,
            tests::{answered_to, document},
        },
    };

    #[test]
    fn choice_stands_until_what_it_speaks_of_changes() {
        let all = Reviewed { documents: true, affirmation: true, records: true, paperless: Some(true) };
        let mut reviewed = answered_to(Step::Review);
        reviewed.keep_review(all);
        assert_eq!(reviewed.reviewed(), all);
        for (what, change, left) in [
            (
                "the phone boxes",
                (|j| j.contact.as_mut().unwrap().marketing.phone = true) as fn(&mut Journey),
                all,
            ),
            (
                "the phone number",
                |j| j.contact.as_mut().unwrap().phone = Phone::parse("713-555-0199").unwrap(),
                Reviewed { affirmation: false, ..all },
            ),
            (
                "the documents",
                |j| j.plan.as_mut().unwrap().offer.documents.efl = document("other"),
                Reviewed { documents: false, ..all },
            ),
            (
                "the plan",
                |j| j.plan.as_mut().unwrap().offer.code = OfferCode::parse("50990009").unwrap(),
                Reviewed { paperless: None, ..all },
            ),
        ] {
            let mut journey = reviewed.clone();
            change(&mut journey);
            assert_eq!(journey.reviewed(), left, "{what}");
        }
        // What was submitted before there was such a choice.
        let mut journey = answered_to(Step::Review);
        journey.paperless = Some(false);
        assert_eq!(journey.reviewed(), Reviewed { paperless: Some(false), ..Reviewed::default() });
    }
}
