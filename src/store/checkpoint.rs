//! Moves what SQLite has in its write-ahead log into the database's file.
//!
//! Otherwise the write that fills the log does it for all, and its visitor waits for the disk. Here nobody waits:
//! it runs on a connection of its own, while others read and write. What was committed before a checkpoint survives a
//! power loss after it, and not only the end of the process.

use super::{Error, Store};

impl Store {
    /// Moves the write-ahead log into the file. PostgreSQL does so by itself.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Refused`].
    pub async fn checkpoint(&self) -> Result<(), Error> {
        if let Self::Sqlite { checkpointer, .. } = self {
            let mut connection = checkpointer.acquire().await?;
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut *connection).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sql;

    #[tokio::test]
    async fn checkpoint_moves_wal_into_database_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
        let store = Store::open(&at("one.db")).await.unwrap();
        store.migrate().await.unwrap();
        store.checkpoint().await.unwrap();
        sql!(store.writer().await.unwrap(),
            "INSERT INTO claims (journey, step, revision, taken_at) VALUES ('j', 'zip', 1, 0)" => execute)
        .unwrap();
        let in_the_file = async |copy: &str| -> i64 {
            std::fs::copy(folder.path().join("one.db"), folder.path().join(copy)).unwrap();
            let copy = Store::open(&at(copy)).await.unwrap();
            let (rows,): (i64,) =
                sql!(copy.reader().await.unwrap(), "SELECT COUNT(*) FROM claims" => fetch_one).unwrap();
            rows
        };
        assert_eq!(in_the_file("before.db").await, 0);
        store.checkpoint().await.unwrap();
        assert_eq!(in_the_file("after.db").await, 1);
    }
}
