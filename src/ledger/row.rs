//! A row of the ledger as a submission of its journey.

use super::{NOT_SENT, Row, State};
use crate::{
    fields::TrackingId,
    journey::{Account, SafeHtml, Submission, SubmissionState},
};

impl Row {
    /// The submission of the record `tracking_id`, to be merged into its journey.
    pub fn submission(self, tracking_id: TrackingId) -> Submission {
        let text = self.message.and_then(SafeHtml::from_stored);
        let message = text.clone().filter(|_| matches!(self.state, State::Enrolled | State::Accepted));
        let state = match self.state {
            State::Ready => SubmissionState::Ready,
            State::Sent => SubmissionState::Sent,
            State::Enrolled => match self.result.and_then(account) {
                Some(account) => SubmissionState::Enrolled(account),
                // Enrolled, but the number cannot be decrypted any more: it comes by e-mail.
                None => SubmissionState::Accepted,
            },
            State::Accepted => SubmissionState::Accepted,
            State::Correctable if self.code.as_deref() == Some(NOT_SENT) => SubmissionState::NotSent,
            State::Refused | State::Correctable => {
                SubmissionState::Refused { correctable: self.state == State::Correctable, message: text }
            }
            State::Duplicate => SubmissionState::Duplicate,
            State::Unknown => SubmissionState::Unknown,
        };
        Submission {
            tracking_id,
            round: self.round,
            since: self.submitted_at,
            tries: self.tries,
            state,
            message,
        }
    }
}

fn account(result: super::SubmissionResult) -> Option<Account> {
    Some(Account {
        number: result.account_number?,
        check_digit: result.check_digit.unwrap_or_default(),
        customer_number: result.bpid.unwrap_or_default(),
    })
}
