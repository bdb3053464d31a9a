//! Utilities and meters: `tdsp`, `esid`, `esid/residential`, `esidValidation` (contract 5.4 to 5.7), and
//! which meters an address has.

use axum::extract::State;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    Sandbox,
    catalog::{Brand, CENTERPOINT, Utility, utilities},
    dates::{self, Delay},
    envelope::{Reply, either},
    inputs::{self, Area, Place},
    records::Transaction,
    request::Ask,
    rules::{ANY, check, needed, optional},
    texts::say,
};

/// A service address, in capitals, ZIP of five digits, unit without its designator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Address {
    pub number: String,
    pub street: String,
    pub unit: String,
    pub city: String,
    pub zip: String,
}

impl Address {
    /// The address of these parts, normalised.
    pub fn new(number: &str, street: &str, unit: &str, city: &str, zip: &str) -> Self {
        let tidy = |text: &str| text.trim().to_uppercase();
        let unit = tidy(unit);
        let designators = ["APARTMENT", "APT", "UNIT", "STE", "#"];
        let bare = designators.iter().find_map(|word| unit.strip_prefix(word)).unwrap_or(&unit);
        Self {
            number: tidy(number),
            street: tidy(street),
            unit: bare.trim_start_matches(['.', ' ', '#']).to_owned(),
            city: tidy(city),
            zip: zip.trim().chars().take(5).collect(),
        }
    }

    /// What is special here.
    pub fn place(&self) -> Place {
        inputs::place(&self.number)
    }
}

/// A meter.
#[derive(Clone, Debug)]
pub struct Meter {
    pub esid: String,
    pub utility: &'static Utility,
    pub smart: bool,
    pub residential: bool,
    pub status: &'static str,
    pub held: bool,
    pub own: bool,
    pub blocked: bool,
}

impl Meter {
    /// `AMSR` for a smart meter.
    pub fn kind(&self) -> &'static str {
        if self.smart { "AMSR" } else { "AMR" }
    }
}

/// The meters of an address, each with the address it hangs at; only the unit's own where the unit is known.
pub fn at(address: &Address, brand: Brand) -> Vec<(Address, Meter)> {
    let place = address.place();
    let served = utilities(&address.zip, brand);
    let odd = address.number.ends_with(['1', '3', '5', '7', '9']);
    let by_zip = served.get(usize::from(odd)).or(served.first()).copied().unwrap_or(&CENTERPOINT);
    let utility = if place == Place::OtherUtility { by_zip.other() } else { by_zip };
    let units: Vec<String> = match place {
        Place::NoMeter | Place::NoMeterStop => Vec::new(),
        Place::ManyMeters | Place::ManyMetersStop => vec!["A".to_owned(), "B".to_owned()],
        Place::Building { first, units } => {
            let all = (first..first + units).map(|unit| unit.to_string());
            let known: Vec<String> = all.clone().filter(|unit| *unit == address.unit).collect();
            if known.is_empty() { all.collect() } else { known }
        }
        _ => vec![address.unit.clone()],
    };
    let meter = |unit: String| {
        let door = Address { unit, ..address.clone() };
        let meter = Meter {
            esid: esid_of(&door, utility),
            utility,
            smart: place != Place::SlowMeter,
            residential: !matches!(place, Place::Business | Place::NonResidential),
            status: if place == Place::Inactive { "Inactive" } else { "Active" },
            held: place == Place::Held,
            own: place == Place::Own,
            blocked: place == Place::Blocked,
        };
        (door, meter)
    };
    units.into_iter().map(meter).collect()
}

/// An invented ESI ID that stays the same for a door: 22 digits at CenterPoint, 17 elsewhere.
fn esid_of(door: &Address, utility: &Utility) -> String {
    let key = [&door.number, &door.street, &door.unit, &door.zip].map(String::as_str).join("|");
    let hash = Sha256::digest(key.as_bytes());
    let number = hash.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let head = format!("1000{:02}", utility.number());
    if utility.code == "D0001" {
        format!("{head}{:016}", number % 10_u64.pow(16))
    } else {
        format!("{head}{:011}", number % 10_u64.pow(11))
    }
}

/// POST `tdsp` (contract 5.4).
pub async fn tdsp(State(sandbox): State<Sandbox>, ask: Ask) -> Reply {
    let good = either(find_utility(&sandbox, &ask)).cookie(sandbox.settings.entropy.bytes());
    match inputs::area(ask.text("servZipCode")) {
        Area::Trouble(trouble) => trouble.strike(&sandbox, ask.language(), good).await,
        Area::Served(_) | Area::NotBy(_) | Area::Nobody => good,
    }
}

fn find_utility(sandbox: &Sandbox, ask: &Ask) -> Result<Reply, Reply> {
    check(
        ask,
        &[
            needed("servZipCode", 10).form(|zip| zip.len() >= 5),
            optional("servStreetNum", ANY),
            optional("servStreetName", ANY),
            optional("servStreetAptNum", 10),
            optional("servCity", ANY),
            optional("transactionType", 3).form(|kind| ["MVI", "SWI"].contains(&kind)),
            optional("esid", 32),
        ],
    )?;
    let none = json!({ "tdspData": null, "esidNumber": "", "esidTDSP": null, "meterType": "", "switchHoldStatus": "" });
    let language = ask.language();
    let served = utilities(ask.text("servZipCode"), ask.brand());
    if served.is_empty() {
        return Ok(Reply::stop("AREA_NOT_SERVICED", language).with(none));
    }
    let transaction = match ask.text("transactionType") {
        "SWI" => Some(Transaction::Switch),
        "MVI" => Some(Transaction::MoveIn),
        _ => None,
    };
    let known = ask.given("esid").and_then(|esid| sandbox.memory().meters.get(esid).cloned());
    let address = Address::new(
        ask.text("servStreetNum"),
        ask.text("servStreetName"),
        ask.text("servStreetAptNum"),
        "",
        ask.text("servZipCode"),
    );
    let has_street = !address.number.is_empty() && !address.street.is_empty();
    let meters = match known {
        Some(meter) => vec![meter],
        None if has_street => at(&address, ask.brand()),
        None => {
            return Ok(Reply::go_on()
                .with(none)
                .with(json!({ "tdspData": data(sandbox, ask, &served, true) })));
        }
    };

    let (reply, meter) = match meters.as_slice() {
        [] => (Reply::advise("NESID", language), None),
        [(at, _)] if at.place() == Place::NonResidential => (Reply::advise("NRESID", language), None),
        [(_, meter)] if !meter.residential => {
            return Ok(Reply::stop("BUSINESS_METER", language).with(none));
        }
        [(_, meter)] => match transaction {
            Some(Transaction::Switch) if meter.own || meter.held => {
                let code = if meter.own { "ESID_ACTIVE" } else { "SWITCH_HOLD" };
                return Ok(Reply::stop(code, language).with(none).with(json!({ "switchHoldStatus": "ON" })));
            }
            Some(Transaction::MoveIn) if meter.held => (
                Reply::advise("NOTIFY_SWITCH_HOLD", language).with(json!({ "switchHoldStatus": "ON" })),
                Some(meter),
            ),
            _ => (Reply::go_on(), Some(meter)),
        },
        _ => (Reply::advise("MESID", language), None),
    };
    let served = meter.map_or(served, |meter| vec![meter.utility]);
    let smart = meter.is_none_or(|meter| meter.smart);
    let held = meter.is_some_and(|meter| meter.held);
    let reply = reply.with(json!({
        "tdspData": data(sandbox, ask, &served, smart),
        "esidNumber": meter.map_or("", |meter| &meter.esid),
        "esidTDSP": meter.map(|meter| meter.utility.web),
        "meterType": meter.map_or("", Meter::kind),
        "switchHoldStatus": if held { "ON" } else { "" },
    }));
    Ok(reply)
}

fn data(sandbox: &Sandbox, ask: &Ask, served: &[&Utility], smart: bool) -> Vec<Value> {
    let tentative = dates::offered(&sandbox.settings.clock, smart, Delay::None);
    let entry = |utility: &&Utility| {
        json!({
            "tdspCodeWeb": utility.web, "tdspCodeCCS": utility.code, "tdspName": utility.name,
            "availableDates": tentative, "tdspFee": say("(tdsp fee)", ask.body_language()),
        })
    };
    served.iter().map(entry).collect()
}

/// POST `esid` (contract 5.5): every meter, little about each.
pub async fn esid(State(sandbox): State<Sandbox>, ask: Ask) -> Reply {
    list(&sandbox, &ask, false).await
}

/// POST `esid/residential` (contract 5.6): the meters that can be enrolled, with their profile.
pub async fn residential(State(sandbox): State<Sandbox>, ask: Ask) -> Reply {
    list(&sandbox, &ask, true).await
}

async fn list(sandbox: &Sandbox, ask: &Ask, profile: bool) -> Reply {
    let rules = [
        needed("servStreet", ANY),
        needed("servCity", ANY),
        needed("servZipCode", ANY),
        optional("servStreetAptNum", 10),
    ];
    if let Err(refusal) = check(ask, &rules) {
        return refusal;
    }
    let street = ask.text("servStreet").trim();
    let (number, name) = street.split_once(' ').unwrap_or((street, ""));
    let address = Address::new(
        number,
        name,
        ask.text("servStreetAptNum"),
        ask.text("servCity"),
        ask.text("servZipCode"),
    );
    let place = address.place();
    let mut meters = at(&address, ask.brand());
    if profile {
        meters.retain(|(_, meter)| {
            place == Place::NonResidential || (meter.residential && meter.status != "Inactive")
        });
    }
    for (door, meter) in &meters {
        sandbox.memory().name_meter(meter, door);
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
            fields.insert("switchHoldStatus".into(), if meter.held { "ON" } else { "OFF" }.into());
            fields.insert("esidStatusBrand".into(), if meter.own { "ACTIVE" } else { "" }.into());
            fields.insert("recentDisconnectFlag".into(), if meter.blocked { "X" } else { "" }.into());
            fields.insert("blockStatus".into(), if meter.blocked { "X" } else { "" }.into());
        }
        entry
    };
    let good = Reply::go_on().with(json!({ "esidList": meters.iter().map(entry).collect::<Vec<_>>() }));
    match place {
        Place::Meters(trouble) => trouble.strike(sandbox, ask.language(), good).await,
        _ => good,
    }
}

/// POST `esidValidation` (contract 5.7): always 00; an unknown meter shows in `strErrCode` only. Known are
/// the meters that `esid` or `esid/residential` has listed.
pub async fn validation(State(sandbox): State<Sandbox>, ask: Ask) -> Reply {
    if let Err(refusal) = check(&ask, &[needed("esid", ANY)]) {
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
    let found = sandbox.memory().meters.get(ask.text("esid")).cloned();
    let reply = match found {
        None => Reply::go_on().with(json!({ "strErrCode": "E001", "strErrMessage": "ESID not found" })),
        Some((door, meter)) => Reply::go_on().with(json!({
            "strAddressLine1": format!("{} {}", door.number, door.street), "strAptNumber": door.unit,
            "strCity": door.city, "strState": "TX", "strZip": door.zip, "strZipFour": "0001",
            "strStatus": meter.status,
            "strPremiseType": if meter.residential { "RESIDENTIAL" } else { "SMALL NON-RESIDENTIAL" },
            "strEsidTdsp": meter.utility.web, "strEsidClass": if meter.residential { "R" } else { "C" },
            "strEsidDeposit": "",
        })),
    };
    reply.complete(&blank)
}
