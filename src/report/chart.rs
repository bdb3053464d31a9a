//! Where the bars of the charts stand: numbers in, coordinates out. The template draws them.

use super::{Numbers, text::buckets};
use crate::{journey::Step, ledger::State};

/// The width of a chart, in units of its own.
pub const WIDTH: i64 = 640;
/// The height of a chart of days.
pub const HEIGHT: i64 = 180;
/// The height of a bar with its gap.
const ROW: i64 = 24;
/// Where bars begin, right of their names; and the room for their numbers behind the longest.
const NAMES: i64 = 150;
const COUNTS: i64 = 110;

/// A chart of bars that lie.
pub struct Bars {
    /// What it shows.
    pub title: &'static str,
    /// Its height.
    pub height: i64,
    /// From above.
    pub bars: Vec<Bar>,
}

/// One of them.
pub struct Bar {
    /// What it stands for.
    pub name: String,
    /// What is written behind it.
    pub says: String,
    /// Its upper edge.
    pub y: i64,
    /// Its length, from [`NAMES`] on.
    pub length: i64,
}

impl Bars {
    /// A bar for each of `rows`, as long as its number; `of` gives the whole that shares are told of.
    fn new(title: &'static str, rows: Vec<(String, i64)>, of: Option<i64>) -> Self {
        let longest = rows.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
        let bar = |(at, (name, count)): (usize, (String, i64))| Bar {
            name,
            says: match of.filter(|whole| *whole > 0) {
                Some(whole) => format!("{count} ({}%)", count * 100 / whole),
                None => count.to_string(),
            },
            y: i64::try_from(at).unwrap_or(0) * ROW,
            length: count * (WIDTH - NAMES - COUNTS) / longest,
        };
        let bars: Vec<Bar> = rows.into_iter().enumerate().map(bar).collect();
        Self { title, height: i64::try_from(bars.len()).unwrap_or(0) * ROW, bars }
    }

    /// The charts of `numbers`; those with nothing to show are left out.
    pub fn of(numbers: &Numbers) -> Vec<Self> {
        let named = |step: &Step, count: &i64| (step.slug().to_owned(), *count);
        let steps = Step::ALL.iter().map(|step| named(step, &numbers.reached(*step))).collect();
        let mut endings = vec![
            ("abandoned".to_owned(), numbers.abandoned()),
            ("stopped before".to_owned(), numbers.stopped),
        ];
        endings.extend(State::ALL.iter().map(|state| (state.word().to_owned(), numbers.at(*state))));
        endings.retain(|(_, count)| *count > 0);
        let mut stops: Vec<_> =
            numbers.stops.iter().map(|(kind, count)| (kind.replace('_', " "), *count)).collect();
        stops.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let left = numbers.left.iter().map(|(step, count)| named(step, count)).collect();
        let took = buckets().into_iter().zip(numbers.took).collect();
        let (journeys, submitted) = (Some(numbers.journeys()), Some(numbers.took.iter().sum()));
        let mut charts = vec![
            Self::new("Journeys that reached a step", steps, journeys),
            Self::new(
                "How they ended: abandoned, stopped, or where the submission stands",
                endings,
                journeys,
            ),
            Self::new("Stops that were met, some of them left again", stops, journeys),
            Self::new("The last step before a journey was abandoned", left, journeys),
            Self::new("Minutes from the first answer to the submission", took, submitted),
        ];
        charts.retain(|chart| chart.bars.iter().any(|bar| bar.length > 0));
        charts
    }
}

/// A day in a chart of days.
pub struct Column {
    /// Its left edge.
    pub x: i64,
    /// Its width.
    pub width: i64,
    /// How high the journeys stand.
    pub journeys: i64,
    /// How high the submissions do, in the same column.
    pub submitted: i64,
    /// What is said about it.
    pub says: String,
}

/// A column for each of `days`.
pub fn columns(days: &[(String, Numbers)]) -> Vec<Column> {
    let count = i64::try_from(days.len()).unwrap_or(i64::MAX).max(1);
    let most = |numbers: &Numbers| numbers.journeys().max(numbers.submitted());
    let highest = days.iter().map(|(_, numbers)| most(numbers)).max().unwrap_or(0).max(1);
    let high = |count: i64| count * HEIGHT / highest;
    let column = |(at, (day, numbers)): (usize, &(String, Numbers))| {
        let x = i64::try_from(at).unwrap_or(0) * WIDTH / count;
        Column {
            x,
            width: (WIDTH / count - 1).clamp(1, 40),
            journeys: high(numbers.journeys()),
            submitted: high(numbers.submitted()),
            says: format!("{day}: {} journeys, {} submitted", numbers.journeys(), numbers.submitted()),
        }
    };
    days.iter().enumerate().map(column).collect()
}
