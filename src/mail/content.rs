//! What a mail tells. There is no place in it for what no mail may carry.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    fields::{Brand, Language, Transaction},
    journey::{DocumentUrl, Journey, Obstacle, ResumeChallenge},
};

/// The kind of a mail.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumString, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum Kind {
    /// The link to go on later, which the person asked for on the page.
    Link,
    /// The same after a session timed out, for who has agreed to it.
    Reminder,
    /// A copy of the confirmation.
    Confirmation,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word in database, list and metrics.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What a mail tells, as it is stored, encrypted.
#[derive(Clone, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the kinds explain them")]
#[serde(rename_all = "lowercase")]
pub enum Content {
    Link(ResumeLink),
    Reminder(ResumeLink),
    Confirmation(Box<Confirmation>),
}

impl Content {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Link(_) => Kind::Link,
            Self::Reminder(_) => Kind::Reminder,
            Self::Confirmation(_) => Kind::Confirmation,
        }
    }
}

/// A link that resumes a saved journey.
#[derive(Clone, Serialize, Deserialize)]
pub struct ResumeLink {
    /// Its one-time code.
    pub code: String,
    /// When it ends.
    pub until: Timestamp,
    /// What it asks for.
    pub question: ChallengeKind,
}

/// What a link asks whoever opens it; never the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeKind {
    /// The birth date.
    BirthDate,
    /// The phone number.
    Phone,
    /// Nothing.
    Nothing,
}

impl ChallengeKind {
    /// What the link to `journey` asks for.
    pub fn of(journey: &Journey) -> Self {
        match journey.resume_challenge() {
            ResumeChallenge::BirthDate(_) => Self::BirthDate,
            ResumeChallenge::Phone(_) => Self::Phone,
            ResumeChallenge::Nothing => Self::Nothing,
        }
    }
}

/// What the copy of a confirmation tells.
#[derive(Clone, Serialize, Deserialize)]
pub struct Confirmation {
    /// The brand of the plan.
    pub brand: Brand,
    /// The plan's name.
    pub plan: String,
    /// The language that the plan's name is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_language: Option<Language>,
    /// Moving in or switching.
    pub transaction: Transaction,
    /// The start date, if one was chosen.
    pub start_date: Option<Date>,
    /// The electricity facts label.
    pub efl: DocumentUrl,
    /// The terms of service.
    pub tos: DocumentUrl,
    /// "Your rights as a customer".
    pub yrac: DocumentUrl,
    /// What stands between the enrollment and its start, as far as was known when it was submitted.
    pub obstacles: Vec<Obstacle>,
    /// Whether the price counts a discount for automatic payment.
    pub autopay: bool,
    /// Whether the plan is prepaid.
    pub prepaid: bool,
    /// The link by which the person looks up later where the enrollment stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusLink>,
}

/// A link to where an enrollment stands.
#[derive(Clone, Serialize, Deserialize)]
pub struct StatusLink {
    /// Its code.
    pub code: String,
    /// When it ends.
    pub until: Timestamp,
}

impl Confirmation {
    /// The copy of the confirmation of `journey`, which is being submitted; `None` without a plan.
    pub fn of(journey: &Journey, status: Option<StatusLink>) -> Option<Self> {
        let chosen = journey.chosen()?;
        // Whether there is an account number, NRG's answer tells.
        let known = journey.obstacles().into_iter().filter(|obstacle| *obstacle != Obstacle::NoAccount);
        Some(Self {
            brand: chosen.offer.brand,
            plan: chosen.offer.name.to_string(),
            plan_language: chosen.language,
            transaction: chosen.transaction,
            start_date: journey.start_date.map(|date| date.0),
            efl: chosen.offer.documents.efl.clone(),
            tos: chosen.offer.documents.tos.clone(),
            yrac: chosen.offer.documents.yrac.clone(),
            obstacles: known.collect(),
            autopay: chosen.offer.autopay_discount,
            prepaid: chosen.offer.prepaid,
            status,
        })
    }
}
