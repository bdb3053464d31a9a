//! The form that chooses a plan.

use crate::journey::Offer;

/// The posted form: the plan, and the digest of its terms as they were shown.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct PlansForm {
    pub brand: String,
    pub offer: String,
    pub digest: String,
}

impl PlansForm {
    /// The form that chooses `offer` as it is shown.
    pub fn of(offer: &Offer) -> Self {
        Self {
            brand: offer.brand.id().to_owned(),
            offer: offer.code.as_str().to_owned(),
            digest: offer.digest(),
        }
    }
}
