//! The day on which service starts, as a calendar entry (RFC 5545) that a phone can keep.

use axum::response::{IntoResponse, Response};
use http::header;
use ics::{
    Event, ICalendar,
    properties::{Description, DtStart, Location, Summary},
};
use jiff::civil::Date;

use super::{error::respond, reference::reference, session_ended::InSession};
use crate::{fields::Transaction, journey::Position, messages::interpolate, web::page_context::PageContext};

/// Where the confirmation links to it.
pub const PATH: &str = "/confirmation/start-date.ics";

/// GET [`PATH`]: the entry, or where the journey stands if there is no such day yet.
pub async fn show(InSession(ctx): InSession) -> Response {
    let entry = entry(ctx.view());
    respond(&ctx, Ok(entry.unwrap_or_else(|| ctx.view().to_position())))
}

/// The day on which service starts, once the enrollment is confirmed and nothing stands in its way.
pub(super) fn day(ctx: PageContext<'_>) -> Option<Date> {
    let certain = ctx.position() == Position::Confirmation && ctx.journey.obstacles().is_empty();
    Some(ctx.journey.start_date.filter(|_| certain)?.0)
}

fn entry(ctx: PageContext<'_>) -> Option<Response> {
    let (day, journey) = (day(ctx)?, ctx.journey);
    let t = &ctx.messages().confirmation;
    let title = match journey.chosen()?.transaction {
        Transaction::MoveIn => &t.calendar_move_in,
        Transaction::Switch => &t.calendar_switch,
    };
    let (reference, phone) = (reference(journey), ctx.phone());
    let filled = |text: &str| {
        ics::escape_text(interpolate(
            text,
            &[("brand", ctx.brand_name()), ("phone", &phone), ("reference", &reference)],
        ))
        .into_owned()
    };
    let made = ctx.now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let host = ctx.hosted.public_url.host_str().unwrap_or_default();
    let mut event = Event::new(format!("{reference}@{host}"), made);
    let mut start = DtStart::new(day.strftime("%Y%m%d").to_string());
    start.add(ics::parameters::Value::DATE);
    event.push(start);
    event.push(Summary::new(filled(title)));
    event.push(Description::new(filled(&t.calendar_text)));
    if let Some(address) = journey.settled_address() {
        event.push(Location::new(ics::escape_text(address.line()).into_owned()));
    }
    let mut calendar = ICalendar::new("2.0", format!("-//{host}//enrollment//EN"));
    calendar.add_event(event);
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"start-date.ics\""),
    ];
    Some((headers, calendar.to_string()).into_response())
}
