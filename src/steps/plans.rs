//! Step `plans`: the plans of all enabled brands together, and the one that is chosen.

mod available;
mod card;
mod estimate;
pub(crate) mod filter;
mod form;
mod list;

use askama::Template;

use self::{
    available::{offers_of_today, service_of},
    list::PlansPage,
};
use super::{JourneyUpdate, PageError, Prepared, StepPage};
use crate::{
    fields::{Brand, OfferCode},
    journey::{Chosen, Correction, Journey, RejectedParam, Step},
    rate_limit::Action,
    web::{context::RequestContext, form::FormErrors, page_context::PageContext},
};

pub use self::{
    available::{AvailablePlans, available_plans, offers_of, plans_for},
    card::{Card, brand_name, path_of, price_conditions},
    filter::Filter,
    form::PlansForm,
};

/// Step `plans`.
pub struct PlansStep;

/// A plan as it was shown.
pub struct PlanSeen {
    brand: Brand,
    offer: OfferCode,
    digest: String,
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
        let offers = match offers_of_today(ctx, brand).await {
            Ok(offers) => offers,
            // The page has a notice of a brand whose plans cannot be fetched, and the link's request stays.
            Err(PageError::Nrg(_)) => return Ok(Prepared::Show),
            Err(error) => return Err(error),
        };
        let (_, transaction) = service_of(ctx.journey())?;
        let chosen = offers.list.iter().find(|offer| offer.code == code).map(|offer| Chosen {
            offer: offer.clone(),
            transaction,
            read_on: ctx.app.clock.texas_today(),
            default_offers: offers.default_offers,
            message: offers.message.clone(),
            language: Some(ctx.language),
        });
        ctx.session
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

    fn changes(seen: &PlanSeen, journey: &Journey) -> bool {
        journey.chosen().is_none_or(|chosen| {
            let offer = &chosen.offer;
            (offer.brand, &offer.code) != (seen.brand, &seen.offer) || offer.digest() != seen.digest
        })
    }

    async fn call_nrg(ctx: &mut RequestContext, seen: PlanSeen) -> Result<JourneyUpdate, PageError> {
        let (_, transaction) = service_of(ctx.journey())?;
        let offers = offers_of_today(ctx, seen.brand).await?;
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
            message: offers.message.clone(),
            language: Some(ctx.language),
        };
        let usage = Filter::read(&ctx.request.query).kwh();
        Ok(Box::new(move |journey| {
            (journey.plan, journey.usage) = (Some(chosen.clone()), usage);
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

/// Whether the chosen plan was read on an earlier day: the journey is continued later.
pub fn is_of_earlier_day(ctx: &RequestContext) -> bool {
    ctx.journey().chosen().is_some_and(|chosen| chosen.read_on < ctx.app.clock.texas_today())
}

/// Fetches the chosen plan again if the journey is continued on a later day. A plan that no longer exists or has changed
/// must be chosen again. `offer-details` alone is no proof that a plan is gone: where it fails or has none, the plan is
/// looked up in a list of today.
pub async fn refresh(ctx: &mut RequestContext) -> Result<(), PageError> {
    let today = ctx.app.clock.texas_today();
    let Some(chosen) = ctx.journey().chosen().filter(|_| is_of_earlier_day(ctx)).cloned() else {
        return Ok(());
    };
    ctx.count(Action::LookUp).await?;
    let (asked, language) = (&chosen.offer, Some(ctx.language));
    let now = match ctx.nrg().offer_details(asked).await {
        Ok(Some(offer)) => Some((offer, chosen.default_offers)),
        answer => match (offers_of_today(ctx, asked.brand).await, answer) {
            (Ok(offers), _) => {
                let listed = offers.list.iter().find(|offer| offer.code == asked.code);
                listed.map(|offer| (offer.clone(), offers.default_offers))
            }
            (Err(_), Err(failed)) => return Err(failed.into()),
            (Err(failed), Ok(_)) => return Err(failed),
        },
    };
    let update = match now {
        None => choose_again(Correction::PlanGone),
        Some((offer, _)) if offer.digest() != asked.digest() => choose_again(Correction::PlanChanged),
        // With the codes of today, which `enroll` sends back.
        Some((offer, default_offers)) => Box::new(move |journey: &mut Journey| {
            journey.plan = Some(Chosen {
                offer: offer.clone(),
                read_on: today,
                default_offers,
                language,
                ..chosen.clone()
            });
        }),
    };
    Ok(ctx.save_for(Step::Plans, update).await?)
}

#[cfg(test)]
pub(super) mod tests {
    use url::Url;

    use super::*;
    use crate::{
        fields::{CentsPerKwh, Dollars, TdspCode},
        journey::{AveragePrices, CancelFee, Documents, Offer, OfferCodes, PlanKind},
    };

    /// A fixed plan of twelve months, with prices in tenths of a cent.
    pub(in crate::steps::plans) fn offer(
        code: &str,
        brand: Brand,
        [at_500, at_1000, at_2000]: [u32; 3],
    ) -> Offer {
        let document = |name: &str| Url::parse(&format!("https://brand.example/{name}.pdf")).unwrap().into();
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
            cancel_fee: CancelFee::Amount(Dollars::whole(150)),
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
            paperless_discount: false,
            autopay_discount: false,
            prepaid: false,
            documents: Documents { efl: document("efl"), tos: document("tos"), yrac: document("yrac") },
        }
    }
}
