//! The days on which service can start.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use crate::clock::Clock;

/// How many days ahead the last date is.
const HORIZON_DAYS: i64 = 60;

/// What delays the first date.
#[derive(Clone, Copy, PartialEq)]
pub enum Delay {
    None,
    /// A move-in at a meter that is read by hand.
    Reading,
    /// A switch at a meter that is read by hand.
    ReadingOnSwitch,
    /// A switch hold, or a meter that is not known yet.
    Hold,
}

impl Delay {
    fn days(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Reading => 2,
            Self::Hold => 4,
            Self::ReadingOnSwitch => 7,
        }
    }
}

/// The dates from today as `MMddyyyy`, joined by `;`: without Sundays and holidays, without today after the cut-off time
/// (17:00 for smart meters, 14:00 for others), and without the days of the delay.
pub fn available_dates(clock: &Clock, smart: bool, delay: Delay) -> String {
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    let now = clock.now().to_zoned_datetime(zone);
    let after_cutoff = now.hour() >= if smart { 17 } else { 14 };
    let first = delay.days().max(i64::from(after_cutoff));
    let dates: Vec<String> = (first..=HORIZON_DAYS)
        .filter_map(|ahead| now.date().checked_add(ahead.days()).ok())
        .filter(|day| day.weekday() != Weekday::Sunday && !is_holiday(*day))
        .map(|day| day.strftime("%m%d%Y").to_string())
        .collect();
    dates.join(";")
}

/// The holidays on which no meter is connected.
fn is_holiday(day: Date) -> bool {
    let nth = day.day().saturating_sub(1) / 7 + 1;
    let last_of_may = day.day() + 7 > 31;
    match (day.month(), day.day(), day.weekday()) {
        (1, 1, _) | (7, 4, _) | (12, 25, _) => true,
        (5, _, Weekday::Monday) => last_of_may,
        (9, _, Weekday::Monday) => nth == 1,
        (11, _, Weekday::Thursday) => nth == 4,
        _ => false,
    }
}
