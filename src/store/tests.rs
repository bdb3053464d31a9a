//! Opening a database, and what happens to writes that are canceled or must survive a power loss.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn migrate_run_twice_succeeds() {
    testing::on_each_database(async |store| {
        store.migrate().await.unwrap();
        store.ping().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn canceled_transaction_takes_no_other_write_with_it() {
    testing::on_each_database(async |store| {
        // One row: two that take many rows in different orders would lock each other out.
        let update = "UPDATE claims SET taken_at = taken_at WHERE revision = 0";
        let write = async |store: &Store| {
            store.transaction(Durability::ProcessCrash, async |tx| sql!(tx, update => execute)).await
        };
        let count = async |store: &Store| -> i64 {
            let (rows,): (i64,) =
                sql!(store.reader().await.unwrap(), "SELECT COUNT(*) FROM claims" => fetch_one).unwrap();
            rows
        };
        for round in 0..150_u64 {
            // Somewhere between BEGIN and COMMIT.
            let _ = tokio::time::timeout(Duration::from_micros(round * 20), write(&store)).await;
            sql!(store.writer().await.unwrap(),
                "INSERT INTO claims (journey, step, revision, taken_at) VALUES ('j', 'zip', $1, 0)",
                round.cast_signed() => execute)
            .unwrap();
        }
        let mut cut = Vec::new();
        for _ in 0..12 {
            // Shows the state in which a connection was left.
            cut.push(write(&store));
        }
        for written in futures_util::future::join_all(cut).await {
            written.unwrap();
        }
        assert_eq!(count(&store).await, 150);
    })
    .await;
}

#[tokio::test]
async fn durable_transaction_waits_for_disk_and_others_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite://{}", folder.path().join("a.db").display())).await.unwrap();
    let level = "PRAGMA synchronous";
    let waits = async || -> i64 {
        let (level,): (i64,) = sql!(store.writer().await.unwrap(), level => fetch_one).unwrap();
        level
    };
    let careful = async || -> Result<i64, Error> {
        let (level,): (i64,) =
            store.transaction(Durability::PowerLoss, async |tx| sql!(tx, level => fetch_one)).await?;
        Ok(level)
    };
    let (normal, full) = (1, 2);
    assert_eq!(waits().await, normal);
    assert_eq!(careful().await.unwrap(), full);
    assert_eq!(waits().await, normal);
}

#[tokio::test]
async fn memory_database_serves_readers_and_writer() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap();
    let rows: (i64,) =
        sql!(store.reader().await.unwrap(), "SELECT COUNT(*) FROM sessions" => fetch_one).unwrap();
    assert_eq!(rows.0, 0);
}

#[tokio::test]
async fn open_creates_folder_and_file_and_close_ends_access() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a/b/new.db");
    let store = Store::open(&format!("sqlite://{}", file.display())).await.unwrap();
    store.migrate().await.unwrap();
    assert!(file.exists());
    store.close().await;
    assert!(matches!(store.ping().await, Err(Error::Unreachable(_))));
}

#[tokio::test]
async fn open_existing_with_missing_file_fails_and_creates_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.db");
    let pool = Pool { connections: 1, wait: Duration::from_secs(5) };
    assert!(Store::open_existing(&format!("sqlite://{}", file.display()), pool).await.is_err());
    assert!(!file.exists());
}

#[tokio::test]
async fn database_opened_to_read_is_read_and_refuses_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    let pool = Pool { connections: 1, wait: Duration::from_secs(5) };
    let server = Store::open(&url("one.db")).await.unwrap();
    server.migrate().await.unwrap();
    let insert = "INSERT INTO claims (journey, step, revision, taken_at) VALUES ('j', 'zip', 1, 0)";
    sql!(server.writer().await.unwrap(), insert => execute).unwrap();
    // Beside the running server, whose write is in its log still.
    let store = Store::open_to_read(&url("one.db"), pool).await.unwrap();
    let (rows,): (i64,) =
        sql!(store.reader().await.unwrap(), "SELECT COUNT(*) FROM claims" => fetch_one).unwrap();
    assert_eq!(rows, 1);
    let written = sql!(store.writer().await.unwrap(), "DELETE FROM claims" => execute);
    assert!(matches!(written, Err(Error::Refused(_))), "{written:?}");
    assert!(store.checkpoint().await.unwrap());
    store.close().await;
    server.close().await;
    assert!(Store::open_to_read(&url("none.db"), pool).await.is_err());
    assert!(!folder.path().join("none.db").exists());
}

#[tokio::test]
async fn database_url_of_unknown_scheme_is_refused() {
    for url in ["", "mysql://h/d", "data/file.db", "sqlite//x", "postgres"] {
        assert!(matches!(Store::open(url).await, Err(Error::Address)), "{url}");
    }
    let nobody = Store::open("postgres://nobody@127.0.0.1:1/none").await;
    assert!(matches!(nobody, Err(Error::Unreachable(_))));
}
