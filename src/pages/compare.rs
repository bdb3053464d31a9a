//! Up to three plans side by side: those the query names, as the list of plans sends it.

use std::collections::BTreeSet;

use askama::Template;
use axum::response::Response;
use futures_util::future::try_join_all;
use http::StatusCode;

use super::error::respond;
use crate::{
    fields::Brand,
    journey::{Offer, Step},
    steps::plans::{
        Card, Filter,
        filter::{MOST_COMPARED, plan_word},
        offers_of,
    },
    web::{Notice, Page, context::RequestContext, error::PageError, html, page_context::PageContext},
};

/// GET `/plans/compare`. A plan that is not offered here is left out.
pub async fn show(ctx: RequestContext) -> Response {
    let shown = match ctx.view().elsewhere(Step::Plans) {
        Some(elsewhere) => Ok(elsewhere),
        None => compare(&ctx).await,
    };
    respond(&ctx, shown)
}

async fn compare(ctx: &RequestContext) -> Result<Response, PageError> {
    if let Some(outage) = ctx.view().outage(Step::Plans) {
        return Err(PageError::Outage(outage));
    }
    let filter = Filter::read(&ctx.request.query);
    let offered = filter.compare.iter().filter(|(brand, _)| ctx.view().sells(*brand));
    let ticked: Vec<_> = offered.collect();
    // Each list once, though several of its plans are ticked.
    let brands: BTreeSet<Brand> = ticked.iter().map(|(brand, _)| *brand).collect();
    let lists = try_join_all(brands.iter().map(|brand| offers_of(ctx, *brand))).await?;
    let all = || lists.iter().flat_map(|offers| &offers.list);
    let ticked = ticked
        .iter()
        .filter_map(|ticked| all().find(|offer| (offer.brand, &offer.code) == (ticked.0, &ticked.1)));
    let offers: Vec<Offer> = ticked.cloned().collect();
    render(ctx.view(), offers, &filter)
}

fn render(ctx: PageContext<'_>, mut offers: Vec<Offer>, filter: &Filter) -> Result<Response, PageError> {
    let t = &ctx.messages().compare;
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
        .map(|offer| Column { card: Card::new(ctx, offer, filter), without: without(offer) })
        .collect();
    let estimated = plans.iter().any(|plan| plan.card.estimate.is_some());
    let varied = plans.iter().any(|plan| plan.card.spread.is_some());
    let special = plans.iter().any(|plan| !plan.card.specials.is_empty());
    let c = &ctx.messages().common;
    let page = ComparePage {
        uses: [(0, &c.kwh_500), (1, &c.kwh_1000), (2, &c.kwh_2000)],
        list: filter.address("/plans"),
        revision: ctx.journey.revision(Step::Plans),
        estimated,
        varied,
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
    /// The published usages, each with its index among a plan's prices.
    uses: [(usize, &'a String); 3],
    /// The path back to the list as it was.
    list: String,
    /// Whether some plan has an estimate for the visitor's usage.
    estimated: bool,
    /// Whether the published prices of some plan differ.
    varied: bool,
    /// Whether some plan has special conditions.
    special: bool,
    plans: Vec<Column<'a>>,
}

struct Column<'a> {
    card: Card<'a>,
    /// The path to the comparison without this plan.
    without: String,
}
