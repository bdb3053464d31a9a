//! The page for a browser that takes no cookies: in both languages, because it keeps no choice of language either.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::{
    fields::Language,
    messages::Messages,
    web::{Page, error::PageError, html, page_context::PageContext},
};

/// The page.
pub(super) fn page(ctx: PageContext<'_>) -> Response {
    let others = Language::ALL.iter().copied().filter(|language| *language != ctx.language);
    let others = others.map(|language| (language, ctx.catalogs.of(language))).collect();
    let page = CookieRefusedPage { page: ctx.page(&ctx.messages().cookie_refused.title), others };
    match page.render() {
        Ok(body) => html(PageError::CookieRefused.status(), body),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Template)]
#[template(path = "page/cookie-refused.html")]
struct CookieRefusedPage<'a> {
    page: Page<'a>,
    others: Vec<(Language, &'a Messages)>,
}
