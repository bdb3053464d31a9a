//! The coordinates of the charts. The template draws them.

use super::{Numbers, buckets};
use crate::{journey::Step, ledger::State};

/// The width of a chart, in SVG units.
pub const WIDTH: i64 = 640;
/// The height of a chart of days.
pub const HEIGHT: i64 = 180;
/// The height of a bar and the gap below it.
const ROW: i64 = 24;
/// The widths of the names left of the bars, and of the numbers right of the longest bar.
const NAMES: i64 = 150;
const COUNTS: i64 = 110;

/// A chart of horizontal bars.
pub struct Bars {
    /// The title.
    pub title: &'static str,
    /// The height.
    pub height: i64,
    /// The bars, from top to bottom.
    pub bars: Vec<Bar>,
}

/// A horizontal bar.
pub struct Bar {
    /// The name left of it.
    pub name: String,
    /// The number right of it.
    pub says: String,
    /// The upper edge.
    pub y: i64,
    /// The length. It begins at [`NAMES`].
    pub length: i64,
}

impl Bars {
    /// A bar for each of `rows`, as long as its number. With `whole`, each number has its share of it.
    fn new(title: &'static str, rows: Vec<(String, i64)>, whole: Option<i64>) -> Self {
        let longest = rows.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
        let bar = |(at, (name, count)): (usize, (String, i64))| Bar {
            name,
            says: match whole.filter(|whole| *whole > 0) {
                Some(whole) => format!("{count} ({}%)", count * 100 / whole),
                None => count.to_string(),
            },
            y: i64::try_from(at).unwrap_or(0) * ROW,
            length: count * (WIDTH - NAMES - COUNTS) / longest,
        };
        let bars: Vec<Bar> = rows.into_iter().enumerate().map(bar).collect();
        Self { title, height: i64::try_from(bars.len()).unwrap_or(0) * ROW, bars }
    }

    /// The charts of `numbers`, without those that have nothing to show.
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
        let took = buckets().zip(numbers.took).collect();
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

/// A day in the chart of days.
pub struct Column {
    /// The left edge.
    pub x: i64,
    /// The width.
    pub width: i64,
    /// The height of the journeys.
    pub journeys: i64,
    /// The height of the submissions, in the same column.
    pub submitted: i64,
    /// The text of the tooltip.
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
