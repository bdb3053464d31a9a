//! Forms with characters of which nothing is seen: every field reads through them.

use proptest::prelude::*;

use super::form::FormBody;
use crate::{fields::*, testing::properties};

/// What the form's field `typed` comes to, with every field's own reading of it; its secrets only by what they keep.
fn readings(typed: &str) -> Vec<String> {
    let body = serde_urlencoded::to_string([("typed", typed)]).unwrap();
    let posted = FormBody::parse(body.as_bytes());
    let text = posted.get("typed");
    let today = jiff::civil::date(2030, 6, 18);
    let born = |month, day, year| BirthDate::parse(month, day, year, today).map(BirthDate::wire);
    vec![
        text.to_owned(),
        format!("{:?}", Zip::parse_with_plus_four(text)),
        format!("{:?}", Phone::parse(text).map(|phone| phone.to_string())),
        format!("{:?}", Email::parse(text).map(|email| email.as_str().to_owned())),
        format!("{:?}", PersonName::parse(text).map(|name| name.as_str().to_owned())),
        format!("{:?}", Street::parse(text).map(|street| street.line())),
        format!("{:?}", optional(text, Unit::parse).map(|unit| unit.map(|unit| unit.as_str().to_owned()))),
        format!("{:?}", City::parse(text)),
        format!("{:?}", State::parse(text)),
        format!("{:?}", PoBox::parse(text).map(|po_box| po_box.line())),
        format!("{:?}", EsiId::parse(text).map(|esi_id| esi_id.as_str().to_owned())),
        format!("{:?}", optional(text, ProspectId::parse).map(|id| id.map(|id| id.as_str().to_owned()))),
        format!("{:?}", OfferCode::parse(text)),
        format!("{:?}", Language::parse(text)),
        format!("{:?}", Ssn::parse(text).map(|ssn| ssn.last_four().as_str().to_owned())),
        format!("{:?}", DriverLicense::parse(text).map(|license| license.last_four().as_str().to_owned())),
        format!("{:?}", [born(text, "15", "1990"), born("1", text, "1990"), born("1", "15", text)]),
    ]
}

#[rustfmt::skip]
const TYPED: &[&str] = &[
    "jordan@example.com", "Jordan", "José", "Jose\u{301}", "O\u{2019}Sample-Case", "March", "septiembre", "28", "1985",
    "P-000 123", "900-45-6789", "00001234", "(713) 555-0142", "77999-0001", "100 Example Oak Ln", "Apt 12", "none",
    "PO Box 123", "10000009999999912", "Sampleton", "TX", "en", "AB990001", " ", "",
];

#[test]
fn every_field_reads_through_what_is_not_seen() {
    let typed = prop_oneof![
        2 => proptest::sample::select(TYPED).prop_map(str::to_owned),
        1 => "\\PC{0,20}".prop_map(|text| text.replace('\u{fffd}', "")),
    ];
    let typed = typed.prop_flat_map(|text| (Just(text.clone()), properties::strewn(text)));
    properties::run(typed, |(text, strewn)| {
        prop_assert_eq!(readings(&strewn), readings(&text));
        Ok(())
    });
}
