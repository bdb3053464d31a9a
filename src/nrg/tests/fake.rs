//! A server that answers what it is set to and remembers what it was asked.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, Response, StatusCode},
};
use tokio::net::TcpListener;
use url::Url;

use crate::{
    clock::Clock,
    config,
    entropy::Entropy,
    nrg::{Nrg, Settings},
};

/// One scripted answer.
#[derive(Clone)]
pub struct Scripted {
    pub http: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    pub after: Duration,
}

/// One request as it arrived.
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

pub struct Fake {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

pub fn json(http: u16, body: &str) -> Scripted {
    let headers = vec![("content-type", "application/json".to_owned())];
    Scripted { http, headers, body: body.to_owned(), after: Duration::ZERO }
}

pub fn html(http: u16) -> Scripted {
    let headers = vec![("content-type", "text/html".to_owned())];
    Scripted { http, headers, body: "<html><body>Sorry</body></html>".to_owned(), after: Duration::ZERO }
}

impl Fake {
    /// Answers with `script` in turn, and with its last entry from then on.
    pub async fn start(script: impl IntoIterator<Item = Scripted>) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Mutex::new(VecDeque::from_iter(script)));
        let seen = asked.clone();
        let app = Router::new().fallback(move |request: Request| {
            let (seen, script) = (seen.clone(), script.clone());
            async move {
                let (head, body) = request.into_parts();
                let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
                seen.lock().unwrap().push(Asked {
                    method: head.method.to_string(),
                    path: head.uri.path().to_owned(),
                    query: head.uri.query().unwrap_or_default().to_owned(),
                    headers: head.headers,
                    body,
                });
                let scripted = {
                    let mut script = script.lock().unwrap();
                    if script.len() > 1 { script.pop_front() } else { script.front().cloned() }
                };
                let scripted = scripted.unwrap();
                tokio::time::sleep(scripted.after).await;
                let mut response = Response::new(Body::from(scripted.body));
                *response.status_mut() = StatusCode::from_u16(scripted.http).unwrap();
                for (name, value) in scripted.headers {
                    response.headers_mut().append(name, value.parse().unwrap());
                }
                response
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, asked }
    }

    /// What was asked since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

pub fn settings(address: SocketAddr) -> Settings {
    Settings {
        base_url: Url::parse(&format!("http://{address}")).unwrap(),
        base_path: "/NRGREST/rest/sales/".into(),
        username: "partner".to_owned().into(),
        password: "pass:word".to_owned().into(),
        proxy: None,
        connect_timeout: Duration::from_secs(1),
        timeouts: config::testing::defaults().nrg.client.timeouts,
        gateway_cookie: false,
        max_reply_bytes: 10_000,
    }
}

pub fn client(settings: Settings) -> Nrg {
    Nrg::new(settings, Clock::system(), Entropy::new(|buffer| buffer.fill(0))).unwrap()
}
