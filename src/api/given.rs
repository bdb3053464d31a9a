//! The body of `POST /api/journeys`: what a partner knows of a customer. Every value is read by the types that read what
//! people type, and every member that is not known is refused: there is none for a number, a birth date or a consent.

use std::{collections::BTreeMap, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use url::form_urlencoded;

use super::problem::{Fault, Reason};
use crate::{
    fields::{
        Brand, City, Email, EsiId, Language, OfferCode, PersonName, Phone, ServiceDate, Street, Transaction,
        Unit, Zip,
    },
    journey::{Attribution, HandedOver, Journey, LinkRequest, Site, Step},
};

/// The longest value, in bytes: as much as the draft of a form keeps.
const LONGEST: usize = 512;
/// How much of the name of an unknown member is repeated.
const MOST_NAME: usize = 40;
/// The member with the click.
const CLICK: &str = "click";

/// What a partner gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) language: Option<Language>,
    link_request: LinkRequest,
    click: Attribution,
    /// By step and name of the form's field.
    fields: BTreeMap<Step, BTreeMap<String, String>>,
}

/// The members that are values of a form: name, step, name of the field, what it has to be, and whether it is that.
type Member = (&'static str, Step, &'static str, &'static str, fn(&str) -> bool);

const MEMBERS: [Member; 12] = [
    ("zip", Step::Zip, "zip", "A ZIP code has five digits.", |text| Zip::parse(text).is_ok()),
    ("type", Step::Zip, "transaction", "It is MVI or SWI.", |text| {
        Transaction::parse(text).is_ok_and(|known| known.wire() == text)
    }),
    ("street", Step::Address, "street", "It is a number and the name of a street.", |text| {
        Street::parse_with_unit(text).is_ok()
    }),
    ("unit", Step::Address, "unit", "It is no unit.", |text| Unit::parse(text).is_ok()),
    ("city", Step::Address, "city", "It is no name of a city.", |text| City::parse(text).is_ok()),
    ("esi_id", Step::Address, "esi_id", "An ESI ID has 17 or 22 digits.", |text| EsiId::parse(text).is_ok()),
    ("first_name", Step::Contact, "first_name", NAME, |text| PersonName::parse(text).is_ok()),
    ("last_name", Step::Contact, "last_name", NAME, |text| PersonName::parse(text).is_ok()),
    ("email", Step::Contact, "email", "It is no e-mail address.", |text| Email::parse(text).is_ok()),
    ("phone", Step::Contact, "phone", "It is no phone number of the United States.", |text| {
        Phone::parse(text).is_ok()
    }),
    ("bill_language", Step::Contact, "language", LANGUAGE, |text| language(text).is_some()),
    ("start_date", Step::StartDate, "date", "A date is written as 2030-06-18.", |text| {
        ServiceDate::parse_iso(text).is_ok_and(|date| date.iso() == text)
    }),
];
const NAME: &str = "A name has letters.";
const LANGUAGE: &str = "It is en or es.";

impl Given {
    /// Reads `body`, a JSON object. `None`: it is none.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn read(body: &[u8], site: &Site) -> Option<Result<Self, Vec<Fault>>> {
        let Members(members) = serde_json::from_slice(body).ok()?;
        let (mut given, mut reader) = (Self::default(), Reader::default());
        for (name, value) in &members {
            given.take(name, value, site, &mut reader);
        }
        let request = &given.link_request;
        if request.offer.is_some() && request.brand.is_none() && !reader.has("brand") {
            reader.fault("brand", Reason::Missing, "An offer code needs its brand.");
        }
        Some(if reader.faults.is_empty() { Ok(given) } else { Err(reader.faults) })
    }

    fn take(&mut self, name: &str, value: &Value, site: &Site, reader: &mut Reader) {
        if !reader.is_new(name) {
            return reader.fault(name, Reason::Repeated, "It may be given once only.");
        }
        if name == CLICK {
            return self.take_click(value, site, reader);
        }
        match name {
            "lang" => self.language = reader.text(name, value, LANGUAGE, language),
            "brand" => {
                let sold = |text: &str| Brand::parse(text).ok().filter(|brand| site.brand(*brand).is_some());
                self.link_request.brand = reader.text(name, value, "This site sells no such brand.", sold);
            }
            "offer_code" => {
                let code = |text: &str| OfferCode::parse(text).ok();
                self.link_request.offer = reader.text(name, value, "It is no offer code.", code);
            }
            _ => match MEMBERS.iter().find(|(known, ..)| *known == name) {
                Some((_, step, field, what, is_valid)) => {
                    let text = |text: &str| is_valid(text).then(|| text.to_owned());
                    if let Some(text) = reader.text(name, value, what, text) {
                        self.fields.entry(*step).or_default().insert((*field).to_owned(), text);
                    }
                }
                None => reader.fault(name, Reason::Unknown, "There is no such member."),
            },
        }
    }

    fn take_click(&mut self, value: &Value, site: &Site, reader: &mut Reader) {
        const WHAT: &str = "It is an object with texts by the names of a link's parameters.";
        let Some(click) = value.as_object() else { return reader.fault(CLICK, Reason::Invalid, WHAT) };
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in click {
            let member = format!("{CLICK}.{name}");
            match value.as_str() {
                _ if !site.click_params.contains(name) => {
                    reader.fault(&member, Reason::Unknown, "Links have no such parameter.");
                }
                Some(text) => drop(query.append_pair(name, text)),
                None => reader.fault(&member, Reason::Invalid, WHAT),
            }
        }
        let query = query.finish();
        for (name, _) in site.click_params.unusable_in(&query) {
            reader.fault(&format!("{CLICK}.{name}"), Reason::Invalid, "A link's value would not be kept.");
        }
        self.click = site.click_params.read(&query);
    }

    /// Puts it into a new `journey`, which `partner` hands over.
    pub(super) fn hand_over(mut self, journey: &mut Journey, partner: String) {
        // As a link's, the first page's values are those of its form, and the person's from then on.
        journey.draft = self.fields.remove(&Step::Zip).map(|fields| (Step::Zip, fields));
        journey.link_request = self.link_request;
        journey.attribution = self.click;
        journey.handed_over = Some(Box::new(HandedOver { partner, opened: false, fields: self.fields }));
    }
}

fn language(text: &str) -> Option<Language> {
    [Language::English, Language::Spanish].into_iter().find(|language| language.tag() == text)
}

/// The names that were read, and what is wrong with them.
#[derive(Default)]
struct Reader {
    names: Vec<String>,
    faults: Vec<Fault>,
}

impl Reader {
    fn is_new(&mut self, name: &str) -> bool {
        let new = !self.has(name);
        self.names.push(name.to_owned());
        new
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    fn text<T>(
        &mut self,
        name: &str,
        value: &Value,
        what: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let parsed = value.as_str().filter(|text| text.len() <= LONGEST).and_then(parse);
        if parsed.is_none() {
            self.fault(name, Reason::Invalid, what);
        }
        parsed
    }

    fn fault(&mut self, name: &str, reason: Reason, detail: &'static str) {
        let field = name.chars().take(MOST_NAME).collect();
        self.faults.push(Fault { field, reason, detail });
    }
}

/// The members of an object in order, also those that come twice.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn read(body: &str) -> Option<Result<Given, Vec<(String, Reason)>>> {
        let settings = config::testing::defaults();
        let mut site = settings.main.site.clone();
        site.brands.retain(|brand, _| *brand != Brand::GreenMountain);
        let read = Given::read(body.as_bytes(), &site)?;
        Some(read.map_err(|faults| faults.into_iter().map(|fault| (fault.field, fault.reason)).collect()))
    }

    #[test]
    fn body_is_read_to_the_letter_or_each_fault_is_named() {
        use Reason::{Invalid, Missing, Repeated, Unknown};
        let long = format!(r#"{{"first_name": "{}"}}"#, "n".repeat(LONGEST + 1));
        for (body, expected) in [
            ("{}", &[][..]),
            (
                r#"{"zip": "77999", "type": "SWI", "lang": "es", "brand": "RE", "offer_code": "59990001"}"#,
                &[],
            ),
            (r#"{"street": "100 Example Oak Ln Apt 12b", "city": "Sampleton"}"#, &[]),
            (r#"{"first_name": "Jordan", "last_name": "Samplecase", "phone": "(713) 555-0142"}"#, &[]),
            (r#"{"email": "jordan@example.com", "bill_language": "es", "start_date": "2030-06-18"}"#, &[]),
            (r#"{"click": {"cid": "a b", "sub1": "x"}}"#, &[]),
            (r#"{"zip": 77999, "type": "mvi"}"#, &[("zip", Invalid), ("type", Invalid)]),
            (r#"{"zip": null}"#, &[("zip", Invalid)]),
            (r#"{"zip": "77999", "zip": "77999"}"#, &[("zip", Repeated)]),
            (r#"{"offer_code": "59990001"}"#, &[("brand", Missing)]),
            (r#"{"offer_code": "59990001", "brand": "GM"}"#, &[("brand", Invalid)]),
            (r#"{"offer_code": "1", "brand": "RE"}"#, &[("offer_code", Invalid)]),
            (r#"{"lang": "de", "bill_language": "EN"}"#, &[("lang", Invalid), ("bill_language", Invalid)]),
            (
                r#"{"street": "", "unit": "?", "city": "9"}"#,
                &[("street", Invalid), ("unit", Invalid), ("city", Invalid)],
            ),
            (
                r#"{"esi_id": "123", "email": "jordan", "phone": "911"}"#,
                &[("esi_id", Invalid), ("email", Invalid), ("phone", Invalid)],
            ),
            (
                r#"{"start_date": "6/18/2030", "first_name": ""}"#,
                &[("start_date", Invalid), ("first_name", Invalid)],
            ),
            (r#"{"click": "cid=1"}"#, &[("click", Invalid)]),
            (r#"{"click": {"cid": 1, "gclick": "1"}}"#, &[("click.cid", Invalid), ("click.gclick", Unknown)]),
            (r#"{"click": {"cid": "{clickid}"}}"#, &[("click.cid", Invalid)]),
            // What nobody may hand over.
            (
                r#"{"ssn": "900-12-3456", "birth_date": "1990-01-15"}"#,
                &[("ssn", Unknown), ("birth_date", Unknown)],
            ),
            (
                r#"{"consent": true, "licence": "1", "": ""}"#,
                &[("consent", Unknown), ("licence", Unknown), ("", Unknown)],
            ),
            (&long, &[("first_name", Invalid)]),
        ] {
            let expected: Vec<_> = expected.iter().map(|(name, why)| ((*name).to_owned(), *why)).collect();
            assert_eq!(read(body).unwrap().err().unwrap_or_default(), expected, "{body}");
        }
        for body in ["", "[]", "1", "null", "\"zip\"", "{", "{}{}", "{\"zip\": \"77999\",}"] {
            assert!(read(body).is_none(), "{body}");
        }
        let name = "n".repeat(60);
        let faults = read(&format!(r#"{{"{name}": 1}}"#)).unwrap().unwrap_err();
        assert_eq!(faults, [("n".repeat(MOST_NAME), Unknown)], "no more of it is repeated");
    }
}
