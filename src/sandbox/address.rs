//! POST `cleanup-address` (contract 5.3).

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    envelope::{Reply, either},
    inputs::Place,
    premise::Address,
    request::ApiRequest,
    rules::{check, optional, refuse, required},
    state::Sandbox,
};

const FIELDS: &[&str] =
    &["streetNum", "streetName", "aptNum", "city", "state", "zipCode", "poBox", "country"];

/// Standardizes an address, or says what is wrong with it.
pub async fn answer(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    let good = either(clean(&request)).complete(FIELDS);
    match Address::new(request.text("streetNum"), "", "", "", "").place() {
        Place::Cleaner(failure) => failure.apply(&sandbox, request.language(), good).await,
        _ => good,
    }
}

fn clean(request: &ApiRequest) -> Result<Reply, Reply> {
    check(
        request,
        &[
            optional("streetNum", 10),
            optional("streetName", 60),
            optional("aptNum", 10),
            optional("poBox", 25),
            required("city", 30),
            required("state", 2).form(|state| state.len() == 2),
            required("zipCode", 10),
        ],
    )?;
    let street = request.given("streetNum").is_some() || request.given("streetName").is_some();
    let whole_street = request.given("streetNum").is_some() && request.given("streetName").is_some();
    match (street, request.given("poBox")) {
        (true, Some(_)) => return Err(refuse(request, &[("poBox", "cannot come with a street")])),
        (false, None) => return Err(refuse(request, &[("streetNum", "or poBox is required")])),
        (true, None) if !whole_street => {
            return Err(refuse(request, &[("streetNum", "and streetName are required together")]));
        }
        _ => {}
    }

    let language = request.language();
    let address = Address::new(
        request.text("streetNum"),
        request.text("streetName"),
        request.text("aptNum"),
        request.text("city"),
        request.text("zipCode"),
    );
    let clean = cleaned(request, &address, &address.street);
    let echo = json!({
        "streetNum": request.text("streetNum"), "streetName": request.text("streetName"), "aptNum": request.text("aptNum"),
        "city": request.text("city"), "state": request.text("state"), "zipCode": request.text("zipCode"),
        "poBox": request.text("poBox"), "country": "US",
    });
    let reply = match address.place() {
        Place::Similar if !address.street.ends_with(" AVE") => {
            let street = format!("{} AVE", address.street);
            Reply::question("PARTIAL_MATCH", language).with(cleaned(request, &address, &street))
        }
        Place::Building { .. } if address.unit.is_empty() => {
            Reply::question("UNIT_NEEDED", language).with(echo)
        }
        Place::Building { first, units }
            if !(first..first + units).any(|unit| unit.to_string() == address.unit) =>
        {
            Reply::question("INCORRECT_UNIT", language).with(echo)
        }
        Place::Unknown => Reply::question("NO_MATCH", language).with(echo),
        Place::Unverified => Reply::question("UNVERIFIED_ADDRESS", language).with(echo),
        Place::CleanerError => Reply::question("", language).with(echo),
        Place::HiddenNull => Reply::success(),
        Place::HiddenEcho => Reply::success().with(echo),
        _ => Reply::advise("COMPLETE_MATCH", language).with(clean),
    };
    Ok(reply)
}

fn cleaned(request: &ApiRequest, address: &Address, street: &str) -> Value {
    json!({
        "streetNum": address.number, "streetName": street, "aptNum": address.unit, "city": address.city,
        "state": request.text("state").to_uppercase(), "zipCode": format!("{}-0001", address.zip),
        "poBox": request.text("poBox").to_uppercase(), "country": "US",
    })
}
