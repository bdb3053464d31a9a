//! The plans that are available to a journey, of one brand or of all brands of the site.

use std::sync::Arc;

use futures_util::future::join_all;

use crate::{
    fields::{Brand, TdspCode, Transaction},
    journey::{Journey, Offer},
    nrg::Offers,
    web::{context::RequestContext, error::PageError},
};

/// The plans of all brands of the site.
#[derive(Default)]
pub struct AvailablePlans {
    /// In the order of the brands.
    pub offers: Vec<Offer>,
    /// Brands that offer default plans, because their promo code is not valid here.
    pub default_offers: Vec<Brand>,
    /// Brands whose plans could not be fetched.
    pub missing: Vec<Brand>,
    /// Brands with an outage.
    pub out: Vec<Brand>,
}

/// The utility and the transaction for which plans are offered.
pub(super) fn service_of(journey: &Journey) -> Result<(TdspCode, Transaction), PageError> {
    let tdsp = journey.tdsp().ok_or_else(|| PageError::unexpected("utility"))?;
    let service = journey.service.as_ref().ok_or_else(|| PageError::unexpected("service"))?;
    Ok((tdsp.clone(), service.transaction))
}

/// The plans of one brand for the journey's utility and transaction, from the cache if it has them.
pub async fn offers_of(ctx: &RequestContext, brand: Brand) -> Result<Arc<Offers>, PageError> {
    let (tdsp, transaction) = service_of(ctx.journey())?;
    let (nrg, cache) = (ctx.nrg_as(brand), &ctx.app.offers);
    let promo = ctx.journey().link_request.promo_of(brand, ctx.site());
    let offers = cache.get(&nrg.with_promo(promo), &tdsp, transaction).await?;
    if promo.is_none() || !offers.list.is_empty() {
        return Ok(offers);
    }
    // The promo code of the link has no plans here: the regular ones are offered.
    let regular = cache.get(&nrg, &tdsp, transaction).await?;
    Ok(Arc::new(Offers { list: regular.list.clone(), default_offers: true }))
}

/// Fetches the plans of all brands at once. If a brand fails, the others are offered; if there is no plan then, the result
/// is its error.
pub async fn available_plans(ctx: &RequestContext) -> Result<AvailablePlans, PageError> {
    let (out, brands): (Vec<Brand>, Vec<Brand>) =
        ctx.site().brands.keys().partition(|brand| ctx.outages.has(**brand));
    let answers = join_all(brands.iter().map(|brand| offers_of(ctx, *brand))).await;
    let mut plans = AvailablePlans { out, ..AvailablePlans::default() };
    let mut last_error = None;
    for (brand, answer) in brands.into_iter().zip(answers) {
        match answer {
            Ok(offers) => {
                if offers.default_offers {
                    plans.default_offers.push(brand);
                }
                plans.offers.extend(offers.list.iter().cloned());
            }
            Err(error) => {
                plans.missing.push(brand);
                last_error = Some(error);
            }
        }
    }
    match last_error {
        Some(error) if plans.offers.is_empty() => Err(error),
        _ => Ok(plans),
    }
}
