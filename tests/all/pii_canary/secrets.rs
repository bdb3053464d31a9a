//! The values to search for.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    people::{MONTHS, PEOPLE},
    served::{PASSWORD, Served},
};
use crate::support::Seen;

/// A value to search for.
pub struct Secret {
    pub kind: &'static str,
    pub value: String,
}

/// A number as it may be typed: with what it was typed with, its digits alone, and in groups.
pub fn number(document: &str, typed: &str) -> Vec<Secret> {
    let kind = if document == "ssn" { "SSN" } else { "license number" };
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let mut all = vec![digits.clone(), typed.to_owned()];
    if digits.len() == 9 {
        all.push(format!("{}-{}-{}", &digits[..3], &digits[3..5], &digits[5..]));
    }
    all.sort();
    all.dedup();
    all.into_iter().map(|value| Secret { kind, value }).collect()
}

/// Everything to search for, as it was given and as NRG gave it.
pub fn secrets(served: &Served, seen: &[Seen]) -> Vec<Secret> {
    let mut all = Vec::new();
    let mut add = |kind, value: &str| all.push(Secret { kind, value: value.to_owned() });
    for person in &PEOPLE {
        for Secret { kind, value } in number(person.document, person.number) {
            add(kind, &value);
        }
        let [month, day, year] = person.born;
        add("birth date", &format!("{month:0>2}{day:0>2}{year}"));
        add("birth date", &format!("{year}-{month:0>2}-{day:0>2}"));
        add("birth date", &format!("{month:0>2}/{day:0>2}/{year}"));
        let (english, spanish) = MONTHS[month.parse::<usize>().unwrap() - 4];
        add("birth date", &format!("{english} {day}, {year}"));
        add("birth date", &format!("{day} de {spanish} de {year}"));
        for (kind, name) in [("first name", person.first_name), ("last name", person.last_name)] {
            if name.ends_with("canary") {
                add(kind, name);
            }
        }
        add("e-mail address", person.email);
        add("phone number", person.phone);
        add("phone number", &person.phone.chars().filter(char::is_ascii_digit).collect::<String>());
        add("street", person.street.split(' ').nth(1).unwrap());
    }
    for call in served.sandbox.calls() {
        for (kind, field) in [
            ("token", "tokenizedSSN"),
            ("token", "tokenizedTDL"),
            ("guid", "guid"),
            ("tracking id", "trackingId"),
            ("account number", "caNumber"),
        ] {
            if let Some(value) = call.parameters.get(field).and_then(|value| value.as_str()) {
                add(kind, value);
            }
        }
    }
    for seen in seen {
        for line in seen.head.lines().filter_map(|line| line.strip_prefix("set-cookie: enroll=")) {
            let id = line.split(';').next().unwrap_or_default();
            if !id.is_empty() {
                add("session id", id);
            }
        }
        if let Some((_, code)) = seen.body.split_once("resume?code=") {
            let code = &code[..14];
            add("resume code", code);
            add("resume code", &code.replace('-', ""));
        }
    }
    add("Basic credentials", "canary-user");
    add("Basic credentials", PASSWORD);
    add("Basic credentials", &STANDARD.encode(format!("canary-user:{PASSWORD}")));
    for key in &served.keys {
        add("key", key);
        add(
            "key",
            &STANDARD.decode(key).unwrap().iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        );
    }
    add("partner key", served.partner_key.strip_prefix("enroll_partner_").unwrap());
    add("quiz", "Invented Blvd");
    all.sort_by(|a, b| (a.kind, &a.value).cmp(&(b.kind, &b.value)));
    all.dedup_by(|a, b| a.value == b.value);
    all
}
