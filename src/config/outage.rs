//! `[outage]`: the times in which no enrollment begins.

use jiff::{Timestamp, civil};

use super::section::Section;
use crate::{journey::Window, texas_time};

/// What [`window`] accepts.
const WINDOW: &str = "a list of windows, each from/to with the end after the start: Texas time as in \
    \"2030-07-04T22:00/2030-07-05T02:30\", or UTC as in \"2030-07-05T03:00Z/2030-07-05T07:30Z\"";

pub(super) fn read(section: &mut Section<'_>) -> Option<Vec<Window>> {
    section.list("windows", WINDOW, window)
}

fn window(text: &str) -> Option<Window> {
    let (from, to) = text.split_once('/')?;
    let (from, to) = (moment(from.trim())?, moment(to.trim())?);
    (from < to).then_some(Window { from, to })
}

/// A moment in UTC or in Texas time. When clocks go back, an hour that occurs twice means the first one; when they go
/// forward, an hour that does not occur means the next one.
fn moment(text: &str) -> Option<Timestamp> {
    match text.strip_suffix('Z') {
        Some(_) => text.parse().ok(),
        None => {
            // jiff would read a date alone as midnight and ignore an offset: neither is meant.
            let (_, time) = text.split_once(['T', ' '])?;
            let plain = time.contains(':') && !time.contains(['+', '-', '[']);
            texas_time::instant(text.parse::<civil::DateTime>().ok().filter(|_| plain)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outage_window_is_read_as_texas_time_or_utc() {
        for (text, read) in [
            ("2030-07-04T22:00/2030-07-05T02:30", Some(("2030-07-05T03:00Z", "2030-07-05T07:30Z"))),
            ("2030-07-04 22:00 / 2030-07-05 02:30:15", Some(("2030-07-05T03:00Z", "2030-07-05T07:30:15Z"))),
            ("2030-07-05T03:00Z/2030-07-05T07:30Z", Some(("2030-07-05T03:00Z", "2030-07-05T07:30Z"))),
            ("2030-01-05T03:00:00Z/2030-01-05T02:00", Some(("2030-01-05T03:00Z", "2030-01-05T08:00Z"))),
            // The night the clocks go forward: 02:30 does not occur. The night they go back: 01:30 occurs twice.
            ("2030-03-10T01:00/2030-03-10T02:30", Some(("2030-03-10T07:00Z", "2030-03-10T08:30Z"))),
            ("2030-11-03T01:30/2030-11-03T02:00", Some(("2030-11-03T06:30Z", "2030-11-03T08:00Z"))),
            ("2030-07-05T02:00/2030-07-05T02:00", None),
            ("2030-07-05T02:00/2030-07-04T22:00", None),
            ("2030-07-05/2030-07-06", None),
            ("2030-07-05T02:00+01:00/2030-07-05T04:00+01:00", None),
            ("2030-07-05T02:00-05:00/2030-07-05T04:00-05:00", None),
            ("2030-07-05T02:00[America/Chicago]/2030-07-05T04:00[America/Chicago]", None),
            ("2030-07-05T02:00", None),
            ("tonight", None),
            ("", None),
        ] {
            let expected =
                read.map(|(from, to)| Window { from: from.parse().unwrap(), to: to.parse().unwrap() });
            assert_eq!(window(text), expected, "{text}");
        }
    }
}
