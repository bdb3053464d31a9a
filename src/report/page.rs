//! The report as a page on the admin listener, behind a password. It needs no script; the charts are SVG.

use std::net::SocketAddr;

use ::headers::{Authorization, HeaderMapExt, authorization::Basic};
use askama::Template;
use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, header};
use jiff::civil::Date;
use prometheus_client::metrics::counter::Counter;

use super::{
    By, QueryError, Report, ReportQuery, Reporter,
    chart::{Bars, Days, HEIGHT, WIDTH},
    csv,
    password::Password,
    tables::{self, Table},
};
use crate::{
    causes::Causes,
    fields::{Query, cut},
    web::{
        guesses::{Guess, Guesses, LONGEST_WAIT},
        headers,
    },
};

/// The most days a page shows.
pub(super) const MAX_DAYS: i32 = 400;
/// The most groups a page shows. The CSV has all.
const MAX_ROWS: usize = 1000;
const STYLESHEET: &str = "/report.css";

/// Serves `/report`; without a password in the settings there is no such page. Guesses at the password that are refused
/// are counted in `refused`.
pub fn router(reporter: Reporter, password: Option<Password>, refused: Counter) -> Router {
    let Some(password) = password else { return Router::new() };
    Router::new()
        .route("/report", get(show))
        .route(STYLESHEET, get(stylesheet))
        .with_state(reporter)
        .route_layer(middleware::from_fn_with_state((password, Guesses::new(refused)), authenticate))
}

/// Refuses requests without the password, and sets the security headers of every answer.
async fn authenticate(
    State((password, guesses)): State<(Password, Guesses)>,
    request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let outcome = match guess(request.headers()) {
        Some(guess) => Some(guesses.check("", peer, async { password.is(guess.password()) }).await),
        None => None,
    };
    let mut answer = match outcome {
        Some(Guess::Right) => next.run(request).await,
        Some(Guess::TooMany) => {
            let wait = [(header::RETRY_AFTER, LONGEST_WAIT.as_secs())];
            (StatusCode::TOO_MANY_REQUESTS, wait, "Too many guesses at the password are waiting.\n")
                .into_response()
        }
        Some(Guess::Wrong { .. }) | None => {
            let ask = [(header::WWW_AUTHENTICATE, "Basic realm=\"nrg-enroll\", charset=\"UTF-8\"")];
            (StatusCode::UNAUTHORIZED, ask, "The report has a password: report.password.\n").into_response()
        }
    };
    if let Some(Guess::Wrong { in_a_row }) = outcome {
        // Never what was guessed. The pauses bound these lines, too.
        tracing::warn!(in_a_row, "report: wrong password");
    }
    headers::secure_private(answer.headers_mut());
    answer
}

/// The password that came with the request (Basic authentication, any user name). A browser that has not been asked for
/// one sends none, and guesses nothing.
fn guess(headers: &HeaderMap) -> Option<Basic> {
    headers.typed_get::<Authorization<Basic>>().map(|Authorization(basic)| basic)
}

/// The style sheet of reports.
pub(super) async fn stylesheet() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("report.css"))
}

async fn show(State(reporter): State<Reporter>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let (query, format) = match read_query(query, reporter.funnel.today()) {
        Ok(read) => read,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}.\n")).into_response(),
    };
    match answer(&reporter, query, format).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::error!(error = %Causes(&error), "report: page failed");
            (StatusCode::SERVICE_UNAVAILABLE, "The database does not answer.\n").into_response()
        }
    }
}

async fn answer(
    reporter: &Reporter,
    query: ReportQuery,
    format: Format,
) -> Result<Response, crate::store::Error> {
    let mut report = reporter.report(query).await?;
    if format == Format::Csv {
        let mut body = Vec::new();
        // A vector takes all.
        let _ = csv::write(&report, &mut body);
        let name = format!("attachment; filename=\"report-{}-{}.csv\"", report.query.from, report.query.to);
        let kind = "text/csv; charset=utf-8".to_owned();
        return Ok(
            ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], body).into_response()
        );
    }
    let by_day = reporter.report(ReportQuery { by: vec![By::Day], ..report.query.clone() }).await?;
    let more = report.groups.len().saturating_sub(MAX_ROWS);
    report.groups.truncate(MAX_ROWS);
    let tables =
        [tables::steps(&report.all), tables::unusable(&report)].into_iter().chain(tables::groups(&report));
    let page = ReportPage {
        stylesheet: STYLESHEET,
        choices: By::ALL,
        days: Days::of(&report.query, by_day.groups),
        charts: Bars::of(&report.all),
        tables: tables.filter(|table| !table.rows.is_empty()).collect(),
        more,
        report,
    };
    Ok(match page.render() {
        Ok(body) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    })
}

/// The format of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Page,
    Csv,
}

/// The query of an address. A blank parameter counts as absent: a form sends all it has.
fn read_query(query: &str, today: Date) -> Result<(ReportQuery, Format), QueryError> {
    const DAY: &str = "a day, such as 2030-06-18";
    let day = |name, value: &str| value.parse::<Date>().map_err(|_| wrong(name, value, DAY.to_owned()));
    let (mut from, mut to, mut by, mut format) = (None, None, Vec::new(), Format::Page);
    for (name, value) in Query::read(query).pairs() {
        let value = value.as_str();
        match name {
            "from" | "to" | "by" | "format" if value.is_empty() => {}
            "from" => from = Some(day("from", value)?),
            "to" => to = Some(day("to", value)?),
            "by" => {
                for word in value.split(',') {
                    let words = || By::ALL.iter().map(|by| by.word()).collect::<Vec<_>>().join(", ");
                    by.push(
                        word.parse().map_err(|_| wrong("by", word, format!("one or two of {}", words())))?,
                    );
                }
            }
            "format" if value == "csv" => format = Format::Csv,
            "format" => return Err(wrong("format", value, "csv or absent".to_owned())),
            name => return Err(QueryError::Parameter(shown(name))),
        }
    }
    let query = ReportQuery::new(from, to, by, today)?;
    if query.from.until(query.to).is_ok_and(|days| days.get_days() >= MAX_DAYS) {
        return Err(QueryError::TooLong(MAX_DAYS));
    }
    Ok((query, format))
}

fn wrong(name: &'static str, value: &str, known: String) -> QueryError {
    QueryError::Value { name, value: shown(value), known }
}

/// What came with a request, as far as an answer repeats it.
fn shown(text: &str) -> String {
    cut(text, 40)
}

#[derive(Template)]
#[template(path = "report/page.html")]
struct ReportPage {
    stylesheet: &'static str,
    report: Report,
    choices: &'static [By],
    days: Option<Days>,
    charts: Vec<Bars>,
    tables: Vec<Table>,
    /// How many groups are not shown.
    more: usize,
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
    fn report_query_of_an_address_is_read_or_refused() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let today = day("2030-06-18");
        for (query, from, to, by, format) in [
            ("", "2030-05-20", "2030-06-18", vec![], Format::Page),
            ("from=&to=&by=&by=&format=", "2030-05-20", "2030-06-18", vec![], Format::Page),
            (
                "from=2030-06-01&to=2030-06-10&by=brand",
                "2030-06-01",
                "2030-06-10",
                vec![By::Brand],
                Format::Page,
            ),
            ("by=day&by=sub10&format=csv", "2030-05-20", "2030-06-18", vec![By::Day, By::Sub10], Format::Csv),
            ("by=hour,utm_source", "2030-05-20", "2030-06-18", vec![By::Hour, By::UtmSource], Format::Page),
            ("from=2029-05-15", "2029-05-15", "2030-06-18", vec![], Format::Page),
        ] {
            let (read, as_format) = read_query(query, today).unwrap();
            assert_eq!((read.from, read.to, read.by, as_format), (day(from), day(to), by, format), "{query}");
        }
        for (query, message) in [
            ("from=x", "`from` cannot be `x`; it is a day, such as 2030-06-18"),
            ("to=2030-13-01", "`to` cannot be `2030-13-01`; it is a day, such as 2030-06-18"),
            ("to=2030-06-19", "2030-06-19 has not begun yet: in Texas it is 2030-06-18"),
            ("from=2030-06-10&to=2030-06-09", "`to` (2030-06-09) is before `from` (2030-06-10)"),
            ("from=2029-05-14", "a page shows 400 days at most; `nrg-enroll report` has no such limit"),
            ("by=day,day", "the report is divided `by` two at most, and not by the same twice"),
            ("person=1", "there is no parameter `person`; the report has from, to, by and format"),
            ("format=xml", "`format` cannot be `xml`; it is csv or absent"),
        ] {
            assert_eq!(read_query(query, today).unwrap_err().to_string(), message, "{query}");
        }
        let wrong = read_query("by=person", today).unwrap_err().to_string();
        assert!(
            wrong.starts_with("`by` cannot be `person`; it is one or two of day, hour, site, brand,"),
            "{wrong}"
        );
    }
}
