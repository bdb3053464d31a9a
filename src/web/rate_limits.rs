//! Rate limits of one request: each attempt is counted before it is made, and refused if it is one too many.

use super::{context::RequestContext, error::PageError};
use crate::{
    fields::NumberKey,
    rate_limit::{Action, LimitExceeded, Subject},
};

impl RequestContext {
    /// Counts one attempt at `action` by the client's address, the affiliate and the session.
    ///
    /// # Errors
    /// [`PageError::TooMany`] if the attempt exceeds a limit; [`PageError::Store`] if it cannot be counted.
    pub async fn count(&self, action: Action) -> Result<(), PageError> {
        let subjects = [
            Subject::Address(self.request.client),
            Subject::Affiliate(&self.site().affiliate_id),
            Subject::Session(&self.journey().id),
        ];
        // Without a session, the journey's id is a new one in each request and counts nothing.
        let counted = if self.session.has_session() { 3 } else { 2 };
        refuse(self.app.limits.count(action, subjects.get(..counted).unwrap_or_default()).await?)
    }

    /// Counts one attempt at `action` about a person and the meter of this journey. To be called after
    /// [`RequestContext::count`], so that a client that is refused itself uses up no attempt of another person.
    ///
    /// # Errors
    /// As [`RequestContext::count`].
    pub async fn count_person(&self, action: Action, number: Option<&NumberKey>) -> Result<(), PageError> {
        let journey = self.journey();
        let meter = journey.premise().and_then(|premise| premise.meter());
        let meter = meter.map(|meter| meter.esi_id.as_str().to_owned());
        let place = meter.or_else(|| Some(journey.settled_address()?.line().to_lowercase()));
        let subjects = number.map(Subject::Person).into_iter().chain(place.as_deref().map(Subject::Meter));
        refuse(self.app.limits.count(action, &subjects.collect::<Vec<_>>()).await?)
    }
}

fn refuse(exceeded: Option<LimitExceeded>) -> Result<(), PageError> {
    exceeded.map_or(Ok(()), |exceeded| Err(PageError::TooMany(exceeded)))
}
