//! The cost of a plan in a month of the visitor's own usage, estimated from the three published average prices.

use crate::{
    fields::{CentsPerKwh, Dollars},
    journey::Offer,
};

/// The estimated cost of a month of `kwh`, in whole dollars; `None` if the plan's bill credit or low-usage charge cannot be
/// parsed.
///
/// The bills of the three published usages, without credit and charge, are interpolated linearly, and extrapolated beyond
/// them. Credit and charge are added only if `kwh` is in their range.
pub fn estimate(offer: &Offer, kwh: u32) -> Option<Dollars> {
    let windows = Windows::of(offer)?;
    let plain = |average: CentsPerKwh, kwh: u32| {
        let tenths = f64::from(average.0) * f64::from(kwh);
        (f64::from(kwh), tenths / 1000.0 - windows.at(kwh))
    };
    let low = plain(offer.average.at_500, 500);
    let middle = plain(offer.average.at_1000, 1000);
    let high = plain(offer.average.at_2000, 2000);
    let ((x0, y0), (x1, y1)) = if kwh <= 1000 { (low, middle) } else { (middle, high) };
    let bill = y0 + (f64::from(kwh) - x0) * (y1 - y0) / (x1 - x0) + windows.at(kwh);
    // Never negative, and far below what fits: a float cast saturates.
    Some(Dollars::whole(bill.max(0.0).round() as u32))
}

/// Dollars added to a bill (or subtracted), each with the first and the last kWh of its range.
struct Windows([(f64, u32, u32); 2]);

impl Windows {
    fn of(offer: &Offer) -> Option<Self> {
        const NOTHING: (f64, u32, u32) = (0.0, 0, u32::MAX);
        let credit = match &offer.usage_credit {
            None => NOTHING,
            Some(credit) => {
                (-credit.dollars()?, credit.min_kwh.unwrap_or(0), credit.max_kwh.unwrap_or(u32::MAX))
            }
        };
        let charge = match &offer.usage_charge {
            None => NOTHING,
            // Without its threshold it is not known which months have the charge.
            Some(charge) => (charge.dollars()?, 0, charge.below_kwh?.saturating_sub(1)),
        };
        Some(Self([credit, charge]))
    }

    fn at(&self, kwh: u32) -> f64 {
        self.0.iter().filter(|(_, from, to)| (from..=to).contains(&&kwh)).map(|(dollars, ..)| dollars).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fields::Brand,
        journey::{UsageCharge, UsageCredit},
        steps::plans::tests::offer,
    };

    #[test]
    fn estimate_matches_published_prices_and_interpolates_between() {
        let offer = offer("59990001", Brand::Reliant, [160, 150, 140]);
        for (kwh, dollars) in
            [(500, 80), (1000, 150), (2000, 280), (750, 115), (1500, 215), (250, 45), (3000, 410)]
        {
            assert_eq!(estimate(&offer, kwh), Some(Dollars::whole(dollars)), "{kwh}");
        }
    }

    #[test]
    fn bill_credit_counts_in_its_usage_window_only() {
        let mut offer = offer("59990001", Brand::Reliant, [160, 100, 115]);
        let credit = UsageCredit { amount: "50.00".into(), min_kwh: Some(1000), max_kwh: Some(1999) };
        offer.usage_credit = Some(credit);
        for (kwh, dollars) in [(500, 80), (999, 150), (1000, 100), (1500, 140), (2000, 230)] {
            assert_eq!(estimate(&offer, kwh), Some(Dollars::whole(dollars)), "{kwh}");
        }
        offer.usage_credit = Some(UsageCredit { amount: "half".into(), min_kwh: None, max_kwh: None });
        assert_eq!(estimate(&offer, 1000), None);
    }

    #[test]
    fn low_usage_charge_counts_below_its_threshold_only() {
        // Twenty dollars below 1,000 kWh, ten cents for each kWh.
        let mut offer = offer("59990001", Brand::Reliant, [140, 100, 100]);
        let charge = |amount: &str, below_kwh| Some(UsageCharge { amount: amount.into(), below_kwh });
        offer.usage_charge = charge("20.00", Some(1000));
        for (kwh, dollars) in [(250, 45), (500, 70), (999, 120), (1000, 100), (2000, 200)] {
            assert_eq!(estimate(&offer, kwh), Some(Dollars::whole(dollars)), "{kwh}");
        }
        for unclear in [charge("20.00", None), charge("some", Some(1000))] {
            offer.usage_charge = unclear;
            assert_eq!(estimate(&offer, 500), None);
        }
    }
}
