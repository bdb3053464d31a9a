//! The ledger's row as the journey sees it.

use jiff::Timestamp;

use crate::fields::TrackingId;

use super::{SafeHtml, Stop, StopKind};

/// A submission of this journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Whose record.
    pub tracking_id: TrackingId,
    /// 1 for the first submission of the record, one more after each repaired refusal.
    pub round: u32,
    /// When this round began.
    pub since: Timestamp,
    /// How often this round was sent, or tried to.
    pub tries: u32,
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
        correctable: bool,
        /// NRG's words.
        message: Option<SafeHtml>,
    },
    /// NRG could not be reached, again and again: nothing was sent, and we have given up.
    NotSent,
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

    /// The stop it has come to, if it has.
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

    /// Rounds that came to nothing so far: refused, or not even sent.
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
