//! When a call center answers the phone, in Texas (Central) time.

use jiff::civil::{Date, DateTime, Weekday};

/// The days of the week as settings name them, Monday first.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY: u16 = 24 * 60;

/// The hours of each day of the week, and the days on which nobody answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningHours {
    /// Monday first; `None` on a day without hours.
    days: [Option<Span>; 7],
    /// Closed all day.
    holidays: Vec<Holiday>,
}

/// From one minute of the day to another, the last not included: 0 is midnight, 1440 that of the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first minute.
    pub from: u16,
    /// The first minute after it.
    pub until: u16,
}

/// Days of the week in a row that have the same hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The first of the days.
    pub first: Weekday,
    /// The last of them, which may be the first.
    pub last: Weekday,
    /// Their hours.
    pub span: Span,
}

/// A day on which a call center is closed: of every year, or of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holiday {
    month: i8,
    day: i8,
    year: Option<i16>,
}

/// Whether a call center answers at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// It answers day and night.
    Always,
    /// It answers until this minute of the same day.
    OpenUntil(u16),
    /// It answers from this minute of this day on.
    OpensAt(Date, u16),
    /// No hours are known within a week.
    Closed,
}

impl Opening {
    /// Whether it answers now.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Always | Self::OpenUntil(_))
    }
}

impl OpeningHours {
    /// "mon-fri 8:00-18:00, sat 9:00-17:00": days, or runs of them, each with its hours from 0:00 to 24:00; a day named twice
    /// is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let mut days = [None; 7];
        for entry in text.split(',') {
            let (names, span) = entry.trim().split_once(char::is_whitespace)?;
            let (from, until) = span.trim().split_once('-')?;
            let span = Span { from: minute(from)?, until: minute(until)? };
            let (first, last) = names.split_once('-').unwrap_or((names, names));
            let named = days.get_mut(position(first)?..=position(last)?)?;
            if span.from >= span.until || named.is_empty() || named.iter().any(Option::is_some) {
                return None;
            }
            named.fill(Some(span));
        }
        Some(Self { days, holidays: Vec::new() })
    }

    /// The same hours, but closed on these days.
    #[must_use]
    pub fn closed_on(self, holidays: Vec<Holiday>) -> Self {
        Self { holidays, ..self }
    }

    /// Whether it is open every minute of the week.
    pub fn is_always(&self) -> bool {
        self.days.iter().all(|span| *span == Some(Span { from: 0, until: DAY }))
    }

    /// The hours of the week, days with the same hours together.
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut before = None;
        for (weekday, span) in Weekday::Monday.cycle_forward().zip(self.days) {
            match (span, runs.last_mut()) {
                (Some(span), Some(run)) if before == Some(span) => run.last = weekday,
                (Some(span), _) => runs.push(Run { first: weekday, last: weekday, span }),
                (None, _) => {}
            }
            before = span;
        }
        runs
    }

    /// Whether it is open at `now`, a time in Texas.
    pub fn at(&self, now: DateTime) -> Opening {
        if self.is_always() && self.holidays.is_empty() {
            return Opening::Always;
        }
        let minute = u16::from(now.hour().unsigned_abs()) * 60 + u16::from(now.minute().unsigned_abs());
        let mut day = now.date();
        for ahead in 0..8 {
            match self.on(day) {
                Some(span) if ahead > 0 || minute < span.from => return Opening::OpensAt(day, span.from),
                Some(span) if minute < span.until => return Opening::OpenUntil(span.until),
                Some(_) | None => {}
            }
            let Ok(tomorrow) = day.tomorrow() else { break };
            day = tomorrow;
        }
        Opening::Closed
    }

    fn on(&self, day: Date) -> Option<Span> {
        if self.holidays.iter().any(|holiday| holiday.is_on(day)) {
            return None;
        }
        let index = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
        self.days.get(index).copied().flatten()
    }
}

impl Holiday {
    /// "12-25", a day of every year, or "2026-11-26".
    pub fn parse(text: &str) -> Option<Self> {
        let of = |date: Date, year| Self { month: date.month(), day: date.day(), year };
        match text.len() {
            // A leap year, so that February 29 is a day.
            5 => format!("2028-{text}").parse().ok().map(|date| of(date, None)),
            _ => text.parse().ok().map(|date: Date| of(date, Some(date.year()))),
        }
    }

    fn is_on(self, day: Date) -> bool {
        (self.month, self.day) == (day.month(), day.day()) && self.year.is_none_or(|year| year == day.year())
    }
}

fn position(name: &str) -> Option<usize> {
    DAYS.iter().position(|day| day.eq_ignore_ascii_case(name.trim()))
}

/// The minute of the day at "8:00", at most "24:00".
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let (hour, minute): (u16, u16) = (number(hour)?, number(minute).filter(|_| minute.len() == 2)?);
    (hour <= 24 && minute < 60).then_some(hour * 60 + minute).filter(|minute| *minute <= DAY)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, datetime};

    use super::*;

    #[test]
    fn opening_hours_are_read_as_settings_write_them() {
        for text in [
            "mon-fri 8:00-18:00",
            "mon-sun 0:00-24:00",
            "Mon-Fri 08:00-18:30,sat 9:00-17:00",
            "sun 0:00-0:01",
        ] {
            assert!(OpeningHours::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "mon-fri",
            "8:00-18:00",
            "fri-mon 8:00-18:00",
            "mon 18:00-8:00",
            "mon 8:00-8:00",
            "mon 8-18",
            "mon 8:00-24:01",
            "mon 8:0-18:00",
            "mon 8:00-18:60",
            "mon 8:00-18:00, mon 19:00-20:00",
            "mon-tue 8:00-18:00, tue 9:00-10:00",
            "lun 8:00-18:00",
            "mon +8:00-18:00",
            "mon-fri 8:00-18:00,",
        ] {
            assert_eq!(OpeningHours::parse(text), None, "{text}");
        }
    }

    #[test]
    fn runs_have_days_of_same_hours_together() {
        let runs = |text| OpeningHours::parse(text).unwrap().runs();
        let run = |first, last, from, until| Run { first, last, span: Span { from, until } };
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Wednesday};
        assert_eq!(runs("mon-sun 0:00-24:00"), [run(Monday, Sunday, 0, 1440)]);
        assert_eq!(
            runs("mon-wed 8:00-18:00, fri 8:00-18:00, sat 9:00-17:00"),
            [
                run(Monday, Wednesday, 480, 1080),
                run(Friday, Friday, 480, 1080),
                run(Saturday, Saturday, 540, 1020)
            ]
        );
        assert_eq!(runs("thu-fri 8:00-18:00"), [run(Thursday, Friday, 480, 1080)]);
    }

    #[test]
    fn call_center_is_open_or_opens_next() {
        let holidays = ["12-25", "2026-11-26"].map(|day| Holiday::parse(day).unwrap());
        let hours =
            OpeningHours::parse("mon-fri 8:00-18:00, sat 9:00-17:30").unwrap().closed_on(holidays.to_vec());
        let november = |day| date(2026, 11, day);
        for (now, expected) in [
            (datetime(2026, 11, 30, 7, 59, 59, 0), Opening::OpensAt(november(30), 480)),
            (datetime(2026, 11, 30, 8, 0, 0, 0), Opening::OpenUntil(1080)),
            (datetime(2026, 11, 30, 17, 59, 59, 0), Opening::OpenUntil(1080)),
            (datetime(2026, 11, 30, 18, 0, 0, 0), Opening::OpensAt(date(2026, 12, 1), 480)),
            (datetime(2026, 11, 28, 17, 29, 0, 0), Opening::OpenUntil(1050)),
            (datetime(2026, 11, 28, 17, 30, 0, 0), Opening::OpensAt(november(30), 480)),
            (datetime(2026, 11, 29, 12, 0, 0, 0), Opening::OpensAt(november(30), 480)),
            // Thanksgiving of that year, and Christmas of any.
            (datetime(2026, 11, 26, 12, 0, 0, 0), Opening::OpensAt(november(27), 480)),
            (datetime(2027, 11, 26, 12, 0, 0, 0), Opening::OpenUntil(1080)),
            (datetime(2029, 12, 25, 12, 0, 0, 0), Opening::OpensAt(date(2029, 12, 26), 480)),
        ] {
            assert_eq!(hours.at(now), expected, "{now}");
        }
        let always = OpeningHours::parse("mon-sun 0:00-24:00").unwrap();
        assert_eq!(always.at(datetime(2026, 11, 29, 3, 0, 0, 0)), Opening::Always);
        // Open again on the same day of the next week at the latest.
        let sundays = OpeningHours::parse("sun 10:00-11:00").unwrap();
        assert_eq!(sundays.at(datetime(2026, 11, 29, 11, 0, 0, 0)), Opening::OpensAt(date(2026, 12, 6), 600));
    }

    #[test]
    fn holiday_is_a_day_of_every_year_or_of_one() {
        for text in ["12-25", "02-29", "2026-11-26"] {
            assert!(Holiday::parse(text).is_some(), "{text}");
        }
        for text in ["", "25-12", "12/25", "2026-02-29", "12-5", "Christmas"] {
            assert_eq!(Holiday::parse(text), None, "{text}");
        }
    }
}
