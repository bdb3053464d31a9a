//! An ending, and what a postback may carry of it.

use std::collections::BTreeMap;

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};

use crate::journey::{Attribution, Journey};

/// How a journey ended.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum Ending {
    /// NRG opened the account.
    Enrolled,
    /// NRG accepted it; the account number comes later.
    Accepted,
    /// NRG refused for good, or knew the record already.
    Stopped,
    /// The person left, or time ran out, before any ending.
    Abandoned,
    /// It was sent an hour ago and the outcome is unknown. Another ending follows once an operator settles it.
    Unknown,
}

impl Ending {
    /// Every ending.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word in settings, database and postbacks, which [`str::parse`] reads.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What a postback may carry. What is not here cannot be sent.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Field {
    /// Unique to the postback and the same in every attempt: by it a target recognizes a second delivery.
    Id,
    /// [`Ending::word`].
    Ending,
    /// When it ended, in UTC: `2030-06-18T15:04:05Z`.
    Time,
    /// `cid` of the link.
    ClickId,
    /// `sub1` of the link.
    Sub1,
    /// `sub2` of the link.
    Sub2,
    /// `sub3` of the link.
    Sub3,
    /// `sub4` of the link.
    Sub4,
    /// `sub5` of the link.
    Sub5,
    /// `sub6` of the link.
    Sub6,
    /// `sub7` of the link.
    Sub7,
    /// `sub8` of the link.
    Sub8,
    /// `sub9` of the link.
    Sub9,
    /// `sub10` of the link.
    Sub10,
    /// `utm_source` of the link.
    UtmSource,
    /// `utm_medium` of the link.
    UtmMedium,
    /// `utm_campaign` of the link.
    UtmCampaign,
    /// `utm_term` of the link.
    UtmTerm,
    /// `utm_content` of the link.
    UtmContent,
    /// `utm_id` of the link.
    UtmId,
    /// Google's click id.
    Gclid,
    /// Google's click id of an app's ad on the web.
    Gbraid,
    /// Google's click id of a web ad in an app.
    Wbraid,
    /// Meta's click id.
    Fbclid,
    /// Microsoft's click id.
    Msclkid,
    /// TikTok's click id.
    Ttclid,
    /// The brand of the chosen plan, such as `RE`.
    Brand,
    /// NRG's code of the chosen plan.
    OfferCode,
    /// Whether a deposit is owed: `yes` or `no`.
    Deposit,
}

impl Field {
    /// Every field.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word in templates and in JSON, which [`str::parse`] reads.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The parameter of the link that it tells.
    fn param(self) -> Option<&'static str> {
        match self {
            Self::ClickId => Some("cid"),
            field => Attribution::NAMES.into_iter().find(|name| *name == field.word()),
        }
    }
}

/// What is known of an ending, by field; what is not known is absent.
pub(super) type Facts = BTreeMap<Field, String>;

/// An ending of a journey.
pub struct Event<'a> {
    /// The journey's id: a target gets at most one postback for each journey and ending. Never sent.
    pub journey: &'a str,
    /// The name of the site it began at.
    pub site: &'a str,
    /// The ending.
    pub ending: Ending,
    /// The click that began it.
    pub attribution: &'a Attribution,
    /// The brand's id, once a plan was chosen.
    pub brand: Option<&'a str>,
    /// The chosen plan.
    pub offer_code: Option<&'a str>,
    /// Whether a deposit is owed, once that is known.
    pub deposit: Option<bool>,
    /// When it ended.
    pub at: Timestamp,
}

impl<'a> Event<'a> {
    /// The event that `journey` came to `ending`.
    pub fn of(journey: &'a Journey, ending: Ending, at: Timestamp) -> Self {
        let offer = journey.chosen().map(|chosen| &chosen.offer);
        Self {
            journey: &journey.id,
            site: &journey.site,
            ending,
            attribution: &journey.attribution,
            brand: offer.map(|offer| offer.brand.id()),
            offer_code: offer.map(|offer| offer.code.as_str()),
            deposit: journey.owes_deposit(),
            at,
        }
    }

    /// The click's id.
    pub(super) fn click(&self) -> Option<&str> {
        self.attribution.get("cid")
    }

    pub(super) fn facts(&self, id: &str) -> Facts {
        // A round of the clock to the second never leaves its range.
        let time = self.at.round(Unit::Second).unwrap_or(self.at).to_string();
        let deposit = self.deposit.map(|owed| if owed { "yes" } else { "no" });
        let value = |field: Field| match field {
            Field::Id => Some(id),
            Field::Ending => Some(self.ending.word()),
            Field::Time => Some(time.as_str()),
            Field::Brand => self.brand,
            Field::OfferCode => self.offer_code,
            Field::Deposit => deposit,
            of_the_link => self.attribution.get(of_the_link.param()?),
        };
        Field::ALL.iter().filter_map(|field| Some((*field, value(*field)?.to_owned()))).collect()
    }
}
