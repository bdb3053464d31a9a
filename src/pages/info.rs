//! How it works, help, who runs the site, privacy, accessibility: words only, the same with and without a session.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::{
    journey::BrandSite,
    messages::interpolate,
    web::{Page, context::RequestContext, html},
};

/// GET `/how-it-works`.
pub async fn how(ctx: RequestContext) -> Response {
    let t = &ctx.messages().how;
    let page = ctx.page(&t.title);
    let minutes = (ctx.app.idle.as_secs() / 60).to_string();
    let stop = page.interpolate_with(&t.stop, &[("minutes", &minutes)]);
    let later = later(&ctx, &t.later);
    ctx.answer(
        HowPage { page, stop, later }.render().map(|body| html(StatusCode::OK, body)).map_err(Into::into),
    )
}

/// GET `/about`.
pub async fn about(ctx: RequestContext) -> Response {
    let page = ctx.page(&ctx.messages().about.title);
    let provider = |site: &BrandSite| Provider {
        name: site.name.clone(),
        legal_name: site.legal_name.clone(),
        certificate: site.certificate.clone(),
        phone: site.phone.of(ctx.language).to_string(),
        hours: site.hours.of(ctx.language).clone(),
    };
    let providers = ctx.site().brands.values().map(provider).collect();
    ctx.answer(
        AboutPage { page, providers }.render().map(|body| html(StatusCode::OK, body)).map_err(Into::into),
    )
}

/// GET `/help`.
pub async fn help(ctx: RequestContext) -> Response {
    let page = HelpPage { page: ctx.page(&ctx.messages().help.title) };
    ctx.answer(page.render().map(|body| html(StatusCode::OK, body)).map_err(Into::into))
}

/// GET `/privacy`.
pub async fn privacy(ctx: RequestContext) -> Response {
    let t = &ctx.messages().privacy;
    let page = ctx.page(&t.title);
    let minutes = (ctx.app.idle.as_secs() / 60).to_string();
    let kept = page.interpolate_with(&t.kept, &[("minutes", &minutes)]);
    let later = later(&ctx, &t.later);
    ctx.answer(
        PrivacyPage { page, kept, later }.render().map(|body| html(StatusCode::OK, body)).map_err(Into::into),
    )
}

/// What is said of continuing later, where that is offered.
fn later(ctx: &RequestContext, words: &str) -> Option<String> {
    let wait = ctx.messages().wait(ctx.app.absolute);
    ctx.app.resume.then(|| interpolate(words, &[("wait", &wait)]))
}

/// GET `/accessibility`.
pub async fn accessibility(ctx: RequestContext) -> Response {
    let page = AccessibilityPage { page: ctx.page(&ctx.messages().accessibility.title) };
    ctx.answer(page.render().map(|body| html(StatusCode::OK, body)).map_err(Into::into))
}

#[derive(Template)]
#[template(path = "page/how-it-works.html")]
struct HowPage<'a> {
    page: Page<'a>,
    stop: String,
    later: Option<String>,
}

#[derive(Template)]
#[template(path = "page/about.html")]
struct AboutPage<'a> {
    page: Page<'a>,
    providers: Vec<Provider>,
}

/// A brand whose plans are sold here.
struct Provider {
    name: String,
    legal_name: String,
    certificate: String,
    phone: String,
    hours: String,
}

#[derive(Template)]
#[template(path = "page/help.html")]
struct HelpPage<'a> {
    page: Page<'a>,
}

#[derive(Template)]
#[template(path = "page/privacy.html")]
struct PrivacyPage<'a> {
    page: Page<'a>,
    kept: String,
    later: Option<String>,
}

#[derive(Template)]
#[template(path = "page/accessibility.html")]
struct AccessibilityPage<'a> {
    page: Page<'a>,
}
