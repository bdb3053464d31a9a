//! Why there is no answer, as a problem (RFC 9457). The words are for who writes the partner's program: in English, and
//! never a cause, which goes to the log.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{
    journey::Utility,
    nrg,
    session::SessionError,
    web::{context::RequestContext, error::PageError, headers::OwnCaching, metrics::CountedAs},
};

/// The content type of a problem.
const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");
/// What the name of every type begins with.
const TYPES: &str = "urn:nrg-enroll:problem:";

/// The kinds of problems. The variant's name in kebab case is public: it ends the problem's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(super) enum Kind {
    InvalidParameters,
    UtilityNeeded,
    KeyNeeded,
    KeyUnknown,
    OtherSite,
    NotJson,
    TooLarge,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    NotServed,
    NotFound,
    MethodNotAllowed,
    TooManyRequests,
    NrgAway,
    NrgSlow,
    NrgUnusable,
    Outage,
    Unavailable,
    BadRequest,
    TimedOut,
    UnknownHost,
    Internal,
}

impl Kind {
    /// How to authenticate, where that is the problem (RFC 6750).
    fn challenge(self) -> Option<&'static str> {
        match self {
            Self::KeyNeeded => Some("Bearer realm=\"nrg-enroll\""),
            Self::KeyUnknown => Some("Bearer realm=\"nrg-enroll\", error=\"invalid_token\""),
            Self::InvalidParameters
            | Self::UtilityNeeded
            | Self::OtherSite
            | Self::NotJson
            | Self::TooLarge
            | Self::IdempotencyKeyInvalid
            | Self::IdempotencyKeyReused
            | Self::NotServed
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::TooManyRequests
            | Self::NrgAway
            | Self::NrgSlow
            | Self::NrgUnusable
            | Self::Outage
            | Self::Unavailable
            | Self::BadRequest
            | Self::TimedOut
            | Self::UnknownHost
            | Self::Internal => None,
        }
    }

    /// Status, title and detail.
    fn words(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::InvalidParameters => {
                (S::BAD_REQUEST, "The request is not valid", "`errors` names each parameter or member.")
            }
            Self::UtilityNeeded => (
                S::BAD_REQUEST,
                "Several utilities serve this ZIP code",
                "Prices differ between them: choose one of `utilities` with the parameter `utility`.",
            ),
            Self::KeyNeeded => {
                (S::UNAUTHORIZED, "A key is needed", "Send `Authorization: Bearer` and the key.")
            }
            Self::KeyUnknown => {
                (S::UNAUTHORIZED, "The key is not valid", "It is not known here, or it has ended.")
            }
            Self::OtherSite => {
                (S::FORBIDDEN, "The key is for another site", "Call the host of its own site.")
            }
            Self::NotJson => (
                S::BAD_REQUEST,
                "The body is no JSON object",
                "Send one, with the header `Content-Type: application/json`.",
            ),
            Self::TooLarge => {
                (S::PAYLOAD_TOO_LARGE, "The body is too large, or did not arrive", "It may have 16 kB.")
            }
            Self::IdempotencyKeyInvalid => (
                S::BAD_REQUEST,
                "The Idempotency-Key is not valid",
                "It is one line of 1 to 255 ASCII characters.",
            ),
            Self::IdempotencyKeyReused => (
                S::UNPROCESSABLE_ENTITY,
                "The Idempotency-Key was used for another request",
                "The same key stands for the same body. For another customer, choose another one.",
            ),
            Self::NotServed => (
                S::NOT_FOUND,
                "No plan can be sold in this ZIP code",
                "No brand of this site sells electricity there.",
            ),
            Self::NotFound => (S::NOT_FOUND, "There is nothing at this address", "See /api/openapi.json."),
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "This method is not allowed here", "`Allow` names those that are.")
            }
            Self::TooManyRequests => (
                S::TOO_MANY_REQUESTS,
                "Too many requests",
                "`Retry-After` says in how many seconds to ask again.",
            ),
            Self::NrgAway => (S::SERVICE_UNAVAILABLE, "NRG is not available", "Ask again later."),
            Self::NrgSlow => (
                S::SERVICE_UNAVAILABLE,
                "NRG has not answered in time",
                "Its answer is kept when it comes: ask again in a moment.",
            ),
            Self::NrgUnusable => (S::BAD_GATEWAY, "NRG's answer cannot be used", "Ask again later."),
            Self::Outage => (S::SERVICE_UNAVAILABLE, "No enrollment can begin now", "There is an outage."),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "The server is not available", "Ask again later."),
            Self::BadRequest => (S::BAD_REQUEST, "The request is not valid", "A request names one host."),
            Self::TimedOut => (S::REQUEST_TIMEOUT, "The request took too long", "Ask again later."),
            Self::UnknownHost => {
                (S::MISDIRECTED_REQUEST, "There is no such site here", "The host is that of no site.")
            }
            Self::Internal => {
                (S::INTERNAL_SERVER_ERROR, "The server failed", "Its log has the request's id.")
            }
        }
    }
}

/// A problem.
#[derive(Debug)]
pub(super) struct Problem {
    kind: Kind,
    errors: Vec<Fault>,
    utilities: Vec<Choice>,
    retry_after: Option<u64>,
}

/// The members of a problem. They are public: programs read them.
#[derive(Serialize)]
struct Members<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Fault],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    utilities: &'a [Choice],
}

/// What is wrong with one parameter, or one member of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Fault {
    /// The name of the parameter.
    pub(super) field: String,
    /// Why it is refused.
    pub(super) reason: Reason,
    /// The same in words.
    pub(super) detail: &'static str,
}

/// Why a parameter is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    Missing,
    Invalid,
    Unknown,
    Repeated,
}

#[derive(Debug, Serialize)]
struct Choice {
    code: String,
    name: String,
}

impl Problem {
    pub(super) fn of(kind: Kind) -> Self {
        Self { kind, errors: Vec::new(), utilities: Vec::new(), retry_after: None }
    }

    /// The problem that an answer of a layer or of the router stands for.
    pub(super) fn of_status(status: StatusCode) -> Self {
        Self::of(match status {
            StatusCode::NOT_FOUND => Kind::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Kind::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Kind::TimedOut,
            StatusCode::MISDIRECTED_REQUEST => Kind::UnknownHost,
            status if status.is_client_error() => Kind::BadRequest,
            _ => Kind::Internal,
        })
    }

    /// With what is wrong with each parameter.
    pub(super) fn with_errors(self, errors: Vec<Fault>) -> Self {
        Self { errors, ..self }
    }

    /// With the utilities to choose from.
    pub(super) fn with_utilities(self, utilities: &[Utility]) -> Self {
        let choice =
            |utility: &Utility| Choice { code: utility.code.as_str().to_owned(), name: utility.name.clone() };
        Self { utilities: utilities.iter().map(choice).collect(), ..self }
    }

    /// With the seconds after which it may be asked again.
    pub(super) fn with_retry_after(self, seconds: Option<u64>) -> Self {
        Self { retry_after: seconds, ..self }
    }
}

/// A failure, as a page would show it.
impl From<PageError> for Problem {
    fn from(error: PageError) -> Self {
        let kind = match &error {
            PageError::TooMany(_) => Kind::TooManyRequests,
            PageError::Waiting(_) => return Self::of(Kind::NrgSlow).with_retry_after(Some(5)),
            PageError::Outage(_) => Kind::Outage,
            PageError::Nrg(failed) => match failed.kind {
                nrg::Kind::TimedOut => Kind::NrgSlow,
                nrg::Kind::Unreachable | nrg::Kind::ConnectionLost | nrg::Kind::ServerError => Kind::NrgAway,
                nrg::Kind::InvalidResponse
                | nrg::Kind::TooLarge
                | nrg::Kind::Refused(_)
                | nrg::Kind::Rejected => Kind::NrgUnusable,
            },
            PageError::NotFound => Kind::NotFound,
            PageError::Store(_)
            | PageError::Session(SessionError::Full | SessionError::Store(_))
            | PageError::Away
            | PageError::Newer => Kind::Unavailable,
            PageError::TooLong => Kind::TimedOut,
            // They come of forms and of sessions that a browser has, of which there is none here.
            PageError::Method
            | PageError::CrossSite
            | PageError::Form(_)
            | PageError::CookieRefused
            | PageError::LikeAProgram
            | PageError::CallFailed(..)
            | PageError::Session(_)
            | PageError::Internal(_) => Kind::Internal,
        };
        Self::of(kind).with_retry_after(error.retry_after())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, title, detail) = self.kind.words();
        let members = Members {
            kind: format!("{TYPES}{}", <&str>::from(self.kind)),
            title,
            status: status.as_u16(),
            detail,
            errors: &self.errors,
            utilities: &self.utilities,
        };
        let mut response = (status, Json(members)).into_response();
        response.extensions_mut().insert(OwnCaching);
        if self.kind == Kind::Outage {
            // As a page of an outage: it is meant so, and no alert counts it.
            response.extensions_mut().insert(CountedAs("outage"));
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, CONTENT_TYPE);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) = self.kind.challenge() {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

/// The result, with a problem in place of an error, which is logged.
pub(super) fn logged<T>(ctx: &RequestContext, result: Result<T, PageError>) -> Result<T, Problem> {
    result.map_err(|error| {
        error.log(&ctx.request.request_id, &ctx.request.path);
        Problem::from(error)
    })
}

/// Whether `response` is a problem already.
pub(super) fn is_one(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE) == Some(&CONTENT_TYPE)
}
