//! `GET /api/plans`.

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{
    access,
    caching::cached,
    feed::Feed,
    problem::{Fault, Kind, Problem, Reason, logged},
    query::{self, PlansQuery},
    state::Api,
};
use crate::{
    journey::{CallKind, Outage, Step, Utility},
    partners::Partner,
    steps::{plans::plans_for, zip::serving},
    web::{context::RequestContext, error::PageError, patience::Awaited},
};

/// The plans that can be sold in a ZIP code now, from the same lists as the pages'.
pub(super) async fn show(State(api): State<Api>, request: Request) -> Result<Response, Problem> {
    let (head, _) = request.into_parts();
    let language = query::language(head.uri.query().unwrap_or_default());
    let ctx = RequestContext::without_session(&head, &api.app, language);
    let partner = access::caller(&api, &head.headers, &ctx.site().name).await?;
    let name = partner.as_ref().map(|partner: &Partner| partner.name.as_str());
    logged(&ctx, ctx.count_feed(name).await)?;
    let asked = PlansQuery::read(&ctx.request.query, ctx.site())
        .map_err(|faults| Problem::of(Kind::InvalidParameters).with_errors(faults))?;
    if let Some(outage) = outage(&ctx, &asked) {
        return Err(outage);
    }
    let utility = utility(&ctx, &asked).await?;
    let service = (&utility.code, asked.service.transaction);
    let plans = logged(&ctx, plans_for(&ctx, service, asked.brand).await)?;
    let caching = match (plans.missing.is_empty(), &partner) {
        // Whose plans are missing may have answered a moment later.
        (false, _) => "no-cache",
        (true, None) => "public, max-age=60",
        (true, Some(_)) => "private, max-age=60",
    };
    let feed = Feed::new(ctx.view(), &asked, &utility, &plans);
    let json = serde_json::to_vec(&feed).map_err(|error| PageError::Internal(format!("plans: {error}")));
    Ok(cached(&head.headers, logged(&ctx, json)?, caching))
}

/// The outage that leaves nothing to offer. Its end is known of one that the affiliate has announced.
fn outage(ctx: &RequestContext, asked: &PlansQuery) -> Option<Problem> {
    let view = ctx.view();
    let of_brand = asked.brand.filter(|brand| ctx.outages.has(*brand)).map(Outage::Brand);
    let outage = view.outage(Step::Plans).or(of_brand)?;
    let until = match outage {
        Outage::Site(until) => until,
        Outage::Brand(_) => None,
    };
    let seconds = until.map(|until| until.duration_since(ctx.now).as_secs().max(0).unsigned_abs() + 1);
    let problem = Problem::from(PageError::Outage(outage));
    Some(if seconds.is_some() { problem.with_retry_after(seconds) } else { problem })
}

/// The utility whose prices are asked for: the only one of the ZIP code, or the one of several that is named.
async fn utility(ctx: &RequestContext, asked: &PlansQuery) -> Result<Utility, Problem> {
    let waiting = || Awaited { step: Step::Zip, kind: CallKind::Read, since: ctx.now };
    let found = ctx.patience.wait(serving(ctx, &asked.service)).await;
    let found = logged(ctx, found.unwrap_or_else(|| Err(PageError::Waiting(waiting()))))?;
    let utilities = found.map_err(|_| Problem::of(Kind::NotServed))?;
    let fault = |reason, detail| Fault { field: "utility".to_owned(), reason, detail };
    let chosen = match (&asked.utility, utilities.as_slice()) {
        (None, [only]) => Ok(only),
        (None, []) => Err(Problem::of(Kind::NotServed)),
        (None, _) => Err(Problem::of(Kind::UtilityNeeded)
            .with_errors(vec![fault(Reason::Missing, "Several utilities serve this ZIP code.")])
            .with_utilities(&utilities)),
        (Some(code), all) => all.iter().find(|utility| utility.code == *code).ok_or_else(|| {
            Problem::of(Kind::InvalidParameters)
                .with_errors(vec![fault(Reason::Invalid, "This utility does not serve this ZIP code.")])
                .with_utilities(&utilities)
        }),
    };
    chosen.cloned()
}
