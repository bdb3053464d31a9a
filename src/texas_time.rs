//! Texas (Central) time: the calendar of NRG, the plans and the visitors.

use jiff::{Timestamp, ZonedDateTime, civil, tz::TimeZone};

/// The calendar day in Texas (Central time) at `moment`.
pub fn day(moment: Timestamp) -> civil::Date {
    zoned(moment).date()
}

/// The moment at which `day` began in Texas.
pub fn midnight(day: civil::Date) -> Timestamp {
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    // A day beyond the range of a timestamp never begins.
    day.to_zoned_datetime(zone).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// The moment at which it is `time` in Texas; `None` beyond the range of a timestamp.
pub fn instant(time: civil::DateTime) -> Option<Timestamp> {
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    zone.to_timestamp(time).ok()
}

/// The date and time in Texas at `moment`.
pub fn local_time(moment: Timestamp) -> civil::DateTime {
    zoned(moment).datetime()
}

/// The date and time in Texas at `moment`, as operators read it, with the abbreviation of its zone.
pub fn time(moment: Timestamp) -> String {
    zoned(moment).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// The date and time in Texas at `moment`, with its offset from UTC.
pub fn zoned(moment: Timestamp) -> ZonedDateTime {
    // The time zone data is compiled in; only a build without it would use UTC.
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    moment.to_zoned_datetime(zone)
}
