//! The answer to `GET /api/plans`. The names are public: programs read them, and `openapi.json` describes them.

use serde::Serialize;
use url::Url;

use super::query::PlansQuery;
use crate::{
    fields::{Brand, CentsPerKwh, Dollars},
    journey::{CancelFee, DocumentUrl, Offer, PlanKind, UsageCharge, UsageCredit, Utility},
    steps::plans::{AvailablePlans, Card, Filter, brand_name, path_of},
    web::page_context::PageContext,
};

/// The plans of one ZIP code.
#[derive(Serialize)]
pub(super) struct Feed<'a> {
    zip: &'a str,
    #[serde(rename = "type")]
    transaction: &'static str,
    language: &'static str,
    utility: NamedUtility<'a>,
    kwh: Option<u32>,
    plans: Vec<Plan<'a>>,
    unavailable: Vec<Unavailable<'a>>,
}

#[derive(Serialize)]
struct NamedUtility<'a> {
    code: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct NamedBrand<'a> {
    id: &'static str,
    name: &'a str,
}

/// A brand of the site without plans now.
#[derive(Serialize)]
struct Unavailable<'a> {
    brand: NamedBrand<'a>,
    reason: Why,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Why {
    NoAnswer,
    Outage,
}

#[derive(Serialize)]
struct Plan<'a> {
    brand: NamedBrand<'a>,
    offer_code: &'a str,
    name: &'a str,
    tagline: Option<&'a str>,
    kind: Kind<'a>,
    term: Term,
    cancellation_fee: Fee,
    average_cents_per_kwh: Averages,
    spread: Option<Spread>,
    estimate_dollars: Option<u32>,
    documents: Documents<'a>,
    flags: Flags,
    /// The conditions in words, as the page of the plan shows them.
    conditions: Vec<Condition<'a>>,
    link: Url,
}

#[derive(Serialize)]
struct Kind<'a> {
    code: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct Term {
    months: u16,
    text: String,
}

#[derive(Serialize)]
struct Fee {
    dollars: Option<f64>,
    text: String,
}

#[derive(Serialize)]
struct Averages {
    at_500: f64,
    at_1000: f64,
    at_2000: f64,
}

#[derive(Serialize)]
struct Spread {
    low_cents: f64,
    high_cents: f64,
}

#[derive(Serialize)]
struct Documents<'a> {
    efl: &'a DocumentUrl,
    tos: &'a DocumentUrl,
    yrac: &'a DocumentUrl,
}

#[derive(Serialize)]
struct Flags {
    bill_credit: Option<Credit>,
    minimum_use_charge: Option<Charge>,
    smart_meter: bool,
    paperless: bool,
    autopay: bool,
    prepaid: bool,
    green: bool,
}

#[derive(Serialize)]
struct Credit {
    dollars: Option<f64>,
    from_kwh: Option<u32>,
    to_kwh: Option<u32>,
}

#[derive(Serialize)]
struct Charge {
    dollars: Option<f64>,
    below_kwh: Option<u32>,
}

#[derive(Serialize)]
struct Condition<'a> {
    title: &'a str,
    text: String,
}

impl<'a> Feed<'a> {
    /// What was asked for, in the order of the list of plans.
    pub(super) fn new(
        ctx: PageContext<'a>,
        asked: &'a PlansQuery,
        utility: &'a Utility,
        plans: &'a AvailablePlans,
    ) -> Self {
        let filter = asked.filter();
        let without = |brands: &'a [Brand], reason: fn() -> Why| {
            brands.iter().map(move |brand| Unavailable { brand: named(ctx, *brand), reason: reason() })
        };
        let missing = without(&plans.missing, || Why::NoAnswer);
        Self {
            zip: asked.service.zip.as_str(),
            transaction: asked.service.transaction.wire(),
            language: asked.language.tag(),
            utility: NamedUtility { code: utility.code.as_str(), name: &utility.name },
            kwh: asked.kwh,
            plans: filter
                .apply(&plans.offers)
                .into_iter()
                .map(|offer| Plan::new(ctx, offer, &filter, asked))
                .collect(),
            unavailable: missing.chain(without(&plans.out, || Why::Outage)).collect(),
        }
    }
}

impl<'a> Plan<'a> {
    fn new(ctx: PageContext<'a>, offer: &'a Offer, filter: &Filter, asked: &PlansQuery) -> Self {
        let card = Card::new(ctx, offer, filter);
        let average = offer.average;
        Self {
            brand: named(ctx, offer.brand),
            offer_code: offer.code.as_str(),
            name: &offer.name,
            tagline: offer.tagline.as_deref(),
            kind: Kind { code: kind(&offer.kind), text: card.kind },
            term: Term { months: offer.term_months, text: card.term },
            cancellation_fee: Fee { dollars: fee(&offer.cancel_fee), text: card.cancel_fee },
            average_cents_per_kwh: Averages {
                at_500: cents(average.at_500),
                at_1000: cents(average.at_1000),
                at_2000: cents(average.at_2000),
            },
            spread: average
                .spread()
                .map(|(low, high)| Spread { low_cents: cents(low), high_cents: cents(high) }),
            estimate_dollars: card.estimate.map(|estimate| estimate.amount.parts().0),
            documents: Documents {
                efl: &offer.documents.efl,
                tos: &offer.documents.tos,
                yrac: &offer.documents.yrac,
            },
            flags: Flags::of(offer),
            conditions: card.specials.into_iter().map(|(title, text)| Condition { title, text }).collect(),
            link: link(ctx, offer, asked),
        }
    }
}

impl Flags {
    fn of(offer: &Offer) -> Self {
        let credit = |credit: &UsageCredit| Credit {
            dollars: credit.dollars(),
            from_kwh: credit.min_kwh,
            to_kwh: credit.max_kwh,
        };
        let charge = |charge: &UsageCharge| Charge { dollars: charge.dollars(), below_kwh: charge.below_kwh };
        Self {
            bill_credit: offer.usage_credit.as_ref().map(credit),
            minimum_use_charge: offer.usage_charge.as_ref().map(charge),
            smart_meter: offer.smart_meter,
            paperless: offer.paperless_discount,
            autopay: offer.autopay_discount,
            prepaid: offer.prepaid,
            green: offer.green,
        }
    }
}

fn named(ctx: PageContext<'_>, brand: Brand) -> NamedBrand<'_> {
    NamedBrand { id: brand.id(), name: brand_name(ctx, brand) }
}

fn kind(kind: &PlanKind) -> &'static str {
    match kind {
        PlanKind::Fixed => "fixed",
        PlanKind::Variable => "variable",
        PlanKind::Indexed => "indexed",
        PlanKind::Other(_) => "other",
    }
}

/// The link that begins a journey with this plan chosen.
fn link(ctx: PageContext<'_>, offer: &Offer, asked: &PlansQuery) -> Url {
    let mut link = ctx.hosted.public_url.clone();
    link.set_path(&path_of(offer));
    link.query_pairs_mut()
        .append_pair("zip", asked.service.zip.as_str())
        .append_pair("type", asked.service.transaction.wire())
        .append_pair("lang", asked.language.tag());
    link
}

fn cents(price: CentsPerKwh) -> f64 {
    f64::from(price.0) / 10.0
}

fn fee(fee: &CancelFee) -> Option<f64> {
    match fee {
        CancelFee::Amount(dollars) => Some(amount(*dollars)),
        CancelFee::Words { .. } | CancelFee::NotStated => None,
    }
}

fn amount(dollars: Dollars) -> f64 {
    let (whole, cents) = dollars.parts();
    f64::from(whole * 100 + cents) / 100.0
}
