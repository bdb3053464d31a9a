//! What a span is of, and what is recorded of it.

use url::Url;
use zeroize::Zeroizing;

/// Where spans are sent, and how many of them.
pub struct Export {
    /// The collector's URL for OTLP over HTTP, with its path, which usually ends in `/v1/traces`.
    pub endpoint: Url,
    /// The value of the header `authorization`.
    pub authorization: Option<Zeroizing<String>>,
    /// The sampling rate: how many percent of the traces that begin here are recorded. For one that came with a request,
    /// its sender decides.
    pub percent: u8,
}

/// The kind of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// A browser's request.
    Request,
    /// A submission on its way to NRG.
    Submission,
    /// One call of NRG, by the name of its endpoint.
    Call(&'static str),
}

/// What is recorded of a span when it ends.
#[derive(Debug, Clone, Copy)]
pub enum SpanOutcome<'a> {
    /// The answer to a browser: method, route (never the path), status.
    Request {
        /// The method, such as `GET`.
        method: &'a str,
        /// The route, such as `/plans/{brand}/{offer}`; none if there is none for the path.
        route: Option<&'a str>,
        /// The HTTP status.
        status: u16,
    },
    /// The result of a call of NRG.
    Call {
        /// The outcome, as in the metric `nrg_calls_total`.
        outcome: &'static str,
        /// Whether there was no answer, or none that could be read.
        failed: bool,
    },
    /// The end of a submission; the span of its call has the result.
    Submission,
}
