//! What a collector of OpenTelemetry's spans is sent, and that nobody waits for one.
//!
//! Its messages are read as bytes: protobuf keeps text and names of spans as they are.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, routing::post};
use http::HeaderMap;

use crate::support::{Person, Walk, World, free_port};

/// Keeps what it is sent, if it gets the password.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<u8>>>);

impl Collector {
    /// Its address.
    async fn start(&self) -> String {
        let kept = Arc::clone(&self.0);
        let take = move |headers: HeaderMap, body: Bytes| async move {
            assert_eq!(headers["authorization"], "Bearer sample");
            kept.lock().unwrap().extend_from_slice(&body);
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        format!("http://{address}/v1/traces")
    }

    fn was_sent(&self, bytes: &[u8]) -> bool {
        self.0.lock().unwrap().windows(bytes.len()).any(|window| window == bytes)
    }
}

/// The bytes of a name in hexadecimal digits.
fn bytes(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn journey_is_exported_as_spans_without_personal_data() {
    let collector = Collector::default();
    let endpoint = collector.start().await;
    let world = World::with(&[
        ("ENROLL__TRACES__ENDPOINT", &endpoint),
        ("ENROLL__TRACES__AUTHORIZATION", "Bearer sample"),
    ])
    .await;
    let walk = Walk::new(world.browser(), Person::default());
    let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let fields = [("zip", "77999"), ("transaction", "MVI")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let other = world.browser();
    other.post_only("/", &fields, &[("sec-fetch-site", "same-origin"), ("traceparent", given)]).await;
    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/confirmation");
    let journey = world.journey(&walk.browser).await.unwrap();
    let calls = world.sandbox.calls();
    world.server.stop().await;

    for name in ["GET /plans", "POST /identity", "submission", "enroll", "nrg.outcome", "service.version"] {
        assert!(collector.was_sent(name.as_bytes()), "{name}");
    }
    // The trace context that NRG got is of a span that was sent, within a trace that was.
    assert!(calls.len() > 8);
    for call in calls {
        let context = call.traceparent.unwrap();
        let parts: Vec<&str> = context.split('-').collect();
        assert!(collector.was_sent(&bytes(parts[1])) && collector.was_sent(&bytes(parts[2])), "{context}");
    }
    // The span that a proxy in front began is the parent of ours.
    assert!(collector.was_sent(&bytes("00f067aa0ba902b7")));
    let record = journey.record.unwrap();
    let (tracking_id, guid) = (record.tracking_id.as_str(), record.guid.as_str());
    for secret in ["Jordan", "Sample", "900-45", "90045", "1985", "Example", "77999", tracking_id, guid] {
        assert!(!collector.was_sent(secret.as_bytes()), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unreachable_trace_collector_delays_nothing() {
    let endpoint = format!("http://{}/v1/traces", free_port());
    let world = World::with(&[("ENROLL__TRACES__ENDPOINT", &endpoint)]).await;
    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/confirmation");
    tokio::time::timeout(Duration::from_secs(20), world.server.stop()).await.unwrap();
}
