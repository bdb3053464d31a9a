//! `[postbacks.NAME]`: the targets of postbacks. The defaults of NAME are those of every target.

use config::{Map, Value, ValueKind};

use super::{
    key::is_one_byte,
    layers::DEFAULT,
    section::{NAMED, Section, is_name},
};
use crate::postback::{Call, Field, InvalidTarget, Key, Target, Targets};

/// The placeholder for every name in `default.toml`.
const NAME: &str = "NAME";

/// Gives every target the defaults.
pub(super) fn fill_in(keys: &mut Map<String, Value>) {
    let Some(Value { kind: ValueKind::Table(targets), .. }) = keys.get_mut("postbacks") else { return };
    let Some(Value { kind: ValueKind::Table(defaults), .. }) = targets.get(NAME).cloned() else { return };
    // A target that somebody has called NAME is kept: it is reported as a name that is not valid.
    if defaults.values().all(|value| value.origin() == Some(DEFAULT)) {
        targets.remove(NAME);
    }
    for target in targets.values_mut() {
        if let ValueKind::Table(set) = &mut target.kind {
            for (key, value) in &defaults {
                set.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Targets> {
    let mut targets = Vec::new();
    for name in section.names() {
        if !is_name(&name) {
            section.must_be::<()>(&name, NAMED, None);
        }
        targets.push(section.section(&name, |section| read_target(&name, section)));
    }
    Some(Targets::new(targets.into_iter().collect::<Option<_>>()?))
}

fn read_target(name: &str, section: &mut Section<'_>) -> Option<Target> {
    const FIELDS: &str = "a list of id, ending, time, click_id, sub1 to sub10, the other parameters of a click by \
        their names, brand, offer_code and deposit";
    const ENDINGS: &str = "a list of enrolled, accepted, stopped, abandoned and unknown";
    let url = section.secret("url", "an address", Some);
    let by_get = section.parse("method", "GET or POST", |text| match text {
        "GET" => Some(true),
        "POST" => Some(false),
        _ => None,
    });
    let fields = section.list("fields", FIELDS, Field::parse);
    let endings = section.list("endings", ENDINGS, |word| word.parse().ok());
    let sites =
        section.list("sites", "a list of names of sites", |name| is_name(name).then(|| name.to_owned()));
    let without_click = section.switch("without_click");
    let key = section.secret("secret", "24 random bytes or more in base64", |text| {
        Key::parse(&text).filter(|_| !is_one_byte(text.trim().trim_start_matches("whsec_")))
    });
    let loopback = section.switch("loopback");
    if endings.as_ref().is_some_and(Vec::is_empty) {
        section.missing::<()>("endings");
    }
    let (url, loopback) = (url?, loopback?);
    let call = if by_get? { Call::get(&url, loopback) } else { Call::post(&url, loopback, &fields?) };
    let call = match call {
        Ok(call) => call,
        Err(unfit) => return section.must_be("url", what(unfit, loopback), None),
    };
    Some(Target {
        name: name.to_owned(),
        call,
        endings: endings?,
        sites: sites?,
        without_click: without_click?,
        key: key?,
        loopback,
    })
}

/// What the URL of a target must be.
fn what(unfit: InvalidTarget, loopback: bool) -> &'static str {
    match unfit {
        InvalidTarget::Address if loopback => "an address on this machine, without a name or password in it",
        InvalidTarget::Address => "an https address, without a name or password in it",
        InvalidTarget::Private => "an address of the Internet, not of a private network",
        InvalidTarget::Placeholder => {
            "an address that has, for GET, a ? and behind it in braces only {click_id} {sub1} to {sub10} \
             {gclid} and the other parameters of a click, {brand} {offer_code} {ending} {deposit} {time} {id}; for POST, none of them"
        }
    }
}
