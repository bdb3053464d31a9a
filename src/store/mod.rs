//! The database: the connections, opened once, transactions, and the tables' migrations.
//!
//! SQLite for one server, PostgreSQL for several. The SQL text is the same for both: placeholders are `$1`, times are
//! BIGINT Unix milliseconds, and `sql!` runs a statement on either. The contents of a table are the business of its one
//! owner: `session`, `ledger`, `postback`, `funnel` or `rate_limit`.
//! Personal data is encrypted ([`KeyRing`]) before it comes here.

mod checkpoint;
mod clock_offset;
mod database;
mod durability;
mod encryption;
mod error;
mod keyed_hash;
mod migrations;
mod obstacles;
mod pooler;
mod postgres;
mod private_files;
mod sqlite_pool;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
mod time;
mod tx;

pub use database::{Pool, Store};
pub use durability::Durability;
pub use encryption::{KeyRing, KeyRingError, Sealed};
pub use error::Error;
pub(crate) use keyed_hash::keyed_hash;
pub use migrations::Schema;
pub use obstacles::{Obstacle, is_missing, unwritable};
pub use private_files::{create_folder, exposed_folder};
pub use sqlite_pool::{PooledConnection, SqlitePool};
pub(crate) use time::{millis, moment, span};
pub(crate) use tx::sql;
pub use tx::{Backend, Connection, Tx};
