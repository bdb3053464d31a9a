//! GET `offers` (contract 5.8): the plans of a brand for a utility, as far as they can be sold.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::{
    fields::{Brand, CentsPerKwh, Dollars, OfferCode, TdspCode, Transaction},
    journey::{AveragePrices, Documents, Offer, OfferCodes, Outcome, PlanKind, UsageCharge, UsageCredit},
};

use crate::nrg::{
    BrandClient, Endpoint, Error,
    envelope::{Reply, Verdict},
    sanitize,
    wire::{self, Text},
};

/// The plans that can be sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    /// In NRG's order; may be empty.
    pub list: Vec<Offer>,
    /// The promo code was not valid, so these are default plans.
    pub default_offers: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Own<'a> {
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
    /// Read one by one, so that one that cannot be read spoils no other.
    #[serde(deserialize_with = "wire::list")]
    pub(in crate::nrg) affiliate_offer_list: Vec<Value>,
}

/// One `affiliateOfferList` entry.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::nrg) struct Entry {
    pub(in crate::nrg) offer_code: Text,
    promo_code: Text,
    campaign_code: Text,
    product_price_code: Text,
    incentive_code: Text,
    market_segment: Text,
    sap_plan_name: Text,
    sap_offer_tagline: Text,
    cms_product_tagline: Text,
    cms_product_marketing_details: Text,
    cms_legalese: Text,
    cms_additional_pricing_text: Text,
    cms_green_flag: Text,
    cms_smart_meter_flag: Text,
    plan_type: Text,
    contract_term: Text,
    cancel_fee: Text,
    #[serde(rename = "averagePrice500")]
    average_500: Text,
    #[serde(rename = "averagePrice1000")]
    average_1000: Text,
    #[serde(rename = "averagePrice2000")]
    average_2000: Text,
    #[serde(rename = "averageEFLPrice500")]
    label_500: Text,
    #[serde(rename = "averageEFLPrice1000")]
    label_1000: Text,
    #[serde(rename = "averageEFLPrice2000")]
    label_2000: Text,
    energy_charge_text: Text,
    base_usage_charge_text: Text,
    tdsp_charge_text: Text,
    usage_charge: Text,
    usage_charge_threshold: Text,
    usage_credit: Text,
    credit_min_usage_threshold: Text,
    credit_max_usage_threshold: Text,
    #[serde(rename = "eflURL")]
    efl: Text,
    #[serde(rename = "tosURL")]
    tos: Text,
    #[serde(rename = "yraacURL")]
    yraac: Text,
    #[serde(rename = "yracURL")]
    yrac: Text,
}

/// The wire name of the field that keeps an offer from being sold.
type Flaw = &'static str;

impl BrandClient<'_> {
    /// The plans of the brand for a utility. An unknown promo code without default plans, and nothing left
    /// to sell, are an empty list. What cannot be sold (a blank code, a document missing or not on an
    /// allow-listed host, a price or fee that cannot be read) is left out and logged.
    ///
    /// # Errors
    /// [`Error`]; plans priced for another utility are [`Kind::InvalidResponse`](crate::nrg::Kind).
    pub async fn offers(&self, tdsp: &TdspCode, transaction: Transaction) -> Result<Outcome<Offers>, Error> {
        let own = Own { promo_code: self.promo, tdsp: tdsp.as_str(), transaction_type: transaction.wire() };
        let reply = self.get(Endpoint::Offers, &own).await?.processed()?;
        outcome(&reply, self.brand, tdsp, &self.site.link_hosts)
    }
}

fn outcome(
    reply: &Reply<Body>,
    brand: Brand,
    tdsp: &TdspCode,
    link_hosts: &[String],
) -> Result<Outcome<Offers>, Error> {
    match (reply.verdict, &*reply.code) {
        (Verdict::Continue, code) => {
            let body = &reply.body;
            if TdspCode::parse(&body.tdsp).is_ok_and(|priced_for| priced_for != *tdsp) {
                return Err(reply.invalid_response("plans for another utility"));
            }
            for dropped in [&body.erp_error_offers, &body.cms_error_offers] {
                if let Some(codes) = dropped.filled() {
                    tracing::warn!(brand = brand.id(), ?codes, "NRG left plans out: incomplete data");
                }
            }
            let list = sellable_list(&body.affiliate_offer_list, brand, tdsp, link_hosts);
            Ok(Outcome::Accepted(Offers { list, default_offers: code == "PROMO_INVALID" }))
        }
        (Verdict::Stop, "PROMO_INVALID" | "") => {
            Ok(Outcome::Accepted(Offers { list: Vec::new(), default_offers: false }))
        }
        (Verdict::Stop | Verdict::Ask, _) => Ok(Outcome::Stop(reply.stop(link_hosts))),
    }
}

fn sellable_list(entries: &[Value], brand: Brand, tdsp: &TdspCode, link_hosts: &[String]) -> Vec<Offer> {
    let mut list: Vec<Offer> = Vec::new();
    for entry in entries {
        let offer = match entry_of(entry) {
            Some(entry) => {
                sellable(&entry, brand, tdsp, link_hosts, None).map_err(|flaw| (entry.offer_code, flaw))
            }
            None => Err((Text::default(), "affiliateOfferList")),
        };
        match offer {
            Ok(offer) if list.iter().all(|known| known.code != offer.code) => list.push(offer),
            Ok(offer) => tracing::warn!(brand = brand.id(), code = offer.code.as_str(), "plan listed twice"),
            Err((code, flaw)) => {
                tracing::warn!(brand = brand.id(), code = ?&*code, flaw, "plan cannot be sold")
            }
        }
    }
    list
}

pub(in crate::nrg) fn entry_of(entry: &Value) -> Option<Entry> {
    Entry::deserialize(entry).ok()
}

/// The offer of an entry. What the entry leaves blank is taken from the offer that was asked about, if one was.
pub(in crate::nrg) fn sellable(
    entry: &Entry,
    brand: Brand,
    tdsp: &TdspCode,
    link_hosts: &[String],
    asked: Option<&Offer>,
) -> Result<Offer, Flaw> {
    let code = |text: &Text, max, name, of: fn(&OfferCodes) -> &String| {
        let fits = |code: &str| (code.len() <= max).then(|| code.to_owned());
        field(text, fits, asked.map(|asked| of(&asked.codes).clone()), name)
    };
    let price = |label: &Text, average: &Text, name, of: fn(&AveragePrices) -> CentsPerKwh| {
        // The facts label is what counts; both are said to be the same.
        let text = if label.filled().is_some() { label } else { average };
        field(text, |text| CentsPerKwh::parse(text).ok(), asked.map(|asked| of(&asked.average)), name)
    };
    let document = |text: &Text, name, of: fn(&Documents) -> &Url| {
        field(text, |text| document(text, link_hosts), asked.map(|asked| of(&asked.documents).clone()), name)
    };
    let flag = |text: &Text, of: fn(&Offer) -> bool| match text.filled() {
        Some(flag) => flag.eq_ignore_ascii_case("true"),
        None => asked.is_some_and(of),
    };
    let words = |text: Option<String>, of: fn(&Offer) -> Option<String>| text.or_else(|| asked.and_then(of));

    let term_months = field(
        &entry.contract_term,
        |text| text.parse().ok(),
        asked.map(|asked| asked.term_months),
        "contractTerm",
    )?;
    // Without a term there is nothing to cancel early.
    let no_fee = (term_months == 0).then_some(Dollars(0));
    let fee = asked.map(|asked| asked.cancel_fee).or(no_fee);
    let charges: Vec<String> =
        [&entry.energy_charge_text, &entry.base_usage_charge_text, &entry.tdsp_charge_text]
            .into_iter()
            .filter_map(|text| sanitize::plain(text))
            .collect();
    let fine_print = [&entry.cms_legalese, &entry.cms_additional_pricing_text];
    let fine_print: Vec<String> = fine_print.into_iter().filter_map(|text| sanitize::plain(text)).collect();
    let yrac = if entry.yraac.filled().is_some() { &entry.yraac } else { &entry.yrac };

    Ok(Offer {
        brand,
        tdsp: tdsp.clone(),
        code: field(
            &entry.offer_code,
            |text| OfferCode::parse(text).ok(),
            asked.map(|asked| asked.code.clone()),
            "offerCode",
        )?,
        codes: OfferCodes {
            promo: code(&entry.promo_code, 10, "promoCode", |codes| &codes.promo)?,
            campaign: code(&entry.campaign_code, 10, "campaignCode", |codes| &codes.campaign)?,
            product_price: code(&entry.product_price_code, 10, "productPriceCode", |codes| {
                &codes.product_price
            })?,
            incentive: code(&entry.incentive_code, 15, "incentiveCode", |codes| &codes.incentive)?,
            market_segment: code(&entry.market_segment, 2, "marketSegment", |codes| &codes.market_segment)?,
        },
        name: field(
            &entry.sap_plan_name,
            sanitize::plain,
            asked.map(|asked| asked.name.clone()),
            "sapPlanName",
        )?,
        tagline: words(
            sanitize::plain(&entry.cms_product_tagline).or_else(|| sanitize::plain(&entry.sap_offer_tagline)),
            |asked| asked.tagline.clone(),
        ),
        details: words(sanitize::plain(&entry.cms_product_marketing_details), |asked| asked.details.clone()),
        fine_print: words((!fine_print.is_empty()).then(|| fine_print.join(" ")), |asked| {
            asked.fine_print.clone()
        }),
        kind: field(&entry.plan_type, plan_kind, asked.map(|asked| asked.kind.clone()), "planType")?,
        term_months,
        cancel_fee: field(&entry.cancel_fee, |text| Dollars::parse(text).ok(), fee, "cancelFee")?,
        average: AveragePrices {
            at_500: price(&entry.label_500, &entry.average_500, "averagePrice500", |average| average.at_500)?,
            at_1000: price(&entry.label_1000, &entry.average_1000, "averagePrice1000", |average| {
                average.at_1000
            })?,
            at_2000: price(&entry.label_2000, &entry.average_2000, "averagePrice2000", |average| {
                average.at_2000
            })?,
        },
        charges: match asked {
            Some(asked) if charges.is_empty() => asked.charges.clone(),
            Some(_) | None => charges,
        },
        usage_credit: match (entry.usage_credit.filled(), asked) {
            (Some(amount), _) => usage_credit(amount, entry),
            (None, asked) => asked.and_then(|asked| asked.usage_credit.clone()),
        },
        usage_charge: match (entry.usage_charge.filled(), asked) {
            (Some(amount), _) => usage_charge(amount, entry),
            (None, asked) => asked.and_then(|asked| asked.usage_charge.clone()),
        },
        green: flag(&entry.cms_green_flag, |asked| asked.green),
        smart_meter: flag(&entry.cms_smart_meter_flag, |asked| asked.smart_meter),
        documents: Documents {
            efl: document(&entry.efl, "eflURL", |documents| &documents.efl)?,
            tos: document(&entry.tos, "tosURL", |documents| &documents.tos)?,
            yrac: document(yrac, "yraacURL", |documents| &documents.yrac)?,
        },
    })
}

/// A field that is there has to be right; one that is blank takes `otherwise`.
fn field<T>(
    text: &Text,
    parse: impl FnOnce(&str) -> Option<T>,
    otherwise: Option<T>,
    name: Flaw,
) -> Result<T, Flaw> {
    text.filled().map_or(otherwise, parse).ok_or(name)
}

/// Whether a legal document can be linked: a missing document id shows as `null.pdf` or as the bare site.
fn document(address: &str, link_hosts: &[String]) -> Option<Url> {
    sanitize::link(address, link_hosts).filter(|url| url.path() != "/" && !url.path().ends_with("null.pdf"))
}

fn plan_kind(word: &str) -> Option<PlanKind> {
    Some(match word.to_ascii_lowercase().as_str() {
        "fixed" => PlanKind::Fixed,
        "variable" => PlanKind::Variable,
        "indexed" => PlanKind::Indexed,
        _ => PlanKind::Other(sanitize::plain(word)?),
    })
}

/// "0" and "0.00" are NRG's way to say that there is none.
fn is_some(amount: &str) -> bool {
    amount.bytes().any(|b| matches!(b, b'1'..=b'9'))
}

fn usage_charge(amount: &str, entry: &Entry) -> Option<UsageCharge> {
    is_some(amount).then(|| UsageCharge {
        amount: amount.trim_start_matches('$').to_owned(),
        below_kwh: entry.usage_charge_threshold.parse().ok().filter(|kwh| *kwh > 0),
    })
}

fn usage_credit(amount: &str, entry: &Entry) -> Option<UsageCredit> {
    is_some(amount).then(|| UsageCredit {
        amount: amount.to_owned(),
        min_kwh: entry.credit_min_usage_threshold.parse().ok(),
        max_kwh: entry.credit_max_usage_threshold.parse().ok(),
    })
}

#[cfg(test)]
pub(in crate::nrg) mod tests {
    use serde_json::json;

    use crate::journey::StopKind;
    use crate::nrg::tests::{hosts, processed};

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
        outcome(&processed(Endpoint::Offers, &reply.to_string()), Brand::Reliant, &tdsp(), &hosts())
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
        assert_eq!((offer.term_months, offer.cancel_fee), (12, Dollars(150)));
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
        assert_eq!((offer.term_months, offer.cancel_fee, &offer.kind), (0, Dollars(0), &PlanKind::Variable));
        assert_eq!(offer.average.at_1000, CentsPerKwh(150), "the facts label counts");
        assert_eq!(offer.tagline.as_deref(), Some("A steady price"));
        assert_eq!(offer.fine_print.as_deref(), Some("One Two"));
        let credit = UsageCredit { amount: "50.00".into(), min_kwh: Some(1000), max_kwh: None };
        assert_eq!((offer.usage_credit.as_ref(), offer.green), (Some(&credit), true));
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
            json!({"cancelFee": ""}),
            json!({"cancelFee": "20 per month"}),
            json!({"averagePrice1000": null}),
            json!({"averagePrice2000": "n/a"}),
            json!({"eflURL": null}),
            json!({"eflURL": "https://brand.example/files/null.pdf"}),
            json!({"tosURL": "https://brand.example/"}),
            json!({"tosURL": "https://evil.example/tos.pdf"}),
            json!({"yraacURL": "http://brand.example/files/yraac.pdf"}),
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
