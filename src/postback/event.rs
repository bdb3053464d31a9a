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
        let sub = |name| self.attribution.get(name);
        [
            (Field::Id, Some(id)),
            (Field::Ending, Some(self.ending.word())),
            (Field::Time, Some(time.as_str())),
            (Field::ClickId, self.click()),
            (Field::Sub1, sub("sub1")),
            (Field::Sub2, sub("sub2")),
            (Field::Sub3, sub("sub3")),
            (Field::Sub4, sub("sub4")),
            (Field::Sub5, sub("sub5")),
            (Field::Brand, self.brand),
            (Field::OfferCode, self.offer_code),
            (Field::Deposit, deposit),
        ]
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?.to_owned())))
        .collect()
    }
}
