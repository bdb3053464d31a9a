//! What a plan costs in a month of the person's own use, estimated from the three published averages.

use crate::{
    fields::{CentsPerKwh, Dollars},
    journey::{Offer, UsageCredit},
};

/// The whole dollars a month of `kwh` is estimated to cost; none where the bill credit cannot be read.
///
/// The bills of the three published uses, without the bill credit, are joined by straight lines, which go on
/// beyond them; the credit is taken off again only where `kwh` is in its window.
pub fn estimate(offer: &Offer, kwh: u32) -> Option<Dollars> {
    let credit = Credit::of(offer.usage_credit.as_ref())?;
    let before = |average: CentsPerKwh, kwh: u32| {
        let tenths = f64::from(average.0) * f64::from(kwh);
        (f64::from(kwh), tenths / 1000.0 + credit.at(kwh))
    };
    let low = before(offer.average.at_500, 500);
    let middle = before(offer.average.at_1000, 1000);
    let high = before(offer.average.at_2000, 2000);
    let ((x0, y0), (x1, y1)) = if kwh <= 1000 { (low, middle) } else { (middle, high) };
    let bill = y0 + (f64::from(kwh) - x0) * (y1 - y0) / (x1 - x0) - credit.at(kwh);
    // Never negative, and far below what fits: a float cast saturates.
    Some(Dollars(bill.max(0.0).round() as u32))
}

/// A bill credit in dollars, and the uses that earn it.
struct Credit {
    dollars: f64,
    from: u32,
    to: u32,
}

impl Credit {
    fn of(credit: Option<&UsageCredit>) -> Option<Self> {
        let Some(credit) = credit else { return Some(Self { dollars: 0.0, from: 0, to: u32::MAX }) };
        let dollars: f64 = credit.amount.parse().ok().filter(|dollars: &f64| dollars.is_finite())?;
        Some(Self { dollars, from: credit.min_kwh.unwrap_or(0), to: credit.max_kwh.unwrap_or(u32::MAX) })
    }

    fn at(&self, kwh: u32) -> f64 {
        if (self.from..=self.to).contains(&kwh) { self.dollars } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fields::Brand, steps::plans::tests::offer};

    #[test]
    fn published_uses_cost_what_is_published_and_others_lie_on_the_lines_between() {
        let offer = offer("59990001", Brand::Reliant, [160, 150, 140]);
        for (kwh, dollars) in
            [(500, 80), (1000, 150), (2000, 280), (750, 115), (1500, 215), (250, 45), (3000, 410)]
        {
            assert_eq!(estimate(&offer, kwh), Some(Dollars(dollars)), "{kwh}");
        }
    }

    #[test]
    fn a_bill_credit_counts_only_in_its_window() {
        let mut offer = offer("59990001", Brand::Reliant, [160, 100, 115]);
        let credit = UsageCredit { amount: "50.00".into(), min_kwh: Some(1000), max_kwh: Some(1999) };
        offer.usage_credit = Some(credit);
        for (kwh, dollars) in [(500, 80), (999, 150), (1000, 100), (1500, 140), (2000, 230)] {
            assert_eq!(estimate(&offer, kwh), Some(Dollars(dollars)), "{kwh}");
        }
        offer.usage_credit = Some(UsageCredit { amount: "half".into(), min_kwh: None, max_kwh: None });
        assert_eq!(estimate(&offer, 1000), None);
    }
}
