//! Out of hours: what is switched off, as it can change while the server runs, and the page of who meets it.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::{Page, context::RequestContext, html};
use crate::{
    journey::{Outage, Outages, Step},
    messages::interpolate,
};

/// When to come back where nobody knows, in seconds.
const LATER: i64 = 600;

/// What is switched off now, by the name of the site. A clone sees the same.
#[derive(Clone, Default)]
pub struct OutageState(Arc<RwLock<BTreeMap<String, Arc<Outages>>>>);

impl OutageState {
    /// These, until they are replaced.
    pub fn new(outages: BTreeMap<String, Outages>) -> Self {
        Self(Arc::new(RwLock::new(shared(outages))))
    }

    /// What is in force at the site of that name.
    pub fn at(&self, site: &str) -> Arc<Outages> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(site).cloned().unwrap_or_default()
    }

    /// From now on these. True if they are others than before.
    pub fn replace(&self, outages: BTreeMap<String, Outages>) -> bool {
        let outages = shared(outages);
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let changed = *held != outages;
        *held = outages;
        changed
    }
}

fn shared(outages: BTreeMap<String, Outages>) -> BTreeMap<String, Arc<Outages>> {
    outages.into_iter().map(|(site, outages)| (site, Arc::new(outages))).collect()
}

/// Marks the answer, so that planned maintenance is not counted as a page that failed.
#[derive(Clone, Copy)]
pub struct Planned;

/// The page: why, until when, what can be done meanwhile, whom to call.
pub fn page(ctx: &RequestContext, outage: Outage) -> Response {
    let (text, t) = (ctx.messages(), &ctx.messages().outage);
    let minutes = (ctx.app.idle.as_secs() / 60).to_string();
    let (title, lead, kept, seconds) = match outage {
        Outage::Site(until) => {
            let lead = until.map_or_else(
                || t.site_unknown.clone(),
                |until| interpolate(&t.site_until, &[("moment", &text.moment(until))]),
            );
            let seconds = until.map_or(LATER, |until| until.duration_since(ctx.now).as_secs() + 1);
            (&t.site_title, lead, t.site_kept.clone(), seconds)
        }
        Outage::Brand(_) => (
            &t.brand_title,
            t.brand_lead.clone(),
            interpolate(&t.brand_kept, &[("minutes", &minutes)]),
            LATER,
        ),
    };
    let mut page = ctx.page("");
    page.title = page.interpolate(title);
    let others = ctx.site().brands.keys().any(|brand| !ctx.outages.has(*brand));
    let choose = matches!(outage, Outage::Brand(_))
        && others
        && ctx.journey().may_visit(Step::Plans, ctx.eval_context());
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
    response.extensions_mut().insert(Planned);
    response
}

#[derive(Template)]
#[template(path = "page/outage.html")]
struct OutagePage<'a> {
    page: Page<'a>,
    lead: String,
    kept: String,
    /// The address asked for, link and all.
    again: String,
    /// Where another brand's plan can be chosen.
    plans: Option<&'static str>,
}
