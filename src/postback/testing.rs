//! A receiver: a target on this machine that keeps the requests it receives and answers with given statuses.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use standardwebhooks::Webhook;

use super::{BodySettings, Call, Ending, Field, Key, Names, Target, Wants, message};
use crate::journey::ClickParams;

/// The secret it shares with the server.
pub fn secret() -> String {
    format!("whsec_{}", STANDARD.encode([5; 32]))
}

/// The built-in field of that name.
pub fn field(word: &str) -> Option<Field> {
    Field::parse(word, names(None).params)
}

/// The built-in names, and that token.
pub fn names(token: Option<&str>) -> Names<'_> {
    static BUILT_IN: LazyLock<ClickParams> = LazyLock::new(ClickParams::default);
    Names { params: &BUILT_IN, token }
}

/// A received request.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// Whether the signature is the one the published library makes for this id, time and content.
    pub fn is_signed(&self) -> bool {
        let content = if self.method == Method::GET { &self.query } else { &self.body };
        let (id, time) = (self.header(message::ID), self.header(message::TIMESTAMP));
        let library = Webhook::new(&secret()).unwrap();
        let expected = library.sign(id, time.parse().unwrap(), content.as_bytes()).unwrap();
        self.header(message::SIGNATURE) == expected
    }
}

/// The target.
#[derive(Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    says: Arc<Mutex<VecDeque<u16>>>,
    answer: Arc<Mutex<String>>,
}

impl Receiver {
    /// Answers with these statuses, one after the other, and then always 200.
    pub async fn open(says: impl IntoIterator<Item = u16>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let receiver = Self {
            address,
            received: Arc::default(),
            says: Arc::new(Mutex::new(says.into_iter().collect())),
            answer: Arc::default(),
        };
        let router = Router::new().fallback(hear).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    /// From now on it answers 200.
    pub fn recovers(&self) {
        self.says.lock().unwrap().clear();
    }

    /// From now on its answers have this body.
    pub fn answers(&self, body: &str) {
        body.clone_into(&mut self.answer.lock().unwrap());
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Waits until `count` have come.
    pub async fn receives(&self, count: usize) -> Vec<Received> {
        for _ in 0..1000 {
            if self.received().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let received = self.received();
        assert_eq!(received.len(), count);
        received
    }

    /// This receiver as a target that gets a JSON postback of each of `endings`.
    pub fn target(&self, name: &str, endings: &[Ending]) -> Target {
        Target {
            name: name.to_owned(),
            call: self.call("", &BodySettings::Fields(&Field::all().collect::<Vec<_>>())),
            wants: Wants { endings: endings.to_vec(), click: field("click_id"), ..Wants::default() },
            keys: vec![Key::parse(&secret()).unwrap()],
            credential: None,
            accept_if: Vec::new(),
            authorities: Vec::new(),
            loopback: true,
            proxy: None,
        }
    }

    /// A call of this receiver, with that query.
    pub fn call(&self, query: &str, body: &BodySettings<'_>) -> Call {
        let url = format!("http://{}/in{query}", self.address);
        Call::new(&url, true, body, &["x-own: {token}-{sub1}".to_owned()], names(Some("to-ken")))
            .ok()
            .unwrap()
    }
}

async fn hear(
    State(receiver): State<Receiver>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, String) {
    let text = |part: &str| part.to_owned();
    receiver.received.lock().unwrap().push(Received {
        method,
        path: text(uri.path()),
        query: text(uri.query().unwrap_or_default()),
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let status = receiver.says.lock().unwrap().pop_front().unwrap_or(200);
    let mut answer = HeaderMap::new();
    if (300..400).contains(&status) {
        answer.insert("location", format!("http://{}/elsewhere", receiver.address).parse().unwrap());
    }
    let body = receiver.answer.lock().unwrap().clone();
    (StatusCode::from_u16(status).unwrap(), answer, body)
}
