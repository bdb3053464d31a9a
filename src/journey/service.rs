//! What service is wanted, and the utilities that could deliver it.

use serde::{Deserialize, Serialize};

use crate::fields::{TdspCode, Transaction, Zip};

/// The ZIP code to be served, and whether the person moves in or switches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub zip: Zip,
    pub transaction: Transaction,
}

/// A utility that serves a ZIP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Utility {
    /// `tdspCodeCCS`.
    pub code: TdspCode,
    /// `tdspName`.
    pub name: String,
}
