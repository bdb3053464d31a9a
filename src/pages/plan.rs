//! One plan with all its terms, and the form that chooses it. The list of plans links to it.

use askama::Template;
use axum::{extract::Path, response::Response};
use http::StatusCode;

use super::error::respond;
use crate::{
    fields::{Brand, OfferCode},
    journey::Step,
    steps::plans::{Card, Filter, offers_of},
    web::{Page, context::RequestContext, error::PageError, html, page_context::PageContext, see_other},
};

/// GET `/plans/{brand}/{offer}`; 404 for a plan that is not offered here. Where it cannot be shown yet, and wherever it
/// tells a click, its address is a link to the plan.
pub async fn show(ctx: RequestContext, Path((brand, offer)): Path<(String, String)>) -> Response {
    let view = ctx.view();
    let is_link = view.link().is_some() || !view.has_begun() && !view.has_ended;
    let shown =
        match as_link(view, &brand, &offer).filter(|_| is_link).or_else(|| view.elsewhere(Step::Plans)) {
            Some(elsewhere) => Ok(elsewhere),
            None => plan(&ctx, &brand, &offer).await,
        };
    respond(&ctx, shown)
}

/// The link that chooses this plan, with the rest of the address.
fn as_link(ctx: PageContext<'_>, brand: &str, offer: &str) -> Option<Response> {
    let brand = Brand::parse(brand).ok().filter(|brand| ctx.site().brand(*brand).is_some())?;
    let (id, code, query) = (brand.id(), OfferCode::parse(offer).ok()?, &ctx.request.query);
    let joint = if query.is_empty() { "" } else { "&" };
    Some(see_other(&format!("/?brand={id}&offer={}{joint}{query}", code.as_str())))
}

async fn plan(ctx: &RequestContext, brand: &str, offer: &str) -> Result<Response, PageError> {
    let brand = Brand::parse(brand).map_err(|_| PageError::NotFound)?;
    let code = OfferCode::parse(offer).map_err(|_| PageError::NotFound)?;
    if ctx.site().brand(brand).is_none() {
        return Err(PageError::NotFound);
    }
    if let Some(outage) = ctx.view().outage(Step::Plans) {
        return Err(PageError::Outage(outage));
    }
    if ctx.outages.has(brand) {
        // The list has the notice of the outage.
        return Ok(see_other(Step::Plans.path()));
    }
    let offers = offers_of(ctx, brand).await?;
    let offer = offers.list.iter().find(|offer| offer.code == code).ok_or(PageError::NotFound)?;
    let filter = Filter::read(&ctx.request.query);
    let ctx = ctx.view();
    let t = &ctx.messages().plan;
    let card = Card::new(ctx, offer, &filter);
    let mut page = ctx.step_page(Step::Plans, &offer.name, Vec::new());
    page.title = page.interpolate_with(&t.title, &[("plan", &offer.name), ("brand", card.brand_name)]);
    page.back = Some(card.action.clone());
    let page = PlanPage { page, revision: ctx.journey.revision(Step::Plans), card };
    Ok(html(StatusCode::OK, page.render()?))
}

#[derive(Template)]
#[template(path = "page/plan.html")]
struct PlanPage<'a> {
    page: Page<'a>,
    revision: u64,
    card: Card<'a>,
}
