//! The numbers of the charts. The template draws them: shapes that stretch with the page, and words beside them that do
//! not, so that they can be read on a phone.

use std::collections::BTreeMap;

use jiff::ToSpan;

use super::{Group, Numbers, ReportQuery, numbers::ranges, percent};
use crate::{funnel::MINUTES, journey::Step, ledger::State};

/// The width of a chart, in SVG units.
pub const WIDTH: i64 = 1000;
/// The height of a chart of days, in SVG units.
pub const HEIGHT: i64 = 1000;
/// The scale of a chart of days has so many steps at most.
const STEPS: i64 = 5;

/// A chart of horizontal bars.
pub struct Bars {
    /// The title.
    pub title: &'static str,
    /// The bars, from top to bottom.
    pub bars: Vec<Bar>,
}

/// A horizontal bar.
pub struct Bar {
    /// The name left of it.
    pub name: String,
    /// The number right of it.
    pub says: String,
    /// The length, of [`WIDTH`].
    pub length: i64,
}

impl Bars {
    /// A bar for each of `rows`, as long as its number, which has its share of `whole`.
    fn new(title: &'static str, rows: Vec<(String, i64)>, whole: i64) -> Self {
        let longest = rows.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
        let bar = |(name, count): (String, i64)| Bar {
            name,
            says: match percent(count, whole) {
                Some(percent) => format!("{count} ({percent}%)"),
                None => count.to_string(),
            },
            length: count * WIDTH / longest,
        };
        Self { title, bars: rows.into_iter().map(bar).collect() }
    }

    /// The charts of `numbers`, without those that have nothing to show.
    pub fn of(numbers: &Numbers) -> Vec<Self> {
        let named = |step: &Step, count: &i64| (step.slug().to_owned(), *count);
        let steps = Step::ALL.iter().map(|step| named(step, &numbers.reached(*step))).collect();
        let mut endings = vec![
            ("abandoned".to_owned(), numbers.abandoned()),
            ("stopped before".to_owned(), numbers.stopped_before),
        ];
        endings.extend(State::ALL.iter().map(|state| (state.word().to_owned(), numbers.at(*state))));
        endings.retain(|(_, count)| *count > 0);
        let mut stops: Vec<_> =
            numbers.stops.iter().map(|(kind, count)| (kind.replace('_', " "), *count)).collect();
        stops.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let left = numbers.left.iter().map(|(step, count)| named(step, count)).collect();
        let took = ranges(&MINUTES).zip(numbers.took).collect();
        let (journeys, submitted) = (numbers.whole(), numbers.took.iter().sum());
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

/// The chart of days.
pub struct Days {
    /// The numbers of its scale, from top to bottom: round ones, the last is 0.
    pub scale: Vec<Mark>,
    /// The days.
    pub columns: Vec<Column>,
    /// The days that are written below it: the first, the middle and the last.
    pub named: Vec<String>,
}

/// A line of the scale.
pub struct Mark {
    /// Its number.
    pub count: i64,
    /// How far down it is.
    pub y: i64,
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

impl Days {
    /// A column for each day of `query`, also of those without any number; `None` if no day has one.
    pub fn of(query: &ReportQuery, counted: Vec<Group>) -> Option<Self> {
        if counted.is_empty() {
            return None;
        }
        let counted: BTreeMap<String, Numbers> =
            counted.into_iter().map(|group| (group.names.concat(), group.numbers)).collect();
        let days: Vec<String> = query
            .from
            .series(1.day())
            .take_while(|day| *day <= query.to)
            .map(|day| day.to_string())
            .collect();
        let most = |numbers: &Numbers| numbers.journeys().max(numbers.submitted());
        let step = round_step(counted.values().map(most).max().unwrap_or(0));
        let steps = (counted.values().map(most).max().unwrap_or(0) + step - 1) / step;
        let steps = steps.max(1);
        let high = |count: i64| count * HEIGHT / (steps * step);
        let count = i64::try_from(days.len()).unwrap_or(i64::MAX).max(1);
        let none = Numbers::default();
        let column = |(at, day): (usize, &String)| {
            let numbers = counted.get(day).unwrap_or(&none);
            let (journeys, submitted) = (numbers.journeys(), numbers.submitted());
            let left = |at: i64| at * WIDTH / count;
            let at = i64::try_from(at).unwrap_or(0);
            let gap = i64::from(count < 100) * 2;
            Column {
                x: left(at),
                width: (left(at + 1) - left(at) - gap).clamp(1, 80),
                journeys: high(journeys),
                submitted: high(submitted),
                says: format!("{day}: {journeys} journeys, {submitted} submitted"),
            }
        };
        let columns = days.iter().enumerate().map(column).collect();
        let scale =
            (0..=steps).rev().map(|at| Mark { count: at * step, y: HEIGHT - high(at * step) }).collect();
        let mut named: Vec<String> = [0, days.len() / 2, days.len().saturating_sub(1)]
            .iter()
            .filter_map(|at| days.get(*at).cloned())
            .collect();
        named.dedup();
        Some(Self { scale, columns, named })
    }
}

/// The distance between two lines of a scale up to `highest`: 1, 2 or 5, or ten times as much and so on.
fn round_step(highest: i64) -> i64 {
    let tens = std::iter::successors(Some(1_i64), |ten| ten.checked_mul(10));
    let mut steps = tens.flat_map(|ten| [1, 2, 5].map(|digit| ten.saturating_mul(digit)));
    steps.find(|step| step.saturating_mul(STEPS) >= highest).unwrap_or(highest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_has_round_numbers_and_reaches_the_highest_day() {
        let query = ReportQuery {
            from: "2030-06-01".parse().unwrap(),
            to: "2030-06-03".parse().unwrap(),
            by: Vec::new(),
            sub1: None,
        };
        for (highest, scale) in [
            (0, vec![1, 0]),
            (1, vec![1, 0]),
            (4, vec![4, 3, 2, 1, 0]),
            (7, vec![8, 6, 4, 2, 0]),
            (23, vec![25, 20, 15, 10, 5, 0]),
            (101, vec![150, 100, 50, 0]),
            (4321, vec![5000, 4000, 3000, 2000, 1000, 0]),
        ] {
            let numbers = Numbers { steps: [(Step::Zip, highest)].into(), ..Numbers::default() };
            let day = Group { names: vec!["2030-06-02".to_owned()], numbers };
            let days = Days::of(&query, vec![day]).unwrap();
            assert_eq!(days.scale.iter().map(|mark| mark.count).collect::<Vec<_>>(), scale, "{highest}");
            assert_eq!((days.scale[0].y, days.scale.last().unwrap().y), (0, HEIGHT));
            assert_eq!(days.columns.len(), 3);
            assert_eq!(days.columns[1].journeys, highest * HEIGHT / scale[0]);
            assert_eq!(days.named, ["2030-06-01", "2030-06-02", "2030-06-03"]);
        }
        assert!(Days::of(&query, Vec::new()).is_none());
    }
}
