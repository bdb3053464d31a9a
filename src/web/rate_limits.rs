//! Rate limits of one request: each attempt is counted before it is made, and refused if it is one too many.

use super::{context::RequestContext, error::PageError};
use crate::{
    fields::NumberKey,
    mail::AddressHash,
    rate_limit::{
        Action, LimitExceeded, Subject,
        about::{Known, Tried},
    },
};

impl RequestContext {
    /// Counts one attempt at `action` by the client's address, the affiliate and the session.
    ///
    /// # Errors
    /// [`PageError::TooMany`] if the attempt exceeds a limit; [`PageError::Store`] if it cannot be counted.
    pub async fn count(&self, action: Action) -> Result<(), PageError> {
        self.refuse(self.app.limits.count(action, &self.subjects(), 1).await?)
    }

    /// Counts one request for the plans as JSON: by the name of the partner that calls, or else by the client's address; and
    /// by the affiliate.
    ///
    /// # Errors
    /// As [`RequestContext::count`].
    pub async fn count_feed(&self, partner: Option<&str>) -> Result<(), PageError> {
        let caller = partner.map_or(Subject::Address(self.request.client), Subject::Partner);
        let subjects = [caller, Subject::Affiliate(&self.site().affiliate_id)];
        self.refuse(self.app.limits.count(Action::Feed, &subjects, 1).await?)
    }

    /// Counts one request of `partner` about customers whom it hands over: by its name, and by the affiliate.
    ///
    /// # Errors
    /// As [`RequestContext::count`].
    pub async fn count_handover(&self, partner: &str) -> Result<(), PageError> {
        let subjects = [Subject::Partner(partner), Subject::Affiliate(&self.site().affiliate_id)];
        self.refuse(self.app.limits.count(Action::Handover, &subjects, 1).await?)
    }

    /// Counts one mail to `recipient` by it, the client's address and the affiliate.
    ///
    /// # Errors
    /// As [`RequestContext::count`].
    pub async fn count_mail(&self, recipient: &AddressHash) -> Result<(), PageError> {
        let subjects = [
            Subject::Address(self.request.client),
            Subject::Recipient(recipient),
            Subject::Affiliate(&self.site().affiliate_id),
        ];
        self.refuse(self.app.limits.count(Action::Mail, &subjects, 1).await?)
    }

    /// Counts `calls` to NRG that a page or a step is about to make, as [`Action::LookUp`], by whom
    /// [`RequestContext::count`] counts.
    ///
    /// # Errors
    /// As [`RequestContext::count`].
    pub async fn count_calls(&self, calls: usize) -> Result<(), PageError> {
        self.refuse(self.app.limits.count(Action::LookUp, &self.subjects(), tries(calls)).await?)
    }

    /// As [`RequestContext::count_calls`], for calls that can be left out. Returns whether they may be made; if not, they
    /// are not counted.
    ///
    /// # Errors
    /// [`PageError::Store`] if they cannot be counted.
    pub async fn count_optional_calls(&self, calls: usize) -> Result<bool, PageError> {
        Ok(self.app.limits.count_optional(Action::LookUp, &self.subjects(), tries(calls)).await?)
    }

    fn subjects(&self) -> Vec<Subject<'_>> {
        // Without a session, the journey's id is a new one in each request and counts nothing.
        let session = self.session.has_session().then(|| Subject::Session(&self.journey().id));
        [Subject::Address(self.request.client), Subject::Affiliate(&self.site().affiliate_id)]
            .into_iter()
            .chain(session)
            .collect()
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
        let tried = Tried { number, meter: place.as_deref() };
        let accepted = journey.accepted();
        let known = Known {
            number: accepted.is_some_and(|accepted| number.is_some() && accepted.number == number),
            meter: accepted.is_some_and(|accepted| Some(accepted.home) == journey.settled_address()),
        };
        let (limits, client) = (&self.app.limits, self.request.client);
        let exceeded = limits.count_about(action, client, tried, known).await?;
        if number.is_some() {
            let numbers = limits.numbers_from(action, client).await?;
            if numbers > self.app.numbers_per_address {
                self.app.metrics.many_numbers();
                tracing::warn!(
                    request_id = %self.request.request_id,
                    numbers,
                    "rate_limit: many different numbers from one address"
                );
            }
        }
        self.refuse(exceeded)
    }

    fn refuse(&self, exceeded: Option<LimitExceeded>) -> Result<(), PageError> {
        let Some(exceeded) = exceeded else { return Ok(()) };
        self.app.metrics.limit_reached(exceeded.act.into(), exceeded.who);
        Err(PageError::TooMany(exceeded))
    }
}

fn tries(calls: usize) -> u32 {
    u32::try_from(calls).unwrap_or(u32::MAX)
}
