//! The report as a page, on the private listener, behind a password. Without a script; the charts are SVG.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::{ToSpan, civil::Date};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    Asked, By, Numbers, Report, Reporter,
    chart::{Bars, Column, HEIGHT, WIDTH, columns},
    text,
};

/// The longest time a page shows.
const MOST_DAYS: i64 = 400;

/// The password of the page; wiped when dropped, without `Debug`.
#[derive(Clone)]
pub struct Password(Arc<Zeroizing<String>>);

impl Password {
    /// A password of twelve characters or more.
    pub fn new(text: Zeroizing<String>) -> Option<Self> {
        (text.chars().count() >= 12).then(|| Self(Arc::new(text)))
    }

    /// Whether `headers` have it (Basic authentication, with whatever name). How long that takes tells nothing of it.
    fn is_in(&self, headers: &HeaderMap) -> bool {
        let given = || {
            let (scheme, value) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
            let pair = Zeroizing::new(STANDARD.decode(value.trim()).ok()?);
            let colon = pair.iter().position(|byte| *byte == b':')?;
            let password = Zeroizing::new(pair.get(colon + 1..)?.to_vec());
            scheme.eq_ignore_ascii_case("basic").then_some(password)
        };
        let code = |key: &[u8]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
            mac.update(b"report");
            Some(mac)
        };
        let (Some(given), Some(own)) = (given(), code(self.0.as_bytes())) else { return false };
        let own = own.finalize().into_bytes();
        code(&given).is_some_and(|mac| mac.verify(&own).is_ok())
    }
}

/// `/report`; without a password in the settings there is no such page.
pub fn router(reporter: Reporter, password: Option<Password>) -> Router {
    let Some(password) = password else { return Router::new() };
    Router::new()
        .route("/report", get(show))
        .route("/report.css", get(style))
        .with_state(reporter)
        .layer(middleware::from_fn_with_state(password, guard))
}

/// Lets nobody in without the password, and puts the headers on every answer.
async fn guard(State(password): State<Password>, request: Request, next: Next) -> Response {
    let mut answer = if password.is_in(request.headers()) {
        next.run(request).await
    } else {
        let ask = [(header::WWW_AUTHENTICATE, "Basic realm=\"nrg-enroll\", charset=\"UTF-8\"")];
        (StatusCode::UNAUTHORIZED, ask, "The report has a password: report.password.\n").into_response()
    };
    let headers = answer.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
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

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("report.css"))
}

async fn show(State(reporter): State<Reporter>, request: Request) -> Response {
    let mut asked = read(request.uri().query().unwrap_or_default(), reporter.funnel.today());
    let earliest = asked.to.checked_sub((MOST_DAYS - 1).days()).unwrap_or(asked.to);
    asked.from = asked.from.clamp(earliest, asked.to);
    let by_day = Asked { by: Some(By::Day), ..asked };
    let (report, days) = match (reporter.report(asked).await, reporter.report(by_day).await) {
        (Ok(report), Ok(days)) => (report, every_day(asked, days.groups)),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the report cannot be made");
            return (StatusCode::SERVICE_UNAVAILABLE, "The database does not answer.\n").into_response();
        }
    };
    let page = ReportPage {
        choices: [None, Some(By::Day), Some(By::Brand), Some(By::Language), Some(By::Sub1)],
        charts: Bars::of(&report.all),
        first: days.first().map_or_else(String::new, |(day, _)| day.clone()),
        last: days.last().map_or_else(String::new, |(day, _)| day.clone()),
        columns: columns(&days),
        rows: report.groups.iter().map(|(name, numbers)| text::cells(name, numbers)).collect(),
        report,
    };
    match page.render() {
        Ok(body) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The days that were asked for, those on which nothing happened too; none where nothing happened at all.
fn every_day(asked: Asked, counted: Vec<(String, Numbers)>) -> Vec<(String, Numbers)> {
    if counted.is_empty() {
        return counted;
    }
    let mut counted: BTreeMap<String, Numbers> = counted.into_iter().collect();
    let days = asked.from.series(1.day()).take_while(|day| *day <= asked.to).map(|day| day.to_string());
    days.map(|day| counted.remove_entry(&day).unwrap_or_else(|| (day, Numbers::default()))).collect()
}

/// What cannot be read is not asked for.
fn read(query: &str, today: Date) -> Asked {
    let (mut from, mut to, mut by) = (None, None, None);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "from" => from = value.parse().ok(),
            "to" => to = value.parse().ok(),
            "by" => {
                by = [By::Day, By::Brand, By::Language, By::Sub1].into_iter().find(|by| by.word() == value);
            }
            _ => {}
        }
    }
    text::asked(from, to, by, today)
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    report: Report,
    choices: [Option<By>; 5],
    charts: Vec<Bars>,
    columns: Vec<Column>,
    first: String,
    last: String,
    rows: Vec<[String; 8]>,
}

#[cfg(test)]
mod tests {
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
            assert_eq!(password.is_in(&headers), lets_in, "{value}");
        }
        assert!(!password.is_in(&HeaderMap::new()));
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
            let asked = read(query, today);
            assert_eq!((asked.from, asked.to, asked.by), (day(from), day(to), by), "{query}");
        }
    }
}
