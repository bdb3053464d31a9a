//! The ledger's row as the journey sees it.

use crate::fields::TrackingId;

use super::SafeHtml;

/// A submission of this journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Whose record.
    pub tracking_id: TrackingId,
    /// 1 for the first submission of the record, one more after each repaired refusal.
    pub round: u32,
    /// How far it is.
    pub state: SubmissionState,
}

/// The states of contract 5.19, as the ledger keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubmissionState {
    /// Written, not sent.
    Ready,
    /// Sent, no answer yet.
    Sent,
    /// E1: with an account number.
    Enrolled(Account),
    /// E2: accepted, the account number comes later.
    Accepted,
    /// E3, E4, E5, E7, E8.
    Refused {
        /// E5 and E8: the record is still open.
        repairable: bool,
        /// NRG's words.
        message: Option<SafeHtml>,
    },
    /// E6: NRG had it already.
    Duplicate,
    /// Sent, and nobody knows: never sent again by the program.
    Unknown,
}

/// What `enroll` gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `caNumber`, leading zeros kept.
    pub number: String,
    /// `checkDigit`.
    pub check_digit: String,
    /// `bpid`. Never shown.
    pub customer_number: String,
}

impl Submission {
    /// A refusal is repaired at most once; after the second the brand has to be called.
    const MAX_ROUNDS: u32 = 2;

    /// Whether the record may be submitted once more after repair.
    pub fn repairable(&self) -> bool {
        matches!(self.state, SubmissionState::Refused { repairable: true, .. })
            && self.round < Self::MAX_ROUNDS
    }

    /// Refusals so far.
    pub fn refusals(&self) -> u32 {
        match self.state {
            SubmissionState::Refused { .. } => self.round,
            SubmissionState::Ready
            | SubmissionState::Sent
            | SubmissionState::Enrolled(_)
            | SubmissionState::Accepted
            | SubmissionState::Duplicate
            | SubmissionState::Unknown => self.round.saturating_sub(1),
        }
    }
}
