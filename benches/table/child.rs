//! The server under load, as a process of its own: the real server, and beside it in the same process a bare
//! axum that says hello, so that both stand on the same runtime and core. Beside the hello are some that say it after
//! one row was read or written through the same driver, or the visitor's journey was loaded: bounds of what any page
//! with a session can reach.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::Html,
    routing::get,
};
use nrg_enroll::{
    clock::Clock,
    config::Settings,
    entropy::Entropy,
    fields::Language,
    server::Server,
    session::{Arrival, Found, JourneySession, new_journey},
    store::{SqlitePool, Store},
    web::{compression::compress, state::SharedState},
};
use tempfile::TempDir;
use url::Url;

/// About as long as the page of a step, and of the same kind.
const PAGE: &str = include_str!("../../templates/layout.html");

/// The word that makes the bench the server.
pub const SERVE: &str = "serve-for-the-bench";

/// Runs until it is killed. Says its addresses on the first line.
pub fn serve(data: &str, nrg: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let env = [
            ("ENROLL__SERVER__LISTEN", "127.0.0.1:0"),
            ("ENROLL__SERVER__PRIVATE_LISTEN", "127.0.0.1:0"),
            ("ENROLL__LOG__LEVEL", "error"),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let own = std::env::vars().filter(|(name, _)| name.starts_with("ENROLL__"));
        let env: Vec<_> = env.into_iter().chain(own).collect();
        let nrg = Url::parse(nrg).unwrap();
        let settings = Settings::demo(Path::new(data), &nrg, &Entropy::system(), env).unwrap();
        nrg_enroll::logging::start(&settings.log);
        let server = Server::start(&settings, Clock::system(), Entropy::system()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hello = listener.local_addr().unwrap();
        println!("{} {} {hello}", server.address, server.private_address);
        std::io::stdout().flush().unwrap();
        let compression = middleware::from_fn(async |request, next: Next| {
            compress(request, async |request| next.run(request).await).await
        });
        let mut router = Router::new()
            .route("/hello", get(|| async { "hello" }))
            .route("/page", get(|| async { Html(PAGE) }).layer(compression))
            .route("/load", get(load).with_state(server.app.clone()));
        if let Store::Sqlite { readers, writer, .. } = Store::open(&settings.store.url).await.unwrap() {
            router = router
                .route("/read", get(read).with_state(readers))
                .route("/write", get(write).with_state(writer.clone()))
                .route("/load-and-write", get(load_and_write).with_state((server.app.clone(), writer)));
        }
        axum::serve(listener, router).await.unwrap();
    });
}

async fn read(State(readers): State<SqlitePool>) -> &'static str {
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT data FROM sessions LIMIT 1")
        .fetch_one(&mut *readers.acquire().await.unwrap())
        .await
        .unwrap();
    if sealed.is_empty() { "nothing" } else { "hello" }
}

async fn write(State(writer): State<SqlitePool>) -> &'static str {
    let change = "UPDATE sessions SET version = version WHERE key = (SELECT key FROM sessions LIMIT 1)";
    sqlx::query(change).execute(&mut *writer.acquire().await.unwrap()).await.unwrap();
    "hello"
}

async fn load_and_write(
    State((app, writer)): State<(SharedState, SqlitePool)>,
    headers: HeaderMap,
) -> (StatusCode, &'static str) {
    let loaded = load(State(app), headers).await;
    write(State(writer)).await;
    loaded
}

async fn load(State(app): State<SharedState>, headers: HeaderMap) -> (StatusCode, &'static str) {
    let start = || new_journey(&app.sites.main().site, &app.entropy, app.clock.now(), Language::English);
    let site = &app.sites.main().site.name;
    let arrival = Arrival { cookie: app.cookie, headers: &headers, site, again: false, client: None };
    let found = JourneySession::load(&app.sessions, arrival, start).await.unwrap();
    let loaded = matches!(found, Found::Session(session) if session.has_session());
    let status = if loaded { StatusCode::OK } else { StatusCode::NOT_FOUND };
    (status, "hello")
}

/// A running child.
pub struct Served {
    process: Child,
    pub address: SocketAddr,
    pub hello: SocketAddr,
    pub data: TempDir,
}

impl Served {
    /// Starts a server on the first core, over fresh data.
    pub fn start(nrg: SocketAddr, env: &[(&str, &str)]) -> Self {
        Self::over(tempfile::tempdir().unwrap(), nrg, env)
    }

    pub fn over(data: TempDir, nrg: SocketAddr, env: &[(&str, &str)]) -> Self {
        let own = std::env::current_exe().unwrap();
        let mut process = Command::new("taskset")
            .args(["-c", "0"])
            .arg(own)
            .arg(SERVE)
            .arg(data.path())
            .arg(format!("http://{nrg}"))
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("taskset, of util-linux, keeps the server on one core");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut addresses = line.split_whitespace().map(|address| address.parse().unwrap());
        let (address, _private, hello) =
            (addresses.next().unwrap(), addresses.next(), addresses.next().unwrap());
        Self { process, address, hello, data }
    }

    /// Resident memory, MiB.
    pub fn resident(&self) -> f64 {
        resident(self.process.id())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Resident memory of a process, MiB.
pub fn resident(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib / 1024.0
}
