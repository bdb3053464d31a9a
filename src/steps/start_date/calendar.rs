//! The calendar of the offered days, month by month.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

use crate::{
    fields::ServiceDate,
    messages::{Messages, interpolate},
    web::{Month, MonthDay, Weekdays},
};

/// The days of the week from Sunday on, in Spanish too.
pub fn weekdays(text: &Messages) -> Weekdays<'_> {
    [
        Weekday::Sunday,
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
    ]
    .map(|day| {
        let name = text.weekday(day);
        (name.chars().take(2).collect(), name)
    })
}

/// Months are open until this many dates are visible.
const SEEN: usize = 10;

/// The calendar of each month with an offered date, from the first week with one to the last. The first months are open,
/// and that of the picked date.
pub fn months(text: &Messages, offered: &[ServiceDate], picked: &str) -> Vec<Month> {
    let same_month = |a: &ServiceDate, b: &ServiceDate| a.0.first_of_month() == b.0.first_of_month();
    let first = offered.first();
    let mut seen = 0;
    let month = |dates: &[ServiceDate]| {
        let start = dates.first()?.0.first_of_month();
        let (name, year) = (text.month(start.month()), start.year().to_string());
        let day = |day: Date| {
            let date = ServiceDate(day);
            let label = dates.contains(&date).then(|| text.date(day));
            MonthDay { number: day.day(), value: date.iso(), label, first: Some(&date) == first }
        };
        let open = seen < SEEN || dates.iter().any(|date| date.iso() == picked);
        seen += dates.len();
        let blanks = start.weekday().to_sunday_zero_offset().unsigned_abs();
        let mut days: Vec<Option<MonthDay>> = (0..blanks).map(|_| None).collect();
        days.extend(
            start.series(1.day()).take(start.days_in_month().unsigned_abs().into()).map(|d| Some(day(d))),
        );
        days.resize_with(days.len().next_multiple_of(7), || None);
        let weeks: Vec<Vec<_>> = days.chunks(7).map(<[_]>::to_vec).collect();
        let is_offered = |week: &Vec<Option<MonthDay>>| week.iter().flatten().any(|day| day.label.is_some());
        let (from, to) = (weeks.iter().position(is_offered)?, weeks.iter().rposition(is_offered)?);
        Some(Month {
            id: start.strftime("%Y-%m").to_string(),
            heading: interpolate(&text.start_date.month_heading, &[("month", name), ("year", &year)]),
            open,
            weeks: weeks.get(from..=to)?.to_vec(),
        })
    };
    offered.chunk_by(same_month).filter_map(month).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{fields::Language, messages::Catalogs};

    #[test]
    fn calendar_shows_weeks_from_first_offered_one_to_last_and_opens_first_months() {
        let catalogs = Catalogs::load().unwrap();
        // Saturday, Sunday, Monday; then another month.
        let mut offered = vec![ServiceDate(date(2030, 6, 29)), ServiceDate(date(2030, 6, 30))];
        offered.extend((1..=10).map(|day| ServiceDate(date(2030, 7, day))));
        offered.extend([ServiceDate(date(2030, 8, 1)), ServiceDate(date(2030, 9, 30))]);
        let months = |language, picked: &str| months(catalogs.of(language), &offered, picked);
        let shape: Vec<_> = months(Language::English, "2030-09-30")
            .iter()
            .map(|month| (month.heading.clone(), month.open, month.weeks.len()))
            .collect();
        assert_eq!(
            shape,
            [
                ("June 2030".to_owned(), true, 2),
                ("July 2030".to_owned(), true, 2),
                ("August 2030".to_owned(), false, 1),
                ("September 2030".to_owned(), true, 1),
            ]
        );
        let spanish = months(Language::Spanish, "");
        assert_eq!(spanish[1].heading, "julio de 2030");
        assert!(spanish.iter().flat_map(|month| &month.weeks).all(|week| week.len() == 7));
        // The 29th of June 2030 is a Saturday.
        let first = spanish[0].weeks[0][6].as_ref().unwrap();
        assert_eq!((first.number, first.first), (29, true));
        assert_eq!(first.label.as_deref(), Some("sábado 29 de junio de 2030"));
        let offered: Vec<_> = spanish
            .iter()
            .flat_map(|month| month.weeks.iter().flatten().flatten())
            .filter(|d| d.label.is_some())
            .collect();
        assert_eq!(offered.len(), 14);
        assert_eq!(offered.iter().filter(|day| day.first).count(), 1);
    }

    #[test]
    fn calendar_weeks_begin_on_sunday() {
        let catalogs = Catalogs::load().unwrap();
        let short = |language| weekdays(catalogs.of(language)).map(|(short, _)| short);
        assert_eq!(short(Language::English), ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"]);
        assert_eq!(short(Language::Spanish), ["do", "lu", "ma", "mi", "ju", "vi", "sá"]);
    }
}
