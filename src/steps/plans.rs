//! Step `plans`: the plans of all enabled brands together, and the one that is chosen.

mod card;
mod estimate;
pub(crate) mod filter;
mod list;

use std::sync::Arc;

use askama::Template;
use futures_util::future::join_all;

use self::list::PlansPage;
use super::{JourneyUpdate, PageError, Prepared, StepPage};
use crate::{
    fields::{Brand, OfferCode, TdspCode, Transaction},
    journey::{Chosen, Correction, Journey, Offer, RejectedParam, Step},
    nrg::Offers,
    rate_limit::Action,
    web::{context::RequestContext, form::FormErrors, page_context::PageContext},
};

pub use self::{card::Card, filter::Filter};

/// Step `plans`.
pub struct PlansStep;

/// The posted form: the plan, and the digest of its terms as they were shown.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct PlansForm {
    pub brand: String,
    pub offer: String,
    pub digest: String,
}

impl PlansForm {
    /// The form that chooses `offer` as it is shown.
    pub fn of(offer: &Offer) -> Self {
        Self {
            brand: offer.brand.id().to_owned(),
            offer: offer.code.as_str().to_owned(),
            digest: offer.digest(),
        }
    }
}

/// A plan as it was shown.
pub struct PlanSeen {
    brand: Brand,
    offer: OfferCode,
    digest: String,
}

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

impl StepPage for PlansStep {
    const STEP: Step = Step::Plans;
    type Form = PlansForm;
    type Input = PlanSeen;
    type Shown = AvailablePlans;

    fn form(ctx: PageContext<'_>) -> PlansForm {
        ctx.journey.chosen().map_or_else(PlansForm::default, |chosen| PlansForm::of(&chosen.offer))
    }

    /// Chooses the plan that a link asked for, once, as soon as the plans can be fetched.
    async fn prepare(ctx: &mut RequestContext) -> Result<Prepared, PageError> {
        let journey = ctx.journey();
        let Some((brand, code)) = journey
            .link_request
            .plan()
            .filter(|(brand, _)| journey.chosen().is_none() && !ctx.outages.has(*brand))
        else {
            return Ok(Prepared::Show);
        };
        // The page has a notice of a brand whose plans cannot be fetched, and the link's request stays.
        let Ok(offers) = offers_of(ctx, brand).await else { return Ok(Prepared::Show) };
        let (_, transaction) = service_of(ctx.journey())?;
        let chosen = offers.list.iter().find(|offer| offer.code == code).map(|offer| Chosen {
            offer: offer.clone(),
            transaction,
            read_on: ctx.app.clock.texas_today(),
            default_offers: offers.default_offers,
        });
        ctx.visit
            .change(|journey| {
                (journey.link_request.brand, journey.link_request.offer) = (None, None);
                match &chosen {
                    Some(chosen) => {
                        journey.plan = Some(chosen.clone());
                        journey.answered_by_link(Step::Plans);
                    }
                    None => {
                        journey.rejected_params.insert(RejectedParam::Plan);
                    }
                }
            })
            .await?;
        Ok(if chosen.is_some() { Prepared::Elsewhere } else { Prepared::Show })
    }

    async fn fetch(ctx: &RequestContext) -> Result<AvailablePlans, PageError> {
        available_plans(ctx).await
    }

    fn render(
        ctx: PageContext<'_>,
        shown: &AvailablePlans,
        _form: &PlansForm,
        errors: &FormErrors,
    ) -> Result<String, PageError> {
        Ok(PlansPage::new(ctx, shown, errors).render()?)
    }

    fn parse(form: &PlansForm, ctx: PageContext<'_>) -> Result<PlanSeen, FormErrors> {
        let brand = Brand::parse(&form.brand).ok().filter(|brand| ctx.sells(*brand));
        let seen = brand.zip(OfferCode::parse(&form.offer).ok());
        seen.map(|(brand, offer)| PlanSeen { brand, offer, digest: form.digest.clone() }).ok_or_else(|| {
            let mut errors = FormErrors::default();
            errors.say("form", &ctx.messages().problem.not_offered);
            errors
        })
    }

    fn store(_plan: &PlanSeen, _journey: &mut Journey) {}

    async fn call_nrg(ctx: &mut RequestContext, seen: PlanSeen) -> Result<JourneyUpdate, PageError> {
        let (_, transaction) = service_of(ctx.journey())?;
        let offers = offers_of(ctx, seen.brand).await?;
        let Some(offer) = offers.list.iter().find(|offer| offer.code == seen.offer).cloned() else {
            return Ok(choose_again(Correction::PlanGone));
        };
        if offer.digest() != seen.digest {
            return Ok(choose_again(Correction::PlanChanged));
        }
        let chosen = Chosen {
            offer,
            transaction,
            read_on: ctx.app.clock.texas_today(),
            default_offers: offers.default_offers,
        };
        Ok(Box::new(move |journey| {
            journey.plan = Some(chosen.clone());
            (journey.link_request.brand, journey.link_request.offer) = (None, None);
        }))
    }
}

/// Drops the chosen plan, which no longer exists or has changed; the list has a notice of it.
fn choose_again(correction: Correction) -> JourneyUpdate {
    Box::new(move |journey| {
        journey.plan = None;
        journey.correction = Some(correction.clone());
    })
}

/// The utility and the transaction for which plans are offered.
fn service_of(journey: &Journey) -> Result<(TdspCode, Transaction), PageError> {
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

/// Fetches the chosen plan again if the journey is continued on a later day. A plan that no longer exists or has changed
/// must be chosen again.
pub async fn refresh(ctx: &mut RequestContext) -> Result<(), PageError> {
    let today = ctx.app.clock.texas_today();
    let Some(chosen) = ctx.journey().chosen().filter(|chosen| chosen.read_on < today).cloned() else {
        return Ok(());
    };
    ctx.count(Action::LookUp).await?;
    let now = ctx.nrg().offer_details(&chosen.offer).await?;
    let update = match &now {
        None => choose_again(Correction::PlanGone),
        Some(offer) if offer.digest() != chosen.offer.digest() => choose_again(Correction::PlanChanged),
        Some(_) => Box::new(move |journey: &mut Journey| {
            journey.plan = Some(Chosen { read_on: today, ..chosen.clone() });
        }),
    };
    Ok(ctx.visit.change(update).await?)
}

fn brand_name(ctx: PageContext<'_>, brand: Brand) -> &str {
    ctx.site().brand(brand).map_or("", |site| &site.name)
}

#[cfg(test)]
pub(super) mod tests {
    use url::Url;

    use super::*;
    use crate::{
        fields::{CentsPerKwh, Dollars},
        journey::{AveragePrices, Documents, OfferCodes, PlanKind},
    };

    /// A fixed plan of twelve months, with prices in tenths of a cent.
    pub(in crate::steps::plans) fn offer(
        code: &str,
        brand: Brand,
        [at_500, at_1000, at_2000]: [u32; 3],
    ) -> Offer {
        let document = |name: &str| Url::parse(&format!("https://brand.example/{name}.pdf")).unwrap();
        Offer {
            brand,
            tdsp: TdspCode::parse("D0001").unwrap(),
            code: OfferCode::parse(code).unwrap(),
            codes: OfferCodes {
                promo: "DEMO99".into(),
                campaign: "CAMPDEMO".into(),
                product_price: "PPCDEMO".into(),
                incentive: "INCDEMO".into(),
                market_segment: "01".into(),
            },
            name: "Sample Secure 12 Plan".into(),
            tagline: None,
            details: None,
            fine_print: None,
            kind: PlanKind::Fixed,
            term_months: 12,
            cancel_fee: Dollars(150),
            average: AveragePrices {
                at_500: CentsPerKwh(at_500),
                at_1000: CentsPerKwh(at_1000),
                at_2000: CentsPerKwh(at_2000),
            },
            charges: Vec::new(),
            usage_credit: None,
            usage_charge: None,
            green: false,
            smart_meter: false,
            documents: Documents { efl: document("efl"), tos: document("tos"), yrac: document("yrac") },
        }
    }
}
