//! Up to three plans side by side. Which ones stands in the address, as the list of plans sends it.

use askama::Template;
use axum::response::Response;
use futures_util::future::join_all;
use http::StatusCode;

use crate::{
    journey::{Offer, Step},
    steps::plans::{
        Card, Filter,
        filter::{MOST_COMPARED, plan_word},
        offers_of,
    },
    web::{Notice, Page, context::RequestContext, error::PageError, html},
};

/// GET `/plans/compare`. A plan that is not sold here is left out.
pub async fn show(ctx: RequestContext) -> Response {
    let shown = match ctx.elsewhere(Step::Plans) {
        Some(elsewhere) => Ok(elsewhere),
        None => compare(&ctx).await,
    };
    ctx.answer(shown)
}

async fn compare(ctx: &RequestContext) -> Result<Response, PageError> {
    if let Some(outage) = ctx.outage(Step::Plans) {
        return Err(PageError::Outage(outage));
    }
    let t = &ctx.messages().compare;
    let filter = Filter::read(&ctx.query);
    let sold = filter.compare.iter().filter(|(brand, _)| ctx.sells(*brand));
    let ticked: Vec<_> = sold.collect();
    let shelves = join_all(ticked.iter().map(|(brand, _)| offers_of(ctx, *brand))).await;
    let mut offers: Vec<Offer> = Vec::new();
    for ((_, code), shelf) in ticked.iter().zip(shelves) {
        offers.extend(shelf?.list.iter().find(|offer| offer.code == *code).cloned());
    }
    let too_many = offers.len() > MOST_COMPARED;
    offers.truncate(MOST_COMPARED);

    let mut page = ctx.step_page(Step::Plans, &t.title, Vec::new());
    page.back = Some(filter.address("/plans"));
    if too_many {
        let words = Some(t.only_three.clone());
        page.notices.push(Notice { title: ctx.messages().common.notice.clone(), text: words, message: None });
    }
    let without = |offer: &Offer| {
        let mut rest = filter.clone();
        rest.compare.retain(|(brand, code)| plan_word(*brand, code) != plan_word(offer.brand, &offer.code));
        rest.address("/plans/compare")
    };
    let plans: Vec<Column<'_>> = offers
        .iter()
        .map(|offer| Column { card: Card::new(ctx, offer, &filter), without: without(offer) })
        .collect();
    let estimated = plans.iter().any(|plan| plan.card.estimate.is_some());
    let special = plans.iter().any(|plan| !plan.card.specials.is_empty());
    let c = &ctx.messages().common;
    let page = ComparePage {
        uses: [(0, &c.kwh_500), (1, &c.kwh_1000), (2, &c.kwh_2000)],
        list: filter.address("/plans"),
        revision: ctx.journey().revision(Step::Plans),
        estimated,
        special,
        page,
        plans,
    };
    Ok(html(StatusCode::OK, page.render()?))
}

#[derive(Template)]
#[template(path = "page/compare.html")]
struct ComparePage<'a> {
    page: Page<'a>,
    revision: u64,
    /// The published uses, each with its place among a plan's prices.
    uses: [(usize, &'a String); 3],
    /// Back to the list as it was.
    list: String,
    /// Some plan has an estimate for the person's use.
    estimated: bool,
    /// Some plan has something to be noticed.
    special: bool,
    plans: Vec<Column<'a>>,
}

struct Column<'a> {
    card: Card<'a>,
    /// The comparison without this plan.
    without: String,
}
