//! Invented submissions, for the ledger's tests.

use super::{ConsentKind, KeyRing, Ledger, LedgerKey, NewConsent, NewSubmission, PersonAtHome, RepeatKeys};
use crate::{
    clock::Clock,
    config,
    entropy::Entropy,
    fields::{
        BirthDate, Brand, City, Guid, Language, NumberKey, OfferCode, PersonName, Phone, ServiceAddress,
        Street, TrackingId, Unit, Zip, optional,
    },
    journey::{Account, Attribution, OfferCodes},
    nrg::{EnrollCodes, EnrollRequest, Enrollment},
    postback::Facts,
    store::Store,
};

/// The guid of every invented submission.
pub const GUID: &str = "3f0f6f1e-0000-4000-8000-0000000cafe1";

/// An answer that opened an account.
pub fn enrolled() -> Enrollment {
    let account = Account {
        number: "000099990001".to_owned(),
        check_digit: "7".to_owned(),
        customer_number: "0099990001".to_owned(),
    };
    Enrollment::Enrolled { account, document: None, message: None }
}

/// A refusal without text and code.
pub fn refused(correctable: bool) -> Enrollment {
    Enrollment::Refused { correctable, message: None, code: None }
}

/// The setting `session.keys` of [`ledger`].
pub const SESSION_KEYS: &str = "k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The setting `ledger.key` of [`ledger`].
pub const KEY: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

/// A ledger with keys that are the same in every process, as two servers have them.
pub fn ledger(store: &Store, clock: &Clock) -> Ledger {
    ledger_with_keys(store, clock, &[SESSION_KEYS])
}

/// The same, of a server with these session keys.
pub fn ledger_with_keys(store: &Store, clock: &Clock, keys: &[&str]) -> Ledger {
    let keys = KeyRing::parse(keys).unwrap();
    let key = LedgerKey::parse(KEY).unwrap();
    let settings = config::testing::defaults();
    let sending = settings.ledger.sending(settings.store.lease);
    Ledger::new(store.clone(), keys, key, clock.clone(), Entropy::system(), sending)
}

/// A consent of that journey.
pub fn consent(journey: &str) -> NewConsent {
    NewConsent {
        journey: journey.to_owned(),
        kind: ConsentKind::Credit,
        text_id: "credit".to_owned(),
        text_version: "1".to_owned(),
        text: "You may ask a bureau.".to_owned(),
        language: "en".to_owned(),
        state: "TX".to_owned(),
        brand: "RE".to_owned(),
        offer_code: None,
        documents: vec!["https://brand.example/efl.pdf".to_owned()],
        transaction_type: Some("MVI".to_owned()),
        esi_id: None,
        tracking_id: None,
        client_address: "192.0.2.1".to_owned(),
        user_agent: "test".to_owned(),
        build: "0".to_owned(),
        person: None,
    }
}

/// An invented person, and the home as it is typed.
#[derive(Clone, Copy)]
pub struct Home {
    /// First and last.
    pub name: (&'static str, &'static str),
    /// Street and unit.
    pub home: (&'static str, &'static str),
    /// Stands for the hash of a number.
    pub number: Option<u8>,
}

impl Default for Home {
    fn default() -> Self {
        Self { name: ("Jordan", "Samplecase"), home: ("100 Example Oak Ln", "12b"), number: Some(7) }
    }
}

/// What is compared of `one`.
pub fn keys(ledger: &Ledger, one: &Home) -> RepeatKeys {
    let name = |name| PersonName::parse(name).unwrap();
    let ((first, last), (street, unit)) = (one.name, one.home);
    let home = ServiceAddress {
        street: Street::parse(street).unwrap(),
        unit: optional(unit, Unit::parse).unwrap(),
        city: City::parse("Sampleton").unwrap(),
        zip: Zip::parse("77999").unwrap(),
        plus_four: None,
    };
    ledger.repeat_keys(PersonAtHome {
        first_name: &name(first),
        last_name: &name(last),
        birth_date: BirthDate::parse("1", "15", "1990", jiff::civil::date(2030, 6, 18)).unwrap(),
        home: &home,
        number: one.number.map(|number| NumberKey::new([number; 32])).as_ref(),
    })
}

/// A submission of that record, by one and the same person.
pub fn submission(ledger: &Ledger, tracking_id: &str) -> NewSubmission {
    NewSubmission {
        tracking_id: TrackingId::parse(tracking_id).unwrap(),
        round: 1,
        journey: format!("journey of {tracking_id}"),
        keys: keys(ledger, &Home::default()),
        ask_within: None,
        transaction_type: "MVI".to_owned(),
        esi_id: Some("10000009999999912".to_owned()),
        site: "main".to_owned(),
        attribution: Attribution::read("cid=click-1&sub2=blue"),
        deposit: Some(true),
        facts: Facts::default(),
        request: EnrollRequest {
            guid: Guid::parse(GUID).unwrap(),
            brand: Brand::Reliant,
            language: Language::English,
            codes: EnrollCodes {
                offer: OfferCode::parse("59990001").unwrap(),
                others: OfferCodes {
                    promo: "DEMO99".to_owned(),
                    campaign: "CAMPDEMO".to_owned(),
                    product_price: "PPCDEMO".to_owned(),
                    incentive: "INCDEMO".to_owned(),
                    market_segment: "01".to_owned(),
                },
            },
            paperless: true,
        },
        billing_zip: Zip::parse("77998").unwrap(),
        phone: Phone::parse("713 555 0142").unwrap(),
    }
}
