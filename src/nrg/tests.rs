//! Helpers of the tables beside each call; the calls over a real socket.

use serde::de::DeserializeOwned;

use crate::fields::{City, PlusFour, ServiceAddress, Street, Unit, Zip};

use super::{
    Endpoint, Error,
    envelope::{Answer, Rejection, Reply},
};

pub(super) fn answer<T: DeserializeOwned>(
    endpoint: Endpoint,
    http: u16,
    json: &str,
) -> Result<Answer<T>, Error> {
    Answer::read(endpoint, http, json.as_bytes())
}

pub(super) fn processed<T: DeserializeOwned>(endpoint: Endpoint, json: &str) -> Reply<T> {
    answer(endpoint, 200, json).and_then(Answer::processed).unwrap_or_else(|error| panic!("{error}: {json}"))
}

pub(super) fn rejection(endpoint: Endpoint, json: &str) -> Rejection {
    match answer::<serde_json::Value>(endpoint, 400, json) {
        Ok(Answer::Rejected(rejection)) => rejection,
        Ok(Answer::Processed(_)) | Err(_) => panic!("{json}"),
    }
}

pub(super) fn hosts() -> Vec<String> {
    vec!["brand.example".to_owned()]
}

pub(super) fn service() -> ServiceAddress {
    ServiceAddress {
        street: Street::parse("100 Example Oak Ln").unwrap(),
        unit: Some(Unit::parse("12").unwrap()),
        city: City::parse("Sampleton").unwrap(),
        zip: Zip::parse("77999").unwrap(),
        plus_four: None::<PlusFour>,
    }
}
