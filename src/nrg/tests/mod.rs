//! What the tests share: reading a literal as an answer, and invented values to send.

mod connections;
mod fake;
mod fuzz;
mod oddities;
mod proxy;
mod requests;
mod sandbox;
mod scalars;
mod tls;
mod transport;

use std::{collections::BTreeMap, sync::LazyLock};

use jiff::civil::date;
use serde::de::DeserializeOwned;

use crate::{
    clock::Clock,
    fields::{
        BillingAddress, BirthDate, Brand, City, Email, Guid, Language, OfferCode, PersonName, Phone,
        ServiceAddress, Street, Token, TrackingId, Transaction, Unit, Zip,
    },
    journey::{
        Applicant, BrandSite, DepositPayment, DepositTerms, OfferCodes, PerLanguage, Proof, Record, Site,
    },
};

use super::{
    Endpoint, EnrollCodes, EnrollRequest, Error,
    envelope::{Answer, Rejection, Reply},
    oddities::Oddities,
    reading::Reading,
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

/// Reads for [`hosts`], and counts for nobody.
pub(super) fn reading() -> Reading<'static> {
    static HOSTS: LazyLock<Vec<String>> = LazyLock::new(hosts);
    static ODDITIES: LazyLock<Oddities> = LazyLock::new(|| Oddities::new(Clock::system()));
    Reading {
        endpoint: Endpoint::Offers,
        link_hosts: &HOSTS,
        oddities: &ODDITIES,
        language: Language::English,
    }
}

pub(super) fn service() -> ServiceAddress {
    ServiceAddress {
        street: Street::parse("100 Example Oak Ln").unwrap(),
        unit: Some(Unit::parse("12").unwrap()),
        city: City::parse("Sampleton").unwrap(),
        zip: Zip::parse("77999").unwrap(),
        plus_four: None,
    }
}

fn site() -> Site {
    let phone = || Phone::parse("7135550100").unwrap();
    let brand = BrandSite {
        promo_code: Some("DEMO99".into()),
        link_promos: Vec::new(),
        name: "Sample".into(),
        legal_name: "Sample".into(),
        certificate: "1".into(),
        phone: PerLanguage { english: phone(), spanish: phone() },
        hours: crate::journey::OpeningHours::parse("mon-sun 0:00-24:00").unwrap(),
        email: None,
        confirmation_email: false,
        deposit: DepositPayment::Phone,
        deposit_terms: DepositTerms::default(),
    };
    Site {
        name: Site::MAIN.to_owned(),
        affiliate_id: "AFF-DEMO".into(),
        affiliate_name: "Sample".into(),
        privacy_url: None,
        feedback_url: None,
        broker_number: None,
        default_brand: Brand::Reliant,
        allow_no_id: false,
        allow_identity_hold: false,
        quiz: true,
        allow_prepaid: false,
        click_params: crate::journey::ClickParams::default(),
        link_hosts: hosts(),
        brands: BTreeMap::from([(Brand::Reliant, brand)]),
    }
}

fn applicant(proof: Proof) -> Applicant {
    Applicant {
        brand: Brand::Reliant,
        transaction: Transaction::MoveIn,
        first_name: PersonName::parse("Jordan").unwrap(),
        last_name: PersonName::parse("Samplecase").unwrap(),
        birth_date: BirthDate::parse("1", "15", "1990", date(2030, 6, 15)).unwrap(),
        email: Email::parse("jordan.samplecase@example.com").unwrap(),
        phone: Phone::parse("7135550142").unwrap(),
        bill_language: Language::English,
        marketing_email: true,
        proof,
        prospect: None,
        billing: BillingAddress::from(&service()),
        service: service(),
    }
}

fn token() -> Token {
    Token::parse("7QK2MM0-6789").unwrap()
}

fn record() -> Record {
    Record {
        brand: Brand::Reliant,
        tracking_id: TrackingId::parse("4900001").unwrap(),
        guid: Guid::parse("3f0f6f1e-0000-4000-8000-000000000001").unwrap(),
        repeats: 0,
        meter_address: None,
    }
}

fn enroll_request() -> EnrollRequest {
    EnrollRequest {
        guid: record().guid,
        brand: Brand::Reliant,
        language: Language::English,
        codes: EnrollCodes {
            offer: OfferCode::parse("59990001").unwrap(),
            others: OfferCodes {
                promo: "DEMO99".into(),
                campaign: "CAMPDEMO".into(),
                product_price: "PPCDEMO".into(),
                incentive: "INCDEMO".into(),
                market_segment: "01".into(),
            },
        },
        paperless: true,
    }
}
