//! What was chosen on the review page before it is submitted: each choice with what it speaks of, so that it stands for
//! nothing else.

use serde::{Deserialize, Serialize};

use crate::fields::{Brand, OfferCode};

use super::{offer::Documents, record::Applicant};

/// The choices as they are stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewChoices {
    /// The documents that were agreed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) documents: Option<Documents>,
    /// The answers that were said to be true, with the provider that was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) affirmation: Option<Box<Applicant>>,
    /// The provider whose notices may come electronically.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) records: Option<Brand>,
    /// Whether bills are paperless, and with which plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) paperless: Option<(OfferCode, bool)>,
}

impl ReviewChoices {
    /// Whether nothing was chosen.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
