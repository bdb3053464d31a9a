//! An NRG that counts the requests to `enroll`, record by record, and disturbs them. Everything else, and
//! the processing itself, is the sandbox's.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use nrg_enroll::{
    clock::Clock,
    entropy::Entropy,
    sandbox::{self, Sandbox},
};
use serde_json::Value;
use tokio::{net::TcpSocket, runtime::Runtime, time::sleep};

/// What becomes of a request to `enroll`, once it was read and counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mood {
    /// Processed after a while, and answered.
    Answer(Duration),
    /// Not processed, not answered: the connection is closed.
    Cut,
    /// Processed, and the answer breaks off.
    Half,
    /// Processed, and answered with a page of HTML.
    Garble,
    /// Processed, and answered with 500.
    Fail,
    /// Processed, and never answered.
    Hang,
}

type Moods = dyn Fn() -> Mood + Send + Sync;

#[derive(Clone)]
struct Shared {
    counts: Arc<Mutex<BTreeMap<String, usize>>>,
    moods: Arc<Mutex<Box<Moods>>>,
}

pub struct Fake {
    pub sandbox: Sandbox,
    pub address: SocketAddr,
    shared: Shared,
    running: Mutex<Option<Runtime>>,
    /// Bound and never listening: while nothing runs, connections are refused and the port stays ours.
    _place: TcpSocket,
}

pub const USERNAME: &str = "partner";
pub const PASSWORD: &str = "of the proof";
pub const AFFILIATE: &str = "AFF-PROOF";

impl Fake {
    pub fn start() -> Self {
        let sandbox = Sandbox::new(sandbox::Settings {
            username: USERNAME.to_owned(),
            password: PASSWORD.to_owned(),
            affiliate_id: AFFILIATE.to_owned(),
            documents_url: crate::support::DOCUMENTS_URL.parse().unwrap(),
            clock: Clock::system(),
            entropy: Entropy::system(),
            slow: Duration::from_millis(600),
        });
        let place = socket("127.0.0.1:0".parse().unwrap());
        let shared = Shared {
            counts: Arc::default(),
            moods: Arc::new(Mutex::new(Box::new(|| Mood::Answer(Duration::ZERO)))),
        };
        let address = place.local_addr().unwrap();
        let fake = Self { sandbox, address, shared, running: Mutex::new(None), _place: place };
        fake.start_again();
        fake
    }

    /// From now on requests are treated as `moods` draws.
    pub fn moods(&self, moods: impl Fn() -> Mood + Send + Sync + 'static) {
        *self.shared.moods.lock().unwrap() = Box::new(moods);
    }

    pub fn mood(&self, mood: Mood) {
        self.moods(move || mood);
    }

    /// How often `enroll` was asked for each record.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        self.shared.counts.lock().unwrap().clone()
    }

    /// How often `enroll` was asked in all.
    pub fn count(&self) -> usize {
        self.counts().values().sum()
    }

    /// Kills it: connections break, new ones are refused. What it knows of its records stays.
    pub fn stop(&self) {
        if let Some(runtime) = self.running.lock().unwrap().take() {
            runtime.shutdown_background();
        }
    }

    pub fn start_again(&self) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.unwrap();
        let router = self.sandbox.router().layer(from_fn_with_state(self.shared.clone(), enroll));
        let address = self.address;
        let (listens, received) = std::sync::mpsc::channel();
        runtime.spawn(async move {
            let listener = socket(address).listen(1024).unwrap();
            listens.send(()).unwrap();
            axum::serve(listener, Router::new().merge(router)).await.unwrap();
        });
        received.recv().unwrap();
        *self.running.lock().unwrap() = Some(runtime);
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stop();
    }
}

fn socket(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

async fn enroll(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    if !request.uri().path().ends_with("/enroll") {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 16).await.unwrap();
    let read: Value = serde_json::from_slice(&body).unwrap();
    let record = read["trackingId"].as_str().unwrap().to_owned();
    *shared.counts.lock().unwrap().entry(record).or_default() += 1;
    let mood = (shared.moods.lock().unwrap())();
    if mood == Mood::Cut {
        return broken("");
    }
    let request = Request::from_parts(parts, Body::from(body));
    // As at NRG, a caller that hangs up does not stop the processing.
    let processing = tokio::spawn(async move {
        if let Mood::Answer(after) = mood {
            sleep(after).await;
        }
        next.run(request).await
    });
    let answer = processing.await.unwrap();
    match mood {
        Mood::Answer(_) => answer,
        Mood::Half => broken("{\"statusCode\":\"00\","),
        Mood::Garble => "<html><body>Welcome</body></html>".into_response(),
        Mood::Fail => (StatusCode::INTERNAL_SERVER_ERROR, "{\"statusCode\":\"01\"}").into_response(),
        Mood::Cut | Mood::Hang => std::future::pending().await,
    }
}

/// An answer that ends before its length.
fn broken(beginning: &'static str) -> Response {
    let parts = [Ok(beginning), Err(std::io::Error::other("cut"))];
    let body = Body::from_stream(futures_util::stream::iter(parts));
    let mut response = Response::new(body);
    response.headers_mut().insert("content-length", "900".parse().unwrap());
    response
}
