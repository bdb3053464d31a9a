//! Help, privacy, accessibility: words only, the same with and without a session.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::web::{Page, ctx::Ctx, html};

/// GET `/help`.
pub async fn help(ctx: Ctx) -> Response {
    let page = HelpPage { page: ctx.page(&ctx.text().help.title) };
    ctx.answer(page.render().map(|body| html(StatusCode::OK, body)).map_err(Into::into))
}

/// GET `/privacy`.
pub async fn privacy(ctx: Ctx) -> Response {
    let t = &ctx.text().privacy;
    let page = ctx.page(&t.title);
    let minutes = (ctx.app.idle.as_secs() / 60).to_string();
    let kept = page.fill_with(&t.kept, &[("minutes", &minutes)]);
    ctx.answer(PrivacyPage { page, kept }.render().map(|body| html(StatusCode::OK, body)).map_err(Into::into))
}

/// GET `/accessibility`.
pub async fn accessibility(ctx: Ctx) -> Response {
    let page = AccessibilityPage { page: ctx.page(&ctx.text().accessibility.title) };
    ctx.answer(page.render().map(|body| html(StatusCode::OK, body)).map_err(Into::into))
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
}

#[derive(Template)]
#[template(path = "page/accessibility.html")]
struct AccessibilityPage<'a> {
    page: Page<'a>,
}
