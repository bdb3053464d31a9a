//! An ending of a journey.

use jiff::Timestamp;

use super::fact::{Fact, Facts};
use crate::journey::{Attribution, Journey, order_id};

/// How a journey ended, and what became of it afterwards.
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
    /// After the enrollment NRG holds the account back: a deposit or papers are wanted.
    Held,
    /// NRG holds the account back no more.
    Released,
    /// An operator learned that the service was cancelled: what was paid for the enrollment is to be paid back.
    Cancelled,
    /// An operator learned that NRG refused the enrollment after all.
    Rejected,
    /// An operator learned that the service has begun, or goes on after all.
    Activated,
    /// An operator corrected what is known of the enrollment.
    Corrected,
}

impl Ending {
    /// Every ending.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word in settings, database and postbacks, which [`str::parse`] reads.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Whether it is about an enrollment that NRG took, for which the affiliate is paid, or is not paid any more.
    fn is_paid(self) -> bool {
        !matches!(self, Self::Stopped | Self::Abandoned | Self::Unknown)
    }
}

/// An ending of a journey.
pub struct Event<'a> {
    /// The journey's id: a target gets at most one postback for each journey, ending and occurrence. Never sent.
    pub journey: &'a str,
    /// The ending.
    pub ending: Ending,
    /// 1; and one more each time the same is said of the journey again, as of an account that is held a second time.
    pub occurrence: u32,
    /// The click that began it.
    pub attribution: &'a Attribution,
    /// What is known of the journey.
    pub about: Facts,
    /// When it ended.
    pub at: Timestamp,
}

impl<'a> Event<'a> {
    /// The event that `journey` came to `ending`.
    pub fn of(journey: &'a Journey, ending: Ending, at: Timestamp) -> Self {
        let (attribution, about) = (&journey.attribution, Facts::of(journey));
        Self { journey: &journey.id, ending, occurrence: 1, attribution, about, at }
    }

    /// Everything that its postbacks may carry, but the id that each has of its own.
    pub(super) fn facts(&self) -> Facts {
        let mut facts = self.about.clone();
        facts.add_click(self.attribution);
        facts.set(Fact::OrderId, Some(&order_id(self.journey)));
        facts.set(Fact::Ending, Some(self.ending.word()));
        facts.set_time(self.at);
        if !self.ending.is_paid() {
            facts.remove(Fact::Amount);
            facts.remove(Fact::Currency);
        }
        facts
    }

    /// The ending as the outbox keeps it, which has each once for a target and a journey: `corrected`, and the second time
    /// `corrected/2`.
    pub(super) fn key(&self) -> String {
        match self.occurrence {
            0 | 1 => self.ending.word().to_owned(),
            again => format!("{}/{again}", self.ending.word()),
        }
    }
}
