//! One request in its visit: who asks, in which language, where the journey stands.

use std::{net::IpAddr, time::Duration};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, header, request::Parts};
use jiff::Timestamp;

use super::{client::client_address, error::Failure, language, state::App};
use crate::{
    fields::{Brand, Language},
    journey::{BrandSite, Frame, Journey, Place, Site, Step},
    nrg::Caller,
    session::{Visit, VisitError, new_journey},
    text::Text,
    web::request_id,
};

/// Everything a page needs to answer one request.
pub struct Ctx {
    /// The shared state.
    pub app: App,
    /// The browser's journey.
    pub visit: Visit,
    /// The language of this page.
    pub language: Language,
    /// When the request came.
    pub now: Timestamp,
    /// The path asked for, without query.
    pub path: String,
    /// Names the request in page, header and log.
    pub request_id: String,
    /// The browser's address, from as many proxies as are believed.
    pub client: Option<IpAddr>,
    /// The browser's own name, for the consents.
    pub user_agent: String,
}

impl Ctx {
    /// How long one claimed call may take, with everything around it.
    pub const CLAIM_LEASE: Duration = Duration::from_secs(100);

    async fn load(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let now = app.clock.now();
        let asked = language::asked(parts.uri.query());
        let preferred = language::preferred(&parts.headers);
        let start = || new_journey(&app.entropy, now, asked.unwrap_or(preferred));
        let mut visit = Visit::load(&app.sessions, app.cookie, &parts.headers, start).await?;
        if let Some(language) = asked
            && visit.has_session()
        {
            visit.change(|journey| journey.language = language).await?;
        }
        let mut ctx = Self {
            language: visit.journey.language,
            visit,
            now,
            path: parts.uri.path().to_owned(),
            request_id: request_id::of(&parts.extensions),
            client: client_address(
                &parts.headers,
                parts.extensions.get::<ConnectInfo<std::net::SocketAddr>>().map(|info| info.0.ip()),
                app.trusted_proxies,
            ),
            user_agent: text_of(&parts.headers, &header::USER_AGENT, 256),
            app: app.clone(),
        };
        ctx.refresh_submission().await?;
        Ok(ctx)
    }

    /// The affiliate's site.
    pub fn site(&self) -> &Site {
        &self.app.site
    }

    /// The words.
    pub fn text(&self) -> &Text {
        self.app.texts.of(self.language)
    }

    /// The journey.
    pub fn journey(&self) -> &Journey {
        &self.visit.journey
    }

    /// What the journey is seen in.
    pub fn frame(&self) -> Frame<'_> {
        Frame { site: self.site(), now: self.now }
    }

    /// The brand that serves this page.
    pub fn brand(&self) -> Brand {
        self.journey().brand(self.site())
    }

    /// Its settings. A brand that was switched off meanwhile leaves the default one.
    pub fn brand_site(&self) -> Option<&BrandSite> {
        let site = self.site();
        site.brand(self.brand()).or_else(|| site.brand(site.default_brand))
    }

    /// NRG, spoken to as this page's brand and language.
    pub fn caller(&self) -> Caller<'_> {
        self.app.nrg.caller(self.site(), self.brand(), self.language)
    }

    /// NRG, spoken to as `brand`.
    pub fn caller_as(&self, brand: Brand) -> Caller<'_> {
        self.app.nrg.caller(self.site(), brand, self.language)
    }

    /// Where the journey stands.
    pub fn place(&self) -> Place {
        self.journey().place(self.frame())
    }

    /// The way to where the journey stands.
    pub fn to_place(&self) -> Response {
        see_other(self.place().path())
    }

    /// Where to go instead of `step`, if it may not be visited now.
    pub fn elsewhere(&self, step: Step) -> Option<Response> {
        if self.visit.has_ended() && step != Step::Zip {
            return Some(see_other("/session-ended"));
        }
        (!self.journey().may_visit(step, self.frame())).then(|| self.to_place())
    }

    /// Loads what other requests saved meanwhile.
    pub async fn refresh(&mut self) -> Result<(), Failure> {
        self.visit.refresh().await?;
        self.refresh_submission().await
    }

    /// Merges the ledger's row into the journey.
    pub async fn refresh_submission(&mut self) -> Result<(), Failure> {
        let journey = &self.visit.journey;
        let record = journey.record.as_ref().filter(|_| journey.submitting);
        self.visit.journey.submission = match record.map(|record| record.tracking_id.clone()) {
            Some(tracking_id) => {
                let row = self.app.ledger.find(tracking_id.as_str()).await?;
                row.map(|row| row.submission(tracking_id))
            }
            None => None,
        };
        Ok(())
    }

    /// Takes the claim to ask NRG about `step` in its present revision; `false` when another request holds it.
    pub async fn claim(&self, step: Step) -> Result<bool, Failure> {
        let journey = self.journey();
        let revision = journey.revision(step);
        Ok(self.app.claims.take(&journey.id, step.slug(), revision, Self::CLAIM_LEASE).await?)
    }

    /// The answer, or the page of the failure; with what the browser has to remember.
    pub fn answer(&self, result: Result<Response, Failure>) -> Response {
        let mut response = match result {
            Ok(response) => response,
            Err(Failure::Visit(VisitError::Ended)) => see_other("/session-ended"),
            Err(failure) => failure.page(self),
        };
        self.visit.tell(self.app.cookie, response.headers_mut());
        response
    }
}

impl FromRequestParts<App> for Ctx {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        Self::load(parts, app).await.map_err(IntoResponse::into_response)
    }
}

/// A 303 to a page of ours.
pub fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}

fn text_of(headers: &HeaderMap, name: &header::HeaderName, max: usize) -> String {
    let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.chars().take(max).collect()
}

