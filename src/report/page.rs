//! The report as a page on the admin listener, behind a password. It needs no script; the charts are SVG.

use std::{collections::BTreeMap, net::SocketAddr};

use askama::Template;
use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use headers::{Authorization, HeaderMapExt, authorization::Basic};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::{ToSpan, civil::Date};
use prometheus_client::metrics::counter::Counter;
use strum::VariantArray;

use super::{
    By, Numbers, Report, ReportQuery, Reporter,
    chart::{Bars, Column, HEIGHT, WIDTH, columns},
    password::{Guess, Guesses, LONGEST_WAIT, Password},
};
use crate::fields::Query;

/// The most days a page shows.
const MAX_DAYS: i64 = 400;

/// Serves `/report`; without a password in the settings there is no such page. Guesses at the password that are refused
/// are counted in `refused`.
pub fn router(reporter: Reporter, password: Option<Password>, refused: Counter) -> Router {
    let Some(password) = password else { return Router::new() };
    Router::new()
        .route("/report", get(show))
        .route("/report.css", get(style))
        .with_state(reporter)
        .route_layer(middleware::from_fn_with_state(Guesses::new(password, refused), authenticate))
}

/// Refuses requests without the password, and sets the security headers of every answer.
async fn authenticate(State(guesses): State<Guesses>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let outcome = match guess(request.headers()) {
        Some(guess) => Some(guesses.check(guess.password(), peer).await),
        None => None,
    };
    let mut answer = match outcome {
        Some(Guess::Right) => next.run(request).await,
        Some(Guess::TooMany) => {
            let wait = [(header::RETRY_AFTER, LONGEST_WAIT.as_secs())];
            (StatusCode::TOO_MANY_REQUESTS, wait, "Too many guesses at the password are waiting.\n")
                .into_response()
        }
        Some(Guess::Wrong) | None => {
            let ask = [(header::WWW_AUTHENTICATE, "Basic realm=\"nrg-enroll\", charset=\"UTF-8\"")];
            (StatusCode::UNAUTHORIZED, ask, "The report has a password: report.password.\n").into_response()
        }
    };
    let headers = answer.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// The password that came with the request (Basic authentication, any user name). A browser that has not been asked for
/// one sends none, and guesses nothing.
fn guess(headers: &HeaderMap) -> Option<Basic> {
    headers.typed_get::<Authorization<Basic>>().map(|Authorization(basic)| basic)
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("report.css"))
}

async fn show(State(reporter): State<Reporter>, request: Request) -> Response {
    let mut query = read_query(request.uri().query().unwrap_or_default(), reporter.funnel.today());
    let earliest = query.to.checked_sub((MAX_DAYS - 1).days()).unwrap_or(query.to);
    query.from = query.from.clamp(earliest, query.to);
    let by_day = ReportQuery { by: Some(By::Day), ..query };
    let (report, days) = match (reporter.report(query).await, reporter.report(by_day).await) {
        (Ok(report), Ok(days)) => (report, every_day(query, days.groups)),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "report: page failed");
            return (StatusCode::SERVICE_UNAVAILABLE, "The database does not answer.\n").into_response();
        }
    };
    let page = ReportPage {
        choices: By::VARIANTS,
        charts: Bars::of(&report.all),
        first: days.first().map_or_else(String::new, |(day, _)| day.clone()),
        last: days.last().map_or_else(String::new, |(day, _)| day.clone()),
        columns: columns(&days),
        rows: report.groups.iter().map(|(name, numbers)| numbers.cells(name)).collect(),
        report,
    };
    match page.render() {
        Ok(body) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// All days of `query`, also those without any number; none if no day has one.
fn every_day(query: ReportQuery, counted: Vec<(String, Numbers)>) -> Vec<(String, Numbers)> {
    if counted.is_empty() {
        return counted;
    }
    let mut counted: BTreeMap<String, Numbers> = counted.into_iter().collect();
    let days = query.from.series(1.day()).take_while(|day| *day <= query.to).map(|day| day.to_string());
    days.map(|day| counted.remove_entry(&day).unwrap_or_else(|| (day, Numbers::default()))).collect()
}

/// The query of an address. A part of it that cannot be read counts as absent.
fn read_query(query: &str, today: Date) -> ReportQuery {
    let (mut from, mut to, mut by) = (None, None, None);
    for (name, value) in Query::read(query).pairs() {
        match name {
            "from" => from = value.parse().ok(),
            "to" => to = value.parse().ok(),
            "by" => by = value.parse().ok(),
            _ => {}
        }
    }
    ReportQuery::new(from, to, by, today)
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    report: Report,
    choices: &'static [By],
    charts: Vec<Bars>,
    columns: Vec<Column>,
    first: String,
    last: String,
    rows: Vec<[String; 8]>,
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn report_password_is_matched_exactly() {
        let password = Password::new(Zeroizing::new("correct: horse".to_owned())).unwrap();
        assert!(Password::new(Zeroizing::new("eleven char".to_owned())).is_none());
        for (value, lets_in) in [
            (format!("Basic {}", STANDARD.encode("anyone:correct: horse")), true),
            (format!("basic {}", STANDARD.encode(":correct: horse")), true),
            (format!("Basic {}", STANDARD.encode("anyone:correct: hors")), false),
            (format!("Basic {}", STANDARD.encode("anyone:correct: horse ")), false),
            (format!("Basic {}", STANDARD.encode("correct: horse")), false),
            (format!("Basic {}", STANDARD.encode("anyone:")), false),
            (format!("Basic {}", STANDARD.encode("anyone")), false),
            (format!("Bearer {}", STANDARD.encode("anyone:correct: horse")), false),
            ("Basic correct: horse".to_owned(), false),
            ("Basic".to_owned(), false),
            (String::new(), false),
        ] {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
            let right = guess(&headers).is_some_and(|guess| password.is(guess.password()));
            assert_eq!(right, lets_in, "{value}");
        }
        assert!(guess(&HeaderMap::new()).is_none());
    }

    #[test]
    fn unreadable_report_query_falls_back_to_last_30_days() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let today = day("2030-06-18");
        for (query, from, to, by) in [
            ("", "2030-05-20", "2030-06-18", None),
            ("from=2030-06-01&to=2030-06-10&by=brand", "2030-06-01", "2030-06-10", Some(By::Brand)),
            ("from=&to=x&by=person&by2=", "2030-05-20", "2030-06-18", None),
            ("to=2030-01-31", "2030-01-02", "2030-01-31", None),
        ] {
            let read = read_query(query, today);
            assert_eq!((read.from, read.to, read.by), (day(from), day(to), by), "{query}");
        }
    }
}
