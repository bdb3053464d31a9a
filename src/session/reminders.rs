//! Whether a journey is to be reminded of, and the mail that does it.

use super::ResumeCode;
use crate::{
    journey::Journey,
    mail::{ChallengeKind, Content, Mails, NewMail, PendingMail, ResumeLink},
    rate_limit::{Action, RateLimiter, Subject},
    store::{Error, moment},
};

/// What it takes to remind.
#[derive(Clone)]
pub(super) struct Reminders {
    mails: Mails,
    limits: RateLimiter,
}

impl Reminders {
    pub(super) fn new(mails: Mails, limits: RateLimiter) -> Self {
        Self { mails, limits }
    }

    /// The mail that reminds of `journey` with `code`, which ends at `ends`. `None`: none is to be sent.
    pub(super) async fn mail(
        &self,
        journey: &Journey,
        code: &ResumeCode,
        ends: i64,
    ) -> Result<Option<PendingMail>, Error> {
        let contact = journey.contact.as_ref().filter(|contact| contact.reminder.is_some());
        let Some(contact) = contact.filter(|_| journey.may_be_saved() && !journey.was_abandoned()) else {
            return Ok(None);
        };
        let recipient = self.mails.recipient(&contact.email);
        if self.mails.is_unsubscribed(&contact.email).await?
            || self.limits.count(Action::Mail, &[Subject::Recipient(&recipient)], 1).await?.is_some()
        {
            return Ok(None);
        }
        let until = moment(ends);
        let question = ChallengeKind::of(journey);
        let content = Content::Reminder(ResumeLink { code: code.text().to_string(), until, question });
        Ok(Some(self.mails.pending(&NewMail {
            about: &journey.id,
            site: &journey.site,
            language: journey.language,
            address: &contact.email,
            content: &content,
            until: Some(until),
        })))
    }
}
