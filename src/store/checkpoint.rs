//! Brings what SQLite has written ahead into its file.
//!
//! Whoever writes the thousandth page would else do it for all, and its visitor wait for the disk. Here nobody waits:
//! it goes on a connection of its own, and those who read and write go on meanwhile. What was written before it is
//! safe from a power cut after it, and not only from the death of the program.

use super::{Error, Store, acquired};

impl Store {
    /// Brings what is written ahead into the file. PostgreSQL does so by itself.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Refused`].
    pub async fn checkpoint(&self) -> Result<(), Error> {
        if let Self::Sqlite { checkpointer, .. } = self {
            acquired!(checkpointer, db => sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(db).await)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{on_reader, on_writer};

    #[tokio::test]
    async fn checkpoint_moves_wal_into_database_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
        let store = Store::open(&at("one.db")).await.unwrap();
        store.migrate().await.unwrap();
        store.checkpoint().await.unwrap();
        on_writer!(&store, db => sqlx::query(
            "INSERT INTO claims (journey, step, revision, taken_at) VALUES ('j', 'zip', 1, 0)")
            .execute(db).await.map(|_| ()))
        .unwrap();
        let in_the_file = async |copy: &str| -> i64 {
            std::fs::copy(folder.path().join("one.db"), folder.path().join(copy)).unwrap();
            let copy = Store::open(&at(copy)).await.unwrap();
            on_reader!(&copy, db => sqlx::query_scalar("SELECT COUNT(*) FROM claims").fetch_one(db).await)
                .unwrap()
        };
        assert_eq!(in_the_file("before.db").await, 0);
        store.checkpoint().await.unwrap();
        assert_eq!(in_the_file("after.db").await, 1);
    }
}
