//! PostgreSQL takes no writes for a while, as a standby does, or a server in maintenance.

use super::site::Site;
use crate::support::{Person, Walk, database::Database};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_only_postgres_makes_server_unready_until_it_takes_writes() {
    let Some(database) = Database::new().await else { return };
    let site = Site::new(&database.url, &[]).await;
    let server = site.start(&[]).await;
    let walk = Walk::new(server.browser(), Person::default());
    let identity = walk.to_identity().await;

    database.set("default_transaction_read_only = on").await;
    database.cut_connections().await;
    let said = server.is_unready().await;
    assert!(said.contains("the database is read-only (code 25006)"), "{said}");
    assert_eq!(walk.identity(&identity).await.status, 503);

    database.set("default_transaction_read_only = off").await;
    database.cut_connections().await;
    server.is_ready().await;
    walk.identity(&walk.browser.get("/identity").await).await.is_at("/start-date");
    server.stop().await;
    database.drop().await;
}
