//! Failures to talk to NRG. No wording and no HTTP types; never a query, a body or a header.

use std::error::Error as StdError;

use super::Endpoint;

type Source = Box<dyn StdError + Send + Sync>;

/// A call that brought no answer that can be used.
#[derive(Debug, thiserror::Error)]
#[error("{endpoint}: {kind}")]
pub struct Error {
    /// Which call.
    pub endpoint: Endpoint,
    /// What went wrong.
    pub kind: Kind,
    /// NRG's code, where it gave one.
    pub code: Option<String>,
    /// The HTTP status, where there was an answer.
    pub http: Option<u16>,
    /// The cause, for the log.
    #[source]
    source: Option<Source>,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Kind {
    /// No connection: nothing was sent.
    #[error("not reachable")]
    Unreachable,
    /// The connection broke after the request went out, or while it did.
    #[error("connection broken")]
    ConnectionLost,
    /// No complete answer within the time limit.
    #[error("timed out")]
    TimedOut,
    /// A technical failure at NRG: 5xx, or said so in the answer.
    #[error("technical failure")]
    ServerError,
    /// An answer that cannot be read, lacks a known `statusCode`, or lacks what the next step needs.
    #[error("the answer cannot be understood")]
    InvalidResponse,
    /// An answer longer than the limit.
    #[error("answer too large")]
    TooLarge,
    /// NRG refuses us, not the customer. A matter for the operator.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// A 400 that finds fault with our request: a mistake of ours.
    #[error("request rejected")]
    Rejected,
}

impl Kind {
    /// The word for it among metrics and spans.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::ConnectionLost => "broken",
            Self::TimedOut => "timed_out",
            Self::ServerError => "busy",
            Self::InvalidResponse => "unintelligible",
            Self::TooLarge => "too_large",
            Self::Refused(Refusal::Unauthorized) => "unauthorized",
            Self::Refused(Refusal::NotAllowListed) => "not_allow_listed",
            Self::Rejected => "rejected",
        }
    }
}

/// Why NRG refuses us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 401: the credentials.
    #[error("unauthorized")]
    Unauthorized,
    /// 403: most likely the network address is not allow-listed.
    #[error("not allow-listed")]
    NotAllowListed,
}

/// The client cannot be built from the settings.
#[derive(Debug, thiserror::Error)]
#[error("the NRG client cannot be set up: {what}")]
pub struct Unusable {
    what: &'static str,
    #[source]
    source: Option<Source>,
}

impl Error {
    pub(super) fn new(endpoint: Endpoint, kind: Kind) -> Self {
        Self { endpoint, kind, code: None, http: None, source: None }
    }

    /// An answer that lacks what the next step needs.
    pub(super) fn invalid_response(endpoint: Endpoint, why: &'static str) -> Self {
        Self::new(endpoint, Kind::InvalidResponse).caused_by(why)
    }

    /// A request of ours that cannot be written down.
    pub(super) fn unwritable(endpoint: Endpoint, source: impl Into<Source>) -> Self {
        Self::new(endpoint, Kind::Rejected).caused_by(source)
    }

    pub(super) fn caused_by(self, source: impl Into<Source>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    pub(super) fn answered(self, http: u16) -> Self {
        Self { http: Some(http), ..self }
    }

    pub(super) fn with_code(self, code: &str) -> Self {
        Self { code: (!code.is_empty()).then(|| code.to_owned()), ..self }
    }
}

impl Unusable {
    pub(super) fn new(what: &'static str, source: Option<Source>) -> Self {
        Self { what, source }
    }
}
