//! The page `/mails` of the admin listener: the demo's mails, as a person would get them. Elsewhere there is no such page.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};

use crate::{
    mail::{Capture, Captured},
    texas_time,
};

/// The path of the page.
const PATH: &str = "/mails";

/// Styles are within the mails, and in no page of the admin listener anything else is loaded.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'";

/// The page, where mails are captured.
pub(super) fn router(capture: Option<&Capture>) -> Router {
    match capture {
        Some(capture) => Router::new().route(PATH, get(show)).with_state(capture.clone()),
        None => Router::new(),
    }
}

async fn show(State(capture): State<Capture>) -> Response {
    let mails = capture.all();
    let mails = mails.iter().map(Shown::of).collect();
    match (MailsPage { mails }).render() {
        Ok(page) => ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A mail, as the page shows it.
struct Shown<'a> {
    at: String,
    mail: &'a Captured,
}

impl<'a> Shown<'a> {
    fn of(mail: &'a Captured) -> Self {
        Self { at: texas_time::zoned(mail.at).strftime("%Y-%m-%d %H:%M:%S %Z").to_string(), mail }
    }
}

#[derive(Template)]
#[template(path = "mail/captured.html")]
struct MailsPage<'a> {
    mails: Vec<Shown<'a>>,
}
