//! Whatever a form is refused for, what was typed is on the page, and is there again when one comes back.

use nrg_enroll::fields::tidied;
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::{Config, RngSeed, TestRunner},
};

use crate::support::{Page, Person, Walk, World};

/// How many forms each page is sent.
const FORMS: usize = 24;

/// What a draft keeps of a field, in bytes.
const KEPT: usize = 512;

/// Percent-encoded pieces of what people, managers of passwords and programs send.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "Jordan", "Jos%E9", "%EF%BF%BD", "e%CC%81", "%E2%80%8B", "%00", "+", "%09", "%3Cb%3E", "%22", "%27", "%26", "7", "12%2F40",
    "900", "%40", ".", "%C3%B1", "%F0%9F%8F%A0", "apt", "Oak", "PO+Box", "-", "%25", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

/// The pages that text is typed into, with those of their radios that ask for it.
const PAGES: [(&str, &[(&str, &str)]); 5] = [
    ("/address", &[]),
    ("/contact", &[("language", "en")]),
    ("/billing", &[("choice", "street"), ("state", "TX")]),
    ("/identity", &[("document", "ssn")]),
    ("/start-date", &[]),
];

/// The fields of which nothing is kept.
const SECRETS: [&str; 2] = ["ssn", "licence"];

fn decoded(value: &str) -> String {
    let body = format!("v={value}");
    let (_, value) = url::form_urlencoded::parse(body.as_bytes()).next().unwrap();
    tidied(&value).into_owned()
}

/// What a field shows of `value`.
fn shown(value: &str) -> String {
    let value = decoded(value);
    value[..value.floor_char_boundary(KEPT)].to_owned()
}

fn holds(page: &Page, typed: &[(String, String)]) {
    for (name, value) in typed {
        let value = if SECRETS.contains(&name.as_str()) { vec![] } else { vec![shown(value)] };
        assert_eq!(
            page.attributes(&format!("#{name}"), "value"),
            value,
            "{name} on {} {}",
            page.status,
            page.path
        );
    }
}

#[tokio::test]
async fn refused_form_keeps_what_was_typed_whatever_it_was() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.through_start_date().await.is_at("/review");
    let seed = RngSeed::Fixed(18);
    let mut runner = TestRunner::new(Config { rng_seed: seed, ..Config::default() });
    let text = prop_oneof![4 => vec(select(PIECES), 0..6), 1 => vec(select(PIECES), 40..60)];
    let text = text.prop_map(|pieces| pieces.concat());
    let mut refused = 0;
    for (path, chosen) in PAGES {
        for _ in 0..FORMS {
            let form = walk.browser.get(path).await.form(path);
            let text_names = form.text_names().into_iter().filter(|name| !name.starts_with("hp_"));
            let typed: Vec<(String, String)> =
                text_names.map(|name| (name, text.new_tree(&mut runner).unwrap().current())).collect();
            let hidden =
                ["visit", "revision", "agreed"].map(|name| (name, form.value(name).unwrap_or("").to_owned()));
            let mut body: Vec<String> =
                hidden.iter().map(|(name, value)| format!("{name}={value}")).collect();
            body.extend(chosen.iter().map(|(name, value)| format!("{name}={value}")));
            body.extend(typed.iter().map(|(name, value)| format!("{name}={value}")));
            let page = walk.browser.post_body(path, body.join("&")).await;
            if page.status.is_client_error() {
                refused += 1;
                assert_eq!(page.status, 422, "{path}");
                holds(&page, &typed);
                holds(&walk.browser.get(path).await, &typed);
            }
        }
    }
    assert!(refused > FORMS, "{refused} only");
}
