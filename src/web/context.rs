//! The context of one request: the shared state, the session with its journey, and the calls that are made for it.
//!
//! Loading, changing and saving the journey, calling NRG and counting attempts (`rate_limits`) need a
//! [`RequestContext`]. What only reads takes the [`PageContext`] that [`RequestContext::view`] lends.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use jiff::Timestamp;

use super::{
    cookie_check::{self, Rejection},
    error::PageError,
    language,
    page_context::PageContext,
    patience::Patience,
    request::{self, RequestInfo},
    sites::HostedSite,
    state::SharedState,
};
use crate::{
    fields::{Brand, Language},
    journey::{CallKind, Journey, Outages, Site, Step},
    nrg::{AdviceCollector, BrandClient, Caller},
    rate_limit,
    session::{Arrival, JourneySession, SessionError, new_journey},
};

/// The context of one request.
pub struct RequestContext {
    /// The shared state.
    pub app: SharedState,
    /// The facts of the request.
    pub request: RequestInfo,
    /// The site the request was sent to.
    pub hosted: Arc<HostedSite>,
    /// The outages in force while the request is answered.
    pub outages: Arc<Outages>,
    /// The browser's session with its journey.
    pub session: JourneySession,
    /// The language of the page.
    pub language: Language,
    /// When the request came.
    pub now: Timestamp,
    /// How long the request waits for NRG.
    pub patience: Patience,
    /// NRG's texts for people, of the calls made with this context.
    pub collector: AdviceCollector,
    /// What the calls of a task are made for; none outside of one.
    pub task: Option<(Step, CallKind)>,
}

impl RequestContext {
    async fn load(parts: &Parts, app: &SharedState) -> Result<Self, Rejection> {
        let now = app.clock.now();
        let requested = language::requested(parts.uri.query());
        let preferred = language::preferred(&parts.headers);
        let site = &hosted_site(parts, app).site;
        let start = || new_journey(site, &app.entropy, now, requested.unwrap_or(preferred));
        let request = RequestInfo::read(parts, app.trusted_proxies);
        let mut session = if request::is_onlookers(parts) {
            JourneySession::absent(&app.sessions, start())
        } else {
            let again = cookie_check::is_marked(parts.uri.query());
            let arrival = Arrival {
                cookie: app.cookie,
                headers: &parts.headers,
                site: &site.name,
                again,
                client: request.client,
            };
            let found = JourneySession::load(&app.sessions, arrival, start).await;
            Rejection::of(found.map_err(PageError::from)?, &request, app)?
        };
        if let Some(language) = requested
            && session.has_session()
        {
            session.change(|journey| journey.language = language).await.map_err(PageError::from)?;
        }
        let mut ctx = Self::assemble(parts, app, request, session, now);
        ctx.refresh_submission().await?;
        Ok(ctx)
    }

    fn assemble(
        parts: &Parts,
        app: &SharedState,
        request: RequestInfo,
        session: JourneySession,
        now: Timestamp,
    ) -> Self {
        let hosted = Arc::clone(hosted_site(parts, app));
        Self {
            app: app.clone(),
            request,
            outages: app.outages.at(&hosted.site.name),
            hosted,
            language: session.journey.language,
            session,
            now,
            patience: Patience::of(app.patience),
            collector: AdviceCollector::default(),
            task: None,
        }
    }

    /// The context of a task of `step` that goes on when the request is answered: it waits for NRG as long as a call lasts,
    /// and works on the session as another request would.
    pub async fn of_task(&self, step: Step, kind: CallKind) -> Self {
        Self {
            app: self.app.clone(),
            request: self.request.clone(),
            hosted: Arc::clone(&self.hosted),
            outages: Arc::clone(&self.outages),
            session: self.session.of_task().await,
            language: self.language,
            now: self.now,
            patience: Patience::Endless,
            collector: AdviceCollector::default(),
            task: Some((step, kind)),
        }
    }

    /// The context for a response that a layer made before any handler ran: with the session if it can be loaded, else
    /// without one.
    pub async fn of_head(head: Parts, app: &SharedState) -> Self {
        match Self::load(&head, app).await {
            Ok(ctx) => ctx,
            Err(_) => {
                let language = language::requested(head.uri.query())
                    .unwrap_or_else(|| language::preferred(&head.headers));
                Self::without_session(&head, app, language)
            }
        }
    }

    /// The context of a request that is answered in `language`, without a session: it looks for none and begins none.
    pub fn without_session(head: &Parts, app: &SharedState, language: Language) -> Self {
        let now = app.clock.now();
        let journey = new_journey(&hosted_site(head, app).site, &app.entropy, now, language);
        let request = RequestInfo::read(head, app.trusted_proxies);
        Self::assemble(head, app, request, JourneySession::absent(&app.sessions, journey), now)
    }

    /// What pages read of this request.
    pub fn view(&self) -> PageContext<'_> {
        PageContext {
            request: &self.request,
            hosted: &self.hosted,
            outages: &self.outages,
            catalogs: &self.app.catalogs,
            language: self.language,
            now: self.now,
            journey: &self.session.journey,
            has_session: self.session.has_session(),
            has_ended: self.session.has_ended(),
            was_saved: self.session.was_saved(),
            idle: self.app.idle,
            absolute: self.app.absolute,
            resume: self.app.resume,
            reminds: self.app.resume && self.app.mails.is_some(),
            mails: self.app.mails.is_some(),
            follows: self.app.ledger.follows(),
            keep_timed_out: self.app.keep_timed_out,
        }
    }

    /// Counts the parameters of a click in the query of the request, a link, whose values are not kept.
    pub fn count_link(&self) {
        let unusable = self.site().click_params.unusable_in(&self.request.query);
        self.app.metrics.link(&unusable);
        self.app.funnel.link(&self.site().name, self.journey().language, &unusable);
    }

    /// The affiliate's site.
    pub fn site(&self) -> &Site {
        &self.hosted.site
    }

    /// The journey as last loaded or saved.
    pub fn journey(&self) -> &Journey {
        &self.session.journey
    }

    /// NRG's client for the brand of this page.
    pub fn nrg(&self) -> BrandClient<'_> {
        self.nrg_as(self.view().brand())
    }

    /// NRG's client for `brand`, in the language of this page, on behalf of this client and within the span of this
    /// request.
    pub fn nrg_as(&self, brand: Brand) -> BrandClient<'_> {
        let caller = Caller {
            network: self.request.client.map(rate_limit::network),
            // Without a session, the journey's id is a new one in each request.
            session: self.session.has_session().then_some(&self.session.journey.id),
        };
        let nrg = self.app.nrg.brand_client(self.site(), brand, self.language);
        let nrg = nrg.on_behalf_of(caller).collecting(&self.collector);
        self.request.span.as_ref().map_or(nrg, |span| nrg.in_span(span))
    }

    /// Loads what other requests have saved since, with the submission.
    pub async fn refresh(&mut self) -> Result<(), PageError> {
        self.session.refresh().await?;
        self.refresh_submission().await
    }

    /// Applies `change`, the answer of NRG to an exclusive call, to the newest state and saves it. The submission is
    /// loaded before and after, because another tab may have submitted meanwhile.
    pub async fn record(&mut self, change: impl Fn(&mut Journey)) -> Result<(), PageError> {
        self.refresh().await?;
        self.save(change).await?;
        self.refresh_submission().await
    }

    /// Applies `change` and saves it, with NRG's texts for people that the task's calls have brought since.
    ///
    /// # Errors
    /// The session could not be saved.
    pub async fn save(&mut self, change: impl Fn(&mut Journey)) -> Result<(), SessionError> {
        self.save_with_texts_of(self.task, change).await
    }

    /// As [`Self::save`], but the texts are those of `step`: they stay when the task's own step is read anew.
    ///
    /// # Errors
    /// The session could not be saved.
    pub async fn save_for(&mut self, step: Step, change: impl Fn(&mut Journey)) -> Result<(), SessionError> {
        self.save_with_texts_of(self.task.map(|(_, kind)| (step, kind)), change).await
    }

    async fn save_with_texts_of(
        &mut self,
        call: Option<(Step, CallKind)>,
        change: impl Fn(&mut Journey),
    ) -> Result<(), SessionError> {
        let texts = self.collector.take();
        self.session
            .change(|journey| {
                change(journey);
                if let Some((step, kind)) = call {
                    journey.keep_advice(step, kind, &texts);
                }
            })
            .await
    }

    /// Loads the submission from the ledger into the journey.
    pub async fn refresh_submission(&mut self) -> Result<(), PageError> {
        let journey = &self.session.journey;
        if journey.is_withheld() {
            return Err(PageError::Newer);
        }
        let record = journey.record.as_ref().filter(|_| journey.submitting);
        self.session.journey.submission = match record.map(|record| record.tracking_id.clone()) {
            Some(tracking_id) => {
                let row = self.app.ledger.find(tracking_id.as_str()).await?;
                // Another journey's row would show another person's account.
                let row = row.filter(|row| row.journey == journey.id);
                if row.as_ref().is_some_and(|row| row.newer) {
                    return Err(PageError::Newer);
                }
                row.map(|row| row.submission(tracking_id))
            }
            None => None,
        };
        Ok(())
    }
}

impl FromRequestParts<SharedState> for RequestContext {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, app: &SharedState) -> Result<Self, Rejection> {
        Self::load(parts, app).await
    }
}

/// The site the request was sent to, as `sites::find` has put it into the request's extensions.
fn hosted_site<'a>(parts: &'a Parts, app: &'a SharedState) -> &'a Arc<HostedSite> {
    parts.extensions.get().unwrap_or(app.sites.main())
}
