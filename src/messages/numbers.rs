//! Numbers, money and the terms of a plan as each language writes them. Spanish in the United States groups
//! thousands and marks decimals as English does.

use super::{interpolate::interpolate, sections::Messages};
use crate::{
    fields::{CentsPerKwh, Dollars},
    journey::{AveragePrices, CancelFee, PlanKind},
};

/// 12500 as "12,500".
#[must_use]
pub fn thousands(number: u32) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (above, rest) => format!("{},{rest:03}", thousands(above)),
    }
}

/// An amount without its sign: "1,250", "1,250.50".
#[must_use]
pub fn amount(dollars: Dollars) -> String {
    match dollars.parts() {
        (whole, 0) => thousands(whole),
        (whole, cents) => format!("{}.{cents:02}", thousands(whole)),
    }
}

impl Messages {
    /// "$1,250", "$1,250.50".
    #[must_use]
    pub fn dollars(&self, dollars: Dollars) -> String {
        interpolate(&self.common.dollars, &[("amount", &amount(dollars))])
    }

    /// "14.9¢ per kWh".
    #[must_use]
    pub fn per_kwh(&self, price: CentsPerKwh) -> String {
        interpolate(&self.common.per_kwh, &[("cents", &price.to_string())])
    }

    /// "14.9¢ per kWh (500 kWh), 12¢ per kWh (1,000 kWh), 11.1¢ per kWh (2,000 kWh)": a price of a plan says nothing without
    /// its use (PUCT 25.475).
    #[must_use]
    pub fn average_prices(&self, average: &AveragePrices) -> String {
        let prices = [
            (average.at_500, &self.common.kwh_500),
            (average.at_1000, &self.common.kwh_1000),
            (average.at_2000, &self.common.kwh_2000),
        ];
        prices.map(|(price, kwh)| format!("{} ({kwh})", self.per_kwh(price))).join(", ")
    }

    /// "12 months", "Month to month".
    #[must_use]
    pub fn term(&self, months: u16) -> String {
        match months {
            0 => self.plans.term_monthly.clone(),
            months => interpolate(&self.plans.term_months, &[("months", &months.to_string())]),
        }
    }

    /// "$150", "None", or NRG's words.
    #[must_use]
    pub fn cancel_fee(&self, fee: &CancelFee) -> String {
        match fee {
            CancelFee::Amount(Dollars::ZERO) => self.plans.cancel_fee_none.clone(),
            CancelFee::Amount(fee) => self.dollars(*fee),
            CancelFee::Words { words } => words.clone(),
            CancelFee::NotStated => self.plans.cancel_fee_not_stated.clone(),
        }
    }

    /// The name of a kind of plan, and its explanation. An unknown kind has NRG's name.
    #[must_use]
    pub fn plan_kind<'a>(&'a self, kind: &'a PlanKind) -> (&'a str, &'a str) {
        let t = &self.plans;
        match kind {
            PlanKind::Fixed => (&t.fixed, &t.fixed_hint),
            PlanKind::Variable => (&t.variable, &t.variable_hint),
            PlanKind::Indexed => (&t.indexed, &t.indexed_hint),
            PlanKind::Other(name) => (name, ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fields::Language, messages::Catalogs};

    #[test]
    fn thousands_are_separated_by_commas() {
        for (number, written) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (12_050, "12,050"), (1_000_001, "1,000,001")]
        {
            assert_eq!(thousands(number), written);
        }
    }

    #[test]
    fn money_and_terms_are_formatted_for_each_language() {
        let texts = Catalogs::load().unwrap();
        for (language, monthly, months, none, price) in [
            (Language::English, "Month to month", "12 months", "None", "14.9¢ per kWh"),
            (Language::Spanish, "De mes a mes", "12 meses", "Ninguno", "14.9¢ por kWh"),
        ] {
            let text = texts.of(language);
            assert_eq!(text.dollars(Dollars::whole(1250)), "$1,250");
            assert_eq!(text.dollars(Dollars::from_cents(125_005)), "$1,250.05");
            assert_eq!(text.term(0), monthly);
            assert_eq!(text.term(12), months);
            assert_eq!(text.cancel_fee(&CancelFee::Amount(Dollars::ZERO)), none);
            assert_eq!(text.cancel_fee(&CancelFee::Amount(Dollars::whole(150))), "$150");
            assert_eq!(text.per_kwh(CentsPerKwh(149)), price);
        }
    }
}
