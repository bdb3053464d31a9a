//! A plan that can be sold: an `affiliateOfferList` entry with everything that is needed (contract 5.8); and the plan that
//! a person chose.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use super::safe_html::SafeHtml;
use crate::fields::{Brand, CentsPerKwh, Dollars, Language, OfferCode, TdspCode, Transaction};

/// A plan that can be sold, with everything that the plan card, review, `check-credit` and `enroll` need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// The brand whose `offers` call returned the plan.
    pub brand: Brand,
    /// The utility that the prices are for.
    pub tdsp: TdspCode,
    /// The offer code, eight characters.
    pub code: OfferCode,
    /// The codes of the same entry that `enroll` sends back; none is blank.
    pub codes: OfferCodes,
    /// `sapPlanName`.
    pub name: String,
    /// `cmsProductTagline`, else `sapOfferTagline`; text without markup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tagline: Option<String>,
    /// `cmsProductMarketingDetails`, text without markup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// `cmsLegalese` and `cmsAdditionalPricingText`, text without markup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fine_print: Option<String>,
    /// Fixed, variable or indexed.
    pub kind: PlanKind,
    /// The term in months; 0 means month to month.
    pub term_months: u16,
    /// The cancellation fee.
    pub cancel_fee: CancelFee,
    /// Average price, cents per kWh, at 500, 1,000 and 2,000 kWh a month.
    pub average: AveragePrices,
    /// NRG's sentences about the single charges, without markup.
    pub charges: Vec<String>,
    /// A bill credit and the window of monthly use that earns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_credit: Option<UsageCredit>,
    /// A charge in months of little use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_charge: Option<UsageCharge>,
    /// `cmsGreenFlag`.
    pub green: bool,
    /// `cmsSmartMeterFlag`: the plan needs a smart meter.
    pub smart_meter: bool,
    /// `digitalDiscount` is not zero: the price counts a discount for paperless bills.
    #[serde(default, skip_serializing_if = "is_off")]
    pub paperless_discount: bool,
    /// `autoPayDiscount` is not zero: the price counts a discount for automatic payment.
    #[serde(default, skip_serializing_if = "is_off")]
    pub autopay_discount: bool,
    /// `offerCategory` says that the plan is prepaid.
    #[serde(default, skip_serializing_if = "is_off")]
    pub prepaid: bool,
    /// The EFL, the TOS and the YRAC.
    pub documents: Documents,
}

/// The six-code echo of contract 5.19, less `offerCode`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the wire's names")]
#[serde(deny_unknown_fields)]
pub struct OfferCodes {
    pub promo: String,
    pub campaign: String,
    pub product_price: String,
    pub incentive: String,
    pub market_segment: String,
}

/// `planType`. The wire may have other values; an unknown one keeps NRG's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum PlanKind {
    Fixed,
    Variable,
    Indexed,
    Other(String),
}

/// `cancelFee`. An amount is stored as [`Dollars`] are, words as an object, and a fee that is not stated as `null`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CancelFee {
    /// So much, or nothing.
    Amount(Dollars),
    /// NRG's words, text without markup.
    Words {
        /// The words.
        words: String,
    },
    /// NRG does not say; the facts label does.
    NotStated,
}

impl CancelFee {
    /// Whether there may be something to pay.
    pub fn is_owed(&self) -> bool {
        *self != Self::Amount(Dollars::ZERO)
    }
}

/// Cents per kWh at three monthly uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
#[serde(deny_unknown_fields)]
pub struct AveragePrices {
    pub at_500: CentsPerKwh,
    pub at_1000: CentsPerKwh,
    pub at_2000: CentsPerKwh,
}

impl AveragePrices {
    /// All three, from the least use on.
    #[must_use]
    pub fn all(self) -> [CentsPerKwh; 3] {
        [self.at_500, self.at_1000, self.at_2000]
    }

    /// The lowest and the highest, if they differ.
    #[must_use]
    pub fn spread(self) -> Option<(CentsPerKwh, CentsPerKwh)> {
        let [a, b, c] = self.all();
        let (low, high) = (a.min(b).min(c), a.max(b).max(c));
        (low != high).then_some((low, high))
    }
}

/// A bill credit with its window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageCredit {
    /// The amount in dollars as NRG writes it, without a sign.
    pub amount: String,
    /// The least monthly use that earns it, in kWh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_kwh: Option<u32>,
    /// The most monthly use that earns it, in kWh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_kwh: Option<u32>,
}

impl UsageCredit {
    /// The amount in dollars, if it is one.
    pub fn dollars(&self) -> Option<f64> {
        dollars(&self.amount)
    }
}

/// A charge in months of little use. NRG publishes only the names of its two fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageCharge {
    /// The amount in dollars as NRG writes it, without a sign.
    pub amount: String,
    /// The monthly use below which it is charged, in kWh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below_kwh: Option<u32>,
}

impl UsageCharge {
    /// The amount in dollars, if it is one.
    pub fn dollars(&self) -> Option<f64> {
        dollars(&self.amount)
    }
}

/// An amount as NRG writes it, if it is one.
fn dollars(text: &str) -> Option<f64> {
    text.parse().ok().filter(|dollars: &f64| dollars.is_finite())
}

/// The address of a document: an https link to an allow-listed host, as it was checked when NRG gave it. A text, not a
/// [`Url`]: a journey is read for every page, and its documents are shown on few.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentUrl(String);

impl From<Url> for DocumentUrl {
    fn from(url: Url) -> Self {
        Self(url.into())
    }
}

impl DocumentUrl {
    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DocumentUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The contract documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the field's")]
#[serde(deny_unknown_fields)]
pub struct Documents {
    pub efl: DocumentUrl,
    pub tos: DocumentUrl,
    pub yrac: DocumentUrl,
}

/// Whether a flag is stored as it was before there was such a flag.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_off(flag: &bool) -> bool {
    !flag
}

impl Offer {
    /// A short hash of what a person agrees to: price, term, fee and documents. The plan form posts it; if it differs from
    /// that of the current offer, the plan is shown again before it is chosen.
    pub fn digest(&self) -> String {
        let Offer { average, documents, .. } = self;
        let none = || "None".to_owned();
        let mut parts = vec![
            self.code.as_str().to_owned(),
            average.at_500.to_string(),
            average.at_1000.to_string(),
            average.at_2000.to_string(),
            self.term_months.to_string(),
            hashed_fee(&self.cancel_fee),
            hashed_kind(&self.kind),
            self.usage_credit.as_ref().map_or_else(none, hashed_credit),
            self.usage_charge.as_ref().map_or_else(none, hashed_charge),
            documents.efl.to_string(),
            documents.tos.to_string(),
            documents.yrac.to_string(),
        ];
        // Without any of them the digest is that of forms from before there were such flags.
        let flags = [
            (self.paperless_discount, "paperless discount"),
            (self.autopay_discount, "autopay discount"),
            (self.prepaid, "prepaid"),
        ];
        parts.extend(flags.into_iter().filter(|(on, _)| *on).map(|(_, name)| name.to_owned()));
        let mut digest = hex::encode(Sha256::digest(parts.join("\n")));
        digest.truncate(16);
        digest
    }
}

// The texts below are hashed into digests that forms of running browsers post back: they must not change when a
// type, a variant or a field is renamed.

fn hashed_kind(kind: &PlanKind) -> String {
    match kind {
        PlanKind::Fixed => "Fixed".to_owned(),
        PlanKind::Variable => "Variable".to_owned(),
        PlanKind::Indexed => "Indexed".to_owned(),
        PlanKind::Other(name) => format!("Other({name:?})"),
    }
}

fn hashed_fee(fee: &CancelFee) -> String {
    match fee {
        CancelFee::Amount(amount) => amount.to_string(),
        CancelFee::Words { words } => words.clone(),
        CancelFee::NotStated => String::new(),
    }
}

fn hashed_credit(UsageCredit { amount, min_kwh, max_kwh }: &UsageCredit) -> String {
    format!("Some(UsageCredit {{ amount: {amount:?}, min_kwh: {min_kwh:?}, max_kwh: {max_kwh:?} }})")
}

fn hashed_charge(UsageCharge { amount, below_kwh }: &UsageCharge) -> String {
    format!("Some(UsageCharge {{ amount: {amount:?}, below_kwh: {below_kwh:?} }})")
}

/// The plan that a person chose, and the circumstances of the choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// The whole entry (contract 5.10).
    pub offer: Offer,
    /// The transaction that the offers were requested for.
    pub transaction: Transaction,
    /// The Texas day on which NRG returned the offer; on a later day it is refreshed.
    pub read_on: Date,
    /// Whether the offers were default ones, because the promo code was not valid.
    pub default_offers: bool,
    /// NRG's text about the brand's offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<SafeHtml>,
    /// The language that the offer was asked for in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}
