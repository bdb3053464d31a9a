//! The end of every request: its response, or the page of its error, with the cookie the browser has to store.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::{cookie_refused, outage, waiting};
use crate::{
    journey::{CallFailure, Step},
    nrg::Kind,
    session::SessionError,
    web::{
        Page, context::RequestContext, error::PageError, form::FormRefusal, html, mark_redirect,
        page_context::PageContext, see_other,
    },
};

/// Turns what a handler returned into the response, with the session cookie. An error is logged here and becomes its
/// page.
pub fn respond(ctx: &RequestContext, result: Result<Response, PageError>) -> Response {
    let mut response = match result {
        Ok(response) => response,
        Err(PageError::Session(SessionError::Ended)) => see_other("/session-ended"),
        Err(error) => {
            error.log(&ctx.request.request_id, &ctx.request.path);
            match error {
                PageError::Outage(outage) => outage::page(ctx.view(), outage),
                PageError::CookieRefused => cookie_refused::page(ctx.view()),
                PageError::Waiting(awaited) => waiting::page(ctx.view(), awaited),
                error => page(ctx.view(), &error),
            }
        }
    };
    ctx.session.write_cookie(ctx.app.cookie, response.headers_mut());
    if ctx.session.has_begun() {
        mark_redirect(response.headers_mut());
    }
    response
}

/// The page of `error`: whether the answers are kept, how to go on, the phone.
fn page(ctx: PageContext<'_>, error: &PageError) -> Response {
    let (title, text) = texts(ctx, error);
    let mut page = ctx.page(title);
    if error.may_have_spent() {
        let step = match error {
            PageError::CallFailed(step, _) => *step,
            PageError::Nrg(nrg) if nrg.endpoint.may_inquire() => Step::StartDate,
            _ => Step::Identity,
        };
        page.notices.push(ctx.spent_notice(step));
    }
    page.reference = Some(ctx.request.request_id.clone());
    let text = page.interpolate(&text);
    let status = error.status();
    let (href, label) = way_on(ctx, error);
    let mut response = match (ErrorPage { page, text, href, label }).render() {
        Ok(body) => html(status, body),
        Err(_) => status.into_response(),
    };
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Title and text.
fn texts<'a>(ctx: PageContext<'a>, error: &PageError) -> (&'a str, String) {
    let t = &ctx.messages().error;
    let (title, text) = match error {
        PageError::NotFound | PageError::Method => (&t.not_found_title, &t.not_found),
        PageError::CrossSite => (&t.cross_site_title, &t.cross_site),
        PageError::Form(FormRefusal::TooLarge) => (&t.too_large_title, &t.too_large),
        PageError::LikeAProgram => (&t.like_a_program_title, &t.like_a_program),
        PageError::TooMany(exceeded) => return (&t.too_many_title, ctx.too_many(exceeded.wait)),
        PageError::CallFailed(_, failed) => match failed.failure {
            CallFailure::NoAnswer | CallFailure::Unavailable | CallFailure::TooLarge => {
                (&t.busy_title, &t.busy)
            }
            CallFailure::Limited(until) => {
                let wait = until.duration_since(ctx.now);
                return (&t.too_many_title, ctx.too_many(wait.try_into().unwrap_or_default()));
            }
            CallFailure::Unusable | CallFailure::Internal => (&t.sorry_title, &t.sorry),
        },
        PageError::Session(SessionError::Conflict) => (&t.stale_title, &t.stale),
        PageError::Session(SessionError::Full) => (&t.full_title, &t.full),
        PageError::Nrg(nrg)
            if error.status() == StatusCode::SERVICE_UNAVAILABLE || nrg.kind == Kind::TooLarge =>
        {
            (&t.busy_title, &t.busy)
        }
        PageError::Away | PageError::Newer | PageError::Session(SessionError::UnknownKey) => {
            (&t.moment_title, &t.moment)
        }
        PageError::Form(FormRefusal::NotAForm | FormRefusal::Broken | FormRefusal::TooSlow) => {
            (&t.not_arrived_title, &t.not_arrived)
        }
        PageError::TooLong
        | PageError::Outage(_)
        | PageError::Waiting(_)
        | PageError::Nrg(_)
        | PageError::Session(
            SessionError::Ended
            | SessionError::Store(_)
            | SessionError::Unserializable(_)
            | SessionError::Library(_),
        )
        | PageError::Store(_)
        | PageError::CookieRefused
        | PageError::Internal(_) => (&t.sorry_title, &t.sorry),
    };
    (title, text.clone())
}

/// Path and label of the link that leads on.
fn way_on<'a>(ctx: PageContext<'a>, error: &PageError) -> (String, &'a str) {
    let t = &ctx.messages().error;
    match error {
        // A page that failed is loaded again; a form goes back to its page.
        PageError::Nrg(_)
        | PageError::CallFailed(..)
        | PageError::Session(_)
        | PageError::Store(_)
        | PageError::Internal(_)
        | PageError::Waiting(_)
        | PageError::TooLong => {
            let path = if ctx.has_session { ctx.request.path.clone() } else { "/".to_owned() };
            (path, &t.try_again)
        }
        // Whether there is a session, or where it stands, is not known.
        PageError::Away | PageError::Newer => (ctx.request.path.clone(), &t.try_again),
        PageError::NotFound
        | PageError::Method
        | PageError::CrossSite
        | PageError::Form(_)
        | PageError::CookieRefused
        | PageError::LikeAProgram
        | PageError::TooMany(_)
        | PageError::Outage(_) => {
            if ctx.has_session {
                (ctx.position().path().to_owned(), &t.go_on)
            } else {
                ("/".to_owned(), &t.home)
            }
        }
    }
}

#[derive(Template)]
#[template(path = "page/error.html")]
struct ErrorPage<'a> {
    page: Page<'a>,
    text: String,
    href: String,
    label: &'a str,
}
