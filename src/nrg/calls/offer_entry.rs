//! One plan of `offers` and `offer-details` as NRG sends it (contract 5.8), and what makes it one that can be sold.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    fields::{Brand, CentsPerKwh, Dollars, OfferCode, TdspCode},
    journey::{AveragePrices, Documents, Offer, OfferCodes, PlanKind, UsageCharge, UsageCredit},
};

use crate::nrg::{sanitize, wire::Text};

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
    digital_discount: Text,
    auto_pay_discount: Text,
    offer_category: Text,
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

pub(in crate::nrg) fn entry_of(entry: &Value) -> Option<Entry> {
    Entry::deserialize(entry).ok()
}

/// The offer of an entry. The value of a blank field is that of `asked`, the offer that was asked about, if it is given.
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
        // The price of the facts label is the binding one; the contract says both are the same.
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
    let amount = |text: &Text, of: fn(&Offer) -> bool| match text.filled() {
        Some(amount) => is_charged(amount),
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
        paperless_discount: amount(&entry.digital_discount, |asked| asked.paperless_discount),
        autopay_discount: amount(&entry.auto_pay_discount, |asked| asked.autopay_discount),
        prepaid: entry
            .offer_category
            .filled()
            .map_or_else(|| asked.is_some_and(|asked| asked.prepaid), is_prepaid),
        documents: Documents {
            efl: document(&entry.efl, "eflURL", |documents| &documents.efl)?,
            tos: document(&entry.tos, "tosURL", |documents| &documents.tos)?,
            yrac: document(yrac, "yraacURL", |documents| &documents.yrac)?,
        },
    })
}

/// Parses a field that is present; a blank one has the value `otherwise`.
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

/// `offer`, unless it is a prepaid plan that the site does not sell.
pub(in crate::nrg) fn unless_prepaid(offer: Offer, allow_prepaid: bool) -> Result<Offer, Flaw> {
    if offer.prepaid && !allow_prepaid { Err("offerCategory") } else { Ok(offer) }
}

/// Whether `offerCategory`, whose values are not published, says that the plan is prepaid.
fn is_prepaid(category: &str) -> bool {
    let letters: String = category.chars().filter(char::is_ascii_alphabetic).collect();
    let letters = letters.to_ascii_lowercase();
    letters.contains("prepaid") || letters.contains("prepay")
}

/// Whether there is a charge or credit: NRG writes "0" and "0.00" where there is none.
fn is_charged(amount: &str) -> bool {
    amount.bytes().any(|b| matches!(b, b'1'..=b'9'))
}

fn usage_charge(amount: &str, entry: &Entry) -> Option<UsageCharge> {
    is_charged(amount).then(|| UsageCharge {
        amount: amount.trim_start_matches('$').to_owned(),
        below_kwh: entry.usage_charge_threshold.parse().ok().filter(|kwh| *kwh > 0),
    })
}

fn usage_credit(amount: &str, entry: &Entry) -> Option<UsageCredit> {
    is_charged(amount).then(|| UsageCredit {
        amount: amount.to_owned(),
        min_kwh: entry.credit_min_usage_threshold.parse().ok(),
        max_kwh: entry.credit_max_usage_threshold.parse().ok(),
    })
}
