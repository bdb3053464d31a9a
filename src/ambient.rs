//! The two things a program cannot compute: the time and chance.
//!
//! Both are values handed down from `main` (or a test), so that everything above can be run at any
//! moment and repeated exactly. Nothing else in the house reads the system clock or the system's
//! random source.

use std::sync::Arc;

use jiff::{Timestamp, civil, tz::TimeZone};

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
    pub fn system() -> Self {
        Self::new(Timestamp::now)
    }

    /// A clock that answers with `now()`, for tests that move the time.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }

    /// Today's date in Texas, where NRG's "today" is (contract 2.7).
    pub fn texas_today(&self) -> civil::Date {
        texas_day(self.now())
    }
}

/// The calendar day in Texas (Central time) at `moment`.
pub fn texas_day(moment: Timestamp) -> civil::Date {
    // The time zone data is compiled in; UTC is only the answer of a build without it.
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    moment.to_zoned_datetime(zone).date()
}

/// When that day began in Texas.
pub fn texas_midnight(day: civil::Date) -> Timestamp {
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    // A day beyond what a timestamp holds is as good as never.
    day.to_zoned_datetime(zone).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// The moment at which the clocks of Texas show `time`; none beyond what a timestamp holds.
pub fn texas_moment(time: civil::DateTime) -> Option<Timestamp> {
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    zone.to_timestamp(time).ok()
}

/// What the clocks of Texas show at `moment`.
pub fn texas_time(moment: Timestamp) -> civil::DateTime {
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    moment.to_zoned_datetime(zone).datetime()
}

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// Fills buffers with random bytes.
#[derive(Clone)]
pub struct Entropy(Arc<Fill>);

impl Entropy {
    /// The operating system's cryptographic source.
    #[allow(clippy::disallowed_methods, reason = "the one place that draws random bytes")]
    pub fn system() -> Self {
        Self::new(|buffer| rand::fill(buffer))
    }

    /// A source that fills with `fill`, for tests that repeat.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// `N` fresh random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        (self.0)(&mut buffer);
        buffer
    }
}
