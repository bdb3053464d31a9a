//! One request in its visit: who asks, in which language, where the journey stands.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, header, request::Parts};
use jiff::Timestamp;

use url::Url;

use super::{
    AffiliateLine, BrandLine, Field, FieldError, Notice, OrderSummary, Page, SessionTimeout, Steps,
    client::client_address,
    error::PageError,
    form::{FieldFault, FormErrors},
    language, request_id,
    sites::HostedSite,
    state::SharedState,
};
use crate::{
    fields::{Brand, Language, NumberKey},
    journey::{BrandSite, EvalContext, Journey, Outage, Outages, Position, Site, Step},
    messages::{FieldMessages, Messages},
    nrg::{self, BrandClient},
    rate_limit::{Action, LimitExceeded, Subject},
    session::{Claim, Visit, VisitError, new_journey},
    tracing_context::Span,
};

/// Everything a page needs to answer one request.
pub struct RequestContext {
    /// The shared state.
    pub app: SharedState,
    /// The site that was asked.
    pub hosted: Arc<HostedSite>,
    /// What is switched off while this request is answered.
    pub outages: Arc<Outages>,
    /// The browser's journey.
    pub visit: Visit,
    /// The language of this page.
    pub language: Language,
    /// When the request came.
    pub now: Timestamp,
    /// The path asked for, without query.
    pub path: String,
    /// The query asked for, as it came.
    pub query: String,
    /// Names the request in page, header and log.
    pub request_id: String,
    /// The work that the request is; NRG is called within it.
    pub span: Option<Span>,
    /// The browser's address, from as many proxies as are believed.
    pub client: Option<IpAddr>,
    /// The browser's own name, for the consents.
    pub user_agent: String,
}

impl RequestContext {
    async fn load(parts: &mut Parts, app: &SharedState) -> Result<Self, PageError> {
        let now = app.clock.now();
        let asked = language::asked(parts.uri.query());
        let preferred = language::preferred(&parts.headers);
        let site = &hosted_of(parts, app).site;
        let start = || new_journey(site, &app.entropy, now, asked.unwrap_or(preferred));
        let mut visit = Visit::load(&app.sessions, app.cookie, &parts.headers, start).await?;
        if let Some(language) = asked
            && visit.has_session()
        {
            visit.change(|journey| journey.language = language).await?;
        }
        let mut ctx = Self::assemble(parts, app, visit, now);
        ctx.refresh_submission().await?;
        Ok(ctx)
    }

    fn assemble(parts: &Parts, app: &SharedState, visit: Visit, now: Timestamp) -> Self {
        Self {
            outages: app.outages.at(&hosted_of(parts, app).site.name),
            language: visit.journey.language,
            visit,
            now,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            request_id: request_id::of(&parts.extensions),
            span: parts.extensions.get().cloned(),
            client: client_address(
                &parts.headers,
                parts.extensions.get::<ConnectInfo<std::net::SocketAddr>>().map(|info| info.0.ip()),
                app.trusted_proxies,
            ),
            user_agent: text_of(&parts.headers, &header::USER_AGENT, 256),
            hosted: Arc::clone(hosted_of(parts, app)),
            app: app.clone(),
        }
    }

    /// For an answer that a layer gave before any page was asked: with the visit if it can be loaded, else
    /// without one.
    pub async fn of_head(mut head: Parts, app: &SharedState) -> Self {
        match Self::load(&mut head, app).await {
            Ok(ctx) => ctx,
            Err(_) => {
                let now = app.clock.now();
                let language =
                    language::asked(head.uri.query()).unwrap_or(language::preferred(&head.headers));
                let visit = Visit::absent(
                    &app.sessions,
                    new_journey(&hosted_of(&head, app).site, &app.entropy, now, language),
                );
                Self::assemble(&head, app, visit, now)
            }
        }
    }

    /// The affiliate's site.
    pub fn site(&self) -> &Site {
        &self.hosted.site
    }

    /// Whether plans of `brand` can be chosen now.
    pub fn sells(&self, brand: Brand) -> bool {
        self.site().brand(brand).is_some() && !self.outages.has(brand)
    }

    /// The words.
    pub fn messages(&self) -> &Messages {
        self.app.catalogs.of(self.language)
    }

    /// The journey.
    pub fn journey(&self) -> &Journey {
        &self.visit.journey
    }

    /// What the journey is seen in.
    pub fn eval_context(&self) -> EvalContext<'_> {
        EvalContext { site: self.site(), now: self.now }
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

    /// The chrome of a page with this title.
    pub fn page(&self, title: &str) -> Page<'_> {
        let site = self.site();
        let here =
            if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) };
        Page {
            assets: &self.hosted.assets,
            t: self.messages(),
            lang: self.language,
            title: title.to_owned(),
            errors: Vec::new(),
            steps: None,
            back: None,
            order: None,
            affiliate: AffiliateLine {
                name: &site.affiliate_name,
                privacy_url: site.privacy_url.as_ref().map(Url::as_str),
                broker_number: site.broker_number.as_deref(),
            },
            brand: self.brand_line(),
            brands: site.brands.values().map(|brand| brand.name.as_str()).collect(),
            worn: self.journey().plan.as_ref().map(|plan| plan.offer.brand),
            reference: self.visit.has_session().then(|| self.journey().id.clone()),
            here,
            refresh: None,
            session: self.visit.has_session().then(|| SessionTimeout {
                idle_seconds: self.app.idle.as_secs(),
                later: self.app.resume && self.journey().may_be_saved(),
            }),
            notices: Vec::new(),
        }
    }

    /// The chrome of a step's page: where it stands, the way back, what is wrong.
    pub fn step_page(&self, step: Step, title: &str, errors: Vec<FieldError>) -> Page<'_> {
        let context = self.eval_context();
        let steps: Vec<Step> = self.journey().steps(context).collect();
        let n = steps.iter().position(|other| *other == step).map_or(1, |index| index + 1);
        let names = steps.iter().map(|step| self.messages().step(*step)).collect();
        Page {
            steps: Some(Steps { names, n }),
            order: self.order(step),
            back: self.journey().back(step, context).map(|step| step.path().to_owned()),
            errors,
            notices: self.unused().into_iter().collect(),
            ..self.page(title)
        }
    }

    /// What of the link that led here could not be used.
    fn unused(&self) -> Option<Notice<'_>> {
        let (t, unused) = (self.messages(), &self.journey().rejected_params);
        let words: Vec<&str> = unused.iter().map(|unused| t.unused(*unused)).collect();
        let told = || Notice { title: t.link.title.clone(), text: Some(words.join(" ")), message: None };
        (!words.is_empty()).then(told)
    }

    /// What has been chosen before `step`. Review shows it itself, and asks for it to be checked.
    fn order(&self, step: Step) -> Option<OrderSummary<'_>> {
        let (journey, t) = (self.journey(), self.messages());
        let offer = &journey.chosen().filter(|_| step > Step::Plans && step < Step::Review)?.offer;
        let mut rows = vec![
            (&*t.common.order_price, t.per_kwh(offer.average.at_1000)),
            (&*t.plans.term, t.term(offer.term_months)),
        ];
        if step > Step::Address
            && let Some(address) = journey.settled_address()
        {
            rows.push((&t.steps.address, address.line()));
        }
        if step > Step::StartDate
            && let Some(date) = journey.start_date
        {
            rows.push((&t.steps.start_date, t.date(date.0)));
        }
        let change = journey.may_visit(Step::Plans, self.eval_context()).then(|| Step::Plans.path());
        Some(OrderSummary { plan: &offer.name, rows, change })
    }

    fn brand_line(&self) -> BrandLine<'_> {
        let brand = self.brand();
        let site = self.brand_site();
        BrandLine {
            brand,
            name: site.map_or("", |site| &site.name),
            legal_name: site.map_or("", |site| &site.legal_name),
            certificate: site.map_or("", |site| &site.certificate),
            phone: site.map_or_else(String::new, |site| site.phone.of(self.language).to_string()),
            hours: site.map_or("", |site| site.hours.of(self.language)),
        }
    }

    /// The name people know the brand by.
    pub fn brand_name(&self) -> &str {
        self.brand_line().name
    }

    /// The brand's number, as written.
    pub fn phone(&self) -> String {
        self.brand_line().phone
    }

    /// The name of the utility in force: as `tdsp` gave it, else as it is published, else its code.
    pub fn utility_name(&self) -> &str {
        let journey = self.journey();
        let Some(code) = journey.tdsp() else { return "" };
        let of_area = journey.utilities().and_then(|all| all.iter().find(|utility| utility.code == *code));
        let published = || nrg::utility(code).map(|utility| utility.name);
        of_area.map(|utility| &*utility.name).or_else(published).unwrap_or(code.as_str())
    }

    /// NRG, spoken to as this page's brand and language.
    pub fn nrg(&self) -> BrandClient<'_> {
        self.nrg_as(self.brand())
    }

    /// NRG, spoken to as `brand`.
    pub fn nrg_as(&self, brand: Brand) -> BrandClient<'_> {
        let nrg = self.app.nrg.brand_client(self.site(), brand, self.language);
        self.span.as_ref().map_or(nrg, |span| nrg.in_span(span))
    }

    /// Where the journey stands.
    pub fn position(&self) -> Position {
        self.journey().position(self.eval_context())
    }

    /// The way to where the journey stands. Of a brand that a link asked for, the plans come first.
    pub fn to_position(&self) -> Response {
        let wish = &self.journey().link_request;
        match (self.position(), wish.brand) {
            (Position::Step(Step::Plans), Some(brand))
                if wish.offer.is_none() && !self.outages.has(brand) =>
            {
                see_other(&format!("{}?brand={}", Step::Plans.path(), brand.id()))
            }
            (place, _) => see_other(place.path()),
        }
    }

    /// Where to go instead of `step`, if it may not be visited now.
    pub fn elsewhere(&self, step: Step) -> Option<Response> {
        if self.visit.has_ended() && step != Step::Zip {
            return Some(see_other("/session-ended"));
        }
        (!self.journey().may_visit(step, self.eval_context())).then(|| self.to_position())
    }

    /// Why `step` cannot be shown or answered now: nothing begins, or the brand of the chosen plan is out. The first two
    /// steps stay open to who has begun, so that another brand's plan can be chosen.
    pub fn outage(&self, step: Step) -> Option<Outage> {
        let journey = self.journey();
        let all_out = self.site().brands.keys().all(|brand| self.outages.has(*brand));
        let until = self.outages.until(self.now).filter(|_| journey.service.is_none());
        if until.is_some() || all_out && step <= Step::Plans {
            return Some(Outage::Site(until));
        }
        let brand = journey.chosen()?.offer.brand;
        (step > Step::Plans && self.outages.has(brand)).then_some(Outage::Brand(brand))
    }

    /// Loads what other requests saved meanwhile.
    pub async fn refresh(&mut self) -> Result<(), PageError> {
        self.visit.refresh().await?;
        self.refresh_submission().await
    }

    /// Records what NRG answered to a tracked call, on the newest state: with the ledger's row beside it, because
    /// another tab may have submitted meanwhile.
    pub async fn record(&mut self, change: impl Fn(&mut Journey)) -> Result<(), PageError> {
        self.refresh().await?;
        self.visit.change(change).await?;
        self.refresh_submission().await
    }

    /// Merges the ledger's row into the journey.
    pub async fn refresh_submission(&mut self) -> Result<(), PageError> {
        let journey = &self.visit.journey;
        let record = journey.record.as_ref().filter(|_| journey.submitting);
        self.visit.journey.submission = match record.map(|record| record.tracking_id.clone()) {
            Some(tracking_id) => {
                let row = self.app.ledger.find(tracking_id.as_str()).await?;
                // Another journey's row would show another person's account.
                row.filter(|row| row.journey == journey.id).map(|row| row.submission(tracking_id))
            }
            None => None,
        };
        Ok(())
    }

    /// Takes the claim to ask NRG about `step` in its present revision; none when another request holds it.
    pub async fn claim(&self, step: Step) -> Result<Option<Claim>, PageError> {
        let journey = self.journey();
        Ok(self.app.claims.take(&journey.id, step.slug(), journey.revision(step)).await?)
    }

    /// Counts one try of `act` by this visitor, before it is made.
    ///
    /// # FormErrors
    /// [`PageError::TooMany`]: it is one too many.
    pub async fn count(&self, act: Action) -> Result<(), PageError> {
        let by = [
            Subject::Address(self.client),
            Subject::Affiliate(&self.site().affiliate_id),
            Subject::Session(&self.journey().id),
        ];
        // Before there is a session, there is no id to count it by.
        let by = if self.visit.has_session() { &by[..] } else { by.get(..2).unwrap_or_default() };
        self.refuse(self.app.limits.count(act, by).await?)
    }

    /// Counts one try of `act` about a person and the meter of this journey; after [`RequestContext::count`], so that who is
    /// refused for being who he is uses up nobody else's tries.
    ///
    /// # FormErrors
    /// [`PageError::TooMany`]: it is one too many.
    pub async fn count_person(&self, act: Action, number: Option<&NumberKey>) -> Result<(), PageError> {
        let journey = self.journey();
        let meter = journey.premise().and_then(|premise| premise.meter());
        let meter = meter.map(|meter| meter.esi_id.as_str().to_owned());
        let place = meter.or_else(|| Some(journey.settled_address()?.line().to_lowercase()));
        let about = number.map(Subject::Person).into_iter().chain(place.as_deref().map(Subject::Meter));
        self.refuse(self.app.limits.count(act, &about.collect::<Vec<_>>()).await?)
    }

    fn refuse(&self, over: Option<LimitExceeded>) -> Result<(), PageError> {
        over.map_or(Ok(()), |over| Err(PageError::TooMany(over)))
    }

    /// The answer, or the page of the failure; with what the browser has to remember.
    pub fn answer(&self, result: Result<Response, PageError>) -> Response {
        let mut response = match result {
            Ok(response) => response,
            Err(PageError::Visit(VisitError::Ended)) => see_other("/session-ended"),
            Err(failure) => failure.page(self),
        };
        self.visit.tell(self.app.cookie, response.headers_mut());
        response
    }
}

impl FromRequestParts<SharedState> for RequestContext {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &SharedState) -> Result<Self, Response> {
        Self::load(parts, app).await.map_err(IntoResponse::into_response)
    }
}

/// The site that was asked: `sites::find` saw to it before.
fn hosted_of<'a>(parts: &'a Parts, app: &'a SharedState) -> &'a Arc<HostedSite> {
    parts.extensions.get().unwrap_or(app.sites.main())
}

/// A 303 to a page of ours.
pub fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// The words of a form's errors, made once: for the summary and beside the fields, the same words.
pub struct ErrorMessages<'a> {
    text: &'a Messages,
    errors: &'a FormErrors,
    summary: Vec<FieldError>,
}

impl<'a> ErrorMessages<'a> {
    /// Nothing said yet about `errors`.
    pub fn new(ctx: &'a RequestContext, errors: &'a FormErrors) -> Self {
        Self { text: ctx.messages(), errors, summary: Vec::new() }
    }

    /// What is wrong with `name`, in words; noted for the summary, which links to the control `name`.
    pub fn of(&mut self, name: &str, words: &FieldMessages) -> Option<String> {
        let message = match self.errors.of(name)? {
            FieldFault::Problem(problem) => self.text.problem(*problem, words),
            FieldFault::Said(sentence) => sentence.clone(),
        };
        self.summary.push(FieldError { field: name.to_owned(), message: message.clone() });
        Some(message)
    }

    /// A field with what was typed and what is wrong with it.
    pub fn field(&mut self, name: &str, value: &str, words: &FieldMessages) -> Field {
        let problem = self.of(name, words);
        Field::new(name, value, problem)
    }

    /// The summary, in the order the fields were asked for; a fault of the whole form first.
    pub fn summary(self) -> Vec<FieldError> {
        let mut summary = self.summary;
        if let Some(FieldFault::Said(sentence)) = self.errors.of("form") {
            summary.insert(0, FieldError { field: "main".to_owned(), message: sentence.clone() });
        }
        summary
    }
}

fn text_of(headers: &HeaderMap, name: &header::HeaderName, max: usize) -> String {
    let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.chars().take(max).collect()
}
