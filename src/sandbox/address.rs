//! POST `cleanup-address` (contract 5.3).

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    Sandbox,
    envelope::{Reply, either},
    inputs::Place,
    meters::Address,
    request::Ask,
    rules::{check, needed, optional, refuse},
};

const FIELDS: &[&str] =
    &["streetNum", "streetName", "aptNum", "city", "state", "zipCode", "poBox", "country"];

/// Standardises an address, or says what is wrong with it.
pub async fn answer(State(sandbox): State<Sandbox>, ask: Ask) -> Reply {
    let good = either(clean(&ask)).complete(FIELDS);
    match Address::new(ask.text("streetNum"), "", "", "", "").place() {
        Place::Cleaner(trouble) => trouble.strike(&sandbox, ask.language(), good).await,
        _ => good,
    }
}

fn clean(ask: &Ask) -> Result<Reply, Reply> {
    check(
        ask,
        &[
            optional("streetNum", 10),
            optional("streetName", 60),
            optional("aptNum", 10),
            optional("poBox", 25),
            needed("city", 30),
            needed("state", 2).form(|state| state.len() == 2),
            needed("zipCode", 10),
        ],
    )?;
    let street = ask.given("streetNum").is_some() || ask.given("streetName").is_some();
    let whole_street = ask.given("streetNum").is_some() && ask.given("streetName").is_some();
    match (street, ask.given("poBox")) {
        (true, Some(_)) => return Err(refuse(ask, &[("poBox", "cannot come with a street")])),
        (false, None) => return Err(refuse(ask, &[("streetNum", "or poBox is required")])),
        (true, None) if !whole_street => {
            return Err(refuse(ask, &[("streetNum", "and streetName are required together")]));
        }
        _ => {}
    }

    let language = ask.language();
    let address = Address::new(
        ask.text("streetNum"),
        ask.text("streetName"),
        ask.text("aptNum"),
        ask.text("city"),
        ask.text("zipCode"),
    );
    let clean = cleaned(ask, &address, &address.street);
    let echo = json!({
        "streetNum": ask.text("streetNum"), "streetName": ask.text("streetName"), "aptNum": ask.text("aptNum"),
        "city": ask.text("city"), "state": ask.text("state"), "zipCode": ask.text("zipCode"),
        "poBox": ask.text("poBox"), "country": "US",
    });
    let reply = match address.place() {
        Place::Similar if !address.street.ends_with(" AVE") => {
            let street = format!("{} AVE", address.street);
            Reply::ask("PARTIAL_MATCH", language).with(cleaned(ask, &address, &street))
        }
        Place::Building { .. } if address.unit.is_empty() => Reply::ask("UNIT_NEEDED", language).with(echo),
        Place::Building { first, units }
            if !(first..first + units).any(|unit| unit.to_string() == address.unit) =>
        {
            Reply::ask("INCORRECT_UNIT", language).with(echo)
        }
        Place::Unknown => Reply::ask("NO_MATCH", language).with(echo),
        Place::Unverified => Reply::ask("UNVERIFIED_ADDRESS", language).with(echo),
        Place::CleanerError => Reply::ask("", language).with(echo),
        Place::HiddenNull => Reply::go_on(),
        Place::HiddenEcho => Reply::go_on().with(echo),
        _ => Reply::advise("COMPLETE_MATCH", language).with(clean),
    };
    Ok(reply)
}

fn cleaned(ask: &Ask, address: &Address, street: &str) -> Value {
    json!({
        "streetNum": address.number, "streetName": street, "aptNum": address.unit, "city": address.city,
        "state": ask.text("state").to_uppercase(), "zipCode": format!("{}-0001", address.zip),
        "poBox": ask.text("poBox").to_uppercase(), "country": "US",
    })
}
