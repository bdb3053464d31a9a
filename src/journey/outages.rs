//! Outages: times without new journeys, and brands without enrollments. The affiliate sets them, and can change them while
//! the server runs.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::fields::Brand;

/// All outages, current and planned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outages {
    /// The times at which no journey can begin.
    pub windows: Vec<Window>,
    /// The brands that accept no enrollments.
    pub brands: BTreeSet<Brand>,
}

/// A time span, without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// The outage that a person meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// No journey can begin, until this time if it is known.
    Site(Option<Timestamp>),
    /// The brand of the chosen plan accepts no enrollments.
    Brand(Brand),
}

impl Outages {
    /// The end of the outage at `now`, if there is one. Adjacent and overlapping windows count as one.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let mut until = None;
        let mut at = now;
        while let Some(end) = self.windows.iter().filter(|w| w.from <= at && at < w.to).map(|w| w.to).max() {
            until = Some(end);
            at = end;
        }
        until
    }

    /// Whether `brand` accepts no enrollments.
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
