//! The hours of a call center in words, and whether it is open now.

use jiff::civil::{Date, Weekday};

use super::{interpolate::interpolate, sections::Messages};
use crate::journey::{Opening, OpeningHours, Run, Span};

impl Messages {
    /// The hours of the week: "Monday to Friday 8 am to 6 pm, Saturday 9 am to 5 pm".
    #[must_use]
    pub fn opening_hours(&self, hours: &OpeningHours) -> String {
        if hours.is_always() {
            return self.hours.always.clone();
        }
        hours.runs().into_iter().map(|run| self.run(run)).collect::<Vec<_>>().join(", ")
    }

    fn run(&self, Run { first, last, span: Span { from, until } }: Run) -> String {
        let text = match (first, last) {
            (Weekday::Monday, Weekday::Sunday) => &self.hours.daily,
            _ if first == last => &self.hours.one_day,
            _ => &self.hours.days,
        };
        let values = [
            ("first", self.weekday(first)),
            ("last", self.weekday(last)),
            ("from", &self.time_of_day(from)),
            ("until", &self.time_of_day(until)),
        ];
        interpolate(text, &values)
    }

    /// "Open until 6 pm", "Opens at 8 am", "Opens Monday at 8 am".
    #[must_use]
    pub fn opening(&self, opening: Opening, today: Date) -> String {
        let t = &self.hours;
        match opening {
            Opening::Always => t.open.clone(),
            Opening::OpenUntil(minute) => interpolate(&t.open_until, &[("time", &self.time_of_day(minute))]),
            Opening::OpensAt(day, minute) if day == today => {
                interpolate(&t.opens_today, &[("time", &self.time_of_day(minute))])
            }
            Opening::OpensAt(day, minute) => interpolate(
                &t.opens_on,
                &[("day", self.weekday(day.weekday())), ("time", &self.time_of_day(minute))],
            ),
            Opening::Closed => t.closed.clone(),
        }
    }

    /// A minute of the day: "8 am", "5:30 pm", "midnight".
    fn time_of_day(&self, minute: u16) -> String {
        let (hour, minute) = (minute / 60 % 24, minute % 60);
        if (hour, minute) == (0, 0) {
            return self.hours.midnight.clone();
        }
        let (hour, half) = self.twelve_hours(hour);
        let clock = if minute == 0 { hour.to_string() } else { format!("{hour}:{minute:02}") };
        let text = if hour == 1 { &self.hours.one_o_clock } else { &self.hours.o_clock };
        interpolate(text, &[("clock", &clock), ("half", half)])
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::Catalogs;
    use super::*;
    use crate::fields::Language;

    #[test]
    fn opening_hours_are_said_in_both_languages() {
        let texts = Catalogs::load().unwrap();
        for (hours, english, spanish) in [
            ("mon-sun 0:00-24:00", "24 hours a day", "las 24 horas del día"),
            ("mon-sun 8:00-20:00", "every day 8 am to 8 pm", "todos los días de las 8 a. m. a las 8 p. m."),
            (
                "mon-fri 8:00-18:00, sat 9:30-13:00",
                "Monday to Friday 8 am to 6 pm, Saturday 9:30 am to 1 pm",
                "lunes a viernes de las 8 a. m. a las 6 p. m., sábado de las 9:30 a. m. a la 1 p. m.",
            ),
            ("sun 0:00-24:00", "Sunday midnight to midnight", "domingo de la medianoche a la medianoche"),
        ] {
            let hours = OpeningHours::parse(hours).unwrap();
            assert_eq!(texts.of(Language::English).opening_hours(&hours), english);
            assert_eq!(texts.of(Language::Spanish).opening_hours(&hours), spanish);
        }
    }

    #[test]
    fn opening_is_said_in_both_languages() {
        let texts = Catalogs::load().unwrap();
        let today = date(2026, 11, 29);
        for (opening, english, spanish) in [
            (Opening::Always, "Open now", "Abierto ahora"),
            (Opening::OpenUntil(18 * 60), "Open until 6 pm", "Abierto hasta las 6 p. m."),
            (Opening::OpenUntil(24 * 60), "Open until midnight", "Abierto hasta la medianoche"),
            (Opening::OpensAt(today, 8 * 60), "Opens at 8 am", "Abre a las 8 a. m."),
            (
                Opening::OpensAt(date(2026, 11, 30), 13 * 60),
                "Opens Monday at 1 pm",
                "Abre el lunes a la 1 p. m.",
            ),
            (Opening::Closed, "Closed now", "Cerrado ahora"),
        ] {
            assert_eq!(texts.of(Language::English).opening(opening, today), english);
            assert_eq!(texts.of(Language::Spanish).opening(opening, today), spanish);
        }
    }
}
