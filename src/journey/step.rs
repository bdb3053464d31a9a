//! The steps of a journey, in order, under the one name each has everywhere.

use serde::{Deserialize, Serialize};

/// A step that asks something. Declared in the order a person walks them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// ZIP code; moving in or switching. The landing page.
    Zip,
    /// One plan of all enabled brands.
    Plans,
    /// The service address.
    Address,
    /// Name, e-mail, phone.
    Contact,
    /// Where the bill goes.
    Billing,
    /// Birth date; SSN or Texas license; credit authorization.
    Identity,
    /// NRG's questions, only when NRG suggests them.
    Quiz,
    /// One of the offered dates.
    StartDate,
    /// Only when a deposit is owed.
    Deposit,
    /// Check all answers, consent, submit.
    Review,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Step; 10] = [
        Step::Zip,
        Step::Plans,
        Step::Address,
        Step::Contact,
        Step::Billing,
        Step::Identity,
        Step::Quiz,
        Step::StartDate,
        Step::Deposit,
        Step::Review,
    ];

    /// The word for the step in logs, claims and texts.
    pub fn slug(self) -> &'static str {
        match self {
            Step::Zip => "zip",
            Step::Plans => "plans",
            Step::Address => "address",
            Step::Contact => "contact",
            Step::Billing => "billing",
            Step::Identity => "identity",
            Step::Quiz => "quiz",
            Step::StartDate => "start-date",
            Step::Deposit => "deposit",
            Step::Review => "review",
        }
    }

    /// The page's path. The first step is the landing page.
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
