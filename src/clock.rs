//! The injected clock: the time is a value passed down from the command line or a test, so that everything can be run at
//! any moment and repeated exactly. Nothing else in the program reads the system clock.

use std::sync::Arc;

use jiff::{Timestamp, civil};

use crate::texas_time;

/// The source of the current time. A clone reads the same clock.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
    pub fn system() -> Self {
        Self::new(Timestamp::now)
    }

    /// A clock whose time is what `now()` returns, for tests that move the time.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }

    /// Today's date in Texas, where NRG's "today" is (contract 2.7).
    pub fn texas_today(&self) -> civil::Date {
        texas_time::day(self.now())
    }
}
