//! One plan in words, as the list and the page of the plan show it.

use super::{PlansForm, brand_name, estimate::estimate, filter::Filter};
use crate::{
    fields::Dollars,
    journey::{Offer, PlanKind, UsageCredit},
    text::{Text, fill},
    web::{PriceChart, ctx::Ctx},
};

/// A plan, ready to be shown and chosen.
pub struct Card<'a> {
    /// The plan.
    pub offer: &'a Offer,
    /// The name of its brand.
    pub brand_name: &'a str,
    /// What choosing it posts.
    pub form: PlansForm,
    /// "Choose Sample Secure 12 Plan".
    pub choose: String,
    /// The form goes back to the list as it stands.
    pub action: String,
    /// The page of the plan.
    pub href: String,
    /// The average prices.
    pub chart: PriceChart,
    /// The price that counts in this order, cents per kWh.
    pub price: String,
    /// "per kWh at 1,000 kWh a month".
    pub price_at: String,
    /// "Fixed price", or NRG's own word.
    pub kind: &'a str,
    /// What that means; empty for a kind we do not know.
    pub kind_hint: &'a str,
    /// "12 months".
    pub term: String,
    /// "$150".
    pub cancel_fee: String,
    /// When a bill credit is given, in words.
    pub credit: Option<String>,
    /// What the person's own use costs, in words.
    pub estimate: Option<String>,
    /// It is the plan chosen before.
    pub chosen: bool,
}

impl<'a> Card<'a> {
    /// The card of `offer` in a list seen through `filter`.
    pub fn new(ctx: &'a Ctx, offer: &'a Offer, filter: &Filter) -> Self {
        let text = ctx.text();
        let t = &text.plans;
        let (kind, kind_hint) = kind(text, &offer.kind);
        let (price, kwh) = filter.sort.price(offer.average);
        let average = offer.average;
        let path = format!("/plans/{}/{}", offer.brand.id(), offer.code.as_str());
        Self {
            offer,
            brand_name: brand_name(ctx, offer.brand),
            form: PlansForm::of(offer),
            choose: fill(&t.choose_named, &[("plan", &offer.name)]),
            action: filter.address("/plans"),
            href: filter.address(&path),
            chart: PriceChart::new([average.at_500, average.at_1000, average.at_2000].map(|price| price.0)),
            price: price.to_string(),
            price_at: fill(&t.price_at, &[("kwh", &thousands(kwh))]),
            kind,
            kind_hint,
            term: term(text, offer.term_months),
            cancel_fee: match offer.cancel_fee {
                Dollars(0) => t.cancel_fee_none.clone(),
                fee => fill(&text.common.dollars, &[("amount", &thousands(fee.0))]),
            },
            credit: offer.usage_credit.as_ref().map(|credit| credit_in_words(text, credit)),
            estimate: filter.usage.and_then(|kwh| {
                let dollars = thousands(estimate(offer, kwh)?.0);
                Some(fill(&text.plan.estimate, &[("amount", &dollars), ("kwh", &thousands(kwh))]))
            }),
            chosen: ctx
                .journey()
                .chosen()
                .is_some_and(|chosen| (chosen.offer.brand, &chosen.offer.code) == (offer.brand, &offer.code)),
        }
    }
}

/// "12 months", "Month to month".
pub fn term(text: &Text, months: u16) -> String {
    match months {
        0 => text.plans.term_monthly.clone(),
        months => fill(&text.plans.term_months, &[("months", &months.to_string())]),
    }
}

/// A kind in words, and what it means. What we have no words for is named as NRG names it.
pub fn kind<'a>(text: &'a Text, kind: &'a PlanKind) -> (&'a str, &'a str) {
    let t = &text.plans;
    match kind {
        PlanKind::Fixed => (&t.fixed, &t.fixed_hint),
        PlanKind::Variable => (&t.variable, &t.variable_hint),
        PlanKind::Indexed => (&t.indexed, &t.indexed_hint),
        PlanKind::Other(name) => (name, ""),
    }
}

fn credit_in_words(text: &Text, credit: &UsageCredit) -> String {
    let t = &text.plans;
    let amount = credit.amount.strip_suffix(".00").unwrap_or(&credit.amount);
    let from = credit.min_kwh.unwrap_or(0);
    match (from, credit.max_kwh) {
        (0, None) => t.credit_flag.clone(),
        (from, None) => fill(&t.credit_from, &[("amount", amount), ("from", &thousands(from))]),
        (from, Some(to)) => {
            fill(&t.credit_window, &[("amount", amount), ("from", &thousands(from)), ("to", &thousands(to))])
        }
    }
}

/// 12500 as "12,500", in both languages.
fn thousands(number: u32) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (above, rest) => format!("{},{rest:03}", thousands(above)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fields::Language, text::Texts};

    #[test]
    fn a_bill_credit_says_which_months_earn_it() {
        let texts = Texts::load().unwrap();
        let text = texts.of(Language::English);
        for (min_kwh, max_kwh, part) in [
            (Some(1000), Some(2000), "between 1,000 and 2,000 kWh"),
            (Some(1000), None, "1,000 kWh or more"),
            (None, Some(500), "between 0 and 500 kWh"),
            (None, None, "bill credit"),
        ] {
            let credit = UsageCredit { amount: "50.00".into(), min_kwh, max_kwh };
            let words = credit_in_words(text, &credit);
            assert!(words.contains(part), "{words}");
            assert!(!words.contains('{') && !words.contains(".00"), "{words}");
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        for (number, written) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (12_050, "12,050"), (1_000_001, "1,000,001")]
        {
            assert_eq!(thousands(number), written);
        }
    }
}
