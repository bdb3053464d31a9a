//! How it works, help, about, privacy, accessibility: pages of text, the same with and without a session.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{error::respond, linked::Linked};
use crate::{
    messages::interpolate,
    web::{BrandLine, Page, error::PageError, html, page_context::PageContext},
};

/// GET `/how-it-works`.
pub async fn how(Linked(ctx): Linked) -> Response {
    let view = ctx.view();
    let t = &view.messages().how;
    let page = text_page(view, &t.title, Some(&t.lead));
    let stop = page.interpolate_with(&t.stop, &[("minutes", &view.idle_minutes())]);
    respond(&ctx, render(&HowPage { page, stop, later: later(view, &t.later) }))
}

/// GET `/about`.
pub async fn about(Linked(ctx): Linked) -> Response {
    let view = ctx.view();
    let t = &view.messages().about;
    let page = text_page(view, &t.title, Some(&t.lead));
    respond(&ctx, render(&AboutPage { page, providers: view.brand_lines() }))
}

/// GET `/help`.
pub async fn help(Linked(ctx): Linked) -> Response {
    let view = ctx.view();
    respond(&ctx, render(&HelpPage { page: text_page(view, &view.messages().help.title, None) }))
}

/// GET `/privacy`.
pub async fn privacy(Linked(ctx): Linked) -> Response {
    let view = ctx.view();
    let t = &view.messages().privacy;
    let page = text_page(view, &t.title, Some(&t.lead));
    let kept = page.interpolate_with(&t.kept, &[("minutes", &view.idle_minutes())]);
    let wait = view.messages().wait(view.absolute);
    let aside = view.keep_timed_out.then(|| interpolate(&t.aside, &[("wait", &wait)]));
    respond(&ctx, render(&PrivacyPage { page, kept, aside, later: later(view, &t.later), mails: view.mails }))
}

/// GET `/accessibility`.
pub async fn accessibility(Linked(ctx): Linked) -> Response {
    let view = ctx.view();
    let t = &view.messages().accessibility;
    respond(&ctx, render(&AccessibilityPage { page: text_page(view, &t.title, Some(&t.lead)) }))
}

/// The layout of a page of text. A preview of it has the page's own title and first words.
fn text_page<'a>(ctx: PageContext<'a>, title: &str, lead: Option<&str>) -> Page<'a> {
    let mut page = ctx.page(title);
    let lead = lead.map(|lead| page.interpolate(lead));
    if let Some(preview) = &mut page.preview {
        preview.title = format!("{title} – {}", page.affiliate.name);
        preview.description = lead.unwrap_or(std::mem::take(&mut preview.description));
    }
    page
}

/// The paragraph on saving a journey for later, if the site offers it.
fn later(ctx: PageContext<'_>, text: &str) -> Option<String> {
    let wait = ctx.messages().wait(ctx.absolute);
    ctx.resume.then(|| interpolate(text, &[("wait", &wait)]))
}

fn render(page: &impl Template) -> Result<Response, PageError> {
    Ok(html(StatusCode::OK, page.render()?))
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
    providers: Vec<BrandLine<'a>>,
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
    aside: Option<String>,
    later: Option<String>,
    mails: bool,
}

#[derive(Template)]
#[template(path = "page/accessibility.html")]
struct AccessibilityPage<'a> {
    page: Page<'a>,
}
