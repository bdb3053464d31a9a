//! The endpoints of contract section 4: paths, time limits, and which calls may be repeated.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::lanes::Lane;

/// An endpoint. Its name as text is that of its setting.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the wire's names")]
pub enum Endpoint {
    Token,
    Prospect,
    CleanupAddress,
    Tdsp,
    Esid,
    EsidResidential,
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
    /// The path below the base path; also the endpoint's name in logs, metrics and spans.
    pub fn path(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Prospect => "prospect",
            Self::CleanupAddress => "cleanup-address",
            Self::Tdsp => "tdsp",
            Self::Esid => "esid",
            Self::EsidResidential => "esid/residential",
            Self::EsidValidation => "esidValidation",
            Self::Offers => "offers",
            Self::OfferDetails => "offer-details",
            Self::Identity => "identity",
            Self::KbaOe => "kba-oe",
            Self::KbaResult => "kba-result",
            Self::AvailableDates => "available-dates",
            Self::CheckCredit => "check-credit",
            Self::RecheckCredit => "recheck-credit",
            Self::Enroll => "enroll",
            Self::Holds => "holds",
        }
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

    /// The lane of its calls. `enroll` has none and never waits: its calls are few, and the lease of its job runs.
    pub(super) fn lane(self) -> Option<Lane> {
        match self {
            Self::Tdsp | Self::Offers | Self::OfferDetails => Some(Lane::Plans),
            Self::CleanupAddress
            | Self::Esid
            | Self::EsidResidential
            | Self::EsidValidation
            | Self::AvailableDates
            | Self::Holds => Some(Lane::Premises),
            Self::Token
            | Self::Prospect
            | Self::Identity
            | Self::KbaOe
            | Self::KbaResult
            | Self::CheckCredit
            | Self::RecheckCredit => Some(Lane::People),
            Self::Enroll => None,
        }
    }

    /// Whether each call opens a connection of its own, which ends with the answer: that of `enroll` is never sent over
    /// a dead one, and the number in that of `token` does not stay in the buffers of one that is kept.
    pub(super) fn has_own_connection(self) -> bool {
        matches!(self, Self::Token | Self::Enroll)
    }

    /// Whether each call counts as an attempt at an identity, or may be an inquiry: a call that failed may have used it up.
    pub fn is_attempt(self) -> bool {
        matches!(self, Self::Identity | Self::KbaResult) || self.may_inquire()
    }

    /// Whether each call may be an inquiry at a credit bureau, so that only the person may repeat it (contract 9).
    pub fn may_inquire(self) -> bool {
        matches!(self, Self::CheckCredit | Self::RecheckCredit)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path())
    }
}

/// How long each call may take, repeats and pauses included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts(pub BTreeMap<Endpoint, Duration>);

impl Timeouts {
    /// The time limit of `endpoint`. The settings have one for each; were one missing, its calls would time out at once.
    pub fn of(&self, endpoint: Endpoint) -> Duration {
        self.0.get(&endpoint).copied().unwrap_or_default()
    }
}
