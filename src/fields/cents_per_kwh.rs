//! Prices of electricity.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A price in tenths of a cent per kWh: `CentsPerKwh(142)` is 14.2 cents per kWh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CentsPerKwh(pub u32);

impl fmt::Display for CentsPerKwh {
    /// Cents with one decimal, "14.2".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}
