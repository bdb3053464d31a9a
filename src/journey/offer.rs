//! One plan as NRG sells it: an `affiliateOfferList` entry that is complete enough to be sold
//! (contract 5.8), and the plan a person chose.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::fields::{Brand, CentsPerKwh, Dollars, OfferCode, TdspCode, Transaction};

/// A sellable plan. Everything the plan card, review, `check-credit` and `enroll` need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The brand whose `offers` call returned it.
    pub brand: Brand,
    /// The utility it was priced for.
    pub tdsp: TdspCode,
    /// Eight characters.
    pub code: OfferCode,
    /// The codes `enroll` wants back, from this very entry; none is blank.
    pub codes: OfferCodes,
    /// `sapPlanName`.
    pub name: String,
    /// `cmsProductTagline`, else `sapOfferTagline`; text without markup.
    pub tagline: Option<String>,
    /// `cmsProductMarketingDetails`, text without markup.
    pub details: Option<String>,
    /// `cmsLegalese` and `cmsAdditionalPricingText`, text without markup.
    pub fine_print: Option<String>,
    /// Fixed, variable or indexed.
    pub kind: PlanKind,
    /// Months; 0 means month to month.
    pub term_months: u16,
    /// Whole dollars.
    pub cancel_fee: Dollars,
    /// Average price, cents per kWh, at 500, 1,000 and 2,000 kWh a month.
    pub average: AveragePrices,
    /// NRG's ready sentences about the single charges, without markup.
    pub charges: Vec<String>,
    /// A bill credit and the window of monthly use that earns it.
    pub usage_credit: Option<UsageCredit>,
    /// A charge in months of little use.
    #[serde(default)]
    pub usage_charge: Option<UsageCharge>,
    /// `cmsGreenFlag`.
    pub green: bool,
    /// `cmsSmartMeterFlag`: needs a smart meter.
    pub smart_meter: bool,
    /// EFL, TOS and YRAC.
    pub documents: Documents,
}

/// The six-code echo of contract 5.19, less `offerCode`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the wire's names")]
pub struct OfferCodes {
    pub promo: String,
    pub campaign: String,
    pub product_price: String,
    pub incentive: String,
    pub market_segment: String,
}

/// `planType`. Open-ended on the wire; what we do not know is named as NRG names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum PlanKind {
    Fixed,
    Variable,
    Indexed,
    Other(String),
}

/// Cents per kWh at three monthly uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct AveragePrices {
    pub at_500: CentsPerKwh,
    pub at_1000: CentsPerKwh,
    pub at_2000: CentsPerKwh,
}

/// A bill credit with its window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageCredit {
    /// As NRG writes it: dollars, no sign.
    pub amount: String,
    /// From this monthly use on, kWh.
    pub min_kwh: Option<u32>,
    /// Up to this monthly use, kWh.
    pub max_kwh: Option<u32>,
}

/// A charge of months in which little is used. NRG publishes no more about it than the two names of its fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageCharge {
    /// As NRG writes it: dollars, no sign.
    pub amount: String,
    /// In months below this use, kWh.
    pub below_kwh: Option<u32>,
}

/// The contract documents; https, on an allow-listed host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the field's")]
pub struct Documents {
    pub efl: Url,
    pub tos: Url,
    pub yrac: Url,
}

impl Offer {
    /// A short fingerprint of what a person agrees to: price, term, fee and documents. The plan form
    /// carries it; where it differs from the offer of now, the plan is shown again before it is taken.
    pub fn digest(&self) -> String {
        let Offer { average, documents, .. } = self;
        let parts = [
            self.code.as_str().to_owned(),
            average.at_500.to_string(),
            average.at_1000.to_string(),
            average.at_2000.to_string(),
            self.term_months.to_string(),
            self.cancel_fee.to_string(),
            format!("{:?}", self.kind),
            format!("{:?}", self.usage_credit),
            format!("{:?}", self.usage_charge),
            documents.efl.to_string(),
            documents.tos.to_string(),
            documents.yrac.to_string(),
        ];
        let hash = Sha256::digest(parts.join("\n"));
        hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The plan a person chose, and what it was chosen for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// The whole entry (contract 5.10).
    pub offer: Offer,
    /// Move-in or switch, as the offers were asked.
    pub transaction: Transaction,
    /// The Texas day on which the offer was read; on a later day it is refreshed.
    pub read_on: Date,
    /// The offers were default ones, because the promo code was not valid.
    pub default_offers: bool,
}
