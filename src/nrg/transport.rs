//! The HTTP transport to NRG, the only one: time limits, repeats, the circuit breaker, and one log line for each call.
//!
//! The input is a finished query or body; the output is a parsed answer. The log line names the endpoint, the HTTP
//! status and NRG's codes. `errorDescription` may hold raw internal text of NRG, so it is logged at debug level only, in
//! one line, shortened, and with its digits masked. Queries, bodies, headers and `messageText` are never logged.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use headers::authorization::{Authorization, Credentials};
use jiff::Timestamp;
use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::de::DeserializeOwned;
use tokio::time;
use tower::retry::budget::{Budget, TpsBudget};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    causes::Causes,
    clock::Clock,
    entropy::Entropy,
    fields::{Language, cut},
    tracing_context::{Span, SpanKind, SpanOutcome},
};

use super::{
    bounded::SENTENCE,
    breaker::{Breaker, Permit},
    endpoint::{Endpoint, Timeouts},
    envelope::{Answer, Envelope},
    error::{Error, Kind, Refusal, Unusable},
    http_client,
    lanes::{self, Caller, Lanes},
    metrics::Metrics,
    oddities::Oddities,
    settings::Settings,
};

/// Selects the locale of many texts (contract 2.5).
const LANGUAGE_CODE: HeaderName = HeaderName::from_static("languagecode");

/// Names the trace a call belongs to (W3C Trace Context).
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The pause before the first repeat, without jitter; it doubles for the next one.
const PAUSE: Duration = Duration::from_millis(150);

/// The retry budget: one in five of the calls of the last ten seconds may be repeated, and four a second in any case.
const RETRY_BUDGET_WINDOW: Duration = Duration::from_secs(10);
const RETRY_BUDGET_SHARE: f32 = 0.2;
const RETRY_BUDGET_PER_SECOND: u32 = 4;

/// The connections to NRG, and what every call goes through.
pub(super) struct Transport {
    /// For calls over connections that are kept.
    shared: Client,
    /// For calls each of which opens a connection of its own, which ends with the answer.
    single: Client,
    root: Url,
    /// The header of Basic authentication; replaced when the credentials change.
    authorization: RwLock<HeaderValue>,
    timeouts: Timeouts,
    max_reply_bytes: usize,
    by_proxy: bool,
    lanes: Lanes,
    breaker: Breaker,
    pub(super) metrics: Metrics,
    pub(super) oddities: Oddities,
    /// Limits repeats, so that they do not triple the load while NRG is down.
    retry_budget: TpsBudget,
    clock: Clock,
    entropy: Entropy,
}

/// An answer that has not been parsed.
struct RawAnswer {
    http: StatusCode,
    body: Vec<u8>,
}

impl Transport {
    pub(super) fn new(settings: Settings, clock: Clock, entropy: Entropy) -> Result<Self, Unusable> {
        let root = format!(
            "{}/{}/",
            settings.base_url.as_str().trim_end_matches('/'),
            settings.base_path.trim_matches('/')
        );
        let root = Url::parse(&root)
            .ok()
            .filter(|url| url.has_host() && url.query().is_none() && url.fragment().is_none())
            .ok_or(Unusable::new("base_url and base_path form no URL", None))?;
        let authorization = authorization(&settings.username, &settings.password)?;
        Ok(Self {
            shared: http_client::build(&settings, lanes::CALLS_AT_ONCE)?,
            single: http_client::build(&settings, 0)?,
            root,
            authorization: RwLock::new(authorization),
            timeouts: settings.timeouts.clone(),
            max_reply_bytes: settings.max_reply_bytes,
            by_proxy: settings.proxy.is_some(),
            lanes: Lanes::default(),
            breaker: Breaker::default(),
            metrics: Metrics::default(),
            oddities: Oddities::new(clock.clone()),
            retry_budget: TpsBudget::new(RETRY_BUDGET_WINDOW, RETRY_BUDGET_PER_SECOND, RETRY_BUDGET_SHARE),
            clock,
            entropy,
        })
    }

    /// Replaces the credentials of all later calls. Returns whether they differ from those before.
    pub(super) fn use_credentials(&self, username: &str, password: &str) -> Result<bool, Unusable> {
        let new = authorization(username, password)?;
        let mut current = self.authorization.write().unwrap_or_else(PoisonError::into_inner);
        let changed = *current != new;
        if changed {
            *current = new;
            self.breaker.probe_next();
        }
        Ok(changed)
    }

    fn authorization(&self) -> HeaderValue {
        self.authorization.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a GET with `query`.
    pub(super) async fn get<A: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        language: Language,
        parent: Option<&Span>,
        caller: Caller<'_>,
        query: Zeroizing<String>,
    ) -> Result<Answer<A>, Error> {
        let mut url = self.url(endpoint)?;
        url.set_query(Some(&query));
        self.call(
            endpoint,
            || self.client(endpoint).request(Method::GET, url.clone()),
            language,
            parent,
            caller,
        )
        .await
    }

    /// Sends a POST with the JSON `body`.
    pub(super) async fn post<A: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        language: Language,
        parent: Option<&Span>,
        caller: Caller<'_>,
        body: Vec<u8>,
    ) -> Result<Answer<A>, Error> {
        let url = self.url(endpoint)?;
        let request = || {
            // There is no charset: with one, NRG uses another, stricter parser (contract 1).
            let json = HeaderValue::from_static("application/json");
            self.client(endpoint)
                .request(Method::POST, url.clone())
                .header(CONTENT_TYPE, json)
                .body(body.clone())
        };
        self.call(endpoint, request, language, parent, caller).await
    }

    fn url(&self, endpoint: Endpoint) -> Result<Url, Error> {
        self.root.join(endpoint.path()).map_err(|error| Error::unwritable(endpoint, error))
    }

    fn client(&self, endpoint: Endpoint) -> &Client {
        if endpoint.has_own_connection() { &self.single } else { &self.shared }
    }

    /// Makes one call and its repeats, all within the endpoint's time limit.
    async fn call<A: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        request: impl Fn() -> RequestBuilder,
        language: Language,
        parent: Option<&Span>,
        caller: Caller<'_>,
    ) -> Result<Answer<A>, Error> {
        let started = self.clock.now();
        let attempts = async {
            let _turn = match endpoint.lane() {
                Some(lane) => Some(self.lanes.enter(lane, caller).await),
                None => None,
            };
            self.retry_budget.deposit();
            let mut attempt = 0;
            loop {
                let mut request = request()
                    .header(AUTHORIZATION, self.authorization())
                    .header(LANGUAGE_CODE, HeaderValue::from_static(language.wire()));
                let span = parent.map(|span| span.begin(SpanKind::Call(endpoint.path())));
                if let Some(span) = &span {
                    request = request.header(TRACEPARENT, span.trace().traceparent());
                }
                match self.attempt(endpoint, request, span.as_ref()).await {
                    Err(error)
                        if is_transient(error.kind)
                            && attempt < endpoint.retries()
                            && self.retry_budget.withdraw() =>
                    {
                        time::sleep(self.pause(attempt)).await;
                        attempt += 1;
                    }
                    result => return result,
                }
            }
        };
        let answer = time::timeout(self.timeouts.of(endpoint), attempts).await.unwrap_or_else(|_| {
            let latency_ms = self.millis_since(started);
            tracing::info!(%endpoint, failure = %Kind::TimedOut, latency_ms, "nrg: no answer");
            self.record_outcome(endpoint, Err(Kind::TimedOut), started, None);
            Err(Error::new(endpoint, Kind::TimedOut))
        });
        answer.map_err(|error| error.by_proxy_if(self.by_proxy))
    }

    async fn attempt<A: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        request: RequestBuilder,
        span: Option<&Span>,
    ) -> Result<Answer<A>, Error> {
        let refused = |refusal| Error::new(endpoint, Kind::Refused(refusal));
        let permit = self.breaker.enter(self.clock.now()).map_err(refused).inspect_err(|_| {
            self.metrics.held_back(endpoint);
        })?;
        let started = self.clock.now();
        let raw = self.exchange(endpoint, request).await.inspect_err(|error| {
            let latency_ms = self.millis_since(started);
            tracing::info!(%endpoint, failure = %error.kind, error = %Causes(error), latency_ms, "nrg: no answer");
            self.record_outcome(endpoint, Err(error.kind), started, span);
        })?;
        self.log(endpoint, &raw, started);
        let answer = self.parse(endpoint, permit, &raw);
        let answer = answer.map_err(|error| error.answered(raw.http.as_u16(), &raw.body));
        self.record_outcome(
            endpoint,
            answer.as_ref().map(Answer::label).map_err(|error| error.kind),
            started,
            span,
        );
        answer
    }

    /// Counts the call in the metrics and ends its span.
    fn record_outcome(
        &self,
        endpoint: Endpoint,
        outcome: Result<&'static str, Kind>,
        started: Timestamp,
        span: Option<&Span>,
    ) {
        let seconds = self.clock.now().duration_since(started).as_secs_f64();
        let (outcome, failed) = (outcome.unwrap_or_else(Kind::label), outcome.is_err());
        self.metrics.call(endpoint, outcome, seconds);
        if let Some(span) = span {
            span.end(SpanOutcome::Call { outcome, failed });
        }
    }

    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.breaker.refusal()
    }

    #[allow(clippy::disallowed_methods, reason = "this is the only transport to NRG")]
    async fn exchange(&self, endpoint: Endpoint, request: RequestBuilder) -> Result<RawAnswer, Error> {
        let failed = |error: reqwest::Error| {
            let kind = if error.is_connect() { Kind::Unreachable } else { Kind::ConnectionLost };
            // The URL of a `token` call holds the number itself.
            Error::new(endpoint, kind).caused_by(error.without_url())
        };
        let mut response = request.send().await.map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > self.max_reply_bytes {
                return Err(Error::new(endpoint, Kind::TooLarge));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(RawAnswer { http: response.status(), body })
    }

    /// Steps 1 to 3 of the order in which an answer is read (contract 3.5).
    fn parse<A: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        permit: Permit,
        raw: &RawAnswer,
    ) -> Result<Answer<A>, Error> {
        match raw.http {
            StatusCode::UNAUTHORIZED => return Err(self.refused(endpoint, Refusal::Unauthorized)),
            StatusCode::FORBIDDEN => return Err(self.refused(endpoint, Refusal::NotAllowListed)),
            _ if self.breaker.admitted(permit) => {
                tracing::warn!(%endpoint, "nrg: calls are accepted again");
            }
            _ => {}
        }
        match raw.http {
            StatusCode::OK | StatusCode::BAD_REQUEST => Answer::read(endpoint, raw.http.as_u16(), &raw.body),
            http if http.is_server_error() || http == StatusCode::TOO_MANY_REQUESTS => {
                Err(Error::new(endpoint, Kind::ServerError).with_code(&raw.envelope().message_code))
            }
            _ => Err(Error::invalid_response(endpoint, "unexpected HTTP status")),
        }
    }

    fn refused(&self, endpoint: Endpoint, refusal: Refusal) -> Error {
        if self.breaker.refused(refusal, self.clock.now()) {
            tracing::error!(%endpoint, %refusal, "nrg: calls are refused and held back; check the credentials and the allow-list");
        }
        Error::new(endpoint, Kind::Refused(refusal))
    }

    fn log(&self, endpoint: Endpoint, raw: &RawAnswer, started: Timestamp) {
        let envelope = raw.envelope();
        let latency_ms = self.millis_since(started);
        tracing::info!(
            %endpoint,
            http = raw.http.as_u16(),
            status_code = cut(&envelope.status_code, SENTENCE),
            message_code = cut(&envelope.message_code, SENTENCE),
            error_code = cut(&envelope.error_code, SENTENCE),
            latency_ms,
            "nrg: answer"
        );
        // A container that fails has no envelope.
        let is_of_application = [StatusCode::OK, StatusCode::BAD_REQUEST].contains(&raw.http);
        let codes = [
            ("statusCode", is_of_application.then_some(&*envelope.status_code)),
            ("messageCode", Some(&*envelope.message_code)),
            ("errorCode", Some(&*envelope.error_code)),
        ];
        for (field, code) in self.oddities.answer(endpoint, codes, &raw.body) {
            tracing::warn!(%endpoint, field, code = cut(code, SENTENCE), "nrg: unknown code");
        }
        let description = envelope.error_description.filled().or(envelope.result_description.filled());
        if let Some(description) = description {
            // Digits may identify a person.
            let description = cut(description, SENTENCE).replace(|c: char| c.is_ascii_digit(), "#");
            tracing::debug!(%endpoint, description, "nrg: description of the answer");
        }
    }

    fn millis_since(&self, started: Timestamp) -> i64 {
        i64::try_from(self.clock.now().duration_since(started).as_millis()).unwrap_or(i64::MAX)
    }

    /// The pause before a repeat: it doubles each time, and jitter adds up to as much again.
    fn pause(&self, attempt: u32) -> Duration {
        let base = PAUSE * 2u32.saturating_pow(attempt);
        let jitter = u16::from_le_bytes(self.entropy.bytes());
        base + base * u32::from(jitter) / u32::from(u16::MAX)
    }
}

impl RawAnswer {
    /// The envelope for the log; blank where there is none.
    fn envelope(&self) -> Envelope {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Whether the failure may be gone when the call is repeated.
fn is_transient(kind: Kind) -> bool {
    match kind {
        Kind::Unreachable | Kind::ConnectionLost | Kind::ServerError => true,
        Kind::TimedOut | Kind::InvalidResponse | Kind::TooLarge | Kind::Refused(_) | Kind::Rejected => false,
    }
}

/// The header of Basic authentication. The copies made on the way are wiped when they are freed: the program's
/// allocator does that.
fn authorization(username: &str, password: &str) -> Result<HeaderValue, Unusable> {
    if username.contains(':') {
        return Err(Unusable::new("the user name contains a colon", None));
    }
    let mut authorization = Authorization::basic(username, password).0.encode();
    authorization.set_sensitive(true);
    Ok(authorization)
}
