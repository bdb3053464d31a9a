//! `/gateway/pay`: a page that stands in for NRG's hosted payment gateway (contract 8.6). It shows what it
//! received and links back; it accepts no payment data.

use std::fmt::Write as _;

use axum::{
    body::Bytes,
    extract::RawQuery,
    http::header,
    response::{Html, IntoResponse, Response},
};
use url::{Url, form_urlencoded};

/// The most parameters that are shown.
const SHOWN: usize = 50;

/// The most characters of a value that are shown.
const WIDTH: usize = 500;

/// The most bytes of a posted form; more is answered with 413.
pub const BODY_LIMIT: usize = 16 * 1024;

/// GET with the parameters in the query.
pub async fn from_link(RawQuery(query): RawQuery) -> Response {
    page(query.unwrap_or_default().as_bytes())
}

/// POST with the parameters in a form.
pub async fn from_form(body: Bytes) -> Response {
    page(&body)
}

fn page(encoded: &[u8]) -> Response {
    let mut rows = String::new();
    let mut links = String::from("<p>No usable return_url was sent, so there is no way back.</p>");
    for (name, value) in form_urlencoded::parse(encoded).take(SHOWN) {
        let shown: String = value.chars().take(WIDTH).collect();
        // Writing to a String cannot fail.
        let _ = write!(rows, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", escape(&name), escape(&shown));
        if name == "return_url"
            && let Some(url) = Url::parse(&value).ok().filter(|url| ["http", "https"].contains(&url.scheme()))
        {
            links = format!(
                "<ul><li><a href=\"{}\">Pay</a></li><li><a href=\"{}\">Cancel</a></li></ul>",
                escape(&with_status(&url, "paid")),
                escape(&with_status(&url, "cancelled")),
            );
        }
    }
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Sandbox payment page</title></head>\
         <body><main><h1>Sandbox payment page</h1>\
         <p><strong>This is a sandbox. It stands in for the hosted payment gateway: no money moves, and no \
         card or bank data belongs here.</strong></p>\
         <h2>What was received</h2><table>{rows}</table><h2>What happens now</h2>{links}</main></body></html>"
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(html)).into_response()
}

fn with_status(url: &Url, status: &str) -> String {
    let mut url = url.clone();
    url.query_pairs_mut().append_pair("status", status);
    url.into()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
