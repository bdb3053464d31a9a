//! Step `plans`: the plans of all enabled brands together, and the one that is chosen.

mod card;
mod estimate;
mod filter;

use std::sync::Arc;

use askama::Template;
use futures_util::future::join_all;

use self::filter::{Facet, KINDS, Sort};
use super::{Failure, Record, StepPage};
use crate::{
    fields::{Brand, OfferCode, TdspCode, Transaction},
    journey::{AdviceKind, Chosen, Journey, Offer, Repair, Step},
    nrg::{self, Offers},
    text::fill,
    web::{
        Choice, Field, Notice, Page,
        ctx::{Ctx, Faults},
        form::Errors,
    },
};

pub use self::{card::Card, filter::Filter};

/// How many plans a page shows.
const PER_PAGE: usize = 20;

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
pub struct Shelf {
    /// In the order of the brands.
    pub offers: Vec<Offer>,
    /// Brands that show default plans, because their promo code is not valid here.
    pub default_offers: Vec<Brand>,
    /// Brands that could not be asked now.
    pub missing: Vec<Brand>,
}

impl StepPage for PlansStep {
    const STEP: Step = Step::Plans;
    type Form = PlansForm;
    type Input = PlanSeen;

    fn form(ctx: &Ctx) -> PlansForm {
        ctx.journey().chosen().map_or_else(PlansForm::default, |chosen| PlansForm::of(&chosen.offer))
    }

    async fn render(ctx: &Ctx, _form: &PlansForm, errors: &Errors) -> Result<String, Failure> {
        let shelf = shelf(ctx).await?;
        Ok(PlansPage::new(ctx, &shelf, errors).render()?)
    }

    fn parse(form: &PlansForm, ctx: &Ctx) -> Result<PlanSeen, Errors> {
        let brand = Brand::parse(&form.brand).ok().filter(|brand| ctx.site().brand(*brand).is_some());
        let seen = brand.zip(OfferCode::parse(&form.offer).ok());
        seen.map(|(brand, offer)| PlanSeen { brand, offer, digest: form.digest.clone() }).ok_or_else(|| {
            let mut errors = Errors::default();
            errors.say("form", &ctx.text().problem.not_offered);
            errors
        })
    }

    fn keep(_plan: &PlanSeen, _journey: &mut Journey) {}

    async fn call(ctx: &mut Ctx, seen: PlanSeen) -> Result<Record, Failure> {
        let (_, transaction) = sold_for(ctx)?;
        let offers = offers_of(ctx, seen.brand).await?;
        let Some(offer) = offers.list.iter().find(|offer| offer.code == seen.offer).cloned() else {
            return Ok(choose_again(Repair::PlanGone));
        };
        if offer.digest() != seen.digest {
            return Ok(choose_again(Repair::PlanChanged));
        }
        let chosen = Chosen {
            offer,
            transaction,
            read_on: ctx.app.clock.texas_today(),
            default_offers: offers.default_offers,
        };
        Ok(Box::new(move |journey| journey.plan = Some(chosen.clone())))
    }
}

/// A plan that is gone or has changed is dropped, and its page tells why.
fn choose_again(repair: Repair) -> Record {
    Box::new(move |journey| {
        journey.plan = None;
        journey.repair = Some(repair.clone());
    })
}

fn sold_for(ctx: &Ctx) -> Result<(TdspCode, Transaction), Failure> {
    let journey = ctx.journey();
    let tdsp = journey.tdsp().ok_or_else(|| Failure::unexpected("utility"))?;
    let service = journey.service.as_ref().ok_or_else(|| Failure::unexpected("service"))?;
    Ok((tdsp.clone(), service.transaction))
}

/// The plans of one enabled brand for this utility and transaction, from the cache where it has them.
pub async fn offers_of(ctx: &Ctx, brand: Brand) -> Result<Arc<Offers>, Failure> {
    let (tdsp, transaction) = sold_for(ctx)?;
    Ok(ctx.app.offers.get(&ctx.caller_as(brand), &tdsp, transaction).await?)
}

/// Asks all enabled brands at once. One that cannot be asked leaves the others; none that can is a failure.
pub async fn shelf(ctx: &Ctx) -> Result<Shelf, Failure> {
    let brands: Vec<Brand> = ctx.site().brands.keys().copied().collect();
    let answers = join_all(brands.iter().map(|brand| offers_of(ctx, *brand))).await;
    let mut shelf = Shelf::default();
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
pub async fn refresh(ctx: &mut Ctx) -> Result<(), Failure> {
    let today = ctx.app.clock.texas_today();
    let Some(chosen) = ctx.journey().chosen().filter(|chosen| chosen.read_on < today).cloned() else {
        return Ok(());
    };
    let now = ctx.caller().offer_details(&chosen.offer).await?;
    let record = match &now {
        None => choose_again(Repair::PlanGone),
        Some(offer) if offer.digest() != chosen.offer.digest() => choose_again(Repair::PlanChanged),
        Some(_) => Box::new(move |journey: &mut Journey| {
            journey.plan = Some(Chosen { read_on: today, ..chosen.clone() });
        }),
    };
    Ok(ctx.visit.change(record).await?)
}

#[derive(Template)]
#[template(path = "step/plans.html")]
struct PlansPage<'a> {
    page: Page<'a>,
    revision: u64,
    lead: String,
    /// Nothing is sold here at all.
    bare: bool,
    count: String,
    cards: Vec<Card<'a>>,
    brand: Field,
    brands: Vec<Choice>,
    kind: Field,
    kinds: Vec<Choice>,
    term: Field,
    terms: Vec<Choice>,
    green: Field,
    sort: Field,
    sorts: [Choice; Sort::ALL.len()],
    usage: Field,
    filtered: bool,
    /// Where nothing passes: the filters that hide something, each with the way without it.
    relax: Vec<Link>,
    page_of: String,
    previous: Option<String>,
    next: Option<String>,
}

struct Link {
    href: String,
    label: String,
}

impl<'a> PlansPage<'a> {
    fn new(ctx: &'a Ctx, shelf: &'a Shelf, errors: &'a Errors) -> Self {
        let (text, journey) = (ctx.text(), ctx.journey());
        let t = &text.plans;
        let mut filter = Filter::read(&ctx.query);
        let passed = filter.apply(&shelf.offers);
        let pages = passed.len().div_ceil(PER_PAGE).max(1);
        filter.page = filter.page.min(pages - 1);
        let count = count_in_words(ctx, passed.len());

        let mut page = ctx.step_page(Step::Plans, &t.title, Faults::new(ctx, errors).summary());
        if !filter.set().is_empty() {
            // The first thing heard of the page.
            page.title = format!("{}: {count}", t.title);
        }
        page.notices = notices(ctx, shelf, &page);

        let zip = journey.service.as_ref().map_or("", |service| service.zip.as_str());
        let utility = journey.tdsp().map_or("", |code| utility_name(ctx, code));
        let mut brands: Vec<Brand> = shelf.offers.iter().map(|offer| offer.brand).collect();
        brands.dedup();
        let mut terms: Vec<u16> = shelf.offers.iter().map(|offer| offer.term_months).collect();
        terms.sort_unstable();
        terms.dedup();
        let kinds = KINDS.iter().filter(|(kind, _)| shelf.offers.iter().any(|offer| offer.kind == *kind));
        let any = || std::iter::once(Choice::new("", &t.filter_any));
        let turned = |page| Filter { page, ..filter.clone() }.address("/plans");
        let text_of = |value: Option<String>| value.unwrap_or_default();

        Self {
            revision: journey.revision(Step::Plans),
            lead: fill(&t.lead, &[("zip", zip), ("utility", utility)]),
            bare: shelf.offers.is_empty(),
            cards: passed
                .iter()
                .skip(filter.page * PER_PAGE)
                .take(PER_PAGE)
                .map(|offer| Card::new(ctx, offer, &filter))
                .collect(),
            brand: Field::new("brand", text_of(filter.brand.map(|brand| brand.id().to_owned())), None),
            brands: any()
                .chain(brands.iter().map(|brand| Choice::new(brand.id(), brand_name(ctx, *brand))))
                .collect(),
            kind: Field::new("kind", filter.kind_word(), None),
            kinds: any()
                .chain(kinds.map(|(kind, word)| Choice::new(*word, card::kind(text, kind).0)))
                .collect(),
            term: Field::new("term", text_of(filter.term.map(|months| months.to_string())), None),
            terms: any()
                .chain(terms.iter().map(|months| Choice::new(months.to_string(), card::term(text, *months))))
                .collect(),
            green: Field::new("green", if filter.green { "yes" } else { "" }, None),
            sort: Field::new("sort", filter.sort.word(), None),
            sorts: Sort::ALL.map(|sort| {
                let label = match sort {
                    Sort::Price500 => &t.sort_price_500,
                    Sort::Price1000 => &t.sort_price_1000,
                    Sort::Price2000 => &t.sort_price_2000,
                    Sort::Term => &t.sort_term,
                };
                Choice::new(sort.word(), label)
            }),
            usage: Field::new("usage", text_of(filter.usage.map(|kwh| kwh.to_string())), None),
            filtered: filter != Filter { page: filter.page, ..Filter::default() },
            relax: if passed.is_empty() { relax(ctx, shelf, &filter) } else { Vec::new() },
            page_of: fill(
                &t.page_of,
                &[("n", &(filter.page + 1).to_string()), ("total", &pages.to_string())],
            ),
            previous: filter.page.checked_sub(1).map(turned),
            next: (filter.page + 1 < pages).then(|| turned(filter.page + 1)),
            count,
            page,
        }
    }
}

fn brand_name(ctx: &Ctx, brand: Brand) -> &str {
    ctx.site().brand(brand).map_or("", |site| &site.name)
}

/// The name NRG gave for the ZIP; a utility learnt later is known by the published list.
fn utility_name<'a>(ctx: &'a Ctx, code: &'a TdspCode) -> &'a str {
    let of_zip = ctx.journey().utilities().unwrap_or_default().iter().find(|utility| utility.code == *code);
    of_zip.map_or_else(
        || nrg::utility(code).map_or(code.as_str(), |known| known.name),
        |utility| utility.name.as_str(),
    )
}

fn count_in_words(ctx: &Ctx, count: usize) -> String {
    let t = &ctx.text().plans;
    if count == 1 { t.count_one.clone() } else { fill(&t.count, &[("count", &count.to_string())]) }
}

/// Why the step is asked again, and which brands show less than they could.
fn notices<'a>(ctx: &'a Ctx, shelf: &Shelf, page: &Page<'a>) -> Vec<Notice<'a>> {
    let text = ctx.text();
    let told = ctx.journey().repair.as_ref().and_then(|repair| match repair {
        Repair::OtherUtility(code) => {
            Some(fill(&text.plans.other_utility, &[("utility", utility_name(ctx, code))]))
        }
        Repair::PlanGone => Some(text.plans.gone.clone()),
        Repair::PlanChanged => Some(text.plans.changed.clone()),
        Repair::ProspectUnknown
        | Repair::RecordUnknown
        | Repair::NewQuestions
        | Repair::BirthDate
        | Repair::TokenUnusable
        | Repair::NothingChanged => None,
    });
    let notice = |title: &str, words| Notice { title: title.to_owned(), text: Some(words), message: None };
    let of_brand = |words: &str, brand: &Brand| page.fill_with(words, &[("brand", brand_name(ctx, *brand))]);
    let (title, words) = text.advice(AdviceKind::DefaultOffers);
    let default_offers = shelf.default_offers.iter().map(|brand| {
        let words = of_brand(words.unwrap_or_default(), brand);
        notice(&format!("{}: {title}", brand_name(ctx, *brand)), words)
    });
    let missing = shelf
        .missing
        .iter()
        .map(|brand| notice(&text.common.notice, of_brand(&text.plans.brand_missing, brand)));
    let told = told.map(|words| notice(&text.common.important, words));
    told.into_iter().chain(default_offers).chain(missing).collect()
}

/// The filters that hide something when taken alone, each with the address without it.
fn relax(ctx: &Ctx, shelf: &Shelf, filter: &Filter) -> Vec<Link> {
    let t = &ctx.text().plans;
    let way = |facet| {
        let wider = filter.without(facet);
        let count = wider.apply(&shelf.offers).len();
        let name = match facet {
            Facet::Brand => &t.filter_brand,
            Facet::Kind => &t.filter_kind,
            Facet::Term => &t.filter_term,
            Facet::Green => &t.filter_green,
        };
        (count > 0).then(|| Link {
            href: wider.address("/plans"),
            label: fill(&t.relax, &[("filter", name), ("count", &count_in_words(ctx, count))]),
        })
    };
    filter.set().into_iter().filter_map(way).collect()
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
            green: false,
            smart_meter: false,
            documents: Documents { efl: document("efl"), tos: document("tos"), yrac: document("yrac") },
        }
    }
}
