//! One plan of `offers` and `offer-details` as NRG sends it (contract 5.8), and what makes it one that can be sold.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    fields::{Brand, Dollars, TdspCode},
    journey::{
        AveragePrices, CancelFee, DocumentUrl, Documents, Offer, OfferCodes, PlanKind, UsageCharge,
        UsageCredit,
    },
};

use crate::nrg::{
    bounded::{MESSAGE, NAME, SENTENCE},
    reading::Reading,
    sanitize::{self, plain},
    wire::Text,
};

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

/// Why an offer is not sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The wire name of the field that is the reason.
    pub field: &'static str,
    /// The host of a document that may not be linked.
    pub host: Option<String>,
}

impl From<&'static str> for Flaw {
    fn from(field: &'static str) -> Self {
        Self { field, host: None }
    }
}

pub(in crate::nrg) fn entry_of(entry: &Value) -> Option<Entry> {
    Entry::deserialize(entry).ok()
}

/// The offer of an entry. The value of a blank field is that of `asked`, the offer that was asked about, if it is given.
pub(in crate::nrg) fn sellable(
    entry: &Entry,
    brand: Brand,
    tdsp: &TdspCode,
    reading: &Reading<'_>,
    asked: Option<&Offer>,
) -> Result<Offer, Flaw> {
    let code = |text: &Text, max, name, of: fn(&OfferCodes) -> &String| {
        let fits = |text: &Text| text.exact().filter(|code| code.len() <= max).map(str::to_owned);
        field(text, fits, asked.map(|asked| of(&asked.codes).clone()), name)
    };
    let document = |text: &Text, name, of: fn(&Documents) -> &DocumentUrl| {
        let link = |text: &Text| document(name, text, reading);
        let url = field(text, link, asked.map(|asked| of(&asked.documents).clone()), name);
        url.map_err(|flaw| Flaw { host: sanitize::refused_host(text, reading.link_hosts), ..flaw })
    };
    let flag = |name, text: &Text, of: fn(&Offer) -> bool| match text.filled() {
        Some(_) => reading.flag(name, text, "true"),
        None => asked.is_some_and(of),
    };
    let discount = |name, text: &Text, of: fn(&Offer) -> bool| match text.filled() {
        Some(_) => charged(name, text, reading).is_some(),
        None => asked.is_some_and(of),
    };
    let words = |text: Option<String>, of: fn(&Offer) -> Option<String>| text.or_else(|| asked.and_then(of));

    let term_months = field(
        &entry.contract_term,
        |text| reading.months("contractTerm", text),
        asked.map(|asked| asked.term_months),
        "contractTerm",
    )?;
    let cancel_fee = match (entry.cancel_fee.filled(), asked) {
        (Some(_), _) => {
            let words = || Some(CancelFee::Words { words: plain(&entry.cancel_fee, SENTENCE)? });
            reading
                .dollars("cancelFee", &entry.cancel_fee)
                .map(CancelFee::Amount)
                .or_else(words)
                .ok_or("cancelFee")?
        }
        (None, Some(asked)) => asked.cancel_fee.clone(),
        // Without a term there is nothing to cancel early.
        (None, None) if term_months == 0 => CancelFee::Amount(Dollars::ZERO),
        (None, None) => CancelFee::NotStated,
    };
    let average = average(entry, reading, asked.map(|asked| asked.average))?;
    let charges: Vec<String> =
        [&entry.energy_charge_text, &entry.base_usage_charge_text, &entry.tdsp_charge_text]
            .into_iter()
            .filter_map(|text| plain(text, SENTENCE))
            .collect();
    let fine_print = [&entry.cms_legalese, &entry.cms_additional_pricing_text];
    let fine_print: Vec<String> = fine_print.into_iter().filter_map(|text| plain(text, MESSAGE)).collect();
    let yrac = if entry.yraac.filled().is_some() { &entry.yraac } else { &entry.yrac };

    Ok(Offer {
        brand,
        tdsp: tdsp.clone(),
        code: field(
            &entry.offer_code,
            |text| reading.offer_code("offerCode", text),
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
            |text| plain(text, NAME),
            asked.map(|asked| asked.name.clone()),
            "sapPlanName",
        )?,
        tagline: words(
            plain(&entry.cms_product_tagline, SENTENCE).or_else(|| plain(&entry.sap_offer_tagline, SENTENCE)),
            |asked| asked.tagline.clone(),
        ),
        details: words(plain(&entry.cms_product_marketing_details, MESSAGE), |asked| asked.details.clone()),
        fine_print: words((!fine_print.is_empty()).then(|| fine_print.join(" ")), |asked| {
            asked.fine_print.clone()
        }),
        kind: field(
            &entry.plan_type,
            |text| plan_kind(text),
            asked.map(|asked| asked.kind.clone()),
            "planType",
        )?,
        term_months,
        cancel_fee,
        average,
        charges: match asked {
            Some(asked) if charges.is_empty() => asked.charges.clone(),
            Some(_) | None => charges,
        },
        usage_credit: match (entry.usage_credit.filled(), asked) {
            (Some(_), _) => usage_credit(entry, reading),
            (None, asked) => asked.and_then(|asked| asked.usage_credit.clone()),
        },
        usage_charge: match (entry.usage_charge.filled(), asked) {
            (Some(_), _) => usage_charge(entry, reading),
            (None, asked) => asked.and_then(|asked| asked.usage_charge.clone()),
        },
        green: flag("cmsGreenFlag", &entry.cms_green_flag, |asked| asked.green),
        smart_meter: flag("cmsSmartMeterFlag", &entry.cms_smart_meter_flag, |asked| asked.smart_meter),
        paperless_discount: discount("digitalDiscount", &entry.digital_discount, |asked| {
            asked.paperless_discount
        }),
        autopay_discount: discount("autoPayDiscount", &entry.auto_pay_discount, |asked| {
            asked.autopay_discount
        }),
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
    parse: impl FnOnce(&Text) -> Option<T>,
    otherwise: Option<T>,
    name: &'static str,
) -> Result<T, Flaw> {
    text.filled().map_or(otherwise, |_| parse(text)).ok_or(name.into())
}

/// The prices of the facts label are the binding ones; the contract says that the others are the same.
fn average(
    entry: &Entry,
    reading: &Reading<'_>,
    asked: Option<AveragePrices>,
) -> Result<AveragePrices, Flaw> {
    let fields = [
        ("averagePrice500", &entry.label_500, &entry.average_500),
        ("averagePrice1000", &entry.label_1000, &entry.average_1000),
        ("averagePrice2000", &entry.label_2000, &entry.average_2000),
    ];
    let fields =
        fields.map(|(name, label, average)| (name, if label.filled().is_some() { label } else { average }));
    let [at_500, at_1000, at_2000] = reading.prices(fields)?;
    Ok(AveragePrices {
        at_500: at_500.or(asked.map(|asked| asked.at_500)).ok_or("averagePrice500")?,
        at_1000: at_1000.or(asked.map(|asked| asked.at_1000)).ok_or("averagePrice1000")?,
        at_2000: at_2000.or(asked.map(|asked| asked.at_2000)).ok_or("averagePrice2000")?,
    })
}

/// Whether a legal document can be linked: a missing document id shows as `null.pdf` or as the bare site.
fn document(name: &'static str, address: &Text, reading: &Reading<'_>) -> Option<DocumentUrl> {
    let link = reading.link(name, address);
    link.filter(|url| url.path() != "/" && !url.path().ends_with("null.pdf")).map(DocumentUrl::from)
}

fn plan_kind(word: &str) -> Option<PlanKind> {
    let first = word.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    Some(match first.to_ascii_lowercase().as_str() {
        "fixed" => PlanKind::Fixed,
        "variable" => PlanKind::Variable,
        "indexed" => PlanKind::Indexed,
        _ => PlanKind::Other(plain(word, NAME)?),
    })
}

/// An amount without its sign; none where there is no charge or credit, which NRG writes as "0" and "0.00".
fn charged(name: &'static str, text: &Text, reading: &Reading<'_>) -> Option<String> {
    let is_amount = reading.amount(name, text).is_some();
    let is_charged = text.bytes().any(|b| matches!(b, b'1'..=b'9'));
    let words = plain(text, NAME)?;
    let amount = words.trim_start_matches('$').trim_start();
    // Words are shown as they are.
    is_charged.then(|| if is_amount { amount.replace(',', "") } else { amount.to_owned() })
}

/// `offer`, unless it is a prepaid plan that the site does not sell.
pub(in crate::nrg) fn unless_prepaid(offer: Offer, allow_prepaid: bool) -> Result<Offer, Flaw> {
    if offer.prepaid && !allow_prepaid { Err("offerCategory".into()) } else { Ok(offer) }
}

/// Whether `offerCategory`, whose values are not published, says that the plan is prepaid.
fn is_prepaid(category: &str) -> bool {
    let letters: String = category.chars().filter(char::is_ascii_alphabetic).collect();
    let letters = letters.to_ascii_lowercase();
    letters.contains("prepaid") || letters.contains("prepay")
}

fn usage_charge(entry: &Entry, reading: &Reading<'_>) -> Option<UsageCharge> {
    let threshold = reading.kwh("usageChargeThreshold", &entry.usage_charge_threshold);
    Some(UsageCharge {
        amount: charged("usageCharge", &entry.usage_charge, reading)?,
        below_kwh: threshold.filter(|kwh| *kwh > 0),
    })
}

fn usage_credit(entry: &Entry, reading: &Reading<'_>) -> Option<UsageCredit> {
    Some(UsageCredit {
        amount: charged("usageCredit", &entry.usage_credit, reading)?,
        min_kwh: reading.kwh("creditMinUsageThreshold", &entry.credit_min_usage_threshold),
        max_kwh: reading.kwh("creditMaxUsageThreshold", &entry.credit_max_usage_threshold),
    })
}
