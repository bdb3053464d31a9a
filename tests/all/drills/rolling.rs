//! Two servers behind nginx are restarted, one after the other, while visitors post.

use std::{net::SocketAddr, path::Path, time::Duration};

use super::{
    load::{Figures, Load},
    site::{PROGRAM, Server, Site},
};
use crate::{
    proxies::proxy::{Front, Proxy},
    support::{cluster::Cluster, database::Database},
};

/// Two servers on one database behind a proxy, as its recipe in `deploy/` has it.
pub struct Pair {
    pub site: Site,
    pub front: Front,
    servers: [Option<Server>; 2],
    _proxy: Proxy,
}

impl Pair {
    /// Servers of this program behind the proxy that `proxy` starts.
    pub async fn start(
        program: &Path,
        store: &str,
        proxy: impl AsyncFnOnce(&Front) -> Option<Proxy>,
    ) -> Option<Self> {
        let front = Front::new();
        let mut proxy = proxy(&front).await?;
        let more = [
            ("SERVER__PUBLIC_URL", front.base.as_str()),
            ("SERVER__TRUSTED_PROXIES", "1"),
            // Longer than a proxy needs to notice.
            ("SERVER__UNREADY_SECONDS", "3"),
        ];
        let site = Site::new(store, &more).await;
        let one = start(&site, &front, program, 0).await;
        let two = start(&site, &front, program, 1).await;
        proxy.is_ready(&front).await;
        Some(Self { site, front, servers: [Some(one), Some(two)], _proxy: proxy })
    }

    /// Stops the server with this number, and starts `program` in its place once it has ended.
    pub async fn replace(&mut self, nth: usize, program: &Path) {
        let Self { site, front, servers, .. } = self;
        // Two seconds until nginx, which cannot ask /readyz, believes in a server again.
        tokio::time::sleep(Duration::from_millis(2500)).await;
        if let Some(server) = servers[nth].take() {
            server.stop().await;
        }
        servers[nth].insert(start(site, front, program, nth).await).is_ready().await;
    }

    pub async fn stop(self) {
        for server in self.servers.into_iter().flatten() {
            server.stop().await;
        }
    }
}

async fn start(site: &Site, front: &Front, program: &Path, nth: usize) -> Server {
    let at = |port| SocketAddr::from((front.servers[nth], port)).to_string();
    let (public, private) = (at(front.port), at(front.private_port));
    site.start_of(program, &[("SERVER__LISTEN", &public), ("SERVER__PRIVATE_LISTEN", &private)]).await
}

async fn roll(store: &str, visitors: usize, rounds: usize) -> Option<Figures> {
    let mut pair = Pair::start(PROGRAM.as_ref(), store, Proxy::nginx).await?;
    let load = Load::start(&pair.front, visitors);
    for round in 0..rounds {
        pair.replace(round % 2, PROGRAM.as_ref()).await;
    }
    let figures = load.end().await;
    println!(
        "{rounds} restarts behind nginx, {visitors} visitors: {} posts, {} journeys, failed: {:?}",
        figures.posts, figures.journeys, figures.failed
    );
    assert_eq!(pair.site.sandbox.count("enroll"), figures.journeys, "each is submitted once");
    pair.stop().await;
    Some(figures)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rolling_restart_behind_nginx_fails_no_form() {
    let Some(database) = Database::new().await else { return };
    if let Some(figures) = roll(&database.url, 8, 2).await {
        assert!(figures.posts > 100 && figures.journeys > 0, "no load");
        assert!(figures.failed.is_empty(), "{:?}", figures.failed);
    }
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: cargo drills"]
async fn rolling_restarts_behind_nginx_at_length_fail_no_form() {
    let cluster = Cluster::start().expect("the drill needs PostgreSQL");
    let figures = roll(&cluster.database().await, 64, 20).await.expect("the drill needs nginx");
    assert!(figures.failed.is_empty(), "{:?}", figures.failed);
}
