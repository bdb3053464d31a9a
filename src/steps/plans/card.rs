//! One plan as text, as the list, the page of the plan and the comparison show it.

use super::{
    estimate::estimate,
    filter::{Filter, plan_word},
    form::PlansForm,
};
use crate::{
    fields::{Brand, Dollars},
    journey::{Offer, UsageCharge, UsageCredit},
    messages::{Messages, interpolate, thousands},
    web::{PriceChart, page_context::PageContext},
};

/// A plan, ready to be shown and chosen.
pub struct Card<'a> {
    /// The plan.
    pub offer: &'a Offer,
    /// The name of its brand.
    pub brand_name: &'a str,
    /// The form that chooses it.
    pub form: PlansForm,
    /// The action of the form: the list as it is filtered.
    pub action: String,
    /// The path of the plan's page.
    pub href: String,
    /// Its value in queries.
    pub word: String,
    /// The average prices.
    pub chart: PriceChart,
    /// The published price that the order of the list uses, else that at 1,000 kWh; in cents per kWh.
    pub price: String,
    /// "per kWh at 1,000 kWh a month".
    pub price_at: String,
    /// "8.7¢ to 21.7¢, depending on the month"; `None` if the three published prices are equal.
    pub spread: Option<String>,
    /// "Fixed price", or NRG's own word.
    pub kind: &'a str,
    /// What that means; empty for an unknown kind.
    pub kind_hint: &'a str,
    /// "12 months".
    pub term: String,
    /// "$150".
    pub cancel_fee: String,
    /// The special conditions, which make it cost more in some months or require something: heading and sentence.
    pub specials: Vec<(&'a str, String)>,
    /// The estimated cost at the visitor's own usage.
    pub estimate: Option<Estimate>,
    /// Whether it is ticked for comparison.
    pub compared: bool,
    /// Whether it is the chosen plan.
    pub chosen: bool,
}

/// The estimated cost of a month.
pub struct Estimate {
    /// In whole dollars.
    pub amount: Dollars,
    /// "$142".
    pub dollars: String,
    /// "a month, estimated for 1,350 kWh".
    pub words: String,
}

impl<'a> Card<'a> {
    /// The card of `offer` in a list seen through `filter`.
    pub fn new(ctx: PageContext<'a>, offer: &'a Offer, filter: &Filter) -> Self {
        let text = ctx.messages();
        let (kind, kind_hint) = text.plan_kind(&offer.kind);
        let average = offer.average;
        let (price, kwh) = filter.sort.price(average);
        let estimate = filter.kwh().and_then(|kwh| {
            let amount = estimate(offer, kwh)?;
            Some(Estimate {
                amount,
                dollars: text.dollars(amount),
                words: interpolate(&text.plans.estimate, &[("kwh", &thousands(kwh))]),
            })
        });
        let marked = if estimate.is_some() { None } else { Some(kwh) };
        Self {
            offer,
            brand_name: brand_name(ctx, offer.brand),
            form: PlansForm::of(offer),
            action: filter.address("/plans"),
            href: filter.address(&path_of(offer)),
            word: plan_word(offer.brand, &offer.code),
            chart: PriceChart::new(average.all().map(|price| price.0), marked),
            price: price.to_string(),
            price_at: interpolate(&text.plans.price_at, &[("kwh", &thousands(kwh))]),
            spread: spread(text, offer),
            kind,
            kind_hint,
            term: text.term(offer.term_months),
            cancel_fee: text.cancel_fee(&offer.cancel_fee),
            specials: specials(text, offer),
            estimate,
            compared: filter.compares(offer),
            chosen: ctx
                .journey
                .chosen()
                .is_some_and(|chosen| (chosen.offer.brand, &chosen.offer.code) == (offer.brand, &offer.code)),
        }
    }
}

/// The path of the plan's page.
pub fn path_of(offer: &Offer) -> String {
    format!("/plans/{}/{}", offer.brand.id(), offer.code.as_str())
}

fn spread(text: &Messages, offer: &Offer) -> Option<String> {
    let (low, high) = offer.average.spread()?;
    let (low, high) = (low.to_string(), high.to_string());
    Some(interpolate(&text.plans.spread, &[("low", &low), ("high", &high)]))
}

fn specials<'a>(text: &'a Messages, offer: &Offer) -> Vec<(&'a str, String)> {
    let t = &text.plans;
    let credit = offer.usage_credit.as_ref().map(|credit| (&*t.credit_flag, credit_in_words(text, credit)));
    let charge = offer.usage_charge.as_ref().map(|charge| (&*t.charge_flag, charge_in_words(text, charge)));
    let meter = offer.smart_meter.then(|| (&*t.smart_flag, t.smart.clone()));
    [credit, charge, meter].into_iter().flatten().chain(price_conditions(text, offer)).collect()
}

/// What the price requires of the customer, and that a plan is prepaid: heading and sentence. Review shows them again.
pub fn price_conditions<'a>(text: &'a Messages, offer: &Offer) -> Vec<(&'a str, String)> {
    let t = &text.plans;
    let prepaid = offer.prepaid.then(|| (&*t.prepaid_flag, t.prepaid.clone()));
    let paperless = offer.paperless_discount.then(|| (&*t.paperless_flag, t.paperless.clone()));
    let autopay = offer.autopay_discount.then(|| (&*t.autopay_flag, t.autopay.clone()));
    [prepaid, paperless, autopay].into_iter().flatten().collect()
}

fn credit_in_words(text: &Messages, credit: &UsageCredit) -> String {
    let t = &text.plans;
    let amount = credit.amount.strip_suffix(".00").unwrap_or(&credit.amount);
    let from = credit.min_kwh.unwrap_or(0);
    // No home uses this much: the range has no upper end.
    let to = credit.max_kwh.filter(|to| *to < 99_999);
    match (from, to) {
        (0, None) => interpolate(&t.credit_unclear, &[("amount", amount)]),
        (from, None) => interpolate(&t.credit_from, &[("amount", amount), ("from", &thousands(from))]),
        (from, Some(to)) => interpolate(
            &t.credit_window,
            &[("amount", amount), ("from", &thousands(from)), ("to", &thousands(to))],
        ),
    }
}

fn charge_in_words(text: &Messages, charge: &UsageCharge) -> String {
    let t = &text.plans;
    let amount = charge.amount.strip_suffix(".00").unwrap_or(&charge.amount);
    match charge.below_kwh {
        Some(below) => interpolate(&t.charge_below, &[("amount", amount), ("kwh", &thousands(below))]),
        None => interpolate(&t.charge_unclear, &[("amount", amount)]),
    }
}

/// The name by which the site calls `brand`; empty for a brand that the site does not sell.
pub fn brand_name(ctx: PageContext<'_>, brand: Brand) -> &str {
    ctx.site().brand(brand).map_or("", |site| &site.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fields::Language, messages::Catalogs, steps::plans::tests::offer};

    #[test]
    fn bill_credit_text_names_months_that_earn_it() {
        let catalogs = Catalogs::load().unwrap();
        let text = catalogs.of(Language::English);
        for (min_kwh, max_kwh, part) in [
            (Some(1000), Some(2000), "between 1,000 and 2,000 kWh"),
            (Some(1000), None, "1,000 kWh or more"),
            (Some(1000), Some(999_999), "1,000 kWh or more"),
            (None, Some(500), "between 0 and 500 kWh"),
            (None, None, "facts label"),
        ] {
            let credit = UsageCredit { amount: "50.00".into(), min_kwh, max_kwh };
            let words = credit_in_words(text, &credit);
            assert!(words.contains(part) && words.contains("$50 "), "{words}");
            assert!(!words.contains('{') && !words.contains(".00"), "{words}");
        }
    }

    #[test]
    fn spread_is_from_the_lowest_to_the_highest_price_if_they_differ() {
        let catalogs = Catalogs::load().unwrap();
        for (prices, english, spanish) in [
            (
                [217, 87, 131],
                Some("8.7¢ to 21.7¢, depending on the month"),
                Some("De 8.7¢ a 21.7¢, según el mes"),
            ),
            (
                [150, 140, 151],
                Some("14.0¢ to 15.1¢, depending on the month"),
                Some("De 14.0¢ a 15.1¢, según el mes"),
            ),
            ([150, 150, 150], None, None),
        ] {
            let offer = offer("59990001", Brand::Reliant, prices);
            for (language, words) in [(Language::English, english), (Language::Spanish, spanish)] {
                assert_eq!(spread(catalogs.of(language), &offer).as_deref(), words);
            }
        }
    }

    #[test]
    fn low_usage_charge_and_smart_meter_are_shown_with_bill_credit() {
        let catalogs = Catalogs::load().unwrap();
        let mut offer = offer("59990001", Brand::Reliant, [160, 150, 140]);
        for (language, below, unclear) in [
            (Language::English, "$9.95 is added in months when you use less than 1,000 kWh", "$9.95"),
            (Language::Spanish, "sumarán $9.95 en los meses en que consuma menos de 1,000 kWh", "$9.95"),
        ] {
            let text = catalogs.of(language);
            assert!(specials(text, &offer).is_empty());
            let charge = |below_kwh| UsageCharge { amount: "9.95".into(), below_kwh };
            let words = charge_in_words(text, &charge(Some(1000)));
            assert!(words.contains(below), "{words}");
            assert!(charge_in_words(text, &charge(None)).contains(unclear));
        }
        offer.usage_charge = Some(UsageCharge { amount: "9.95".into(), below_kwh: Some(1000) });
        offer.usage_credit = Some(UsageCredit { amount: "50".into(), min_kwh: Some(1000), max_kwh: None });
        offer.smart_meter = true;
        assert_eq!(specials(catalogs.of(Language::English), &offer).len(), 3);
    }

    #[test]
    fn conditions_of_the_price_and_prepaid_are_shown_each_for_itself() {
        let catalogs = Catalogs::load().unwrap();
        for language in [Language::English, Language::Spanish] {
            let text = catalogs.of(language);
            let t = &text.plans;
            for (paperless, autopay, prepaid, headings) in [
                (false, false, false, vec![]),
                (true, false, false, vec![&*t.paperless_flag]),
                (false, true, false, vec![&*t.autopay_flag]),
                (true, true, false, vec![&*t.paperless_flag, &*t.autopay_flag]),
                (false, false, true, vec![&*t.prepaid_flag]),
            ] {
                let mut offer = offer("59990001", Brand::Reliant, [160, 150, 140]);
                (offer.paperless_discount, offer.autopay_discount, offer.prepaid) =
                    (paperless, autopay, prepaid);
                let shown: Vec<&str> =
                    specials(text, &offer).into_iter().map(|(heading, _)| heading).collect();
                assert_eq!(shown, headings);
            }
        }
    }
}
