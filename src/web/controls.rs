//! The values of the controls that `templates/ui/` draws.

use crate::fields::BirthDatePart;

/// A field with one control. Its name in the form is also the id of its control.
#[derive(Debug, Clone, Default)]
pub struct Field {
    /// Name and id.
    pub name: String,
    /// What was typed or chosen; always empty for a secret.
    pub value: String,
    /// The error message, in the page's language.
    pub problem: Option<String>,
}

impl Field {
    /// A field with its value and its error message.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>, problem: Option<String>) -> Self {
        Self { name: name.into(), value: value.into(), problem }
    }

    /// Whether `choice` is chosen.
    #[must_use]
    pub fn is(&self, choice: &str) -> bool {
        self.value == choice
    }

    /// The ids that describe the control, for `aria-describedby`.
    #[must_use]
    pub fn described_by(&self, hint: &str) -> String {
        described_by(&self.name, hint, self.problem.is_some())
    }
}

/// The three fields of a birth date. Their names are `<name>_month`, `<name>_day`, `<name>_year`.
#[derive(Debug, Clone)]
pub struct DateField {
    /// The name of the group.
    pub name: String,
    /// As typed: a number or a month's name.
    pub month: String,
    /// As typed.
    pub day: String,
    /// As typed.
    pub year: String,
    /// The error message.
    pub problem: Option<String>,
    /// Which of the three fields has the error.
    pub wrong: BirthDatePart,
}

impl DateField {
    /// Whether the month is marked as wrong.
    #[must_use]
    pub fn marks_month(&self) -> bool {
        self.marks(BirthDatePart::Month)
    }

    /// Whether the day is marked as wrong.
    #[must_use]
    pub fn marks_day(&self) -> bool {
        self.marks(BirthDatePart::Day)
    }

    /// Whether the year is marked as wrong.
    #[must_use]
    pub fn marks_year(&self) -> bool {
        self.marks(BirthDatePart::Year)
    }

    fn marks(&self, part: BirthDatePart) -> bool {
        self.problem.is_some() && (self.wrong == part || self.wrong == BirthDatePart::Whole)
    }

    /// The id of the control that the error summary leads to.
    #[must_use]
    pub fn first(&self) -> String {
        let part = match self.wrong {
            BirthDatePart::Whole | BirthDatePart::Month => "month",
            BirthDatePart::Day => "day",
            BirthDatePart::Year => "year",
        };
        format!("{}_{part}", self.name)
    }

    /// The ids that describe the group.
    #[must_use]
    pub fn described_by(&self, hint: &str) -> String {
        described_by(&self.name, hint, self.problem.is_some())
    }
}

/// One option of radios or a select.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The value in the form.
    pub value: String,
    /// Its label.
    pub label: String,
    /// A further sentence, or empty.
    pub hint: String,
    /// The language of the label, if it is not the page's.
    pub lang: &'static str,
}

impl Choice {
    /// An option without a hint.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new(), lang: "" }
    }

    /// The option with a label in the language `lang`, if that is not the page's.
    #[must_use]
    pub fn lang(mut self, lang: &'static str) -> Self {
        self.lang = lang;
        self
    }

    /// The option with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// A month of a calendar, week by week from Sunday on.
#[derive(Debug, Clone)]
pub struct Month {
    /// `2030-07`.
    pub id: String,
    /// "July 2030".
    pub heading: String,
    /// Whether it is shown expanded.
    pub open: bool,
    /// The days; `None` outside of the month.
    pub weeks: Vec<Vec<Option<MonthDay>>>,
}

/// A day of a calendar.
#[derive(Debug, Clone)]
pub struct MonthDay {
    /// From 1.
    pub number: i8,
    /// The value in the form.
    pub value: String,
    /// The full date, if it can be chosen.
    pub label: Option<String>,
    /// Whether it is the first day of all that can be chosen.
    pub first: bool,
}

/// The headings of a calendar: the days of the week, short and in full.
pub type Weekdays<'a> = [(String, &'a str); 7];

/// The average prices of a plan in cents per kWh, drawn as three bars.
#[derive(Debug, Clone)]
pub struct PriceChart {
    /// The prices with one decimal, at 500, 1,000 and 2,000 kWh a month.
    pub prices: [String; 3],
    /// The heights of the bars, 0 to 26.
    pub heights: [u32; 3],
    /// The monthly usage whose bar is highlighted, in kWh.
    marked: Option<u32>,
}

/// A bar of a [`PriceChart`], with its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Bar<'a> {
    pub x: u32,
    pub y: u32,
    pub height: u32,
    pub price: &'a str,
    /// The monthly usage, as written.
    pub kwh: &'static str,
    /// Whether it is highlighted.
    pub counts: bool,
}

impl PriceChart {
    /// The height of the highest bar.
    const TALLEST: f64 = 26.0;

    /// A chart of prices in tenths of a cent, with the one at `marked` kWh highlighted, or all of them. The bars start at
    /// zero, so that their heights are proportional.
    #[must_use]
    pub fn new(tenths: [u32; 3], marked: Option<u32>) -> Self {
        let most = f64::from(tenths.into_iter().max().unwrap_or(1).max(1));
        Self {
            prices: tenths.map(|price| format!("{}.{}", price / 10, price % 10)),
            // At most TALLEST and never negative, so that the cast is exact.
            heights: tenths.map(|price| (f64::from(price) / most * Self::TALLEST).round() as u32),
            marked,
        }
    }

    /// The bars, from the left.
    pub fn bars(&self) -> impl Iterator<Item = Bar<'_>> {
        let places = [(8, 500, "500"), (88, 1000, "1,000"), (168, 2000, "2,000")];
        places.into_iter().zip(self.heights).zip(&self.prices).map(|(((x, use_of, kwh), height), price)| {
            Bar { x, y: 44 - height, height, price, kwh, counts: self.marked.is_none_or(|kwh| kwh == use_of) }
        })
    }
}

fn described_by(name: &str, hint: &str, problem: bool) -> String {
    match (hint.is_empty(), problem) {
        (true, false) => String::new(),
        (false, false) => format!("{name}-hint"),
        (true, true) => format!("{name}-problem"),
        (false, true) => format!("{name}-hint {name}-problem"),
    }
}

#[cfg(test)]
mod tests;
