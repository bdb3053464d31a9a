//! One plan in full, from the shelf of its brand, with the form that chooses it. Reached from the list, and
//! read before choosing.

use askama::Template;
use axum::{extract::Path, response::Response};
use http::StatusCode;

use crate::{
    fields::{Brand, OfferCode},
    journey::Step,
    steps::plans::{Card, Filter, offers_of},
    web::{
        Page,
        context::{RequestContext, see_other},
        error::PageError,
        html,
    },
};

/// GET `/plans/{brand}/{offer}`. A plan that is not sold here is not found.
pub async fn show(ctx: RequestContext, Path((brand, offer)): Path<(String, String)>) -> Response {
    let shown = match ctx.elsewhere(Step::Plans) {
        Some(elsewhere) => Ok(elsewhere),
        None => plan(&ctx, &brand, &offer).await,
    };
    ctx.answer(shown)
}

async fn plan(ctx: &RequestContext, brand: &str, offer: &str) -> Result<Response, PageError> {
    let brand = Brand::parse(brand).map_err(|_| PageError::NotFound)?;
    let code = OfferCode::parse(offer).map_err(|_| PageError::NotFound)?;
    if ctx.site().brand(brand).is_none() {
        return Err(PageError::NotFound);
    }
    if let Some(outage) = ctx.outage(Step::Plans) {
        return Err(PageError::Outage(outage));
    }
    if ctx.outages.has(brand) {
        // The list says why.
        return Ok(see_other(Step::Plans.path()));
    }
    let offers = offers_of(ctx, brand).await?;
    let offer = offers.list.iter().find(|offer| offer.code == code).ok_or(PageError::NotFound)?;
    let filter = Filter::read(&ctx.query);
    let t = &ctx.messages().plan;
    let card = Card::new(ctx, offer, &filter);
    let mut page = ctx.step_page(Step::Plans, &offer.name, Vec::new());
    page.title = page.interpolate_with(&t.title, &[("plan", &offer.name), ("brand", card.brand_name)]);
    page.back = Some(card.action.clone());
    let page = PlanPage { page, revision: ctx.journey().revision(Step::Plans), card };
    Ok(html(StatusCode::OK, page.render()?))
}

#[derive(Template)]
#[template(path = "page/plan.html")]
struct PlanPage<'a> {
    page: Page<'a>,
    revision: u64,
    card: Card<'a>,
}
