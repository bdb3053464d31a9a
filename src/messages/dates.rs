//! Dates and durations in the format of each language.

use std::time::Duration;

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
};

use super::{interpolate::interpolate, sections::Messages};
use crate::texas_time;

impl Messages {
    /// A day in full: "Friday, July 4, 2030", "viernes 4 de julio de 2030".
    #[must_use]
    pub fn date(&self, date: Date) -> String {
        interpolate(
            &self.dates.long,
            &[
                ("weekday", self.weekday(date.weekday())),
                ("month", self.month(date.month())),
                ("day", &date.day().to_string()),
                ("year", &date.year().to_string()),
            ],
        )
    }

    /// A day without its day of the week: "January 15, 1990", "15 de enero de 1990".
    #[must_use]
    pub fn date_without_weekday(&self, date: Date) -> String {
        let (day, year) = (date.day().to_string(), date.year().to_string());
        let values = [("month", self.month(date.month())), ("day", &day), ("year", &year)];
        interpolate(&self.dates.without_weekday, &values)
    }

    /// A time in Texas: "Thursday, July 4, 2030, 11:30 pm Central Time".
    #[must_use]
    pub fn moment(&self, moment: Timestamp) -> String {
        let time = texas_time::local_time(moment);
        let (hour, half) = self.twelve_hours(time.hour().unsigned_abs().into());
        let minute = format!("{:02}", time.minute());
        let clock = interpolate(
            &self.dates.clock,
            &[("hour", &hour.to_string()), ("minute", &minute), ("half", half)],
        );
        interpolate(&self.dates.moment, &[("date", &self.date(time.date())), ("time", &clock)])
    }

    /// An hour of the day from 0 to 23 as a clock with twelve hours shows it, and its half of the day.
    pub(super) fn twelve_hours(&self, hour: u16) -> (u16, &str) {
        ((hour + 11) % 12 + 1, if hour < 12 { &self.dates.am } else { &self.dates.pm })
    }

    /// A duration in words, rounded up: "1 minute", "45 minutes", "6 hours".
    #[must_use]
    pub fn wait(&self, wait: Duration) -> String {
        let minutes = wait.as_secs().div_ceil(60).max(1);
        match minutes {
            1 => self.error.wait_minute.clone(),
            2..=90 => interpolate(&self.error.wait_minutes, &[("count", &minutes.to_string())]),
            _ => interpolate(&self.error.wait_hours, &[("count", &minutes.div_ceil(60).to_string())]),
        }
    }

    /// The name of a day of the week.
    #[must_use]
    pub fn weekday(&self, weekday: Weekday) -> &str {
        match weekday {
            Weekday::Monday => &self.dates.monday,
            Weekday::Tuesday => &self.dates.tuesday,
            Weekday::Wednesday => &self.dates.wednesday,
            Weekday::Thursday => &self.dates.thursday,
            Weekday::Friday => &self.dates.friday,
            Weekday::Saturday => &self.dates.saturday,
            Weekday::Sunday => &self.dates.sunday,
        }
    }

    /// The name of a month from 1 to 12, as `jiff` gives it.
    #[must_use]
    pub fn month(&self, month: i8) -> &str {
        match month {
            1 => &self.dates.january,
            2 => &self.dates.february,
            3 => &self.dates.march,
            4 => &self.dates.april,
            5 => &self.dates.may,
            6 => &self.dates.june,
            7 => &self.dates.july,
            8 => &self.dates.august,
            9 => &self.dates.september,
            10 => &self.dates.october,
            11 => &self.dates.november,
            _ => &self.dates.december,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Catalogs;
    use crate::fields::Language;

    #[test]
    fn date_is_formatted_as_each_language_writes_it() {
        let texts = Catalogs::load().unwrap();
        let day = jiff::civil::date(2030, 7, 4);
        assert_eq!(texts.of(Language::English).date(day), "Thursday, July 4, 2030");
        assert_eq!(texts.of(Language::Spanish).date(day), "jueves 4 de julio de 2030");
    }

    #[test]
    fn moment_is_formatted_in_texas_time() {
        let texts = Catalogs::load().unwrap();
        for (moment, english, spanish) in [
            (
                "2030-07-05T04:30:59Z",
                "Thursday, July 4, 2030, 11:30 pm Central Time",
                "jueves 4 de julio de 2030, 11:30 p. m., hora del Centro",
            ),
            (
                "2030-01-05T06:05:00Z",
                "Saturday, January 5, 2030, 12:05 am Central Time",
                "sábado 5 de enero de 2030, 12:05 a. m., hora del Centro",
            ),
            (
                "2030-01-05T18:00:00Z",
                "Saturday, January 5, 2030, 12:00 pm Central Time",
                "sábado 5 de enero de 2030, 12:00 p. m., hora del Centro",
            ),
        ] {
            let moment = moment.parse().unwrap();
            assert_eq!(texts.of(Language::English).moment(moment), english);
            assert_eq!(texts.of(Language::Spanish).moment(moment), spanish);
        }
    }

    #[test]
    fn wait_is_formatted_in_words_and_rounded_up() {
        let texts = Catalogs::load().unwrap();
        for (seconds, english, spanish) in [
            (0, "1 minute", "1 minuto"),
            (60, "1 minute", "1 minuto"),
            (61, "2 minutes", "2 minutos"),
            (90 * 60, "90 minutes", "90 minutos"),
            (90 * 60 + 1, "2 hours", "2 horas"),
            (6 * 3600, "6 hours", "6 horas"),
        ] {
            let wait = std::time::Duration::from_secs(seconds);
            assert_eq!(texts.of(Language::English).wait(wait), english);
            assert_eq!(texts.of(Language::Spanish).wait(wait), spanish);
        }
    }
}
