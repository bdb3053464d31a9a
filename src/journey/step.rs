//! The steps of a journey in order, each with its one name.

use serde::{Deserialize, Serialize};
use strum::{EnumCount, IntoStaticStr, VariantArray};

/// A step: a page with a form. The order of the variants is that in which a person answers them.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumCount,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case")]
pub enum Step {
    /// The ZIP code, and whether the person moves in or switches. Its page is the landing page.
    Zip,
    /// A plan of one of the enabled brands.
    Plans,
    /// The service address.
    Address,
    /// Name, e-mail address and phone number.
    Contact,
    /// The billing address.
    Billing,
    /// Birth date, SSN or Texas driver license, and the authorization of the credit check.
    Identity,
    /// NRG's knowledge questions, only if NRG suggests them.
    Quiz,
    /// One of the available dates.
    StartDate,
    /// The deposit, only if one is owed.
    Deposit,
    /// All answers, the consents, and the submission.
    Review,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.as_array().unwrap();

    /// The step as whose part the progress shows this one. A page that not every journey has counts with the page before
    /// it, so that the number of steps is known from the first.
    pub fn counted_as(self) -> Self {
        match self {
            Step::Billing => Step::Contact,
            Step::Quiz => Step::Identity,
            Step::Deposit => Step::StartDate,
            Step::Zip
            | Step::Plans
            | Step::Address
            | Step::Contact
            | Step::Identity
            | Step::StartDate
            | Step::Review => self,
        }
    }

    /// The steps that the progress counts: those of every journey.
    pub fn counted() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|step| step.counted_as() == *step)
    }

    /// The step with this [`slug`](Self::slug).
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.slug() == slug)
    }

    /// The name of the step in logs, claims, metrics and reports.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// The path of the step's page. The first step is the landing page.
    pub fn path(self) -> &'static str {
        match self {
            Step::Zip => "/",
            Step::Plans => "/plans",
            Step::Address => "/address",
            Step::Contact => "/contact",
            Step::Billing => "/billing",
            Step::Identity => "/identity",
            Step::Quiz => "/quiz",
            Step::StartDate => "/start-date",
            Step::Deposit => "/deposit",
            Step::Review => "/review",
        }
    }
}
