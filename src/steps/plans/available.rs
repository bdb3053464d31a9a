//! The plans that are available to a journey, of one brand or of all brands of the site.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::{
    fields::{Brand, TdspCode, Transaction},
    journey::{CallKind, Journey, Offer, SafeHtml, Step},
    nrg::{OfferLookup, Offers},
    texas_time,
    web::{context::RequestContext, error::PageError, patience::Awaited},
};

/// The plans of all brands of the site.
#[derive(Default)]
pub struct AvailablePlans {
    /// In the order of the brands.
    pub offers: Vec<Offer>,
    /// Brands that offer default plans, because their promo code is not valid here.
    pub default_offers: Vec<Brand>,
    /// NRG's texts about the plans of a brand, or about there being none.
    pub messages: Vec<(Brand, SafeHtml)>,
    /// Brands whose plans could not be fetched.
    pub missing: Vec<Brand>,
    /// Brands with an outage.
    pub out: Vec<Brand>,
}

/// The utility and the transaction for which plans are offered.
pub(super) fn service_of(journey: &Journey) -> Result<(&TdspCode, Transaction), PageError> {
    let tdsp = journey.tdsp().ok_or_else(|| PageError::unexpected("utility"))?;
    let service = journey.service.as_ref().ok_or_else(|| PageError::unexpected("service"))?;
    Ok((tdsp, service.transaction))
}

/// The plans of one brand for the journey's utility and transaction, from the cache if it has them.
pub async fn offers_of(ctx: &RequestContext, brand: Brand) -> Result<Arc<Offers>, PageError> {
    counted(ctx, brand, Timestamp::MIN).await
}

/// As [`offers_of`], but as NRG lists them today (in Texas): what a choice is checked against.
pub(super) async fn offers_of_today(ctx: &RequestContext, brand: Brand) -> Result<Arc<Offers>, PageError> {
    counted(ctx, brand, texas_time::midnight(ctx.app.clock.texas_today())).await
}

async fn counted(
    ctx: &RequestContext,
    brand: Brand,
    not_before: Timestamp,
) -> Result<Arc<Offers>, PageError> {
    let lookup = lookup_of(ctx, service_of(ctx.journey())?, brand, not_before);
    ctx.count_calls(usize::from(ctx.app.offers.needs_call(lookup))).await?;
    patiently(ctx, lookup).await
}

/// The lookup of the plans of one brand, with the promotion that the link asked for.
fn lookup_of<'a>(
    ctx: &'a RequestContext,
    (tdsp, transaction): (&'a TdspCode, Transaction),
    brand: Brand,
    not_before: Timestamp,
) -> OfferLookup<'a> {
    let promo = ctx.journey().link_request.promo_of(brand, ctx.site());
    OfferLookup { client: ctx.nrg_as(brand).with_promo(promo), tdsp, transaction, not_before }
}

/// The plans of a lookup that is counted already, if they are there before the request's patience ends.
async fn patiently(ctx: &RequestContext, lookup: OfferLookup<'_>) -> Result<Arc<Offers>, PageError> {
    ctx.patience.wait(fetch(ctx, lookup)).await.unwrap_or_else(|| {
        let since = ctx.app.offers.loading_since(lookup).unwrap_or(ctx.now);
        Err(PageError::Waiting(Awaited { step: Step::Plans, kind: CallKind::Read, since }))
    })
}

async fn fetch(ctx: &RequestContext, lookup: OfferLookup<'_>) -> Result<Arc<Offers>, PageError> {
    let (cache, brand) = (&ctx.app.offers, lookup.client.brand());
    let offers = cache.get(lookup).await?;
    if ctx.journey().link_request.promo_of(brand, ctx.site()).is_none() || !offers.list.is_empty() {
        return Ok(offers);
    }
    // The promo code of the link has no plans here: the regular ones are offered.
    let regular = OfferLookup { client: ctx.nrg_as(brand), ..lookup };
    ctx.count_calls(usize::from(cache.needs_call(regular))).await?;
    let regular = cache.get(regular).await?;
    Ok(Arc::new(Offers { default_offers: true, ..(*regular).clone() }))
}

/// The plans of all brands for the journey's utility and transaction.
///
/// # Errors
/// As [`plans_for`].
pub async fn available_plans(ctx: &RequestContext) -> Result<AvailablePlans, PageError> {
    plans_for(ctx, service_of(ctx.journey())?, None).await
}

/// Fetches the plans of all brands of the site, or of one of them, at once. If a brand fails or has not answered when the
/// request's patience ends, the others are offered.
///
/// # Errors
/// There is no plan, and a brand has not answered, or failed.
pub async fn plans_for(
    ctx: &RequestContext,
    service: (&TdspCode, Transaction),
    only: Option<Brand>,
) -> Result<AvailablePlans, PageError> {
    let wanted = ctx.site().brands.keys().filter(|brand| only.is_none_or(|only| only == **brand));
    let (out, brands): (Vec<Brand>, Vec<Brand>) = wanted.partition(|brand| ctx.outages.has(**brand));
    let lookups = brands.iter().map(|brand| lookup_of(ctx, service, *brand, Timestamp::MIN));
    let lookups: Vec<_> = lookups.collect();
    let calls = lookups.iter().filter(|lookup| ctx.app.offers.needs_call(**lookup)).count();
    ctx.count_calls(calls).await?;
    let answers = join_all(lookups.iter().map(|lookup| patiently(ctx, *lookup))).await;
    let mut plans = AvailablePlans { out, ..AvailablePlans::default() };
    let mut without_answer = None;
    for (brand, answer) in brands.into_iter().zip(answers) {
        match answer {
            Ok(offers) => {
                if offers.default_offers {
                    plans.default_offers.push(brand);
                }
                plans.messages.extend(offers.message.clone().map(|message| (brand, message)));
                plans.offers.extend(offers.list.iter().cloned());
            }
            Err(error) => {
                plans.missing.push(brand);
                // Its page waits for a brand that may still have plans.
                if !matches!(without_answer, Some(PageError::Waiting(_))) {
                    without_answer = Some(error);
                }
            }
        }
    }
    match without_answer {
        Some(error) if plans.offers.is_empty() => Err(error),
        _ => Ok(plans),
    }
}
