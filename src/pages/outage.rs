//! The page of an outage: why, until when, what can be done meanwhile, and whom to call.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::{
    journey::{Outage, Step},
    messages::interpolate,
    web::{Page, html, metrics::CountedAs, page_context::PageContext},
};

/// `Retry-After` of an outage whose end is not known, in seconds.
const RETRY_AFTER: i64 = 600;

/// The page of `outage`, with status 503 and the time to come back.
pub(super) fn page(ctx: PageContext<'_>, outage: Outage) -> Response {
    let t = &ctx.messages().outage;
    let (title, lead, kept, seconds) = match outage {
        Outage::Site(until) => {
            let lead = until.map_or_else(
                || t.site_unknown.clone(),
                |until| interpolate(&t.site_until, &[("moment", &ctx.messages().moment(until))]),
            );
            let seconds = until.map_or(RETRY_AFTER, |until| until.duration_since(ctx.now).as_secs() + 1);
            (&t.site_title, lead, t.site_kept.clone(), seconds)
        }
        Outage::Brand(_) => (
            &t.brand_title,
            t.brand_lead.clone(),
            interpolate(&t.brand_kept, &[("minutes", &ctx.idle_minutes())]),
            RETRY_AFTER,
        ),
    };
    let mut page = ctx.page("");
    page.title = page.interpolate(title);
    let others = ctx.site().brands.keys().any(|brand| !ctx.outages.has(*brand));
    let choose = matches!(outage, Outage::Brand(_))
        && others
        && ctx.journey.may_visit(Step::Plans, ctx.eval_context());
    let body = OutagePage {
        lead: page.interpolate(&lead),
        kept,
        again: page.here.clone(),
        plans: choose.then(|| Step::Plans.path()),
        page,
    };
    let mut response = match body.render() {
        Ok(body) => html(StatusCode::SERVICE_UNAVAILABLE, body),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response.extensions_mut().insert(CountedAs("outage"));
    response
}

#[derive(Template)]
#[template(path = "page/outage.html")]
struct OutagePage<'a> {
    page: Page<'a>,
    lead: String,
    kept: String,
    /// The address that was requested, with its query.
    again: String,
    /// The path where another brand's plan can be chosen.
    plans: Option<&'static str>,
}
