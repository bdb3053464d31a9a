//! A rate, and what follows from it for the tries that were counted. Pure.
//!
//! The window is kept as twelve slices: a try counts from its moment until the window after the end of its slice. So
//! no try is forgotten too early, and a count has at most thirteen rows.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::store::{millis, span};

const SLICES: i64 = 12;

/// So many tries in such a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    tries: u32,
    window: Duration,
}

/// A slice of a window: when it began, and when what was counted in it is forgotten, in unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) began: i64,
    pub(super) ends: i64,
}

impl Rate {
    /// One try in an hour: its longest wait is a window and a slice of it.
    pub(super) const HOURLY: Self = Self { tries: 1, window: Duration::from_secs(55 * 60) };

    /// How many tries.
    pub(super) fn tries(self) -> i64 {
        i64::from(self.tries)
    }

    /// Whether whoever keeps to `other` keeps to this one as well.
    pub fn is_beyond(self, other: Self) -> bool {
        self.tries >= other.tries && self.window <= other.window
    }

    /// Reads `5 per 6h`; `0` is no limit (`Some(None)`). Anything else is `None`.
    pub fn parse(text: &str) -> Option<Option<Self>> {
        if text.trim() == "0" {
            return Some(None);
        }
        let (tries, window) = text.split_once(" per ")?;
        let tries = tries.trim().parse().ok().filter(|tries| *tries > 0)?;
        let window = Duration::try_from(window.trim().parse::<SignedDuration>().ok()?).ok()?;
        // Slices of whole milliseconds, and a window that can be counted.
        let sensible = Duration::from_secs(1)..=Duration::from_secs(366 * 24 * 3600);
        sensible.contains(&window).then_some(Some(Self { tries, window }))
    }

    pub(super) fn window_millis(self) -> i64 {
        span(self.window)
    }

    fn slice_millis(self) -> i64 {
        self.window_millis().div_euclid(SLICES).max(1)
    }

    /// The slice of this moment.
    pub(super) fn slice(self, now: Timestamp) -> Slice {
        let (now, length) = (millis(now), self.slice_millis());
        let began = now - now.rem_euclid(length);
        Slice { began, ends: began + length + self.window_millis() }
    }

    /// How long to wait after these `tries`, which are among `counted` (when each count ends, and of how many tries, in
    /// order of time), if they exceed the limit: until as many fit.
    pub(super) fn wait(self, now: Timestamp, tries: i64, counted: &[(i64, i64)]) -> Option<Duration> {
        let mut left: i64 = counted.iter().map(|(_, tries)| tries).sum();
        if left <= i64::from(self.tries) {
            return None;
        }
        let mut until = millis(now);
        for (ends, ended) in counted {
            if left + tries <= i64::from(self.tries) {
                break;
            }
            left -= ended;
            until = *ends;
        }
        Some(Duration::from_millis(u64::try_from(until - millis(now)).unwrap_or(0).max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_is_parsed_from_tries_per_window_or_refused() {
        let rate = |tries, seconds| Some(Some(Rate { tries, window: Duration::from_secs(seconds) }));
        for (text, read) in [
            ("5 per 6h", rate(5, 6 * 3600)),
            ("60 per 10m", rate(60, 600)),
            (" 1 per 1h 30m ", rate(1, 5400)),
            ("0", Some(None)),
            ("0 per 1h", None),
            ("5 per 0s", None),
            ("5 per 6", None),
            ("-1 per 1h", None),
            ("5", None),
            ("", None),
            ("5 per 999999h", None),
        ] {
            assert_eq!(Rate::parse(text), read, "{text:?}");
        }
    }
}
