//! POST `tdsp`, `esid`, `esid/residential` and `esidValidation` (contract 5.4 to 5.7): utilities and meters.

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    calendar::{Delay, available_dates},
    catalog::{Utility, utilities},
    envelope::{Reply, either},
    inputs::{self, Area, Place},
    premise::{Address, Meter, meters_at},
    records::Transaction,
    request::ApiRequest,
    rules::{ANY, check, optional, required},
    state::Sandbox,
    texts::text_for,
};

/// POST `tdsp` (contract 5.4).
pub async fn tdsp(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    let good = either(find_utility(&sandbox, &request)).cookie(sandbox.settings.entropy.bytes());
    match inputs::area(request.text("servZipCode")) {
        Area::Failure(failure) => failure.apply(&sandbox, request.language(), good).await,
        Area::Served(_) | Area::NotBy(_) | Area::Unserved => good,
    }
}

fn find_utility(sandbox: &Sandbox, request: &ApiRequest) -> Result<Reply, Reply> {
    check(
        request,
        &[
            required("servZipCode", 10).form(|zip| zip.len() >= 5),
            optional("servStreetNum", ANY),
            optional("servStreetName", ANY),
            optional("servStreetAptNum", 10),
            optional("servCity", ANY),
            optional("transactionType", 3).form(|kind| ["MVI", "SWI"].contains(&kind)),
            optional("esid", 32),
        ],
    )?;
    let none = json!({ "tdspData": null, "esidNumber": "", "esidTDSP": null, "meterType": "", "switchHoldStatus": "" });
    let language = request.language();
    let served = utilities(request.text("servZipCode"), request.brand());
    if served.is_empty() {
        return Ok(Reply::stop("AREA_NOT_SERVICED", language).with(none));
    }
    let transaction = match request.text("transactionType") {
        "SWI" => Some(Transaction::Switch),
        "MVI" => Some(Transaction::MoveIn),
        _ => None,
    };
    let known = request.given("esid").and_then(|esid| sandbox.memory().meters.get(esid).cloned());
    let address = Address::new(
        request.text("servStreetNum"),
        request.text("servStreetName"),
        request.text("servStreetAptNum"),
        "",
        request.text("servZipCode"),
    );
    let has_street = !address.number.is_empty() && !address.street.is_empty();
    let meters = match known {
        Some(meter) => vec![meter],
        None if has_street => meters_at(&address, request.brand()),
        None => {
            return Ok(Reply::success()
                .with(none)
                .with(json!({ "tdspData": data(sandbox, request, &served, true) })));
        }
    };

    let (reply, meter) = match meters.as_slice() {
        [] => (Reply::advise("NESID", language), None),
        [(address, _)] if address.place() == Place::NonResidential => {
            (Reply::advise("NRESID", language), None)
        }
        [(_, meter)] if !meter.residential => {
            return Ok(Reply::stop("BUSINESS_METER", language).with(none));
        }
        [(_, meter)] => match transaction {
            Some(Transaction::Switch) if meter.own_customer || meter.switch_hold => {
                let code = if meter.own_customer { "ESID_ACTIVE" } else { "SWITCH_HOLD" };
                return Ok(Reply::stop(code, language).with(none).with(json!({ "switchHoldStatus": "ON" })));
            }
            Some(Transaction::MoveIn) if meter.switch_hold => (
                Reply::advise("NOTIFY_SWITCH_HOLD", language).with(json!({ "switchHoldStatus": "ON" })),
                Some(meter),
            ),
            _ => (Reply::success(), Some(meter)),
        },
        _ => (Reply::advise("MESID", language), None),
    };
    let served = meter.map_or(served, |meter| vec![meter.utility]);
    let smart = meter.is_none_or(|meter| meter.smart);
    let switch_hold = meter.is_some_and(|meter| meter.switch_hold);
    let reply = reply.with(json!({
        "tdspData": data(sandbox, request, &served, smart),
        "esidNumber": meter.map_or("", |meter| &meter.esid),
        "esidTDSP": meter.map(|meter| meter.utility.web),
        "meterType": meter.map_or("", Meter::kind),
        "switchHoldStatus": if switch_hold { "ON" } else { "" },
    }));
    Ok(reply)
}

fn data(sandbox: &Sandbox, request: &ApiRequest, served: &[&Utility], smart: bool) -> Vec<Value> {
    let dates = available_dates(&sandbox.settings.clock, smart, Delay::None);
    let entry = |utility: &&Utility| {
        json!({
            "tdspCodeWeb": utility.web, "tdspCodeCCS": utility.code, "tdspName": utility.name,
            "availableDates": dates, "tdspFee": text_for("(tdsp fee)", request.body_language()),
        })
    };
    served.iter().map(entry).collect()
}

/// POST `esid` (contract 5.5): every meter, with few fields.
pub async fn esid(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    list(&sandbox, &request, false).await
}

/// POST `esid/residential` (contract 5.6): the meters that can be enrolled, with their profile.
pub async fn residential(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    list(&sandbox, &request, true).await
}

async fn list(sandbox: &Sandbox, request: &ApiRequest, profile: bool) -> Reply {
    let rules = [
        required("servStreet", ANY),
        required("servCity", ANY),
        required("servZipCode", ANY),
        optional("servStreetAptNum", 10),
    ];
    if let Err(refusal) = check(request, &rules) {
        return refusal;
    }
    let street = request.text("servStreet").trim();
    let (number, name) = street.split_once(' ').unwrap_or((street, ""));
    let address = Address::new(
        number,
        name,
        request.text("servStreetAptNum"),
        request.text("servCity"),
        request.text("servZipCode"),
    );
    let place = address.place();
    let mut meters = meters_at(&address, request.brand());
    if profile {
        meters.retain(|(_, meter)| {
            place == Place::NonResidential || (meter.residential && meter.status != "Inactive")
        });
    }
    for (address, meter) in &meters {
        sandbox.memory().register_meter(meter, address);
    }
    let entry = |(_, meter): &(Address, Meter)| {
        let marker = place == Place::NonResidential;
        let mut entry = json!({
            "esidNumber": if marker { "NRESID" } else { &meter.esid },
            "premiseType": if meter.residential { "RESIDENTIAL" } else { "SMALL NON-RESIDENTIAL" },
            "esidStatus": meter.status, "esidClass": if meter.residential { "R" } else { "C" },
            "esidDeposit": "", "esidTDSP": meter.utility.web, "tdspCodeCCS": meter.utility.code,
            "meterType": null, "switchHoldStatus": null, "esidStatusBrand": null,
            "recentDisconnectFlag": null, "blockStatus": null,
        });
        if profile && let Value::Object(fields) = &mut entry {
            fields.insert("meterType".into(), meter.kind().into());
            fields.insert("switchHoldStatus".into(), if meter.switch_hold { "ON" } else { "OFF" }.into());
            fields.insert("esidStatusBrand".into(), if meter.own_customer { "ACTIVE" } else { "" }.into());
            fields.insert("recentDisconnectFlag".into(), if meter.blocked { "X" } else { "" }.into());
            fields.insert("blockStatus".into(), if meter.blocked { "X" } else { "" }.into());
        }
        entry
    };
    let good = Reply::success().with(json!({ "esidList": meters.iter().map(entry).collect::<Vec<_>>() }));
    match place {
        Place::Meters(failure) => failure.apply(sandbox, request.language(), good).await,
        _ => good,
    }
}

/// POST `esidValidation` (contract 5.7): the answer is always 00; only `strErrCode` says that a meter is unknown. Known
/// meters are those that `esid` or `esid/residential` has listed.
pub async fn validation(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    if let Err(refusal) = check(&request, &[required("esid", ANY)]) {
        return refusal;
    }
    let blank = [
        "strAddressLine1",
        "strAddressLine2",
        "strAptNumber",
        "strCity",
        "strState",
        "strZip",
        "strZipFour",
        "strStatus",
        "strPremiseType",
        "strEsidTdsp",
        "strEsidClass",
        "strEsidDeposit",
        "strErrCode",
        "strErrMessage",
    ];
    let found = sandbox.memory().meters.get(request.text("esid")).cloned();
    let reply = match found {
        None => Reply::success().with(json!({ "strErrCode": "E001", "strErrMessage": "ESID not found" })),
        Some((address, meter)) => Reply::success().with(json!({
            "strAddressLine1": format!("{} {}", address.number, address.street), "strAptNumber": address.unit,
            "strCity": address.city, "strState": "TX", "strZip": address.zip, "strZipFour": "0001",
            "strStatus": meter.status,
            "strPremiseType": if meter.residential { "RESIDENTIAL" } else { "SMALL NON-RESIDENTIAL" },
            "strEsidTdsp": meter.utility.web, "strEsidClass": if meter.residential { "R" } else { "C" },
            "strEsidDeposit": "",
        })),
    };
    reply.complete(&blank)
}
