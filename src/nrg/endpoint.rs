//! The endpoints of contract section 4: paths, time limits, and which calls may be repeated.

use std::{collections::BTreeMap, time::Duration};

use strum::{Display, IntoStaticStr, VariantArray};

/// One endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Display, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the wire's names")]
pub enum Endpoint {
    Token,
    Prospect,
    CleanupAddress,
    Tdsp,
    Esid,
    #[strum(serialize = "esid/residential")]
    EsidResidential,
    #[strum(serialize = "esidValidation")]
    EsidValidation,
    Offers,
    OfferDetails,
    Identity,
    KbaOe,
    KbaResult,
    AvailableDates,
    CheckCredit,
    RecheckCredit,
    Enroll,
    Holds,
}

impl Endpoint {
    /// Every endpoint.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The path below the base path; also the endpoint's name in logs, metrics and spans.
    pub fn path(self) -> &'static str {
        self.into()
    }

    /// How often a failed call is repeated (contract section 9).
    pub(super) fn retries(self) -> u32 {
        match self {
            Self::Token
            | Self::Prospect
            | Self::CleanupAddress
            | Self::Tdsp
            | Self::Esid
            | Self::EsidResidential
            | Self::EsidValidation
            | Self::Offers
            | Self::OfferDetails
            | Self::Holds => 2,
            Self::KbaOe | Self::AvailableDates => 1,
            Self::Identity | Self::KbaResult | Self::CheckCredit | Self::RecheckCredit | Self::Enroll => 0,
        }
    }

    /// Whether each call may be an inquiry at a credit bureau, so that only the person may decide to repeat it (contract 9).
    pub fn may_inquire(self) -> bool {
        matches!(self, Self::CheckCredit | Self::RecheckCredit)
    }

    /// Long for the calls in which NRG calls other systems, which takes up to about a minute (contract 1).
    fn default_timeout(self) -> Duration {
        Duration::from_secs(match self {
            Self::Prospect | Self::CleanupAddress | Self::EsidValidation | Self::Holds => 15,
            Self::Token
            | Self::Tdsp
            | Self::Esid
            | Self::EsidResidential
            | Self::Offers
            | Self::OfferDetails => 20,
            Self::KbaOe | Self::KbaResult | Self::AvailableDates => 45,
            Self::Identity | Self::CheckCredit | Self::RecheckCredit => 75,
            Self::Enroll => 90,
        })
    }
}

/// The time limit of each call, repeats and pauses included. An endpoint without an entry has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeouts(pub BTreeMap<Endpoint, Duration>);

impl Timeouts {
    /// The time limit of `endpoint`. The settings have one for each; were one missing, its calls would time out at once.
    pub fn of(&self, endpoint: Endpoint) -> Duration {
        self.0.get(&endpoint).copied().unwrap_or_default()
    }
}
