//! From when a posted form is: of the present page, of an earlier one of this visit, or of another visit.

use super::form::FormBody;

/// The visit of a page that is shown while there is no session. No journey has this id.
pub const NO_VISIT: &str = "none";

/// From when a form is, compared with the journey that it is posted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormAge {
    /// Of the present revision of its step.
    Present,
    /// Of this visit, and of an earlier revision.
    Earlier,
    /// Of a journey before starting over, of another session, or not known to be of this visit.
    OtherVisit,
}

impl FormBody {
    /// From when the form is, posted to a journey in the visit `visit` at this `revision` of the step. A form without a
    /// revision was made before there was a session.
    pub fn age(&self, visit: &str, revision: u64) -> FormAge {
        let present = self.get("revision").parse().unwrap_or(0) == revision;
        match self.get("visit") {
            // Whoever had no session when the form was made has one visit since, or none yet.
            made if made == visit || made == NO_VISIT => {
                if present {
                    FormAge::Present
                } else {
                    FormAge::Earlier
                }
            }
            // A page of the version before does not say its visit. A visit that is over is the same as none.
            "" if present => FormAge::Present,
            _ if present && visit == NO_VISIT => FormAge::Present,
            _ => FormAge::OtherVisit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_age_is_told_by_visit_and_revision() {
        use FormAge::{Earlier, OtherVisit, Present};
        for (form, visit, revision, age) in [
            ("visit=J&revision=2", "J", 2, Present),
            ("visit=J&revision=1", "J", 2, Earlier),
            ("visit=J&revision=3", "J", 2, Earlier),
            ("visit=J&revision=2", "K", 2, OtherVisit),
            ("visit=J&revision=0", "K", 0, OtherVisit),
            // The first page, before and after it began a session; and the session has ended.
            ("visit=none&revision=0", NO_VISIT, 0, Present),
            ("visit=none&revision=0", "J", 0, Present),
            ("visit=none&revision=0", "J", 1, Earlier),
            ("visit=J&revision=0", NO_VISIT, 0, Present),
            ("visit=J&revision=1", NO_VISIT, 0, OtherVisit),
            // Of the version before.
            ("revision=2", "J", 2, Present),
            ("revision=1", "J", 2, OtherVisit),
            ("", "J", 0, Present),
            ("revision=x", "J", 1, OtherVisit),
        ] {
            assert_eq!(
                FormBody::parse(form.as_bytes()).age(visit, revision),
                age,
                "{form} {visit} {revision}"
            );
        }
    }
}
