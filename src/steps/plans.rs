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
    nrg::{self, Offers},
    rate_limit::Action,
    web::{context::RequestContext, form::FormErrors},
};

pub use self::{card::Card, filter::Filter};

/// The step.
pub struct PlansStep;

/// What is posted: which plan, and the digest of what was seen of it.
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

/// A plan as it was seen.
pub struct PlanSeen {
    brand: Brand,
    offer: OfferCode,
    digest: String,
}

/// What all enabled brands offer here.
#[derive(Default)]
pub struct AvailablePlans {
    /// In the order of the brands.
    pub offers: Vec<Offer>,
    /// Brands that show default plans, because their promo code is not valid here.
    pub default_offers: Vec<Brand>,
    /// Brands that could not be asked now.
    pub missing: Vec<Brand>,
    /// Brands that take no enrollments now.
    pub out: Vec<Brand>,
}

impl StepPage for PlansStep {
    const STEP: Step = Step::Plans;
    type Form = PlansForm;
    type Input = PlanSeen;

    fn form(ctx: &RequestContext) -> PlansForm {
        ctx.journey().chosen().map_or_else(PlansForm::default, |chosen| PlansForm::of(&chosen.offer))
    }

    /// The plan a link asked for is chosen as soon as it can be looked for, once.
    async fn prepare(ctx: &mut RequestContext) -> Result<Prepared, PageError> {
        let journey = ctx.journey();
        let Some((brand, code)) = journey
            .link_request
            .plan()
            .filter(|(brand, _)| journey.chosen().is_none() && !ctx.outages.has(*brand))
        else {
            return Ok(Prepared::Show);
        };
        // A brand that is out or cannot be asked is told on the page, and the wish stays.
        let Ok(offers) = offers_of(ctx, brand).await else { return Ok(Prepared::Show) };
        let (_, transaction) = sold_for(ctx)?;
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

    async fn render(
        ctx: &RequestContext,
        _form: &PlansForm,
        errors: &FormErrors,
    ) -> Result<String, PageError> {
        let shelf = available_plans(ctx).await?;
        Ok(PlansPage::new(ctx, &shelf, errors).render()?)
    }

    fn parse(form: &PlansForm, ctx: &RequestContext) -> Result<PlanSeen, FormErrors> {
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
        let (_, transaction) = sold_for(ctx)?;
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

/// A plan that is gone or has changed is dropped, and its page tells why.
fn choose_again(repair: Correction) -> JourneyUpdate {
    Box::new(move |journey| {
        journey.plan = None;
        journey.correction = Some(repair.clone());
    })
}

fn sold_for(ctx: &RequestContext) -> Result<(TdspCode, Transaction), PageError> {
    let journey = ctx.journey();
    let tdsp = journey.tdsp().ok_or_else(|| PageError::unexpected("utility"))?;
    let service = journey.service.as_ref().ok_or_else(|| PageError::unexpected("service"))?;
    Ok((tdsp.clone(), service.transaction))
}

/// The plans of one enabled brand for this utility and transaction, from the cache where it has them.
pub async fn offers_of(ctx: &RequestContext, brand: Brand) -> Result<Arc<Offers>, PageError> {
    let (tdsp, transaction) = sold_for(ctx)?;
    let (nrg, cache) = (ctx.nrg_as(brand), &ctx.app.offers);
    let promo = ctx.journey().link_request.promo_of(brand, ctx.site());
    let offers = cache.get(&nrg.with_promo(promo), &tdsp, transaction).await?;
    if promo.is_none() || !offers.list.is_empty() {
        return Ok(offers);
    }
    // The promotion of a link has nothing here: the regular plans have.
    let regular = cache.get(&nrg, &tdsp, transaction).await?;
    Ok(Arc::new(Offers { list: regular.list.clone(), default_offers: true }))
}

/// Asks all enabled brands at once. One that cannot be asked leaves the others; none that can is a failure.
pub async fn available_plans(ctx: &RequestContext) -> Result<AvailablePlans, PageError> {
    let (out, brands): (Vec<Brand>, Vec<Brand>) =
        ctx.site().brands.keys().partition(|brand| ctx.outages.has(**brand));
    let answers = join_all(brands.iter().map(|brand| offers_of(ctx, *brand))).await;
    let mut shelf = AvailablePlans { out, ..AvailablePlans::default() };
    let mut last_error = None;
    for (brand, answer) in brands.into_iter().zip(answers) {
        match answer {
            Ok(offers) => {
                if offers.default_offers {
                    shelf.default_offers.push(brand);
                }
                shelf.offers.extend(offers.list.iter().cloned());
            }
            Err(error) => {
                shelf.missing.push(brand);
                last_error = Some(error);
            }
        }
    }
    match last_error {
        Some(error) if shelf.offers.is_empty() => Err(error),
        _ => Ok(shelf),
    }
}

/// Reads the chosen plan again when the journey goes on on a later day. A plan that is gone or has changed
/// has to be chosen again.
pub async fn refresh(ctx: &mut RequestContext) -> Result<(), PageError> {
    let today = ctx.app.clock.texas_today();
    let Some(chosen) = ctx.journey().chosen().filter(|chosen| chosen.read_on < today).cloned() else {
        return Ok(());
    };
    ctx.count(Action::LookUp).await?;
    let now = ctx.nrg().offer_details(&chosen.offer).await?;
    let record = match &now {
        None => choose_again(Correction::PlanGone),
        Some(offer) if offer.digest() != chosen.offer.digest() => choose_again(Correction::PlanChanged),
        Some(_) => Box::new(move |journey: &mut Journey| {
            journey.plan = Some(Chosen { read_on: today, ..chosen.clone() });
        }),
    };
    Ok(ctx.visit.change(record).await?)
}

fn brand_name(ctx: &RequestContext, brand: Brand) -> &str {
    ctx.site().brand(brand).map_or("", |site| &site.name)
}

/// The name NRG gave for the ZIP; a utility learnt later is known by the published list.
fn utility_name<'a>(ctx: &'a RequestContext, code: &'a TdspCode) -> &'a str {
    let of_zip = ctx.journey().utilities().unwrap_or_default().iter().find(|utility| utility.code == *code);
    of_zip.map_or_else(
        || nrg::utility(code).map_or(code.as_str(), |known| known.name),
        |utility| utility.name.as_str(),
    )
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
