//! A server of this release meets tables that a newer one has migrated.

use super::site::{PROGRAM, Site};
use crate::support::{Person, Walk, database::Database};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_is_rolled_back_on_newer_tables_that_still_fit() {
    let Some(database) = Database::new().await else { return };
    let site = Site::new(&database.url, &[]).await;
    let server = site.start(&[]).await;
    let walk = Walk::new(server.browser(), Person::default());
    let identity = walk.to_identity().await;
    server.stop().await;
    // A newer release has added something.
    database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9001, 'newer', TRUE, '', 0);
             ALTER TABLE sessions ADD COLUMN of_a_newer_release TEXT",
        )
        .await;
    let server = site.start(&[]).await;
    let walk = Walk { browser: walk.browser.at(&server.base), ..walk };
    walk.identity(&identity).await.is_at("/start-date");
    let said = site.run(PROGRAM.as_ref(), &["check"], &[]).succeeds();
    assert!(said.contains("A newer release has migrated the database (9001)"), "{said}");
    server.stop().await;
    // And then has taken away what this release needs.
    database.execute("UPDATE compatibility SET oldest = 9001").await;
    for command in ["serve", "check", "migrate"] {
        let said = site.run(PROGRAM.as_ref(), &[command], &[]).fails();
        assert!(said.contains("too new for this program") && said.contains("9001"), "{command}: {said}");
    }
    database.drop().await;
}
