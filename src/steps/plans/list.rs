//! The page of the list: twenty cards, the filters and the order, and the ways to widen a filter that no plan passes.

use askama::Template;
use strum::VariantArray as _;

use super::{
    available::AvailablePlans,
    card::{Card, brand_name},
    filter::{Facet, Filter, HOMES, KINDS, Sort, plan_word},
};
use crate::{
    fields::Brand,
    journey::{AdviceKind, Correction, Step},
    messages::{interpolate, thousands},
    web::{
        Choice, ErrorMessages, Field, FieldError, Notice, Page, form::FormErrors, page_context::PageContext,
    },
};

/// How many plans a page shows.
const PER_PAGE: usize = 20;

#[derive(Template)]
#[template(path = "step/plans.html")]
pub(super) struct PlansPage<'a> {
    page: Page<'a>,
    revision: u64,
    lead: String,
    /// Whether there is no plan at all.
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
    sorts: Vec<Choice>,
    usage: Field,
    home: Field,
    homes: [Choice; HOMES.len()],
    /// Whether some filter is set.
    filtered: bool,
    /// The path to the list without filters.
    reset: String,
    /// If no plan passes: the filters that hide some, each with the path without it.
    relax: Vec<Link>,
    /// Plans ticked for comparison that are on other pages of the list.
    ticked_elsewhere: Vec<String>,
    page_of: String,
    /// The numbers of the previous and the next page.
    previous: Option<usize>,
    next: Option<usize>,
}

struct Link {
    href: String,
    label: String,
}

impl<'a> PlansPage<'a> {
    pub(super) fn new(ctx: PageContext<'a>, plans: &'a AvailablePlans, errors: &'a FormErrors) -> Self {
        let (text, journey) = (ctx.messages(), ctx.journey);
        let t = &text.plans;
        let mut filter = Filter::read(&ctx.request.query);
        let passed = filter.apply(&plans.offers);
        let pages = passed.len().div_ceil(PER_PAGE).max(1);
        filter.page = filter.page.min(pages - 1);
        let count = count_in_words(ctx, passed.len());

        let mut summary = ErrorMessages::new(ctx.messages(), errors).summary();
        let problem = filter.misses_usage().then(|| t.usage_problem.clone());
        summary.extend(problem.clone().map(|message| FieldError { field: "usage".to_owned(), message }));
        let mut page = ctx.step_page(Step::Plans, &t.title, summary);
        if !filter.set().is_empty() {
            // The title is the first thing a screen reader reads.
            page.title = format!("{}: {count}", t.title);
        }
        let notices = notices(ctx, plans, &page);
        page.notices.extend(notices);

        let zip = journey.service.as_ref().map_or("", |service| service.zip.as_str());
        let utility = ctx.utility_name();
        let mut brands: Vec<Brand> = plans.offers.iter().map(|offer| offer.brand).collect();
        brands.dedup();
        let mut terms: Vec<u16> = plans.offers.iter().map(|offer| offer.term_months).collect();
        terms.sort_unstable();
        terms.dedup();
        let kinds = KINDS.iter().filter(|(kind, _)| plans.offers.iter().any(|offer| offer.kind == *kind));
        let any = || std::iter::once(Choice::new("", &t.filter_any));
        let text_of = |value: Option<String>| value.unwrap_or_default();
        let cards: Vec<Card<'_>> = passed
            .iter()
            .skip(filter.page * PER_PAGE)
            .take(PER_PAGE)
            .map(|offer| Card::new(ctx, offer, &filter))
            .collect();
        let ticked = filter.compare.iter().map(|(brand, code)| plan_word(*brand, code));

        Self {
            revision: journey.revision(Step::Plans),
            lead: interpolate(&t.lead, &[("zip", zip), ("utility", utility)]),
            bare: plans.offers.is_empty(),
            brand: Field::new("brand", text_of(filter.brand.map(|brand| brand.id().to_owned())), None),
            brands: any()
                .chain(brands.iter().map(|brand| Choice::new(brand.id(), brand_name(ctx, *brand))))
                .collect(),
            kind: Field::new("kind", filter.kind_word(), None),
            kinds: any()
                .chain(kinds.map(|(kind, word)| Choice::new(*word, text.plan_kind(kind).0)))
                .collect(),
            term: Field::new("term", text_of(filter.term.map(|months| months.to_string())), None),
            terms: any()
                .chain(terms.iter().map(|months| Choice::new(months.to_string(), text.term(*months))))
                .collect(),
            green: Field::new("green", if filter.green { "yes" } else { "" }, None),
            sort: Field::new("sort", filter.sort.word(), None),
            sorts: Sort::VARIANTS
                .iter()
                .map(|&sort| {
                    let label = match sort {
                        Sort::Mine => &t.sort_mine,
                        Sort::Price500 => &t.sort_price_500,
                        Sort::Price1000 => &t.sort_price_1000,
                        Sort::Price2000 => &t.sort_price_2000,
                        Sort::Term => &t.sort_term,
                    };
                    Choice::new(sort.word(), label)
                })
                .collect(),
            usage: Field::new("usage", &filter.usage, problem),
            home: Field::new("home", text_of(filter.home.map(|kwh| kwh.to_string())), None),
            homes: homes(ctx),
            filtered: !filter.set().is_empty(),
            reset: filter.without_all().address("/plans"),
            relax: if passed.is_empty() { relax(ctx, plans, &filter) } else { Vec::new() },
            ticked_elsewhere: ticked.filter(|word| cards.iter().all(|card| card.word != *word)).collect(),
            page_of: interpolate(
                &t.page_of,
                &[("n", &(filter.page + 1).to_string()), ("total", &pages.to_string())],
            ),
            previous: (filter.page > 0).then_some(filter.page),
            next: (filter.page + 1 < pages).then_some(filter.page + 2),
            cards,
            count,
            page,
        }
    }
}

/// The sizes of home, each with its usage.
fn homes(ctx: PageContext<'_>) -> [Choice; HOMES.len()] {
    let t = &ctx.messages().plans;
    HOMES.map(|kwh| {
        let words = match kwh {
            500 => &t.home_apartment,
            1000 => &t.home_small,
            1500 => &t.home_middle,
            _ => &t.home_large,
        };
        Choice::new(kwh.to_string(), interpolate(words, &[("kwh", &thousands(kwh))]))
    })
}

fn count_in_words(ctx: PageContext<'_>, count: usize) -> String {
    let t = &ctx.messages().plans;
    if count == 1 { t.count_one.clone() } else { interpolate(&t.count, &[("count", &count.to_string())]) }
}

/// The notices: why a plan must be chosen again, and which brands offer less than usual or nothing.
fn notices<'a>(ctx: PageContext<'a>, plans: &'a AvailablePlans, page: &Page<'a>) -> Vec<Notice<'a>> {
    let text = ctx.messages();
    let correction = ctx.journey.correction.as_ref().and_then(|correction| match correction {
        Correction::OtherUtility(code) => {
            Some(interpolate(&text.plans.other_utility, &[("utility", ctx.name_of_utility(code))]))
        }
        Correction::PlanGone => Some(text.plans.gone.clone()),
        Correction::PlanChanged => Some(text.plans.changed.clone()),
        Correction::ProspectUnknown
        | Correction::RecordUnknown
        | Correction::NewQuestions
        | Correction::BirthDate
        | Correction::TokenUnusable
        | Correction::NothingChanged
        | Correction::NothingChangedAgain
        | Correction::SameNumber => None,
    });
    let notice = |title: &str, words| Notice { title: title.to_owned(), text: Some(words), message: None };
    let of_brand =
        |words: &str, brand: &Brand| page.interpolate_with(words, &[("brand", brand_name(ctx, *brand))]);
    let (title, words) = text.advice(AdviceKind::DefaultOffers);
    let message_of = |brand| plans.messages.iter().find(|(of, _)| of == brand).map(|(_, message)| message);
    let default_offers = plans.default_offers.iter().map(|brand| Notice {
        message: message_of(brand),
        ..notice(&format!("{}: {title}", brand_name(ctx, *brand)), of_brand(words.unwrap_or_default(), brand))
    });
    let (other_title, _) = text.advice(AdviceKind::Other);
    let others = plans.messages.iter().filter(|(brand, _)| !plans.default_offers.contains(brand));
    let others = others.map(|(brand, message)| Notice {
        title: format!("{}: {other_title}", brand_name(ctx, *brand)),
        text: None,
        message: Some(message),
    });
    let missing = plans
        .missing
        .iter()
        .map(|brand| notice(&text.common.notice, of_brand(&text.plans.brand_missing, brand)));
    let out = plans.out.iter().filter_map(|brand| {
        let site = ctx.site().brand(*brand)?;
        let phone = site.phone.of(ctx.language).to_string();
        let values = [("brand", site.name.as_str()), ("phone", phone.as_str())];
        Some(notice(&text.common.notice, page.interpolate_with(&text.plans.brand_out, &values)))
    });
    let correction = correction.map(|words| notice(&text.common.important, words));
    correction.into_iter().chain(default_offers).chain(others).chain(missing).chain(out).collect()
}

/// The filters without which some plan passes, each with the path without it.
fn relax(ctx: PageContext<'_>, plans: &AvailablePlans, filter: &Filter) -> Vec<Link> {
    let t = &ctx.messages().plans;
    let link = |facet| {
        let wider = filter.without(facet);
        let count = wider.apply(&plans.offers).len();
        let name = match facet {
            Facet::Brand => &t.filter_brand,
            Facet::Kind => &t.filter_kind,
            Facet::Term => &t.filter_term,
            Facet::Green => &t.filter_green,
        };
        (count > 0).then(|| Link {
            href: wider.address("/plans"),
            label: interpolate(&t.relax, &[("filter", name), ("count", &count_in_words(ctx, count))]),
        })
    };
    filter.set().into_iter().filter_map(link).collect()
}
