//! What stands between the server and the sandbox: passes each call on, or answers it as a test says.
//!
//! One call a connection, over the bare socket, so that an answer can also break off or never come.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The reply to one call.
#[derive(Clone, Debug)]
pub enum Reply {
    /// So, and the sandbox is not asked.
    Answer { http: u16, kind: &'static str, body: String },
    /// As the sandbox answers, with these fields instead of its own.
    Changed(Value),
    /// Not at all: the connection is closed once the request is read.
    Cut,
    /// Not at all: the connection is reset before the request is read.
    Reset,
    /// By half: the answer breaks off.
    Half,
    /// So, but only after this long.
    Later(Duration, Box<Reply>),
}

/// One call and the reply to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    pub endpoint: String,
    /// 0 where none went back.
    pub http: u16,
    pub status_code: String,
    /// `messageCode`, else `errorCode`.
    pub code: String,
    /// The fields of the body that was sent; null for a GET.
    pub request: Value,
    /// The whole answer, where it was JSON.
    pub reply: Value,
}

type Rewrite = Arc<dyn Fn(&mut Value) + Send + Sync>;

#[derive(Default)]
struct State {
    once: BTreeMap<String, VecDeque<Reply>>,
    always: BTreeMap<String, Reply>,
    /// What each endpoint says to people where nobody has to stop.
    texts: BTreeMap<String, String>,
    /// What becomes of every answer in JSON.
    rewrite: Option<Rewrite>,
    /// The endpoints whose calls are not answered yet.
    held: BTreeSet<String>,
    begun: BTreeMap<String, usize>,
    answered: Vec<Exchange>,
}

/// The proxy before the sandbox.
#[derive(Clone)]
pub struct FaultProxy {
    pub address: SocketAddr,
    sandbox: SocketAddr,
    state: Arc<Mutex<State>>,
}

pub fn json(http: u16, body: &Value) -> Reply {
    Reply::Answer { http, kind: "application/json", body: body.to_string() }
}

pub fn html(http: u16) -> Reply {
    let body = "<html><head><title>Error</title></head><body>Sorry</body></html>".to_owned();
    Reply::Answer { http, kind: "text/html", body }
}

impl FaultProxy {
    pub async fn start(sandbox: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Self { address, sandbox, state: Arc::default() };
        let accepting = proxy.clone();
        tokio::spawn(async move {
            while let Ok((server, _)) = listener.accept().await {
                let proxy = accepting.clone();
                // A connection that breaks is what some tests are about.
                tokio::spawn(async move { proxy.serve(server).await.ok() });
            }
        });
        proxy
    }

    /// The next call of `endpoint` is answered so; calls after it as before.
    pub fn once(&self, endpoint: &str, reply: Reply) {
        self.state.lock().unwrap().once.entry(endpoint.to_owned()).or_default().push_back(reply);
    }

    /// Every call of `endpoint` is answered so.
    pub fn always(&self, endpoint: &str, reply: Reply) {
        self.state.lock().unwrap().always.insert(endpoint.to_owned(), reply);
    }

    /// Every answer of `endpoint` with `00` or `02` has this text for people, whatever else it says.
    pub fn advises(&self, endpoint: &str, text: &str) {
        self.state.lock().unwrap().texts.insert(endpoint.to_owned(), text.to_owned());
    }

    /// Every answer in JSON is changed so, whoever made it.
    pub fn rewrites(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.state.lock().unwrap().rewrite = Some(Arc::new(change));
    }

    /// No call of `endpoint` is answered until [`FaultProxy::release`].
    pub fn hold(&self, endpoint: &str) {
        self.state.lock().unwrap().held.insert(endpoint.to_owned());
    }

    /// Calls of `endpoint` are answered, those that were held first.
    pub fn release(&self, endpoint: &str) {
        self.state.lock().unwrap().held.remove(endpoint);
    }

    fn is_held(&self, endpoint: &str) -> bool {
        self.state.lock().unwrap().held.contains(endpoint)
    }

    /// Calls go to the sandbox again.
    pub fn pass_on(&self) {
        let mut state = self.state.lock().unwrap();
        state.once.clear();
        state.always.clear();
        state.held.clear();
    }

    /// Every call so far, oldest first.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.state.lock().unwrap().answered.clone()
    }

    /// How many calls `endpoint` got.
    pub fn count(&self, endpoint: &str) -> usize {
        self.state.lock().unwrap().answered.iter().filter(|call| call.endpoint == endpoint).count()
    }

    /// How many calls of `endpoint` came in, answered or not.
    pub fn begun(&self, endpoint: &str) -> usize {
        self.state.lock().unwrap().begun.get(endpoint).copied().unwrap_or_default()
    }

    /// Notes that a call of `endpoint` came in. Returns the reply meant for it alone.
    fn begin(&self, endpoint: &str) -> Option<Reply> {
        let mut state = self.state.lock().unwrap();
        *state.begun.entry(endpoint.to_owned()).or_default() += 1;
        state.once.get_mut(endpoint).and_then(VecDeque::pop_front)
    }

    fn always_says(&self, endpoint: &str) -> Option<Reply> {
        self.state.lock().unwrap().always.get(endpoint).cloned()
    }

    fn note(&self, endpoint: &str, request: &[u8], http: u16, body: &[u8]) {
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        let code = [text("messageCode"), text("errorCode")].into_iter().find(|code| !code.is_empty());
        let answered = Exchange {
            endpoint: endpoint.to_owned(),
            http,
            status_code: text("statusCode"),
            code: code.unwrap_or_default(),
            request: serde_json::from_slice(&parts(request).1).unwrap_or_default(),
            reply: json,
        };
        self.state.lock().unwrap().answered.push(answered);
    }

    async fn serve(&self, mut server: TcpStream) -> std::io::Result<()> {
        let endpoint = peek_endpoint(&server).await?;
        let once = self.begin(&endpoint);
        while self.is_held(&endpoint) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let says = once.or_else(|| self.always_says(&endpoint));
        if let Some(Reply::Reset) = says {
            self.note(&endpoint, b"", 0, b"");
            // What was never read makes the system answer with a reset.
            return Ok(());
        }
        let request = read_request(&mut server).await?;
        let says = match says {
            Some(Reply::Later(after, says)) => {
                if matches!(*says, Reply::Cut) {
                    self.note(&endpoint, &request, 0, b"");
                    tokio::time::sleep(after).await;
                    return Ok(());
                }
                tokio::time::sleep(after).await;
                Some(*says)
            }
            at_once => at_once,
        };
        let answer = match says {
            Some(Reply::Cut | Reply::Reset | Reply::Later(..)) => {
                self.note(&endpoint, &request, 0, b"");
                return Ok(());
            }
            Some(Reply::Half) => {
                self.note(&endpoint, &request, 0, b"");
                let half = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{\"statusCode\":\"00\",";
                server.write_all(half).await?;
                return server.shutdown().await;
            }
            Some(Reply::Answer { http, kind, body }) => answer(http, kind, body.as_bytes()),
            Some(Reply::Changed(fields)) => {
                let (http, body) = parts(&self.ask_sandbox(&request).await?);
                let mut json: Value = serde_json::from_slice(&body).unwrap_or_default();
                for (name, value) in fields.as_object().unwrap() {
                    json[name] = value.clone();
                }
                answer(http, "application/json", json.to_string().as_bytes())
            }
            None => self.ask_sandbox(&request).await?,
        };
        let answer = self.rewritten(self.with_text(&endpoint, answer));
        let (http, body) = parts(&answer);
        self.note(&endpoint, &request, http, &body);
        server.write_all(&answer).await?;
        server.shutdown().await
    }

    fn with_text(&self, endpoint: &str, answered: Vec<u8>) -> Vec<u8> {
        let Some(text) = self.state.lock().unwrap().texts.get(endpoint).cloned() else { return answered };
        let (http, body) = parts(&answered);
        let mut json: Value = serde_json::from_slice(&body).unwrap_or_default();
        if http != 200 || !["00", "02"].contains(&json["statusCode"].as_str().unwrap_or_default()) {
            return answered;
        }
        json["messageText"] = text.into();
        answer(http, "application/json", json.to_string().as_bytes())
    }

    fn rewritten(&self, answered: Vec<u8>) -> Vec<u8> {
        let Some(rewrite) = self.state.lock().unwrap().rewrite.clone() else { return answered };
        let (http, body) = parts(&answered);
        let Ok(mut json) = serde_json::from_slice(&body) else { return answered };
        rewrite(&mut json);
        answer(http, "application/json", json.to_string().as_bytes())
    }

    async fn ask_sandbox(&self, request: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut sandbox = TcpStream::connect(self.sandbox).await?;
        let line = 2 + find(request, b"\r\n").unwrap_or_default();
        sandbox.write_all(&request[..line]).await?;
        sandbox.write_all(b"connection: close\r\n").await?;
        sandbox.write_all(&request[line..]).await?;
        let mut answer = Vec::new();
        sandbox.read_to_end(&mut answer).await?;
        Ok(answer)
    }
}

fn answer(http: u16, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = match http {
        204 => String::new(),
        _ => format!("content-length: {}\r\n", body.len()),
    };
    let place = if http == 302 { "location: /elsewhere\r\n" } else { "" };
    let head =
        format!("HTTP/1.1 {http} Said\r\ncontent-type: {kind}\r\n{length}{place}connection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// HTTP status and body.
pub fn parts(answer: &[u8]) -> (u16, Vec<u8>) {
    let head = find(answer, b"\r\n\r\n").unwrap_or(answer.len());
    let status = String::from_utf8_lossy(&answer[..head]);
    let http = status.split(' ').nth(1).and_then(|http| http.parse().ok()).unwrap_or_default();
    (http, answer.get(head + 4..).unwrap_or_default().to_vec())
}

/// Where `what` begins in `bytes`.
pub fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The endpoint a request is for, looked at without taking it off the wire.
async fn peek_endpoint(server: &TcpStream) -> std::io::Result<String> {
    let mut bytes = vec![0; 8192];
    loop {
        let seen = server.peek(&mut bytes).await?;
        if seen == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(end) = find(&bytes[..seen], b"\r\n") {
            let line = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let path = line.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default();
            return Ok(path.trim_start_matches("/NRGREST/rest/sales/").to_owned());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// One request, head and body.
pub async fn read_request(server: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut request = Vec::new();
    let mut chunk = [0; 8192];
    loop {
        if let Some(head) = find(&request, b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or_default();
            if request.len() >= head + 4 + length {
                return Ok(request);
            }
        }
        let read = server.read(&mut chunk).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        request.extend_from_slice(&chunk[..read]);
    }
}
