//! What the funnel has counted of a journey, stored with it so that nothing is counted twice.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{outcome::StopKind, step::Step};

/// The steps and stops that have been counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    pub(super) steps: BTreeSet<Step>,
    pub(super) stops: Vec<StopKind>,
    pub(super) ended: bool,
    pub(super) submitted: bool,
    /// It was abandoned, as it was put aside when its session timed out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) abandoned: bool,
    /// When the last of the steps was reached or, before any form was posted, the link followed. Absent where the page was
    /// looked at before there was a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Timestamp>,
}
