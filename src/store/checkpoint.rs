//! Moves what SQLite has in its write-ahead log into the database's file, and empties the log.
//!
//! Otherwise the write that fills the log moves it for all, and its visitor waits for the disk; and what was deleted
//! could be read in the log until it happens to be overwritten. What was committed before a checkpoint survives a power
//! loss after it, and not only the end of the process.

use super::{Error, Store};

impl Store {
    /// Moves the write-ahead log into the file while others read and write, and then empties it, which takes a moment
    /// in which nobody writes. Returns whether it is empty now: a read under way keeps what it needs of it, and the next
    /// checkpoint tries again. PostgreSQL does all this by itself.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Refused`].
    pub async fn checkpoint(&self) -> Result<bool, Error> {
        let Self::Sqlite { writer, checkpointer: Some(checkpointer), .. } = self else { return Ok(true) };
        let mut connection = checkpointer.acquire().await?;
        sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut *connection).await?;
        // In turn with the writes of this process: SQLite would only ask now and then whether one is under way, and
        // might never find a time without.
        let _turn = writer.acquire().await?;
        let (busy, _, _): (bool, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await?;
        Ok(!busy)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        path::Path,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        time::{Duration, Instant},
    };

    use super::*;
    use crate::{
        entropy::Entropy,
        store::{Durability, sql},
    };

    async fn store(folder: &Path) -> Store {
        let store = Store::open(&format!("sqlite://{}", folder.join("one.db").display())).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    /// A row of `sessions` with random data of so many bytes. Returns the data.
    async fn insert(store: &Store, key: u8, length: usize) -> Vec<u8> {
        let data: Vec<u8> = (0..length).flat_map(|_| Entropy::system().bytes::<1>()).collect();
        sql!(store.writer().await.unwrap(),
            "INSERT INTO sessions (key, key_id, data, moved, version, started, seen, ends)
             VALUES ($1, 'k', $2, FALSE, 1, 0, 0, 0)", &[key][..], &data => execute)
        .unwrap();
        data
    }

    async fn delete(store: &Store, key: u8) {
        sql!(store.writer().await.unwrap(), "DELETE FROM sessions WHERE key = $1", &[key][..] => execute)
            .unwrap();
    }

    /// Whether any file in `folder` holds a piece of `data`.
    fn found(folder: &Path, data: &[u8]) -> bool {
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files = files.map(|path| std::fs::read(path).unwrap());
        files.any(|file| {
            data.chunks_exact(16).any(|piece| file.windows(piece.len()).any(|window| window == piece))
        })
    }

    #[tokio::test]
    async fn checkpoint_moves_wal_into_database_file_and_empties_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let data = insert(&store, 1, 64).await;
        let in_file = |name: &str| {
            let bytes = std::fs::read(folder.path().join(name)).unwrap();
            bytes.windows(data.len()).any(|window| window == data)
        };
        assert_eq!([in_file("one.db"), in_file("one.db-wal")], [false, true]);
        assert!(store.checkpoint().await.unwrap());
        assert_eq!([in_file("one.db"), in_file("one.db-wal")], [true, false]);
        store.close().await;
    }

    #[tokio::test]
    async fn deleted_and_replaced_rows_are_in_no_file_after_checkpoint() {
        // A few bytes lie in the row's own page, some thousand in pages of their own as well.
        for length in [64, 700, 9000] {
            let folder = tempfile::tempdir().unwrap();
            let store = store(folder.path()).await;
            let kept = insert(&store, 1, length).await;
            let deleted = insert(&store, 2, length).await;
            let replaced = insert(&store, 3, length).await;
            store.checkpoint().await.unwrap();
            assert!(found(folder.path(), &deleted) && found(folder.path(), &replaced), "{length}");
            delete(&store, 2).await;
            let shorter = "UPDATE sessions SET data = x'00' WHERE key = $1";
            sql!(store.writer().await.unwrap(), shorter, &[3_u8][..] => execute).unwrap();
            assert!(store.checkpoint().await.unwrap());
            assert!(found(folder.path(), &kept), "{length}");
            assert!(!found(folder.path(), &deleted) && !found(folder.path(), &replaced), "{length}");
            store.close().await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn checkpoint_empties_wal_while_readers_and_writers_come_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let ended = Arc::new(AtomicBool::new(false));
        let mut clients = Vec::new();
        for client in 0..8_i64 {
            let (store, ended) = (store.clone(), Arc::clone(&ended));
            clients.push(tokio::spawn(async move {
                let mut slowest = Duration::ZERO;
                while !ended.load(Ordering::SeqCst) {
                    let begun = Instant::now();
                    let _: (i64,) =
                        sql!(store.reader().await.unwrap(), "SELECT COUNT(*) FROM sessions" => fetch_one)
                            .unwrap();
                    sql!(store.writer().await.unwrap(),
                        "INSERT INTO claims (journey, step, revision, taken_at) VALUES ('j', 'zip', $1, 0)
                         ON CONFLICT (journey, step, revision) DO UPDATE SET taken_at = claims.taken_at + 1",
                        client => execute)
                    .unwrap();
                    slowest = slowest.max(begun.elapsed());
                }
                slowest
            }));
        }
        for key in 0..10 {
            let data = insert(&store, key, 3000).await;
            delete(&store, key).await;
            let mut tries = 1;
            while !store.checkpoint().await.unwrap() {
                tries += 1;
            }
            assert!(tries <= 3, "{tries}");
            assert!(!found(folder.path(), &data));
        }
        ended.store(true, Ordering::SeqCst);
        for client in clients {
            let slowest = client.await.unwrap();
            assert!(slowest < Duration::from_secs(2), "{slowest:?}");
        }
        store.close().await;
    }

    #[tokio::test]
    async fn checkpoint_during_a_long_read_gives_up_soon_and_succeeds_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let data = insert(&store, 1, 3000).await;
        let mut reader = store.reader().await.unwrap();
        sql!(reader, "BEGIN" => execute).unwrap();
        let _: (i64,) = sql!(reader, "SELECT COUNT(*) FROM sessions" => fetch_one).unwrap();
        delete(&store, 1).await;
        let begun = Instant::now();
        assert!(!store.checkpoint().await.unwrap());
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        assert!(found(folder.path(), &data));
        sql!(reader, "COMMIT" => execute).unwrap();
        assert!(store.checkpoint().await.unwrap());
        assert!(!found(folder.path(), &data));
        drop(reader);
        store.close().await;
    }

    #[tokio::test]
    async fn close_empties_wal_while_another_process_has_the_database_open() {
        let folder = tempfile::tempdir().unwrap();
        let (server, command) = (store(folder.path()).await, store(folder.path()).await);
        let data = insert(&command, 1, 3000).await;
        let deleted = command
            .transaction(Durability::PowerLoss, async |tx| sql!(tx, "DELETE FROM sessions" => execute));
        deleted.await.unwrap();
        assert!(found(folder.path(), &data));
        command.close().await;
        assert!(!found(folder.path(), &data));
        server.close().await;
    }
}
