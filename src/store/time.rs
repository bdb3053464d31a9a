//! Moments and lengths of time as columns hold them.

use std::time::Duration;

use jiff::Timestamp;

/// The column value of a moment: unix milliseconds.
pub(crate) fn millis(moment: Timestamp) -> i64 {
    moment.as_millisecond()
}

/// The moment of a column value. A value out of jiff's range (a damaged row) counts as 1970.
pub(crate) fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

/// A length of time in milliseconds; one too long to express counts as forever.
pub(crate) fn span(duration: Duration) -> i64 {
    // Half the range, so that a moment plus a span never overflows.
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).min(i64::MAX / 2)
}
