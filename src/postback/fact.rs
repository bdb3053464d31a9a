//! What a postback may carry, by name. What has no name here cannot be sent.

use std::collections::BTreeMap;

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};

use crate::{
    journey::{Attribution, ClickParams, Journey},
    texas_time,
};

/// What is known of an ending, apart from the parameters of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Fact {
    /// Unique to the postback and the same in every attempt: by it a target recognizes a second delivery.
    Id,
    /// The [`order_id`](crate::journey::order_id) of the journey, the same in all its postbacks.
    OrderId,
    /// [`Ending::word`](super::Ending::word).
    Ending,
    /// When it ended, in UTC: `2030-06-18T15:04:05Z`.
    Time,
    /// The same in seconds since 1970.
    TimeUnix,
    /// The same in milliseconds since 1970.
    TimeMs,
    /// The same in Texas, as Google's uploads want it: `2030-06-18 10:04:05-05:00`.
    TimeTexas,
    /// What it is worth, by the settings `amounts`: `75.00`.
    Amount,
    /// The currency of the amount: `USD`.
    Currency,
    /// The name of the site the journey began at.
    Site,
    /// `en` or `es`.
    Language,
    /// The ZIP code of the home.
    Zip,
    /// `MVI` (moving in) or `SWI` (switching).
    Type,
    /// NRG's code of the utility.
    Utility,
    /// The monthly use the person compared plans for, in kWh.
    Usage,
    /// The brand of the chosen plan, such as `RE`.
    Brand,
    /// NRG's code of the chosen plan.
    OfferCode,
    /// The name of the chosen plan.
    Plan,
    /// Its term in months; 0 is month to month.
    Term,
    /// Its average price at 500 kWh a month, in cents per kWh: `14.2`.
    #[strum(serialize = "price_500")]
    Price500,
    /// The same at 1,000 kWh.
    #[strum(serialize = "price_1000")]
    Price1000,
    /// The same at 2,000 kWh.
    #[strum(serialize = "price_2000")]
    Price2000,
    /// NRG's promotion code of the chosen plan.
    Promo,
    /// Whether a deposit is owed: `yes` or `no`.
    Deposit,
    /// The kind of the stop that ended it.
    Stop,
    /// The last step that the journey reached.
    LastStep,
}

impl Fact {
    /// Every fact.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word in templates, settings and JSON, which [`str::parse`] reads.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// The parameter of a link with the click's id, and the name under which it is told.
const CID: &str = "cid";
const CLICK_ID: &str = "click_id";

/// The name of something that a postback may carry: a [`Fact`], or a parameter of the link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Field(String);

impl Field {
    /// The field of that name, if there is one: a fact, or one of `params`.
    pub fn parse(word: &str, params: &ClickParams) -> Option<Self> {
        let of_the_link = word == CLICK_ID || (word != CID && params.contains(word));
        (of_the_link || word.parse::<Fact>().is_ok()).then(|| Self(word.to_owned()))
    }

    /// Whether something else than a parameter of that name is told under it.
    pub fn is_taken(param: &str) -> bool {
        param == CLICK_ID || param.parse::<Fact>().is_ok()
    }

    /// The name.
    pub fn word(&self) -> &str {
        &self.0
    }

    /// Every field that every affiliate has.
    pub fn all() -> impl Iterator<Item = Self> {
        let facts = Fact::ALL.iter().map(|fact| fact.word());
        let params = Attribution::NAMES.into_iter().map(told_as);
        facts.chain(params).map(|word| Self(word.to_owned()))
    }
}

impl From<Fact> for Field {
    fn from(fact: Fact) -> Self {
        Self(fact.word().to_owned())
    }
}

/// What is known, by the names of fields; what is not known is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(BTreeMap<String, String>);

impl Facts {
    /// What is known of a journey at any time: the plan, the home, how far it came.
    pub fn of(journey: &Journey) -> Self {
        let mut facts = Self::default();
        facts.set(Fact::Site, Some(&journey.site));
        facts.set(Fact::Language, Some(journey.language.tag()));
        facts.set(Fact::LastStep, Some(journey.furthest().slug()));
        facts.set(Fact::Stop, journey.ending.as_ref().map(|stop| stop.kind.word()));
        facts.set(Fact::Deposit, journey.owes_deposit().map(yes_or_no));
        if let Some(service) = &journey.service {
            facts.set(Fact::Zip, Some(service.zip.as_str()));
            facts.set(Fact::Type, Some(service.transaction.wire()));
        }
        if let Some(chosen) = journey.chosen() {
            let offer = &chosen.offer;
            facts.set(Fact::Utility, Some(offer.tdsp.as_str()));
            facts.set(Fact::Brand, Some(offer.brand.id()));
            facts.set(Fact::OfferCode, Some(offer.code.as_str()));
            facts.set(Fact::Plan, Some(&offer.name));
            facts.set(Fact::Term, Some(&offer.term_months.to_string()));
            let prices =
                [Fact::Price500, Fact::Price1000, Fact::Price2000].into_iter().zip(offer.average.all());
            prices.for_each(|(fact, price)| facts.set(fact, Some(&price.to_string())));
            facts.set(Fact::Promo, Some(&offer.codes.promo));
            facts.set(Fact::Usage, journey.usage.map(|kwh| kwh.to_string()).as_deref());
        }
        facts
    }

    /// Sets a fact, if there is a value.
    pub(crate) fn set(&mut self, fact: Fact, value: Option<&str>) {
        if let Some(value) = value {
            self.0.insert(fact.word().to_owned(), value.to_owned());
        }
    }

    /// Removes a fact.
    pub(super) fn remove(&mut self, fact: Fact) {
        self.0.remove(fact.word());
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a fact.
    pub fn fact(&self, fact: Fact) -> Option<&str> {
        self.0.get(fact.word()).map(String::as_str)
    }

    /// The id of the click.
    pub fn click(&self) -> Option<&str> {
        self.0.get(CLICK_ID).map(String::as_str)
    }

    /// The value of a field.
    pub(super) fn get(&self, field: &Field) -> Option<&str> {
        self.0.get(field.word()).map(String::as_str)
    }

    /// Adds the parameters of the link: what it says of itself is no fact of ours.
    pub(super) fn add_click(&mut self, click: &Attribution) {
        self.0.extend(click.iter().map(|(name, value)| (told_as(name).to_owned(), value.to_owned())));
    }

    /// Adds when it was.
    pub(super) fn set_time(&mut self, at: Timestamp) {
        // A round of the clock to the second never leaves its range.
        let at = at.round(Unit::Second).unwrap_or(at);
        self.set(Fact::Time, Some(&at.to_string()));
        self.set(Fact::TimeUnix, Some(&at.as_second().to_string()));
        self.set(Fact::TimeMs, Some(&at.as_millisecond().to_string()));
        self.set(Fact::TimeTexas, Some(&texas_time::zoned(at).strftime("%Y-%m-%d %H:%M:%S%:z").to_string()));
    }
}

/// The name under which a parameter of the link is told.
fn told_as(param: &str) -> &str {
    if param == CID { CLICK_ID } else { param }
}

/// Whether something is so, in a word.
pub(crate) fn yes_or_no(so: bool) -> &'static str {
    if so { "yes" } else { "no" }
}
