//! What a journey needs of its ledger row.

use jiff::Timestamp;

use crate::fields::TrackingId;

use super::{
    outcome::{Stop, StopKind},
    safe_html::SafeHtml,
};

/// A submission of this journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The `trackingId` of the record.
    pub tracking_id: TrackingId,
    /// 1 for the first submission of the record, one more after each corrected refusal.
    pub round: u32,
    /// The start of this round.
    pub since: Timestamp,
    /// How often sending was tried in this round.
    pub tries: u32,
    /// The state.
    pub state: SubmissionState,
    /// NRG's text with the acceptance.
    pub message: Option<SafeHtml>,
}

/// The states of contract 5.19, as in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubmissionState {
    /// Stored, not sent.
    Ready,
    /// Sent; there is no answer yet.
    Sent,
    /// E1: with an account number.
    Enrolled(Account),
    /// E2: accepted, the account number comes later.
    Accepted,
    /// E3, E4, E5, E7, E8.
    Refused {
        /// E5 and E8: the record is still open.
        correctable: bool,
        /// NRG's text.
        message: Option<SafeHtml>,
    },
    /// NRG could not be reached in any attempt: nothing was sent, and no further attempt is made.
    NotSent,
    /// E6: NRG had received it before.
    Duplicate,
    /// Sent, with an unknown result: the program never sends it again.
    Unknown,
}

/// The account that `enroll` returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `caNumber`, leading zeros kept.
    pub number: String,
    /// `checkDigit`.
    pub check_digit: String,
    /// `bpid`; it is never shown.
    pub customer_number: String,
}

impl Submission {
    /// The most rounds: a refusal can be corrected once; after the second the person has to phone the brand.
    const MAX_ROUNDS: u32 = 2;

    /// Whether the record may be submitted again after a correction.
    pub fn correctable(&self) -> bool {
        match self.state {
            SubmissionState::Refused { correctable, .. } => correctable && self.round < Self::MAX_ROUNDS,
            SubmissionState::NotSent => true,
            SubmissionState::Ready
            | SubmissionState::Sent
            | SubmissionState::Enrolled(_)
            | SubmissionState::Accepted
            | SubmissionState::Duplicate
            | SubmissionState::Unknown => false,
        }
    }

    /// The stop that the submission means, if it does.
    pub fn stop(&self) -> Option<Stop> {
        match &self.state {
            SubmissionState::Refused { message, .. } => {
                Some(Stop { kind: StopKind::Refused, message: message.clone(), code: None })
            }
            SubmissionState::NotSent => Some(Stop::new(StopKind::NotSent)),
            SubmissionState::Ready
            | SubmissionState::Sent
            | SubmissionState::Enrolled(_)
            | SubmissionState::Accepted
            | SubmissionState::Duplicate
            | SubmissionState::Unknown => None,
        }
    }

    /// How many rounds were refused or not sent.
    pub fn refusals(&self) -> u32 {
        match self.state {
            SubmissionState::Refused { .. } | SubmissionState::NotSent => self.round,
            SubmissionState::Ready
            | SubmissionState::Sent
            | SubmissionState::Enrolled(_)
            | SubmissionState::Accepted
            | SubmissionState::Duplicate
            | SubmissionState::Unknown => self.round.saturating_sub(1),
        }
    }
}
