//! The only transport out to NRG: transport, time limits, repeats, the breaker, and one log line a call.
//!
//! In come a finished query or body; out goes a read answer. A line names the endpoint, the HTTP
//! status and NRG's codes. `errorDescription` may hold raw text of NRG's inside, so it is logged at
//! debug level only, in one line, shortened, and with its digits masked. Queries, bodies, headers
//! and `messageText` are never logged.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue},
    redirect, retry,
};
use serde::de::DeserializeOwned;
use tokio::{sync::Semaphore, time};
use tower::retry::budget::{Budget, TpsBudget};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    clock::Clock,
    entropy::Entropy,
    fields::Language,
    tls,
    tracing_context::{Span, SpanKind, SpanOutcome},
};

use super::{
    Endpoint, Error, Kind, Refusal, Settings, Timeouts, Unusable,
    breaker::{Breaker, Permit},
    codes,
    envelope::{Answer, Envelope},
    metrics::Metrics,
};

/// Selects the locale of many texts (contract 2.5).
const LANGUAGE_CODE: HeaderName = HeaderName::from_static("languagecode");

/// Names the trace a call belongs to (W3C Trace Context).
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// More calls than this at once wait in line: a rush on our pages must not become one on NRG.
const CALLS_AT_ONCE: usize = 64;

/// The pause before the first repeat, less its share of chance; it doubles for the next.
const PAUSE: Duration = Duration::from_millis(150);

/// Of the calls of the last ten seconds one in five may be repeated, and four a second in any case.
const REPEATS_WITHIN: Duration = Duration::from_secs(10);
const REPEATS_SHARE: f32 = 0.2;
const REPEATS_PER_SECOND: u32 = 4;

/// No text of NRG's is logged beyond this many characters.
const LOGGED_MAX: usize = 300;

/// The transport.
pub(super) struct Transport {
    /// For every call but `enroll`.
    shared: Client,
    /// For `enroll`: every call has a connection of its own, so that none is sent over a dead one.
    single: Client,
    root: Url,
    /// Basic authentication; replaced when the credentials are.
    authorization: RwLock<HeaderValue>,
    timeouts: Timeouts,
    max_reply_bytes: usize,
    lane: Semaphore,
    breaker: Breaker,
    pub(super) metrics: Metrics,
    /// When NRG is down for all, repeats must not triple the load.
    repeats: TpsBudget,
    clock: Clock,
    entropy: Entropy,
}

/// What came back over the wire.
struct Raw {
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
            .ok_or(Unusable::new("base_url and base_path make no address", None))?;
        let headers = fixed_headers(&settings);
        let authorization = authorization(&settings.username, &settings.password)?;
        let client = |idle_connections| client(&settings, headers.clone(), idle_connections);
        Ok(Self {
            shared: client(CALLS_AT_ONCE)?,
            single: client(0)?,
            root,
            authorization: RwLock::new(authorization),
            timeouts: settings.timeouts.clone(),
            max_reply_bytes: settings.max_reply_bytes,
            lane: Semaphore::new(CALLS_AT_ONCE),
            breaker: Breaker::default(),
            metrics: Metrics::default(),
            repeats: TpsBudget::new(REPEATS_WITHIN, REPEATS_PER_SECOND, REPEATS_SHARE),
            clock,
            entropy,
        })
    }

    /// Calls from now on go out with these. True if they are others than before.
    pub(super) fn use_credentials(&self, username: &str, password: &str) -> Result<bool, Unusable> {
        let new = authorization(username, password)?;
        let mut current = self.authorization.write().unwrap_or_else(PoisonError::into_inner);
        let changed = *current != new;
        if changed {
            *current = new;
            self.breaker.try_now();
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
        within: Option<&Span>,
        query: Zeroizing<String>,
    ) -> Result<Answer<A>, Error> {
        let mut url = self.url(endpoint)?;
        url.set_query(Some(&query));
        self.call(endpoint, || self.client(endpoint).request(Method::GET, url.clone()), language, within)
            .await
    }

    /// Sends a POST with the JSON `body`.
    pub(super) async fn post<A: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        language: Language,
        within: Option<&Span>,
        body: Vec<u8>,
    ) -> Result<Answer<A>, Error> {
        let url = self.url(endpoint)?;
        let request = || {
            // Without a charset: with one, NRG reads with another, stricter reader (contract 1).
            let json = HeaderValue::from_static("application/json");
            self.client(endpoint)
                .request(Method::POST, url.clone())
                .header(CONTENT_TYPE, json)
                .body(body.clone())
        };
        self.call(endpoint, request, language, within).await
    }

    fn url(&self, endpoint: Endpoint) -> Result<Url, Error> {
        self.root.join(endpoint.path()).map_err(|error| Error::unwritable(endpoint, error))
    }

    fn client(&self, endpoint: Endpoint) -> &Client {
        if endpoint == Endpoint::Enroll { &self.single } else { &self.shared }
    }

    /// One call with its repeats, all of it within the endpoint's time limit.
    async fn call<A: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        request: impl Fn() -> RequestBuilder,
        language: Language,
        within: Option<&Span>,
    ) -> Result<Answer<A>, Error> {
        let began = self.clock.now();
        let attempts = async {
            // The semaphore is never closed. `enroll` does not wait: it is few, and its worker's lease runs.
            let _place = match endpoint {
                Endpoint::Enroll => None,
                _ => self.lane.acquire().await.ok(),
            };
            self.repeats.deposit();
            let mut attempt = 0;
            loop {
                let mut request = request()
                    .header(AUTHORIZATION, self.authorization())
                    .header(LANGUAGE_CODE, HeaderValue::from_static(language.wire()));
                let span = within.map(|span| span.begin(SpanKind::Call(endpoint.path())));
                if let Some(span) = &span {
                    request = request.header(TRACEPARENT, span.trace().traceparent());
                }
                match self.attempt(endpoint, request, span.as_ref()).await {
                    Err(error)
                        if may_pass(error.kind)
                            && attempt < endpoint.retries()
                            && self.repeats.withdraw() =>
                    {
                        time::sleep(self.pause(attempt)).await;
                        attempt += 1;
                    }
                    settled => return settled,
                }
            }
        };
        time::timeout(self.timeouts.of(endpoint), attempts).await.unwrap_or_else(|_| {
            let latency_ms = self.millis_since(began);
            tracing::info!(%endpoint, failure = %Kind::TimedOut, latency_ms, "NRG did not answer");
            self.told(endpoint, Err(Kind::TimedOut), began, None);
            Err(Error::new(endpoint, Kind::TimedOut))
        })
    }

    async fn attempt<A: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        request: RequestBuilder,
        span: Option<&Span>,
    ) -> Result<Answer<A>, Error> {
        let refused = |refusal| Error::new(endpoint, Kind::Refused(refusal));
        let pass = self.breaker.enter(self.clock.now()).map_err(refused).inspect_err(|_| {
            self.metrics.held_back(endpoint);
        })?;
        let began = self.clock.now();
        let raw = self.exchange(endpoint, request).await.inspect_err(|error| {
            let latency_ms = self.millis_since(began);
            tracing::info!(%endpoint, failure = %error.kind, latency_ms, "NRG did not answer");
            self.told(endpoint, Err(error.kind), began, span);
        })?;
        self.log(endpoint, &raw, began);
        let answer = self.read(endpoint, pass, &raw).map_err(|error| error.answered(raw.http.as_u16()));
        self.told(endpoint, answer.as_ref().map(Answer::word).map_err(|error| error.kind), began, span);
        answer
    }

    /// Metrics the call and ends its span.
    fn told(
        &self,
        endpoint: Endpoint,
        outcome: Result<&'static str, Kind>,
        began: Timestamp,
        span: Option<&Span>,
    ) {
        let seconds = self.clock.now().duration_since(began).as_secs_f64();
        let (outcome, failed) = (outcome.unwrap_or_else(Kind::word), outcome.is_err());
        self.metrics.call(endpoint, outcome, seconds);
        if let Some(span) = span {
            span.end(SpanOutcome::Call { outcome, failed });
        }
    }

    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.breaker.refusal()
    }

    #[allow(clippy::disallowed_methods, reason = "the only transport out")]
    async fn exchange(&self, endpoint: Endpoint, request: RequestBuilder) -> Result<Raw, Error> {
        let broken = |error: reqwest::Error| {
            let kind = if error.is_connect() { Kind::Unreachable } else { Kind::ConnectionLost };
            // The URL of a `token` call holds the number itself.
            Error::new(endpoint, kind).caused_by(error.without_url())
        };
        let mut response = request.send().await.map_err(broken)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > self.max_reply_bytes {
                return Err(Error::new(endpoint, Kind::TooLarge));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Raw { http: response.status(), body })
    }

    /// Steps 1 to 3 of the reading order (contract 3.5).
    fn read<A: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        pass: Permit,
        raw: &Raw,
    ) -> Result<Answer<A>, Error> {
        match raw.http {
            StatusCode::UNAUTHORIZED => return Err(self.refused(endpoint, Refusal::Unauthorized)),
            StatusCode::FORBIDDEN => return Err(self.refused(endpoint, Refusal::NotAllowListed)),
            _ if self.breaker.let_in(pass) => tracing::warn!(%endpoint, "NRG lets us in again"),
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
            tracing::error!(%endpoint, %refusal, "NRG refuses us: check credentials and allow-listing; calls are held back");
        }
        Error::new(endpoint, Kind::Refused(refusal))
    }

    fn log(&self, endpoint: Endpoint, raw: &Raw, began: Timestamp) {
        let envelope = raw.envelope();
        let latency_ms = self.millis_since(began);
        tracing::info!(
            %endpoint,
            http = raw.http.as_u16(),
            status_code = neutral(&envelope.status_code),
            message_code = neutral(&envelope.message_code),
            error_code = neutral(&envelope.error_code),
            latency_ms,
            "NRG answered"
        );
        for code in
            [&envelope.message_code, &envelope.error_code].into_iter().filter(|code| !codes::known(code))
        {
            tracing::warn!(%endpoint, status_code = neutral(&envelope.status_code), code = neutral(code), "NRG gave a code we have no words for");
        }
        let description = envelope.error_description.filled().or(envelope.result_description.filled());
        if let Some(description) = description {
            // Digits may be a person's.
            let description = neutral(description).replace(|c: char| c.is_ascii_digit(), "#");
            tracing::debug!(%endpoint, description, "NRG describes its answer");
        }
    }

    fn millis_since(&self, began: Timestamp) -> i64 {
        i64::try_from(self.clock.now().duration_since(began).as_millis()).unwrap_or(i64::MAX)
    }

    /// Between one and two times the doubling pause.
    fn pause(&self, attempt: u32) -> Duration {
        let base = PAUSE * 2u32.saturating_pow(attempt);
        let chance = u16::from_le_bytes(self.entropy.bytes());
        base + base * u32::from(chance) / u32::from(u16::MAX)
    }
}

impl Raw {
    /// The envelope as far as there is one, for the log.
    fn envelope(&self) -> Envelope {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Whether the failure may be gone a moment later.
fn may_pass(kind: Kind) -> bool {
    match kind {
        Kind::Unreachable | Kind::ConnectionLost | Kind::ServerError => true,
        Kind::TimedOut | Kind::InvalidResponse | Kind::TooLarge | Kind::Refused(_) | Kind::Rejected => false,
    }
}

/// A text of NRG's as one short line of the log.
fn neutral(text: &str) -> String {
    text.chars().take(LOGGED_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn authorization(username: &str, password: &str) -> Result<HeaderValue, Unusable> {
    let pair = Zeroizing::new(format!("{username}:{password}"));
    let basic = Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(pair.as_bytes())));
    let mut authorization = HeaderValue::from_str(&basic)
        .map_err(|_| Unusable::new("username and password make no header", None))?;
    authorization.set_sensitive(true);
    Ok(authorization)
}

fn fixed_headers(settings: &Settings) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    if settings.gateway_cookie {
        headers.insert(COOKIE, HeaderValue::from_static("SMCHALLENGE=YES"));
    }
    headers
}

#[allow(clippy::disallowed_methods, reason = "the only transport out")]
fn client(settings: &Settings, headers: HeaderMap, idle_connections: usize) -> Result<Client, Unusable> {
    tls::provide();
    Client::builder()
        .default_headers(headers)
        .connect_timeout(settings.connect_timeout)
        .pool_max_idle_per_host(idle_connections)
        .https_only(settings.base_url.scheme() == "https")
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        // A proxy named in the environment must not see what is meant for NRG alone.
        .no_proxy()
        .build()
        .map_err(|error| Unusable::new("no HTTP client", Some(error.into())))
}
