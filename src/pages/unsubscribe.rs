//! The page that the unsubscribe link of a mail leads to, and what a mail program posts there by itself (RFC 8058).
//!
//! GET changes nothing: programs follow links. POST needs no cookie and comes from anywhere; the token in the query says
//! which address it is about, and nothing else is read.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::error::respond;
use crate::{
    fields::Query,
    mail::{AddressHash, Mails},
    web::{Page, context::RequestContext, error::PageError, html, page_context::PageContext},
};

/// The path of the page.
pub const PATH: &str = "/unsubscribe";

/// GET `/unsubscribe`: the question.
pub async fn show(ctx: RequestContext) -> Response {
    let shown = (|| {
        let (_, _, token) = named(&ctx)?;
        let t = &ctx.view().messages().mail;
        page(ctx.view(), [&t.unsubscribe_title, &t.unsubscribe_lead], Some(&token))
    })();
    respond(&ctx, shown.or_else(|error| unknown(&ctx, error)))
}

/// POST `/unsubscribe`: unsubscribes the address.
pub async fn submit(ctx: RequestContext) -> Response {
    let done = unsubscribe(&ctx).await;
    respond(&ctx, done.or_else(|error| unknown(&ctx, error)))
}

async fn unsubscribe(ctx: &RequestContext) -> Result<Response, PageError> {
    let (mails, address, _) = named(ctx)?;
    mails.unsubscribe(&address).await?;
    let t = &ctx.view().messages().mail;
    page(ctx.view(), [&t.unsubscribed_title, &t.unsubscribed_lead], None)
}

/// The address that the query names, with its token.
fn named(ctx: &RequestContext) -> Result<(&Mails, AddressHash, String), PageError> {
    let mails = ctx.app.mails.as_ref().ok_or(PageError::NotFound)?;
    let token = Query::read(&ctx.request.query).get("t").unwrap_or_default();
    let address = mails.of_token(&token).ok_or(PageError::NotFound)?;
    Ok((mails, address, token.to_string()))
}

/// The page for a link that names no address, where mails are sent.
fn unknown(ctx: &RequestContext, error: PageError) -> Result<Response, PageError> {
    if !matches!(error, PageError::NotFound) || ctx.app.mails.is_none() {
        return Err(error);
    }
    let t = &ctx.view().messages().mail;
    let mut response = page(ctx.view(), [&t.unknown_title, &t.unknown_lead], None)?;
    *response.status_mut() = StatusCode::NOT_FOUND;
    Ok(response)
}

/// The page with this title and lead; with a button, if there is a `token` to post.
fn page(ctx: PageContext<'_>, [title, lead]: [&str; 2], token: Option<&str>) -> Result<Response, PageError> {
    let page = ctx.page(title);
    let lead = page.interpolate(lead);
    Ok(html(StatusCode::OK, UnsubscribePage { page, lead, token }.render()?))
}

#[derive(Template)]
#[template(path = "page/unsubscribe.html")]
struct UnsubscribePage<'a> {
    page: Page<'a>,
    lead: String,
    token: Option<&'a str>,
}
