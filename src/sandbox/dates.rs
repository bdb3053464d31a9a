//! POST `available-dates` (contract 5.15), and which dates there are.

use axum::extract::State;
use jiff::{
    ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use serde_json::json;

use super::{
    Sandbox,
    catalog::{CENTERPOINT, utilities},
    envelope::{Reply, either},
    inputs::Place,
    meters,
    records::{Match, Record, Site, State as Memory, Transaction},
    request::Ask,
    rules::{check_tracked, optional},
    texts::say,
};
use crate::clock::Clock;

const FIELDS: &[&str] = &["esid", "tdspCode", "availableDates", "switchHoldFlag", "tdspFee", "meterType"];

/// How far the last date lies ahead.
const HORIZON_DAYS: i64 = 60;

/// What pushes the first date out.
#[derive(Clone, Copy, PartialEq)]
pub enum Delay {
    None,
    /// A meter that is read by hand, on a move-in.
    Reading,
    /// The same on a switch.
    ReadingOnSwitch,
    /// A hold, or a meter not known yet.
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

/// The dates from today, `MMddyyyy` joined by `;`: no Sundays and holidays, not today after the cut-off
/// (17:00 for smart meters, 14:00 for others), and not the first days when something delays.
pub fn offered(clock: &Clock, smart: bool, delay: Delay) -> String {
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    let now = clock.now().to_zoned_datetime(zone);
    let late = now.hour() >= if smart { 17 } else { 14 };
    let first = delay.days().max(i64::from(late));
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

/// Resolves the meter and lists the dates.
pub async fn answer(State(sandbox): State<Sandbox>, ask: Ask) -> Reply {
    let rules = [optional("pastServiceMatchedFlag", 1).form(|flag| ["Y", "N"].contains(&flag))];
    if let Err(refusal) = check_tracked(&ask, &rules) {
        return refusal;
    }
    let place = match sandbox.memory().tracked(&ask) {
        Ok(record) => record.address.place(),
        Err(refusal) => return refusal.complete(FIELDS),
    };
    let good = either(resolve(&sandbox, &ask)).complete(FIELDS).cookie(sandbox.settings.entropy.bytes());
    match place {
        Place::Dates(trouble) => trouble.strike(&sandbox, ask.language(), good).await,
        _ => good,
    }
}

fn resolve(sandbox: &Sandbox, ask: &Ask) -> Result<Reply, Reply> {
    let language = ask.language();
    let mut memory = sandbox.memory();
    let told = tell_of_mismatch(&mut memory, ask)?;
    let record = memory.tracked(ask)?;
    if ask.text("pastServiceMatchedFlag") == "Y" && record.matched == Match::PastService {
        record.matched = Match::Clear;
    }
    record.dates_checked = true;
    record.site = Site::Fine;
    let Some(transaction) = record.transaction else {
        // Contract 2.6: without a transaction type the call "succeeds" and lists nothing.
        return Ok(Reply::go_on().with(json!({ "availableDates": "", "esid": "" })));
    };

    if record.meter.is_none() {
        let found = meters::at(&record.address, ask.brand());
        if let [(_, meter)] = found.as_slice() {
            record.meter = Some(meter.clone());
            record.kept_place = Some(record.address.place());
        }
    }
    let place = record.kept_place.unwrap_or(record.address.place());
    let meter = record.meter.clone();
    let served = utilities(&record.address.zip, ask.brand());
    let utility =
        meter.as_ref().map(|meter| meter.utility).or(served.first().copied()).unwrap_or(&CENTERPOINT);
    let utility = if told { utility.other() } else { utility };
    let smart = meter.as_ref().is_none_or(|meter| meter.smart);
    let whole = |reply: Reply, delay: Delay| {
        let found = meter.as_ref();
        reply.with(json!({
            "esid": found.map_or("", |meter| &meter.esid),
            "tdspCode": utility.code,
            "availableDates": offered(&sandbox.settings.clock, smart, delay),
            "switchHoldFlag": if found.is_some_and(|meter| meter.held) { "ON" } else { "" },
            "tdspFee": say("(tdsp fee)", ask.body_language()),
            "meterType": found.map_or("", |meter| meter.kind()),
        }))
    };
    let stop = |code: &str| Reply::stop(code, language).with(json!({ "tdspCode": utility.code }));

    let switch = transaction == Transaction::Switch;
    if told {
        return Ok(stop("TDSP_MISMATCH").error("TDSPSD", "utility differs"));
    }
    let reply = match place {
        Place::Business | Place::NonResidential => {
            record.site = Site::Business;
            stop("BUSINESS_METER")
        }
        Place::Held if switch => {
            record.site = Site::HeldSwitch;
            stop("SWITCH_HOLD").with(json!({ "switchHoldFlag": "ON" }))
        }
        Place::Held => whole(Reply::advise("NOTIFY_SWITCH_HOLD", language), Delay::Hold),
        Place::Own if switch => {
            record.site = Site::Own;
            stop("ESID_ACTIVE")
        }
        Place::NoMeterStop => Reply::stop("NESID", language),
        Place::ManyMetersStop => Reply::stop("MESID", language),
        Place::UnservedLate => Reply::stop("AREA_NOT_SERVICED", language),
        Place::NoDates => whole(Reply::go_on(), Delay::None).with(json!({ "availableDates": "" })),
        Place::NoMeter => whole(Reply::advise("NESID", language), Delay::Hold),
        _ if record.meter.is_none() => whole(Reply::advise("MESID", language), Delay::Hold),
        _ if smart => whole(Reply::go_on(), Delay::None),
        _ if switch => whole(Reply::go_on(), Delay::ReadingOnSwitch),
        _ => whole(Reply::go_on(), Delay::Reading),
    };
    Ok(reply)
}

/// Whether this record is told of another utility: the first of its person at this place is, the next not.
fn tell_of_mismatch(memory: &mut Memory, ask: &Ask) -> Result<bool, Reply> {
    let record: &mut Record = memory.tracked(ask)?;
    if record.address.place() != Place::MismatchLate {
        return Ok(false);
    }
    if let Some(told) = record.mismatch {
        return Ok(told);
    }
    let who = record.who.clone();
    let told = memory.tell_of_mismatch(&who);
    memory.tracked(ask)?.mismatch = Some(told);
    Ok(told)
}
