//! ConnectionLost answers, broken connections, repeats, and the breaker, over a real socket.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

use crate::{
    clock::Clock,
    entropy::Entropy,
    fields::{Brand, EsiId, Language, LastFour, OfferCode, ProspectId, Ssn, TdspCode, Transaction, Zip},
    journey::Proof,
    nrg::{Endpoint, Enrollment, Error, Kind, Nrg, Refusal, Timeouts},
};

use super::{
    applicant, enroll_request,
    fake::{Fake, Scripted, client, html, json, settings},
    record, service, site, token,
};

/// `check-credit`, which is never repeated.
async fn check_credit(nrg: &Nrg) -> Result<(), Error> {
    let site = site();
    let offer = OfferCode::parse("59990001").unwrap();
    nrg.brand_client(&site, Brand::Reliant, Language::English)
        .check_credit(&record(), &offer, None)
        .await
        .map(drop)
}

async fn tdsp(nrg: &Nrg) -> Result<(), Error> {
    let site = site();
    let zip = Zip::parse("77999").unwrap();
    nrg.brand_client(&site, Brand::Reliant, Language::English).tdsp(&zip, Transaction::MoveIn).await.map(drop)
}

async fn enroll(nrg: &Nrg) -> Enrollment {
    let site = site();
    nrg.brand_client(&site, Brand::Reliant, Language::English)
        .enroll(&record().tracking_id, &enroll_request())
        .await
        .enrollment
}

/// A server that reads a request and then does `afterwards` to the connection.
async fn rude(afterwards: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = connection.read(&mut request).await;
            let _ = connection.write_all(afterwards).await;
        }
    });
    address
}

/// An address where nobody listens.
async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn unusable_response_is_an_error_and_leaves_submission_unknown() {
    let large =
        format!(r#"{{"statusCode":"00","depositAmount":"0","depositDueText":"{}"}}"#, "x".repeat(10_000));
    let technical = r#"{"statusCode":"01","messageCode":"TECHNICAL_ERROR","errorCode":"TECHNICAL_ERROR"}"#;
    let redirect = Scripted { headers: vec![("location", "/elsewhere".into())], ..html(302) };
    for (scripted, kind) in [
        (json(500, technical), Kind::ServerError),
        (html(500), Kind::ServerError),
        (html(503), Kind::ServerError),
        (html(429), Kind::ServerError),
        (html(200), Kind::InvalidResponse),
        (html(400), Kind::InvalidResponse),
        (html(404), Kind::InvalidResponse),
        (html(405), Kind::InvalidResponse),
        (html(415), Kind::InvalidResponse),
        (redirect, Kind::InvalidResponse),
        (json(200, ""), Kind::InvalidResponse),
        (json(200, r#"{"depositAmount":"0"}"#), Kind::InvalidResponse),
        (json(202, r#"{"statusCode":"00","depositAmount":"0"}"#), Kind::InvalidResponse),
        (Scripted { headers: Vec::new(), ..json(204, "") }, Kind::InvalidResponse),
        (json(200, &large), Kind::TooLarge),
    ] {
        let http = scripted.http;
        let fake = Fake::start([scripted]).await;
        let nrg = client(settings(fake.address));
        assert_eq!(check_credit(&nrg).await.unwrap_err().kind, kind, "{http}");
        assert_eq!(enroll(&nrg).await, Enrollment::Unknown, "{http}");
        assert_eq!(fake.asked().len(), 2, "{http}: neither is repeated, and no redirect is followed");
    }
}

#[tokio::test]
async fn failed_connection_is_not_sent_and_lost_connection_is_unknown() {
    let nrg = client(settings(nobody().await));
    assert_eq!(check_credit(&nrg).await.unwrap_err().kind, Kind::Unreachable);
    assert_eq!(enroll(&nrg).await, Enrollment::NotSent);
    for afterwards in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{", b"SSH-2.0\r\n"] {
        let nrg = client(settings(rude(afterwards).await));
        assert_eq!(check_credit(&nrg).await.unwrap_err().kind, Kind::ConnectionLost);
        assert_eq!(enroll(&nrg).await, Enrollment::Unknown);
    }
}

/// A server that takes connections and says nothing.
async fn silent() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            held.push(connection);
        }
    });
    address
}

#[tokio::test]
async fn tls_handshake_failed_or_hanging_is_not_sent() {
    for address in [rude(b"").await, rude(b"HTTP/1.1 400 Bad Request\r\n\r\n").await, silent().await] {
        let nrg = client({
            let mut settings = settings(address);
            settings.base_url = Url::parse(&format!("https://{address}")).unwrap();
            settings.connect_timeout = Duration::from_millis(200);
            settings
        });
        assert_eq!(check_credit(&nrg).await.unwrap_err().kind, Kind::Unreachable);
        assert_eq!(enroll(&nrg).await, Enrollment::NotSent);
    }
}

#[tokio::test]
async fn call_ends_at_its_timeout_including_retries() {
    let slow = Scripted { after: Duration::from_secs(5), ..json(200, r#"{"statusCode":"00"}"#) };
    let fake = Fake::start([slow]).await;
    let limit = Duration::from_millis(50);
    let timeouts =
        [Endpoint::CheckCredit, Endpoint::Tdsp, Endpoint::Enroll].map(|endpoint| (endpoint, limit));
    let nrg = client({
        let mut settings = settings(fake.address);
        settings.timeouts = Timeouts(BTreeMap::from(timeouts));
        settings
    });
    assert_eq!(check_credit(&nrg).await.unwrap_err().kind, Kind::TimedOut);
    assert_eq!(tdsp(&nrg).await.unwrap_err().kind, Kind::TimedOut);
    assert_eq!(enroll(&nrg).await, Enrollment::Unknown);
    assert_eq!(fake.asked().len(), 3, "the limit holds for all attempts together");
}

#[tokio::test]
async fn read_calls_are_retried_and_changing_calls_are_not() {
    let fake = Fake::start([html(503)]).await;
    let (nrg, site) = (client(settings(fake.address)), site());
    let caller = nrg.brand_client(&site, Brand::Reliant, Language::English);
    let (ssn, zip, record) = (Ssn::parse("900456789").unwrap(), Zip::parse("77999").unwrap(), record());
    let (tdsp, offer) = (TdspCode::parse("D0001").unwrap(), OfferCode::parse("59990001").unwrap());
    let (prospect, last_four) = (ProspectId::parse("P1").unwrap(), LastFour::parse("6789").unwrap());
    let (esi_id, service) = (EsiId::parse("10000009999999912").unwrap(), service());
    let (applicant, token, request) = (applicant(Proof::Ssn(token())), token(), enroll_request());
    let _ = tokio::join!(
        caller.token_ssn(&ssn),
        caller.prospect(&prospect, &last_four),
        caller.cleanup_service(&service),
        caller.tdsp(&zip, Transaction::MoveIn),
        caller.esid(&service),
        caller.esid_residential(&service),
        caller.esid_validation(&esi_id),
        caller.offers(&tdsp, Transaction::MoveIn),
        caller.holds("1", "7", "77999"),
        caller.kba_oe(&record),
        caller.available_dates(&record, false),
        caller.identity(&applicant, None),
        caller.kba_result(&record, "1", &[]),
        caller.check_credit(&record, &offer, None),
        caller.recheck_credit(&record, &offer, None, &token),
        caller.enroll(&record.tracking_id, &request),
    );
    let mut times = BTreeMap::new();
    for asked in fake.asked() {
        *times.entry(asked.path.replace("/NRGREST/rest/sales/", "")).or_insert(0) += 1;
    }
    let expected = [
        ("token", 3),
        ("prospect", 3),
        ("cleanup-address", 3),
        ("tdsp", 3),
        ("esid", 3),
        ("esid/residential", 3),
        ("esidValidation", 3),
        ("offers", 3),
        ("holds", 3),
        ("kba-oe", 2),
        ("available-dates", 2),
        ("identity", 1),
        ("kba-result", 1),
        ("check-credit", 1),
        ("recheck-credit", 1),
        ("enroll", 1),
    ];
    assert_eq!(times, expected.map(|(path, count)| (path.to_owned(), count)).into());
}

#[tokio::test]
async fn concurrent_calls_to_nrg_are_capped_and_all_complete() {
    let slow = Scripted { after: Duration::from_millis(300), ..json(200, r#"{"statusCode":"01"}"#) };
    let fake = Fake::start([slow]).await;
    let nrg = client(settings(fake.address));
    let calls = futures_util::future::join_all((0..100).map(|_| tdsp(&nrg)));
    let (_, at_once) = tokio::join!(calls, async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        fake.asked().len()
    });
    assert!((1..=64).contains(&at_once), "{at_once} at once");
    assert_eq!(at_once + fake.asked().len(), 100, "all of them are made in the end");
}

#[tokio::test]
async fn retry_that_succeeds_is_the_answer() {
    let fine = json(200, r#"{"statusCode":"00","tdspData":[{"tdspCodeCCS":"D0001"}]}"#);
    let fake = Fake::start([html(502), fine]).await;
    tdsp(&client(settings(fake.address))).await.unwrap();
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test]
async fn refused_credentials_open_breaker_until_probe_succeeds() {
    let fine = json(200, r#"{"statusCode":"00","depositAmount":"0"}"#);
    let fake = Fake::start([html(401), html(403), fine]).await;
    let second = Arc::new(AtomicI64::new(0));
    let hand = second.clone();
    let clock = Clock::new(move || Timestamp::new(hand.load(Ordering::Relaxed), 0).unwrap());
    let nrg = Nrg::new(settings(fake.address), clock, Entropy::system()).unwrap();
    let refused = |refusal| Some(Kind::Refused(refusal));
    let kind = async || check_credit(&nrg).await.err().map(|error| error.kind);

    assert_eq!(kind().await, refused(Refusal::Unauthorized));
    assert_eq!(kind().await, refused(Refusal::Unauthorized));
    assert_eq!(enroll(&nrg).await, Enrollment::NotSent);
    assert_eq!(fake.asked().len(), 1, "nothing goes out while it is open");
    second.store(60, Ordering::Relaxed);
    assert_eq!(kind().await, refused(Refusal::NotAllowListed));
    assert_eq!(kind().await, refused(Refusal::NotAllowListed));
    assert_eq!(fake.asked().len(), 1, "one probe, refused");
    second.store(120, Ordering::Relaxed);
    assert_eq!(kind().await, None);
    assert_eq!(kind().await, None);
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test]
async fn cookies_are_not_replayed_and_gateway_cookie_is_a_setting() {
    let mut scripted = json(200, r#"{"statusCode":"00","depositAmount":"0"}"#);
    scripted.headers.push(("set-cookie", "JSESSIONID=1; Path=/".into()));
    let fake = Fake::start([scripted]).await;
    for (gateway_cookie, expected) in [(false, None), (true, Some("SMCHALLENGE=YES"))] {
        let mut settings = settings(fake.address);
        settings.gateway_cookie = gateway_cookie;
        let nrg = client(settings);
        check_credit(&nrg).await.unwrap();
        check_credit(&nrg).await.unwrap();
        for asked in fake.asked() {
            let cookie = asked.headers.get("cookie").map(|value| value.to_str().unwrap());
            assert_eq!(cookie, expected);
        }
    }
}

#[tokio::test]
async fn tokenize_error_never_contains_the_number() {
    let site = site();
    for address in [nobody().await, rude(b"").await] {
        let nrg = client(settings(address));
        let caller = nrg.brand_client(&site, Brand::Reliant, Language::English);
        let error = caller.token_ssn(&Ssn::parse("900456789").unwrap()).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("900456789") && !text.contains("numToBeTokenized"), "{text}");
    }
}

#[tokio::test]
async fn call_log_carries_codes_but_no_query_body_or_line_break() {
    let log = Log::listen();
    let answer = r#"{"statusCode":"01","errorCode":"BAD\nREQUEST","errorDescription":"no\r\nforged 900456789","messageText":"private"}"#;
    let fake = Fake::start([json(400, answer)]).await;
    let (nrg, site) = (client(settings(fake.address)), site());
    let caller = nrg.brand_client(&site, Brand::Reliant, Language::English);
    caller.token_ssn(&Ssn::parse("900456789").unwrap()).await.unwrap_err();
    caller.identity(&applicant(Proof::Ssn(token())), None).await.unwrap_err();

    let logged = log.text();
    for expected in [
        "endpoint=token",
        "http=400",
        r#"status_code="01""#,
        r#"error_code="BAD REQUEST""#,
        "no  forged #########",
    ] {
        assert!(logged.contains(expected), "{expected}: {logged}");
    }
    for secret in
        ["900456789", "numToBeTokenized", "private", "Samplecase", "7QK2MM0", "pass:word", "cGFydG5lcj"]
    {
        assert!(!logged.contains(secret), "{secret}: {logged}");
    }
}

#[tokio::test]
async fn refused_credentials_log_one_error_and_unknown_code_is_logged() {
    let log = Log::listen();
    let fake = Fake::start([html(401)]).await;
    let nrg = client(settings(fake.address));
    for _ in 0..5 {
        check_credit(&nrg).await.unwrap_err();
    }
    let alarms = log.text().lines().filter(|line| line.contains("ERROR")).count();
    assert_eq!(alarms, 1, "{}", log.text());

    let fake = Fake::start([json(200, r#"{"statusCode":"01","messageCode":"NEW\nCODE"}"#)]).await;
    let nrg = client(settings(fake.address));
    tdsp(&nrg).await.unwrap();
    let text = log.text();
    assert!(text.contains("nrg: unknown code") && text.contains(r#"code="NEW CODE""#), "{text}");
}

#[tokio::test]
async fn retries_are_budgeted_when_every_call_fails() {
    let fake = Fake::start([html(503)]).await;
    let nrg = client(settings(fake.address));
    let calls = (0..200).map(|_| tdsp(&nrg));
    futures_util::future::join_all(calls).await;
    let asked = fake.asked().len();
    // Four a second and one call in five, of ten seconds: not two for each.
    assert!((200 + 40..=200 + 90).contains(&asked), "{asked}");
}

/// What the code of this thread logs while it is held.
pub(super) struct Log {
    lines: Arc<Mutex<Vec<u8>>>,
    /// With one subscriber alone, a call site first met by another test's thread would be taken for one
    /// nobody listens to.
    _second: tracing::Dispatch,
    _guard: tracing::subscriber::DefaultGuard,
}

impl Log {
    pub(super) fn listen() -> Self {
        let lines = Arc::<Mutex<Vec<u8>>>::default();
        let writer = Lines(Arc::clone(&lines));
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            // The digits of a time could be those of a value that must not be there.
            .without_time()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let _second = tracing::Dispatch::new(tracing_subscriber::registry());
        Self { lines, _second, _guard: tracing::subscriber::set_default(subscriber) }
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.lines.lock().unwrap().clone()).unwrap()
    }
}

#[derive(Clone)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
