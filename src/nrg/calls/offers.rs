//! GET `offers` (contract 5.8): the plans of a brand for a utility, those that can be sold.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    fields::{Brand, TdspCode, Transaction, cut},
    journey::{Offer, Outcome, SafeHtml},
};

use crate::nrg::{
    bounded::SENTENCE,
    calls::offer_entry::{Flaw, entry_of, sellable, unless_prepaid},
    client::BrandClient,
    endpoint::Endpoint,
    envelope::{Reply, Verdict},
    error::Error,
    reading::Reading,
    wire::{self, Text},
};

/// The plans that can be sold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offers {
    /// The plans in NRG's order; may be empty.
    pub list: Vec<Offer>,
    /// Whether these are default plans, because the promo code was not valid.
    pub default_offers: bool,
    /// Whether there are none, because the promo code was not valid.
    pub promo_refused: bool,
    /// NRG's text about them, or about there being none.
    pub message: Option<SafeHtml>,
    /// The plans NRG sent that cannot be sold.
    pub dropped: Vec<DroppedPlan>,
}

/// A plan that cannot be sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedPlan {
    /// Its code as NRG sent it, in at most 20 printable characters; blank where NRG sent none.
    pub code: String,
    /// Why.
    pub flaw: Flaw,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    promo_code: Option<&'a str>,
    #[serde(rename = "tdspCodeCCS")]
    tdsp: &'a str,
    transaction_type: &'static str,
}

/// The body of `offers` and of `offer-details`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::nrg) struct Body {
    #[serde(rename = "tdspCodeCCS")]
    tdsp: Text,
    erp_error_offers: Text,
    cms_error_offers: Text,
    /// Parsed one by one, so that an entry that cannot be parsed does not spoil the others.
    #[serde(deserialize_with = "wire::list")]
    pub(in crate::nrg) affiliate_offer_list: Vec<Value>,
}

impl BrandClient<'_> {
    /// The plans of the brand for a utility. The list is empty for an unknown promo code without default plans, and if
    /// no plan can be sold. A plan that cannot be sold (a blank code, a document that is missing or not on an
    /// allow-listed host, a price or fee that cannot be parsed) is left out and logged.
    ///
    /// # Errors
    /// [`Error`]; plans priced for another utility are [`Kind::InvalidResponse`](crate::nrg::Kind).
    pub async fn offers(&self, tdsp: &TdspCode, transaction: Transaction) -> Result<Outcome<Offers>, Error> {
        let fields =
            Fields { promo_code: self.promo, tdsp: tdsp.as_str(), transaction_type: transaction.wire() };
        let reply = self.get(Endpoint::Offers, &fields).await?.processed()?;
        outcome(&reply, self.brand, tdsp, &self.reading(Endpoint::Offers), self.site.allow_prepaid)
    }
}

fn outcome(
    reply: &Reply<Body>,
    brand: Brand,
    tdsp: &TdspCode,
    reading: &Reading<'_>,
    allow_prepaid: bool,
) -> Result<Outcome<Offers>, Error> {
    match (reply.verdict, &*reply.code) {
        (Verdict::Continue, code) => {
            let body = &reply.body;
            if reading.tdsp("tdspCodeCCS", &body.tdsp).is_some_and(|priced_for| priced_for != *tdsp) {
                return Err(reply.invalid_response("plans for another utility"));
            }
            for dropped in [&body.erp_error_offers, &body.cms_error_offers] {
                if let Some(codes) = dropped.filled().map(|codes| cut(codes, SENTENCE)) {
                    tracing::warn!(brand = brand.id(), codes, "nrg: offers left out for incomplete data");
                }
            }
            let (list, dropped) =
                sellable_list(&body.affiliate_offer_list, brand, tdsp, reading, allow_prepaid);
            let default_offers = code == "PROMO_INVALID";
            let message = reply.advice(reading);
            Ok(Outcome::Accepted(Offers { list, default_offers, promo_refused: false, message, dropped }))
        }
        (Verdict::Stop, code @ ("PROMO_INVALID" | "")) => {
            reading.oddities.offer_list(brand, false);
            let (promo_refused, message) = (code == "PROMO_INVALID", reply.stop(reading).message);
            Ok(Outcome::Accepted(Offers { promo_refused, message, ..Offers::default() }))
        }
        (Verdict::Stop | Verdict::Ask, _) => Ok(Outcome::Stop(reply.stop(reading))),
    }
}

fn sellable_list(
    entries: &[Value],
    brand: Brand,
    tdsp: &TdspCode,
    reading: &Reading<'_>,
    allow_prepaid: bool,
) -> (Vec<Offer>, Vec<DroppedPlan>) {
    let (mut list, mut dropped): (Vec<Offer>, Vec<DroppedPlan>) = (Vec::new(), Vec::new());
    for entry in entries {
        let entry = entry_of(entry);
        let offer = entry
            .as_ref()
            .map_or(Err("affiliateOfferList".into()), |entry| sellable(entry, brand, tdsp, reading, None))
            .and_then(|offer| unless_prepaid(offer, allow_prepaid));
        match offer {
            Ok(offer) if list.iter().all(|known| known.code != offer.code) => list.push(offer),
            Ok(offer) => {
                tracing::warn!(brand = brand.id(), code = offer.code.as_str(), "nrg: offer listed twice");
            }
            Err(flaw) => {
                let code = entry.map_or_else(String::new, |entry| {
                    entry.offer_code.chars().filter(char::is_ascii_graphic).take(20).collect()
                });
                let (field, host) = (flaw.field, flaw.host.as_deref());
                tracing::warn!(brand = brand.id(), code, field, host, "nrg: offer cannot be sold");
                reading.oddities.dropped_plan(brand, field);
                dropped.push(DroppedPlan { code, flaw });
            }
        }
    }
    reading.oddities.offer_list(brand, !list.is_empty());
    (list, dropped)
}

#[cfg(test)]
pub(in crate::nrg) mod tests {
    use serde_json::json;

    use crate::fields::{CentsPerKwh, Dollars};
    use crate::journey::{CancelFee, PlanKind, StopKind, UsageCharge, UsageCredit};
    use crate::nrg::tests::{processed, reading};

    use super::*;

    /// The entry of the contract's example.
    pub(in crate::nrg) fn entry() -> Value {
        json!({
            "sapPlanName": "Sample Secure 12 Plan", "sapOfferTagline": "A steady price", "offerCode": "59990001",
            "promoCode": "DEMO99", "campaignCode": "CAMPDEMO", "productPriceCode": "PPCDEMO", "marketSegment": "01",
            "incentiveCode": "INCDEMO", "planType": "Fixed", "eflURL": "https://brand.example/files/efl-59990001.pdf",
            "tosURL": "https://brand.example/files/tos.pdf", "yraacURL": "https://brand.example/files/yraac.pdf",
            "contractTerm": "12", "cancelFee": "150", "averagePrice500": "16.1", "averagePrice1000": "14.9",
            "averagePrice2000": "14.3", "energyCharge": "9.8000", "baseCharge": "4.95",
            "tdspChargeKWh": "4.20\u{a2}", "tdspChargeMo": "$4.39", "offerCategory": "",
            "cmsProductTagline": "Know what you pay", "cmsGreenFlag": "false"
        })
    }

    /// The entry with some fields changed.
    fn with(changes: Value) -> Value {
        let mut entry = entry();
        for (name, value) in changes.as_object().unwrap() {
            entry[name] = value.clone();
        }
        entry
    }

    fn tdsp() -> TdspCode {
        TdspCode::parse("D0001").unwrap()
    }

    fn read(reply: Value) -> Result<Outcome<Offers>, Error> {
        let reply = processed(Endpoint::Offers, &reply.to_string());
        outcome(&reply, Brand::Reliant, &tdsp(), &reading(), false)
    }

    fn listed(entries: Value) -> Vec<Offer> {
        match read(json!({"statusCode": "00", "tdspCodeCCS": "D0001", "affiliateOfferList": entries}))
            .unwrap()
        {
            Outcome::Accepted(offers) => offers.list,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn example_offer_is_parsed_with_its_values() {
        let list = listed(json!([entry()]));
        let [offer] = list.as_slice() else { panic!() };
        assert_eq!(offer.name, "Sample Secure 12 Plan");
        assert_eq!(offer.tagline.as_deref(), Some("Know what you pay"));
        assert_eq!((offer.term_months, &offer.cancel_fee), (12, &CancelFee::Amount(Dollars::whole(150))));
        assert_eq!(offer.average.at_1000, CentsPerKwh(149));
        assert_eq!(offer.codes.incentive, "INCDEMO");
        assert_eq!(offer.documents.yrac.as_str(), "https://brand.example/files/yraac.pdf");
        assert_eq!((offer.usage_credit.clone(), offer.green), (None, false));
    }

    #[test]
    fn offer_with_loose_formats_is_parsed_tolerantly() {
        let list = listed(json!([with(json!({
            "yraacURL": null, "yracURL": "https://brand.example/y.pdf", "contractTerm": 0, "cancelFee": "", "planType": "variable",
            "averageEFLPrice1000": "15.0", "usageCredit": "50.00", "creditMinUsageThreshold": 1000,
            "cmsProductTagline": "", "cmsLegalese": "<p>One</p>", "cmsAdditionalPricingText": "Two", "cmsGreenFlag": true,
        }))]));
        let [offer] = list.as_slice() else { panic!() };
        assert_eq!(
            (offer.term_months, &offer.cancel_fee, &offer.kind),
            (0, &CancelFee::Amount(Dollars::ZERO), &PlanKind::Variable)
        );
        assert_eq!(offer.average.at_1000, CentsPerKwh(150), "the facts label counts");
        assert_eq!(offer.tagline.as_deref(), Some("A steady price"));
        assert_eq!(offer.fine_print.as_deref(), Some("One Two"));
        let credit = UsageCredit { amount: "50.00".into(), min_kwh: Some(1000), max_kwh: None };
        assert_eq!((offer.usage_credit.as_ref(), offer.green), (Some(&credit), true));
    }

    #[test]
    fn offer_in_other_spellings_is_the_same_offer() {
        let usual = listed(json!([entry()]));
        for spelled in [
            json!({"averagePrice500": "0.161", "averagePrice1000": "0.149", "averagePrice2000": "0.143"}),
            json!({"averagePrice500": 16.1, "averagePrice1000": "14.90", "averagePrice2000": "14.3\u{a2}"}),
            json!({"averagePrice500": "16.06", "averagePrice1000": "$0.149", "averagePrice2000": "14.25"}),
            json!({"cancelFee": "$150"}),
            json!({"cancelFee": 150, "contractTerm": 12}),
            json!({"cancelFee": "150.00", "contractTerm": "12 Months"}),
            json!({"offerCode": 59_990_001, "planType": "FIXED RATE"}),
            json!({"offerCode": "000059990001", "cmsGreenFlag": "N"}),
            json!({"eflURL": "http://brand.example/files/efl-59990001.pdf", "tosURL": "//brand.example/files/tos.pdf"}),
        ] {
            assert_eq!(listed(json!([with(spelled.clone())])), usual, "{spelled}");
        }
    }

    #[test]
    fn cancel_fee_in_words_or_blank_is_shown_as_such() {
        for (fee, read) in [
            ("$20 per month remaining", CancelFee::Words { words: "$20 per month remaining".into() }),
            ("20 per month", CancelFee::Words { words: "20 per month".into() }),
            ("", CancelFee::NotStated),
        ] {
            assert_eq!(listed(json!([with(json!({ "cancelFee": fee }))]))[0].cancel_fee, read);
        }
    }

    #[test]
    fn usage_charge_is_parsed_with_its_threshold() {
        let charge = |amount: &str, below_kwh| Some(UsageCharge { amount: amount.into(), below_kwh });
        for (changes, read) in [
            (json!({"usageCharge": "9.95", "usageChargeThreshold": "1000"}), charge("9.95", Some(1000))),
            (json!({"usageCharge": "$9.95", "usageChargeThreshold": 800}), charge("9.95", Some(800))),
            (json!({"usageCharge": "9.95", "usageChargeThreshold": "0"}), charge("9.95", None)),
            (json!({"usageCharge": "9.95", "usageChargeThreshold": null}), charge("9.95", None)),
            (json!({"usageCharge": "0.00", "usageChargeThreshold": "1000"}), None),
            (json!({"usageCharge": null, "usageChargeThreshold": "1000"}), None),
        ] {
            let list = listed(json!([with(changes.clone())]));
            assert_eq!(list.first().map(|offer| &offer.usage_charge), Some(&read), "{changes}");
        }
    }

    #[test]
    fn discounts_that_a_price_counts_are_parsed_as_flags() {
        for (amount, counts) in [
            (json!("5.00"), true),
            (json!("$2"), true),
            (json!(0.5), true),
            (json!("0.00"), false),
            (json!("0"), false),
            (json!(""), false),
            (json!(null), false),
        ] {
            let paperless = listed(json!([with(json!({"digitalDiscount": amount}))]));
            let automatic = listed(json!([with(json!({"autoPayDiscount": amount}))]));
            let flags = |list: &[Offer]| (list[0].paperless_discount, list[0].autopay_discount);
            assert_eq!(flags(&paperless), (counts, false), "{amount}");
            assert_eq!(flags(&automatic), (false, counts), "{amount}");
            let differs = paperless[0].digest() != listed(json!([entry()]))[0].digest();
            assert_eq!(differs, counts, "{amount}");
        }
    }

    #[test]
    fn prepaid_plan_is_sold_only_where_the_site_sells_prepaid_plans() {
        for (category, prepaid) in [
            ("PREPAID", true),
            ("Pre-Paid", true),
            ("res prepay", true),
            ("Pre paid", true),
            ("TOU", false),
            ("Prepared", false),
            ("", false),
        ] {
            let entries = json!([with(json!({"offerCategory": category}))]);
            assert_eq!(listed(entries.clone()).is_empty(), prepaid, "{category}");
            let list = entries.as_array().unwrap();
            let (sold, _) = sellable_list(list, Brand::Reliant, &tdsp(), &reading(), true);
            assert_eq!(sold[0].prepaid, prepaid, "{category}");
        }
    }

    #[test]
    fn offer_with_flaw_is_skipped_and_others_are_kept() {
        for flawed in [
            json!({"offerCode": "1234567"}),
            json!({"offerCode": null}),
            json!({"promoCode": ""}),
            json!({"campaignCode": "ELEVENCHARS"}),
            json!({"productPriceCode": null}),
            json!({"incentiveCode": "  "}),
            json!({"marketSegment": "001"}),
            json!({"sapPlanName": ""}),
            json!({"planType": ""}),
            json!({"contractTerm": "a year"}),
            json!({"averagePrice1000": null}),
            json!({"averagePrice2000": "n/a"}),
            json!({"eflURL": null}),
            json!({"eflURL": "https://brand.example/files/null.pdf"}),
            json!({"tosURL": "https://brand.example/"}),
            json!({"tosURL": "https://evil.example/tos.pdf"}),
            json!({"yraacURL": "http://evil.example/files/yraac.pdf"}),
            json!({"averagePrice500": "0.184", "averagePrice1000": "", "averagePrice2000": "0.17"}),
            json!({"sapPlanName": {"nested": 1}}),
        ] {
            let list = listed(json!([with(flawed.clone()), with(json!({"offerCode": "59990002"}))]));
            assert_eq!(list.len(), 1, "{flawed}");
        }
        assert_eq!(listed(json!([entry(), entry(), "odd"])).len(), 1, "listed twice is sold once");
        assert!(listed(json!(null)).is_empty());
    }

    #[test]
    fn offers_answer_maps_to_list_stop_or_error() {
        let offers = |reply| match read(reply).unwrap() {
            Outcome::Accepted(offers) => (offers.list.len(), offers.default_offers),
            other => panic!("{other:?}"),
        };
        let one = json!([entry()]);
        let default =
            json!({"statusCode": "00", "messageCode": "PROMO_INVALID", "affiliateOfferList": one.clone()});
        assert_eq!(offers(default), (1, true));
        assert_eq!(offers(json!({"statusCode": "01", "messageCode": "PROMO_INVALID"})), (0, false));
        assert_eq!(
            offers(json!({"statusCode": "01", "affiliateOfferList": one.clone()})),
            (0, false),
            "01 never continues"
        );
        let Outcome::Stop(stop) =
            read(json!({"statusCode": "01", "messageCode": "AREA_NOT_SERVICED"})).unwrap()
        else {
            panic!()
        };
        assert_eq!(stop.kind, StopKind::AreaNotServed);
        assert!(
            read(json!({"statusCode": "00", "tdspCodeCCS": "D0002", "affiliateOfferList": one})).is_err()
        );
    }
}
