//! PostgreSQL takes connections and answers nothing.

use std::time::{Duration, Instant};

use super::site::Site;
use crate::support::{Person, Walk, cluster::Cluster};

/// `store.connection_wait` of the site, and what else an answer takes on a busy machine; far less than
/// `server.request_timeout`.
const SOON: Duration = Duration::from_secs(2 + 8);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_and_readiness_answer_in_time_while_postgres_hangs() {
    let Some(cluster) = Cluster::start() else { return };
    let site = Site::new(&cluster.database().await, &[("STORE__CONNECTION_WAIT", "2s")]).await;
    let server = site.start(&[]).await;
    let walk = Walk::new(server.browser(), Person::default());
    let identity = walk.to_identity().await;

    cluster.freeze();
    for round in 0..2 {
        let began = Instant::now();
        let said = server.readiness().await.unwrap_err();
        assert!(
            began.elapsed() < SOON && said.contains("cannot be reached"),
            "{round}: {:?} {said}",
            began.elapsed()
        );
        let began = Instant::now();
        assert_eq!(walk.browser.get("/identity").await.status, 503);
        assert!(began.elapsed() < SOON, "{round}: a page after {:?}", began.elapsed());
        let began = Instant::now();
        assert_eq!(walk.identity(&identity).await.status, 503);
        assert!(began.elapsed() < SOON, "{round}: a form after {:?}", began.elapsed());
    }
    cluster.thaw();
    server.is_ready().await;
    walk.identity(&walk.browser.get("/identity").await).await.is_at("/start-date");
    server.stop().await;
}
