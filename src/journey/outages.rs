//! When no enrollment begins, and which brands take none: as the affiliate sets it, and as it can be changed while the
//! server runs.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::fields::Brand;

/// Everything that is switched off, now or at some time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outages {
    /// When no journey begins.
    pub windows: Vec<Window>,
    /// The brands that take no enrollments until they are switched on again.
    pub brands: BTreeSet<Brand>,
}

/// From one moment up to, and without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// Why somebody cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// No journey begins; until when, if that is known.
    Site(Option<Timestamp>),
    /// The brand of the chosen plan takes no enrollments.
    Brand(Brand),
}

impl Outages {
    /// When the window ends that is open at `now`. Windows that meet or overlap are one.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let mut until = None;
        let mut at = now;
        while let Some(end) = self.windows.iter().filter(|w| w.from <= at && at < w.to).map(|w| w.to).max() {
            until = Some(end);
            at = end;
        }
        until
    }

    /// Whether `brand` takes no enrollments.
    pub fn has(&self, brand: Brand) -> bool {
        self.brands.contains(&brand)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2030-06-18T{time}:00Z").parse().unwrap()
    }

    #[test]
    fn outage_until_spans_adjacent_and_overlapping_windows() {
        let window = |from, to| Window { from: at(from), to: at(to) };
        let windows = vec![
            window("05:00", "06:00"),
            window("01:00", "02:00"),
            window("02:00", "03:30"),
            window("03:00", "04:00"),
        ];
        let outages = Outages { windows, ..Outages::default() };
        for (now, until) in [
            ("00:59", None),
            ("01:00", Some("04:00")),
            ("02:00", Some("04:00")),
            ("03:59", Some("04:00")),
            ("04:00", None),
            ("05:30", Some("06:00")),
            ("06:00", None),
        ] {
            assert_eq!(outages.until(at(now)), until.map(at), "{now}");
        }
    }
}
