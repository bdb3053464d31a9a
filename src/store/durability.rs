//! What a write survives.

/// What a committed transaction survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process. SQLite does not wait for the disk: a power loss may undo the last transactions.
    ProcessCrash,
    /// A power loss too: SQLite waits for the disk. For a row that says "sent", or else the request is sent twice.
    PowerLoss,
}
