//! What a test of journeys needs: the sandbox NRG, the server, and a browser that keeps cookies.

pub mod balancer;
mod browser;
pub mod cluster;
pub mod database;
pub mod egress_proxy;
pub mod fault_proxy;
mod instructions;
pub mod log;
pub mod mailbox;
mod page;
pub mod process;
pub mod raw;
pub mod tls_front;
mod walk;

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use nrg_enroll::{
    clock::Clock,
    config::Settings,
    entropy::Entropy,
    journey::Journey,
    ledger::LedgerKey,
    sandbox::{self, Sandbox},
    server::Server,
    session::{KeyRing, SessionId, stored_journey},
};
use tempfile::TempDir;
use url::Url;

pub use browser::{Browser, Request, Seen};
use fault_proxy::FaultProxy;
pub use page::{Filled, Page};
pub use walk::{Person, Walk};

/// How long the sandbox takes where it is slow.
const SLOW: Duration = Duration::from_millis(1500);

/// Everything one test needs. Dropping it ends the server.
pub struct World {
    pub sandbox: Sandbox,
    pub server: Server,
    /// Where the server keeps its database.
    pub data: Arc<TempDir>,
    /// Where the sandbox listens.
    pub nrg: SocketAddr,
    /// The proxy between server and sandbox, in a world of [`World::with_fault_proxy`].
    pub fault_proxy: Option<FaultProxy>,
    time: Arc<Mutex<Timestamp>>,
    pub base: String,
}

impl World {
    /// The demo's settings, on free ports, on a Tuesday morning in Texas.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// The same, with environment variables.
    pub async fn with(env: &[(&str, &str)]) -> Self {
        Self::over(Arc::new(tempfile::tempdir().unwrap()), env).await
    }

    /// The same, with a proxy before the sandbox that can answer in its place.
    pub async fn with_fault_proxy(env: &[(&str, &str)]) -> Self {
        Self::slow(SLOW, env).await
    }

    /// The same, where whatever the sandbox answers slowly takes as long as `slow`.
    pub async fn slow(slow: Duration, env: &[(&str, &str)]) -> Self {
        let data = Arc::new(tempfile::tempdir().unwrap());
        Self::build(data, env, true, moment(), Entropy::system(), slow).await
    }

    /// The same, over data of before, at another moment and with randomness that repeats.
    pub async fn at(now: Timestamp, entropy: Entropy, data: Arc<TempDir>, env: &[(&str, &str)]) -> Self {
        Self::build(data, env, true, now, entropy, SLOW).await
    }

    /// The same, over data of before; the sandbox is another one.
    pub async fn over(data: Arc<TempDir>, env: &[(&str, &str)]) -> Self {
        Self::build(data, env, false, moment(), Entropy::system(), SLOW).await
    }

    async fn build(
        data: Arc<TempDir>,
        env: &[(&str, &str)],
        proxied: bool,
        now: Timestamp,
        entropy: Entropy,
        slow: Duration,
    ) -> Self {
        let time = Arc::new(Mutex::new(now));
        let clock = {
            let time = Arc::clone(&time);
            Clock::new(move || *time.lock().unwrap())
        };
        let (nrg, sandbox) = start_sandbox(clock.clone(), entropy.clone(), slow).await;
        let fault_proxy = if proxied { Some(FaultProxy::start(nrg).await) } else { None };
        let base_url = fault_proxy.as_ref().map_or(nrg, |proxy| proxy.address);
        let settings = settings(data.path(), &format!("http://{base_url}"), env);
        let server = Server::start(&settings, clock, entropy).await.unwrap();
        let base = format!("http://{}", server.address);
        Self { sandbox, server, data, nrg, fault_proxy, time, base }
    }

    /// A browser that has been nowhere.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }

    /// The proxy before the sandbox.
    #[track_caller]
    pub fn fault_proxy(&self) -> &FaultProxy {
        self.fault_proxy.as_ref().expect("a world with a fault proxy")
    }

    /// What the server remembers of `browser`, the ledger's row merged in; none where it has no session.
    pub async fn journey(&self, browser: &Browser) -> Option<Journey> {
        let app = &self.server.app;
        let cookies = browser.cookies();
        let (_, id) = cookies.get("cookie")?.to_str().unwrap().split_once("enroll=")?;
        let id = SessionId::from_cookie(id.split(';').next().unwrap())?;
        let mut journey = stored_journey(&app.sessions.peek(&id).await.unwrap()?)?;
        let record = journey.record.as_ref().filter(|_| journey.submitting);
        if let Some(tracking_id) = record.map(|record| record.tracking_id.clone()) {
            let row = app.ledger.find(tracking_id.as_str()).await.unwrap();
            let own = row.filter(|row| row.journey == journey.id);
            journey.submission = own.map(|row| row.submission(tracking_id));
        }
        Some(*journey)
    }

    /// The time that the clock of server and sandbox shows.
    pub fn time(&self) -> Arc<Mutex<Timestamp>> {
        Arc::clone(&self.time)
    }

    /// Moves the clock of server and sandbox.
    pub fn forward(&self, by: Duration) {
        *self.time.lock().unwrap() += by;
    }
}

/// The demo's settings on free ports, against the NRG at `nrg`.
pub fn settings(data: &Path, nrg: &str, env: &[(&str, &str)]) -> Settings {
    let mut all = vec![
        ("ENROLL__SERVER__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("ENROLL__SERVER__PRIVATE_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("ENROLL__NRG__CONNECT_TIMEOUT".to_owned(), "1s".to_owned()),
    ];
    // The keys of the fixtures are older than the rule that a key is random: no setting can bring them.
    let of_fixtures = |name: &str| ["ENROLL__SESSION__KEYS", "ENROLL__LEDGER__KEY"].contains(&name);
    let (keys, env): (Vec<_>, Vec<_>) = env.iter().copied().partition(|(name, _)| of_fixtures(name));
    all.extend(env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut settings = Settings::demo(data, &Url::parse(nrg).unwrap(), &Entropy::system(), all).unwrap();
    for (name, value) in keys {
        match name {
            "ENROLL__LEDGER__KEY" => settings.ledger.key = LedgerKey::parse(value).unwrap(),
            _ => settings.session.keys = KeyRing::parse(value.split(',')).unwrap(),
        }
    }
    settings
}

/// An address nobody listens on.
pub fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A Tuesday morning in Texas.
fn moment() -> Timestamp {
    "2030-06-18T15:00:00Z".parse().unwrap()
}

/// Where the documents of [`sandbox`] lie: settings that are not the demo's refuse its own host.
pub const DOCUMENTS_URL: &str = "https://docs.nrg.test/";

async fn start_sandbox(clock: Clock, entropy: Entropy, slow: Duration) -> (SocketAddr, Sandbox) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, demo_sandbox(listener, clock, entropy, slow))
}

/// The sandbox of the demo's settings, which answers at `listener`.
pub fn demo_sandbox(
    listener: tokio::net::TcpListener,
    clock: Clock,
    entropy: Entropy,
    slow: Duration,
) -> Sandbox {
    let (username, password) = ("sandbox-example".to_owned(), "sandbox-example".to_owned());
    let affiliate_id = "AFF-EXAMPLE".to_owned();
    let documents_url = sandbox::DOCUMENTS_URL.parse().unwrap();
    serve_sandbox(
        listener,
        sandbox::Settings { username, password, affiliate_id, documents_url, clock, entropy, slow },
    )
}

/// A sandbox that accepts this name and password.
pub async fn sandbox(clock: Clock, affiliate: &str, username: &str, password: &str) -> (SocketAddr, Sandbox) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = sandbox::Settings {
        username: username.to_owned(),
        password: password.to_owned(),
        affiliate_id: affiliate.to_owned(),
        documents_url: DOCUMENTS_URL.parse().unwrap(),
        clock,
        entropy: Entropy::system(),
        slow: SLOW,
    };
    (address, serve_sandbox(listener, settings))
}

fn serve_sandbox(listener: tokio::net::TcpListener, settings: sandbox::Settings) -> Sandbox {
    let sandbox = Sandbox::new(settings);
    let router = sandbox.router();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    sandbox
}
