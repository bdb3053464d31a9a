//! The report of one sub-affiliate: a page on the public listener, opened by a signed link that an operator makes. It
//! shows the numbers of one `sub1` alone, begins no session and changes nothing.
//!
//! A link is its own key: there is nothing to guess but the signature. Whatever is wrong with one, the answer is that of a
//! page that does not exist.

use std::time::Duration;

use askama::Template;
use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{StatusCode, header};
use jiff::{Timestamp, ToSpan};
use subtle::ConstantTimeEq;
use url::Url;

use super::{
    By, Report, ReportQuery, Reporter,
    chart::{Bars, Days, HEIGHT, WIDTH},
    page::{MAX_DAYS, stylesheet},
    tables::{self, Table},
};
use crate::{causes::Causes, clock::Clock, fields::Query, ledger::LedgerKey};

const PATH: &str = "/partner/report";
const STYLESHEET: &str = "/partner/report.css";
/// What the signatures are keyed hashes for.
const LABEL: &str = "partner report";

/// Makes and reads the links. A clone shares the key.
#[derive(Clone)]
pub struct PartnerLinks {
    key: LedgerKey,
    generation: u32,
}

/// What a link grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whose numbers.
    pub sub1: String,
    /// Of how many days, up to the day it is opened.
    pub days: u32,
    /// Until when, in Unix seconds.
    pub until: i64,
}

impl PartnerLinks {
    /// The links of this `generation`, signed with a key made from `key`; those of every other generation are void.
    /// `None`: generation 0 is none.
    pub fn new(key: LedgerKey, generation: u32) -> Option<Self> {
        (generation > 0).then_some(Self { key, generation })
    }

    /// The link for `sub1` at the site with this URL: its numbers of the last `days` days, for as long as `valid` from
    /// `now` on.
    pub fn link(&self, site: &Url, sub1: &str, days: u32, valid: Duration, now: Timestamp) -> Url {
        let grant = Grant { sub1: sub1.to_owned(), days, until: (now + valid).as_second() };
        let mut link = site.clone();
        link.set_path(PATH);
        link.query_pairs_mut()
            .append_pair("sub1", sub1)
            .append_pair("days", &days.to_string())
            .append_pair("until", &grant.until.to_string())
            .append_pair("key", &URL_SAFE_NO_PAD.encode(self.signature(&grant)));
        link
    }

    /// What the link with this query grants at `now`; `None`: nothing, it is not ours or has ended.
    pub fn read(&self, query: &str, now: Timestamp) -> Option<Grant> {
        let query = Query::read(query);
        let value =
            |wanted: &str| query.to_the_letter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        let grant = Grant {
            sub1: value("sub1")?.to_owned(),
            days: value("days")?.parse().ok()?,
            until: value("until")?.parse().ok()?,
        };
        let given = URL_SAFE_NO_PAD.decode(value("key")?).ok()?;
        let is_ours: bool = given.ct_eq(&self.signature(&grant)).into();
        (is_ours && now.as_second() < grant.until).then_some(grant)
    }

    fn signature(&self, grant: &Grant) -> [u8; 32] {
        let (generation, days, until) =
            (self.generation.to_be_bytes(), grant.days.to_be_bytes(), grant.until.to_be_bytes());
        self.key.hash(LABEL, [&generation[..], grant.sub1.as_bytes(), &days, &until])
    }
}

#[derive(Clone)]
struct Partner {
    reporter: Reporter,
    links: PartnerLinks,
    clock: Clock,
}

/// Serves the page of `links`; without any there is no such page.
pub fn router<S: Clone + Send + Sync + 'static>(
    reporter: Reporter,
    links: Option<PartnerLinks>,
    clock: Clock,
) -> Router<S> {
    let Some(links) = links else { return Router::new() };
    Router::new().route(PATH, get(show)).route(STYLESHEET, get(stylesheet)).with_state(Partner {
        reporter,
        links,
        clock,
    })
}

async fn show(State(partner): State<Partner>, request: Request) -> Response {
    let Partner { reporter, links, clock } = partner;
    let Some(grant) = links.read(request.uri().query().unwrap_or_default(), clock.now()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let to = reporter.funnel.today();
    let days = i32::try_from(grant.days).unwrap_or(MAX_DAYS).clamp(1, MAX_DAYS);
    let from = to.checked_sub((days - 1).days()).unwrap_or(to);
    let query = ReportQuery { from, to, by: vec![By::Day], sub1: Some(grant.sub1) };
    let report = match reporter.report(query).await {
        Ok(report) => report,
        Err(error) => {
            tracing::error!(error = %Causes(&error), "report: partner's page failed");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let page = PartnerPage {
        stylesheet: STYLESHEET,
        days: Days::of(&report.query, report.groups.clone()),
        charts: Bars::of(&report.all),
        tables: std::iter::once(tables::steps(&report.all)).chain(tables::groups(&report)).collect(),
        report,
    };
    match page.render() {
        Ok(body) => {
            let headers =
                [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
            (headers, body).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Template)]
#[template(path = "report/partner.html")]
struct PartnerPage {
    stylesheet: &'static str,
    report: Report,
    days: Option<Days>,
    charts: Vec<Bars>,
    tables: Vec<Table>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_grants_what_it_was_made_for_until_its_end() {
        let key = LedgerKey::new([1; 32]);
        let links = PartnerLinks::new(key.clone(), 1).unwrap();
        let site = Url::parse("https://enroll.affiliate.test/").unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let day = Duration::from_secs(24 * 3600);
        let link = links.link(&site, "a+b c&d=ñ", 30, day, now);
        assert!(link.as_str().starts_with("https://enroll.affiliate.test/partner/report?sub1="), "{link}");
        let query = link.query().unwrap();
        let grant = Grant { sub1: "a+b c&d=ñ".to_owned(), days: 30, until: 86_400 };
        assert_eq!(links.read(query, now), Some(grant.clone()));
        assert_eq!(links.read(query, now + day - Duration::from_secs(1)), Some(grant));
        assert_eq!(links.read(query, now + day), None);
        for other in [
            query.replace("days=30", "days=31"),
            query.replace("until=86400", "until=864000"),
            query.replace("sub1=a", "sub1=b"),
            query.replace("&key=", "&key=A"),
            query.split("&key=").next().unwrap().to_owned(),
            format!("{}&key=", query.split("&key=").next().unwrap()),
            format!("sub1=other&{query}"),
            String::new(),
        ] {
            assert_eq!(links.read(&other, now), None, "{other}");
        }
        let others = [PartnerLinks::new(key, 2), PartnerLinks::new(LedgerKey::new([2; 32]), 1)];
        assert!(others.into_iter().flatten().all(|links| links.read(query, now).is_none()));
        assert!(PartnerLinks::new(LedgerKey::new([1; 32]), 0).is_none());
    }
}
