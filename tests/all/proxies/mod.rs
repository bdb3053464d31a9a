//! The recipes of `deploy/` for what stands in front of two servers: each runs as it is written, but for addresses, and a
//! visitor walks through it while the servers come and go. What has no program in Debian is read.

mod fake;
mod manifests;
pub mod proxy;

use std::{net::SocketAddr, time::Duration};

use nrg_enroll::{clock::Clock, entropy::Entropy, server::Server};
use tempfile::TempDir;

use self::{
    fake::Fake,
    proxy::{Front, Proxy},
};
use crate::support::{Person, Walk, database::Database, sandbox, settings};

/// The word in queries that no log may have.
const CODE: &str = "CANARYCODE";
/// How soon the page must be there once all servers are away.
const SOON: Duration = Duration::from_secs(15);

/// Two servers on one database.
struct Pair {
    servers: Vec<Server>,
    sandbox: nrg_enroll::sandbox::Sandbox,
    database: Database,
    _data: TempDir,
}

impl Pair {
    async fn start(front: &Front, unready_seconds: &str) -> Option<Self> {
        let database = Database::new().await?;
        let data = tempfile::tempdir().unwrap();
        let (nrg, sandbox) = sandbox(Clock::system(), "AFF-PROXY", "proxy", "proxy-password").await;
        let mut servers = Vec::new();
        for address in front.servers {
            let at = |port| SocketAddr::from((address, port)).to_string();
            let env = [
                ("ENROLL__SERVER__LISTEN", at(front.port)),
                ("ENROLL__SERVER__PRIVATE_LISTEN", at(front.private_port)),
                ("ENROLL__SERVER__PUBLIC_URL", front.base.clone()),
                ("ENROLL__SERVER__TRUSTED_PROXIES", "1".to_owned()),
                ("ENROLL__SERVER__UNREADY_SECONDS", unready_seconds.to_owned()),
                ("ENROLL__STORE__URL", database.url.clone()),
                ("ENROLL__NRG__USERNAME", "proxy".to_owned()),
                ("ENROLL__NRG__PASSWORD", "proxy-password".to_owned()),
                ("ENROLL__AFFILIATE__ID", "AFF-PROXY".to_owned()),
                ("ENROLL__AFFILIATE__LINK_HOSTS", "docs.nrg.test".to_owned()),
            ];
            let env: Vec<_> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let settings = settings(data.path(), &format!("http://{nrg}"), &env);
            servers.push(Server::start(&settings, Clock::system(), Entropy::system()).await.unwrap());
        }
        Some(Self { servers, sandbox, database, _data: data })
    }
}

/// The page that is shown while no server answers.
fn page() -> String {
    std::fs::read_to_string(proxy::deploy("away.html")).unwrap()
}

/// A journey through the proxy that `start` starts, during which one server stops, and then the other: each of them after it
/// has said on `/readyz` for so many seconds that it will.
async fn walk_through(start: impl AsyncFnOnce(&Front) -> Option<Proxy>, unready_seconds: &str) {
    let front = Front::new();
    let Some(mut proxy) = start(&front).await else { return };
    let Some(Pair { mut servers, sandbox, database, _data }) = Pair::start(&front, unready_seconds).await
    else {
        return;
    };
    proxy.is_ready(&front).await;
    let query = format!("/help?code={CODE}");

    let walk = Walk::new(front.browser(), Person::default());
    let identity = walk.to_identity().await;
    for _ in front.servers {
        assert_eq!(walk.browser.ask("GET", &query, &[]).await.status(), 200);
    }
    servers.remove(0).stop().await;
    // A GET and a POST more than there are servers: the one that is away is tried.
    for _ in 0..3 {
        assert_eq!(walk.browser.ask("GET", &query, &[]).await.status(), 200);
    }
    walk.identity(&identity).await.is_at("/start-date");
    let dates = walk.browser.get("/start-date").await;
    let review = walk.start_date(&dates).await;
    walk.review(&review).await.is_at("/confirmation");
    assert_eq!(sandbox.count("enroll"), 1);

    servers.remove(0).stop().await;
    for method in ["GET", "POST"] {
        let asked = walk.browser.ask(method, &query, &[]);
        let away = tokio::time::timeout(SOON, asked).await.expect("an answer in time");
        assert_eq!(away.status(), 503, "{method}");
        let header = |name| away.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        assert_eq!(header("retry-after").as_deref(), Some("30"), "{method}");
        assert_eq!(header("cache-control").as_deref(), Some("no-store"), "{method}");
        assert!(header("content-type").unwrap().starts_with("text/html"), "{method}");
        assert_eq!(away.text().await.unwrap(), page(), "{method}");
    }
    let log = proxy.stop();
    assert!(log.contains("/help") && log.contains("/identity"), "{log}");
    assert!(!log.contains(CODE), "{log}");
    database.drop().await;
}

/// A form that the server has taken and not answered, through the proxy that `start` starts. The proxy has connections to
/// the servers by then.
async fn break_off(start: impl AsyncFnOnce(&Front) -> Option<Proxy>) {
    let front = Front::new();
    let Some(mut proxy) = start(&front).await else { return };
    let fake = Fake::start(&front).await;
    proxy.is_ready(&front).await;
    for forms in 1..=4 {
        for _ in front.servers {
            // nginx takes two seconds to believe again in a server that broke a form off.
            front.is_served().await;
        }
        // On a connection that it has used before, HAProxy leaves it to the browser, and ends that without a word.
        let away = front.browser().ask("POST", "/review", &[("content-length", "0")]).await;
        // HAProxy leaves the status as it is.
        assert!([502, 503].contains(&away.status().as_u16()), "{}", away.status());
        assert_eq!(away.text().await.unwrap(), page());
        assert_eq!(fake.forms(), forms, "it was sent again");
    }
    let head = fake.head();
    let value = |name: &str| {
        let mut values = head.iter().filter_map(|line| line.strip_prefix(name)).map(str::trim);
        values.next_back().unwrap_or_else(|| panic!("no {name} in {head:?}")).to_owned()
    };
    // The last one counts, with server.trusted_proxies = 1: what the client sent is not believed.
    assert_eq!(value("x-forwarded-for:").rsplit(", ").next(), Some("127.0.0.1"));
    assert_eq!(value("x-forwarded-proto:"), "https");
    assert_eq!(value("host:").split(':').next(), Some("127.0.0.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn form_that_a_server_broke_off_is_not_sent_again_by_nginx() {
    break_off(Proxy::nginx).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn form_that_a_server_broke_off_is_not_sent_again_by_haproxy() {
    break_off(Proxy::haproxy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn form_that_a_server_broke_off_is_not_sent_again_by_caddy() {
    break_off(Proxy::caddy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn journey_through_nginx_goes_on_without_a_server_and_none_shows_page() {
    walk_through(Proxy::nginx, "0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn journey_through_haproxy_goes_on_without_a_server_and_none_shows_page() {
    walk_through(Proxy::haproxy, "0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn journey_through_caddy_goes_on_without_a_server_and_none_shows_page() {
    // At once, an older Caddy would not take the form to the other server, as the recipe says.
    walk_through(Proxy::caddy, "2").await;
}
