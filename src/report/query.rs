//! Which report is wanted, and which cannot be had.

use jiff::{ToSpan, civil::Date};

use crate::funnel::By;

/// A report is divided by so much at once.
const MAX_BY: usize = 2;

/// Which report is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportQuery {
    /// The first day, in Texas.
    pub from: Date,
    /// The last day, in Texas; it is included.
    pub to: Date,
    /// What the report is divided by: nothing, or one or two.
    pub by: Vec<By>,
    /// Of journeys with this `sub1` only.
    pub sub1: Option<String>,
}

/// Why there is no such report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The last day is before the first.
    #[error("`to` ({to}) is before `from` ({from})")]
    Reversed {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
    /// A day has not begun yet.
    #[error("{day} has not begun yet: in Texas it is {today}")]
    Future {
        /// That day.
        day: Date,
        /// Today.
        today: Date,
    },
    /// There are too many days for a page.
    #[error("a page shows {0} days at most; `nrg-enroll report` has no such limit")]
    TooLong(i32),
    /// It is to be divided by too much.
    #[error("the report is divided `by` two at most, and not by the same twice")]
    By,
    /// There is no such parameter.
    #[error("there is no parameter `{0}`; the report has from, to, by and format")]
    Parameter(String),
    /// A parameter has a value that it cannot have.
    #[error("`{name}` cannot be `{value}`; it is {known}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it can be.
        known: String,
    },
}

impl ReportQuery {
    /// The query for these days. Without `to` it ends on the day `today`, without `from` it has thirty days.
    ///
    /// # Errors
    /// The days are in the wrong order or have not begun yet, or `by` has too many or the same twice.
    pub fn new(from: Option<Date>, to: Option<Date>, by: Vec<By>, today: Date) -> Result<Self, QueryError> {
        if let Some(day) = from.into_iter().chain(to).find(|day| *day > today) {
            return Err(QueryError::Future { day, today });
        }
        let to = to.unwrap_or(today);
        let from = from.unwrap_or_else(|| to.checked_sub(29.days()).unwrap_or(to));
        if from > to {
            return Err(QueryError::Reversed { from, to });
        }
        if by.len() > MAX_BY || matches!(by[..], [first, second] if first == second) {
            return Err(QueryError::By);
        }
        Ok(Self { from, to, by, sub1: None })
    }

    /// What it is divided by, as counts are selected by it.
    pub(super) fn pair(&self) -> [Option<By>; MAX_BY] {
        let mut by = self.by.iter().copied();
        [by.next(), by.next()]
    }

    /// The names of what it is divided by, with commas; blank where it is not.
    pub fn by_words(&self) -> String {
        self.by.iter().map(|by| by.word()).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_groups_of_a_report_are_checked() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let today = day("2030-06-18");
        for (from, to, expected) in [
            (None, None, Ok(("2030-05-20", "2030-06-18"))),
            (Some("2030-06-18"), None, Ok(("2030-06-18", "2030-06-18"))),
            (None, Some("2030-01-31"), Ok(("2030-01-02", "2030-01-31"))),
            (Some("2030-06-02"), Some("2030-06-01"), Err("`to` (2030-06-01) is before `from` (2030-06-02)")),
            (
                Some("2030-06-01"),
                Some("2030-06-19"),
                Err("2030-06-19 has not begun yet: in Texas it is 2030-06-18"),
            ),
            (Some("2030-06-19"), None, Err("2030-06-19 has not begun yet: in Texas it is 2030-06-18")),
        ] {
            let query = ReportQuery::new(from.map(day), to.map(day), Vec::new(), today);
            match (query, expected) {
                (Ok(query), Ok((from, to))) => assert_eq!((query.from, query.to), (day(from), day(to))),
                (Err(error), Err(message)) => assert_eq!(error.to_string(), message),
                (query, expected) => panic!("{query:?} is not {expected:?}"),
            }
        }
        let by = |by: &[By]| ReportQuery::new(None, None, by.to_vec(), today).map(|query| query.by_words());
        assert_eq!(by(&[By::Day, By::Sub1]), Ok("day,sub1".to_owned()));
        assert_eq!(by(&[By::Day, By::Day]), Err(QueryError::By));
        assert_eq!(by(&[By::Day, By::Sub1, By::Site]), Err(QueryError::By));
    }
}
