//! How long a request waits for NRG: whatever NRG does, the visitor is answered within `server.patience`.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use crate::journey::{CallKind, Step};

/// How long something waits for NRG.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// A request, until this moment.
    Until(Instant),
    /// A task, as long as its calls last.
    Endless,
}

impl Patience {
    /// From now on for `limit`.
    pub fn of(limit: Duration) -> Self {
        Self::Until(Instant::now() + limit)
    }

    /// What `future` returns; `None` if that takes longer than the patience lasts.
    pub async fn wait<T>(self, future: impl Future<Output = T>) -> Option<T> {
        match self {
            Self::Until(end) => timeout_at(end, future).await.ok(),
            Self::Endless => Some(future.await),
        }
    }

    /// Whether it is over.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Until(end) if end <= Instant::now())
    }
}

/// What the visitor waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaited {
    /// Whose page waits.
    pub step: Step,
    /// What for.
    pub kind: CallKind,
    /// When the call began.
    pub since: Timestamp,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    /// It has ended, and what came of it is in the journey.
    Ended,
    /// It is still under way.
    UnderWay(Awaited),
}
