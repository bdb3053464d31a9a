//! What the controls of `templates/ui/` show: plain values, made by the steps, drawn there only.

use crate::fields::BirthDatePart;

/// A field with one control. Its name in the form is also the id of its control.
#[derive(Debug, Clone, Default)]
pub struct Field {
    /// Name and id.
    pub name: String,
    /// What was typed or chosen; always empty for a secret.
    pub value: String,
    /// What to mend, in the page's language.
    pub problem: Option<String>,
}

impl Field {
    /// A field as it stands.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>, problem: Option<String>) -> Self {
        Self { name: name.into(), value: value.into(), problem }
    }

    /// Whether `choice` is the chosen one.
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
    /// What to mend.
    pub problem: Option<String>,
    /// Which of the three the problem is about.
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
    /// What the person reads.
    pub label: String,
    /// One more sentence, or empty.
    pub hint: String,
}

impl Choice {
    /// An option without a hint.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new() }
    }

    /// The option with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// The offered dates of one month, week by week.
#[derive(Debug, Clone)]
pub struct DateMonth {
    /// "July 2030".
    pub heading: String,
    /// Shown at once; the others open on demand.
    pub open: bool,
    /// The dates, each with the value in the form.
    pub weeks: Vec<Vec<Choice>>,
}

/// The average prices of a plan, in cents per kWh with one decimal, drawn as three bars.
#[derive(Debug, Clone)]
pub struct PriceChart {
    /// The prices as written, at 500, 1,000 and 2,000 kWh a month.
    pub prices: [String; 3],
    /// The heights of the bars, 0 to 48.
    pub heights: [u32; 3],
}

impl PriceChart {
    /// The height of the highest bar.
    const TALLEST: f64 = 48.0;

    /// A chart of prices in tenths of a cent. Bars start at zero: the drawing does not exaggerate.
    #[must_use]
    pub fn new(tenths: [u32; 3]) -> Self {
        let most = f64::from(tenths.into_iter().max().unwrap_or(1).max(1));
        Self {
            prices: tenths.map(|price| format!("{}.{}", price / 10, price % 10)),
            // At most TALLEST, and never negative.
            heights: tenths.map(|price| (f64::from(price) / most * Self::TALLEST).round() as u32),
        }
    }

    /// The bars: left edge, top edge, height, price.
    pub fn bars(&self) -> impl Iterator<Item = (u32, u32, u32, &str)> {
        [4, 44, 84]
            .into_iter()
            .zip(self.heights)
            .zip(&self.prices)
            .map(|((x, height), price)| (x, 64 - height, height, price.as_str()))
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
