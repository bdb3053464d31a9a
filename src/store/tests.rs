//! Opening a database, and what happens to writes that are canceled or must survive a power loss.

use std::time::Duration;

use sqlx::Connection as _;

use super::*;

#[tokio::test]
async fn migrate_run_twice_succeeds() {
    testing::on_each_database(async |store| {
        store.migrate().await.unwrap();
        store.take_a_write().await.unwrap();
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
    assert!(matches!(store.take_a_write().await, Err(Error::Unreachable(_))));
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
    assert!(matches!(written, Err(Error::ReadOnly(_))), "{written:?}");
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

/// A database in `folder`, and how many pages it has.
async fn measured(folder: &std::path::Path) -> (Store, i64) {
    let store = Store::open(&format!("sqlite://{}", folder.join("a.db").display())).await.unwrap();
    store.migrate().await.unwrap();
    let (pages,): (i64,) = sql!(store.writer().await.unwrap(), "PRAGMA page_count" => fetch_one).unwrap();
    (store, pages)
}

/// Limits the file, as a full disk would. A connection that is replaced has no limit.
async fn set_most_pages(store: &Store, pages: i64) {
    let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    let mut writer = store.writer().await.unwrap();
    let Backend::Sqlite(connection) = writer.backend() else { panic!("SQLite") };
    sqlx::query(limit).execute(connection).await.unwrap();
}

#[tokio::test]
async fn full_sqlite_takes_no_write_and_all_of_them_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let (store, pages) = measured(folder.path()).await;
    let insert = "INSERT INTO sessions (key, key_id, data, moved, version, started, seen, ends)
                  VALUES ($1, 'k', $2, FALSE, 1, 0, 0, 0)";
    let write = async |key: u8| {
        let data = vec![key; 30_000];
        let write = store
            .transaction(Durability::ProcessCrash, async |tx| sql!(tx, insert, &[key][..], &data => execute));
        write.await
    };
    for round in 0..3 {
        for _ in 0..3 {
            set_most_pages(&store, pages).await;
            let refused = write(round).await;
            assert!(matches!(refused, Err(Error::Full(_))), "{refused:?}");
        }
        // What a connection was left with after the refusal does not outlive the lack of room.
        set_most_pages(&store, 100_000).await;
        assert_eq!(write(round).await.unwrap(), 1);
        store.take_a_write().await.unwrap();
        let (now,): (i64,) = sql!(store.writer().await.unwrap(), "PRAGMA page_count" => fetch_one).unwrap();
        assert!(now > pages);
        sql!(store.writer().await.unwrap(), "DELETE FROM sessions" => execute).unwrap();
        sql!(store.writer().await.unwrap(), "VACUUM" => execute).unwrap();
    }
}

#[tokio::test]
async fn postgres_without_a_connection_left_is_no_database_that_is_away() {
    testing::on_each_database(async |store| {
        let Store::Postgres(pool) = &store else { return };
        let (schema,): (String,) =
            sqlx::query_as("SELECT current_schema()::TEXT").fetch_one(pool).await.unwrap();
        let run = async |sql: String| sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(pool).await.unwrap();
        run(format!("CREATE ROLE limited_{schema} LOGIN CONNECTION LIMIT 0")).await;
        let options = (*pool.connect_options()).clone().username(&format!("limited_{schema}"));
        // A pool would try again until its time is over.
        let refused = Error::from(sqlx::PgConnection::connect_with(&options).await.err().unwrap());
        assert!(matches!(refused, Error::TooManyConnections(_)), "{refused:?}");
        assert!(refused.to_string().contains("(code 53300)"), "{refused}");
        run(format!("DROP ROLE limited_{schema}")).await;
    })
    .await;
}

#[tokio::test]
async fn read_only_database_takes_no_write() {
    testing::on_each_database(async |store| {
        let Store::Postgres(pool) = &store else { return };
        store.take_a_write().await.unwrap();
        let url = pool.connect_options();
        let options = (*url).clone().options([("default_transaction_read_only", "on")]);
        let read_only = Store::Postgres(sqlx::PgPool::connect_with(options).await.unwrap());
        assert!(matches!(read_only.take_a_write().await, Err(Error::ReadOnly(_))));
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("a.db").display());
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    let copy =
        Store::open_to_read(&url, Pool { connections: 1, wait: Duration::from_secs(5) }).await.unwrap();
    assert!(matches!(copy.take_a_write().await, Err(Error::ReadOnly(_))));
    store.close().await;
}
