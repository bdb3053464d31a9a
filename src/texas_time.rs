//! Texas (Central) time: the calendar that NRG, the plans and the visitors go by.

use jiff::{Timestamp, civil, tz::TimeZone};

/// The calendar day in Texas (Central time) at `moment`.
pub fn day(moment: Timestamp) -> civil::Date {
    // The time zone data is compiled in; UTC is only the answer of a build without it.
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    moment.to_zoned_datetime(zone).date()
}

/// When that day began in Texas.
pub fn midnight(day: civil::Date) -> Timestamp {
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    // A day beyond what a timestamp holds is as good as never.
    day.to_zoned_datetime(zone).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// The moment at which the clocks of Texas show `time`; none beyond what a timestamp holds.
pub fn instant(time: civil::DateTime) -> Option<Timestamp> {
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    zone.to_timestamp(time).ok()
}

/// What the clocks of Texas show at `moment`.
pub fn local_time(moment: Timestamp) -> civil::DateTime {
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    moment.to_zoned_datetime(zone).datetime()
}
