//! POST `available-dates` (contract 5.15).

use axum::extract::State;
use serde_json::json;

use super::{
    calendar::{Delay, available_dates},
    catalog::{CENTERPOINT, utilities},
    envelope::{Reply, either},
    inputs::Place,
    premise::meters_at,
    records::{Match, Memory, Record, Site, Transaction},
    request::ApiRequest,
    rules::{check_tracked, optional},
    state::Sandbox,
    texts::text_for,
};

const FIELDS: &[&str] = &["esid", "tdspCode", "availableDates", "switchHoldFlag", "tdspFee", "meterType"];

/// Resolves the meter and lists the dates.
pub async fn answer(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    let rules = [optional("pastServiceMatchedFlag", 1).form(|flag| ["Y", "N"].contains(&flag))];
    if let Err(refusal) = check_tracked(&request, &rules) {
        return refusal;
    }
    let place = match sandbox.memory().tracked(&request) {
        Ok(record) => record.address.place(),
        Err(refusal) => return refusal.complete(FIELDS),
    };
    let good = either(resolve(&sandbox, &request)).complete(FIELDS).cookie(sandbox.settings.entropy.bytes());
    match place {
        Place::Dates(failure) => failure.apply(&sandbox, request.language(), good).await,
        _ => good,
    }
}

fn resolve(sandbox: &Sandbox, request: &ApiRequest) -> Result<Reply, Reply> {
    let language = request.language();
    let mut memory = sandbox.memory();
    let mismatched = reports_mismatch(&mut memory, request)?;
    let record = memory.tracked(request)?;
    if request.text("pastServiceMatchedFlag") == "Y" && record.matched == Match::PastService {
        record.matched = Match::Clear;
    }
    record.dates_checked = true;
    record.site = Site::Fine;
    let Some(transaction) = record.transaction else {
        // Contract 2.6: without a transaction type the call "succeeds" and lists nothing.
        return Ok(Reply::success().with(json!({ "availableDates": "", "esid": "" })));
    };

    if record.meter.is_none() {
        let found = meters_at(&record.address, request.brand());
        if let [(_, meter)] = found.as_slice() {
            record.meter = Some(meter.clone());
            record.meter_place = Some(record.address.place());
        }
    }
    let place = record.meter_place.unwrap_or(record.address.place());
    let meter = record.meter.clone();
    let served = utilities(&record.address.zip, request.brand());
    let utility =
        meter.as_ref().map(|meter| meter.utility).or(served.first().copied()).unwrap_or(&CENTERPOINT);
    let utility = if mismatched { utility.other() } else { utility };
    let smart = meter.as_ref().is_none_or(|meter| meter.smart);
    let with_fields = |reply: Reply, delay: Delay| {
        let meter = meter.as_ref();
        reply.with(json!({
            "esid": meter.map_or("", |meter| &meter.esid),
            "tdspCode": utility.code,
            "availableDates": available_dates(&sandbox.settings.clock, smart, delay),
            "switchHoldFlag": if meter.is_some_and(|meter| meter.switch_hold) { "ON" } else { "" },
            "tdspFee": text_for("(tdsp fee)", request.body_language()),
            "meterType": meter.map_or("", |meter| meter.kind()),
        }))
    };
    let stop = |code: &str| Reply::stop(code, language).with(json!({ "tdspCode": utility.code }));

    let switch = transaction == Transaction::Switch;
    if mismatched {
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
        Place::Held => with_fields(Reply::advise("NOTIFY_SWITCH_HOLD", language), Delay::Hold),
        Place::Own if switch => {
            record.site = Site::Own;
            stop("ESID_ACTIVE")
        }
        Place::NoMeterStop => Reply::stop("NESID", language),
        Place::ManyMetersStop => Reply::stop("MESID", language),
        Place::UnservedLate => Reply::stop("AREA_NOT_SERVICED", language),
        Place::NoDates => with_fields(Reply::success(), Delay::None).with(json!({ "availableDates": "" })),
        Place::NoMeter => with_fields(Reply::advise("NESID", language), Delay::Hold),
        _ if record.meter.is_none() => with_fields(Reply::advise("MESID", language), Delay::Hold),
        _ if smart => with_fields(Reply::success(), Delay::None),
        _ if switch => with_fields(Reply::success(), Delay::ReadingOnSwitch),
        _ => with_fields(Reply::success(), Delay::Reading),
    };
    Ok(reply)
}

/// Whether this record is answered with `TDSP_MISMATCH`: the first of a person at an address is, the next is not.
fn reports_mismatch(memory: &mut Memory, request: &ApiRequest) -> Result<bool, Reply> {
    let record: &mut Record = memory.tracked(request)?;
    if record.address.place() != Place::MismatchLate {
        return Ok(false);
    }
    if let Some(reported) = record.mismatch {
        return Ok(reported);
    }
    let person_key = record.person_key.clone();
    let reported = memory.report_mismatch(&person_key);
    memory.tracked(request)?.mismatch = Some(reported);
    Ok(reported)
}
