//! The errors of a call. They hold no wording for people and no HTTP types; never a query, a body or a header.

use std::error::Error as StdError;

use strum::IntoStaticStr;

use super::{codes, endpoint::Endpoint};

type Source = Box<dyn StdError + Send + Sync>;

/// A call that brought no answer that can be used.
#[derive(Debug, thiserror::Error)]
#[error("{endpoint}: {kind}{}", if *.by_proxy { " by way of nrg.proxy" } else { "" })]
pub struct Error {
    /// The endpoint of the call.
    pub endpoint: Endpoint,
    /// What went wrong.
    pub kind: Kind,
    /// NRG's code, shortened, where it gave one.
    pub code: Option<String>,
    /// The HTTP status, where there was an answer.
    pub http: Option<u16>,
    /// Whether the answer is an HTML page: NRG's application sends none.
    pub is_html: bool,
    /// Whether the call went out by `nrg.proxy`.
    pub by_proxy: bool,
    /// The cause, for the log.
    #[source]
    source: Option<Source>,
}

/// What went wrong. The names of the labels are public: metrics carry them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// No connection was made, so nothing was sent.
    #[error("not reachable")]
    Unreachable,
    /// The connection was lost while the request was sent or afterwards.
    #[error("connection broken")]
    #[strum(serialize = "broken")]
    ConnectionLost,
    /// There was no complete answer within the time limit.
    #[error("timed out")]
    TimedOut,
    /// NRG failed: it answered with 5xx or 429, or reported a technical error in its answer.
    #[error("technical failure")]
    #[strum(serialize = "busy")]
    ServerError,
    /// The answer cannot be parsed, lacks a known `statusCode`, or lacks what the next step needs.
    #[error("the answer cannot be understood")]
    #[strum(serialize = "unintelligible")]
    InvalidResponse,
    /// The answer is longer than the limit.
    #[error("answer too large")]
    TooLarge,
    /// NRG refuses the credentials or the network address, not the customer. The operator has to act.
    #[error("refused: {0}")]
    #[strum(transparent)]
    Refused(Refusal),
    /// A 400 that reports a fault in the request: a defect of this program.
    #[error("request rejected")]
    Rejected,
}

impl Kind {
    /// The label in metrics and spans.
    pub(super) fn label(self) -> &'static str {
        self.into()
    }
}

/// Why NRG refuses every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
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
    /// Whether NRG may have received the call, and done what it was asked.
    pub fn may_have_arrived(&self) -> bool {
        !matches!(self.kind, Kind::Unreachable | Kind::Refused(_))
    }

    /// Whether the answer looks like that of a gateway in front of NRG that keeps the call from its application: 403, a
    /// redirect, or a page instead of JSON.
    pub fn is_from_gateway(&self) -> bool {
        match self.kind {
            Kind::Refused(Refusal::NotAllowListed) => true,
            Kind::InvalidResponse => self.is_html || self.http.is_some_and(|http| (300..400).contains(&http)),
            Kind::Unreachable
            | Kind::ConnectionLost
            | Kind::TimedOut
            | Kind::ServerError
            | Kind::TooLarge
            | Kind::Refused(Refusal::Unauthorized)
            | Kind::Rejected => false,
        }
    }

    pub(super) fn new(endpoint: Endpoint, kind: Kind) -> Self {
        Self { endpoint, kind, code: None, http: None, is_html: false, by_proxy: false, source: None }
    }

    /// An answer that lacks what the next step needs.
    pub(super) fn invalid_response(endpoint: Endpoint, why: &'static str) -> Self {
        Self::new(endpoint, Kind::InvalidResponse).caused_by(why)
    }

    /// A request that cannot be serialized.
    pub(super) fn unwritable(endpoint: Endpoint, source: impl Into<Source>) -> Self {
        Self::new(endpoint, Kind::Rejected).caused_by(source)
    }

    pub(super) fn caused_by(self, source: impl Into<Source>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// The error of an answer with this status and body. It is the body that cannot be read, so the header is not asked.
    pub(super) fn answered(self, http: u16, body: &[u8]) -> Self {
        Self { http: Some(http), is_html: body.trim_ascii_start().starts_with(b"<"), ..self }
    }

    pub(super) fn by_proxy_if(self, by_proxy: bool) -> Self {
        Self { by_proxy, ..self }
    }

    pub(super) fn with_code(self, code: &str) -> Self {
        Self { code: codes::short(code), ..self }
    }
}

impl Unusable {
    pub(super) fn new(what: &'static str, source: Option<Source>) -> Self {
        Self { what, source }
    }
}
