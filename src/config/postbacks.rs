//! `[postbacks.NAME]`: the targets of postbacks. The defaults of NAME are those of every target.

use std::path::PathBuf;

use config::{Map, Value, ValueKind};
use zeroize::Zeroizing;

use super::{
    key::is_one_byte,
    layers::DEFAULT,
    name::{NAMED, is_name},
    proxy,
    section::Section,
};
use crate::{
    fields::{Brand, Transaction},
    journey::{ClickParams, StopKind},
    postback::{
        AcceptIf, BodySettings, Call, Credential, Field, InvalidTarget, Key, Names, Target, Targets, Wants,
    },
};

/// The placeholder for every name in `default.toml`.
const NAME: &str = "NAME";

/// What a name of a [`Field`] must be.
const FIELDS: &str = "a list of names from the section Fields of docs/postbacks.md";

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

pub(super) fn read(section: &mut Section<'_>, params: &ClickParams) -> Option<Targets> {
    let mut targets = Vec::new();
    for name in section.names() {
        if !is_name(&name) {
            section.must_be::<()>(&name, NAMED, None);
        }
        targets.push(section.section(&name, |section| read_target(&name, section, params)));
    }
    Some(Targets::new(targets.into_iter().collect::<Option<_>>()?))
}

fn read_target(name: &str, section: &mut Section<'_>, params: &ClickParams) -> Option<Target> {
    let wants = read_wants(section, params);
    let loopback = section.switch("loopback");
    let call = read_call(section, params, loopback.unwrap_or_default());
    let keys = read_keys(section);
    let credential = read_credential(section);
    let proxy = proxy::read(section, (loopback == Some(true)).then_some("blank where loopback is true"));
    let accept_if = section.list("accept_if", "a list of texts of an answer", AcceptIf::parse);
    let authorities = section.file("ca_file", "a file of certificates in PEM", |bytes| {
        reqwest::Certificate::from_pem_bundle(&bytes).ok().filter(|found| !found.is_empty())
    });
    Some(Target {
        name: name.to_owned(),
        call: call?,
        wants: wants?,
        keys: keys?,
        credential: credential?,
        accept_if: accept_if?,
        authorities: authorities?.unwrap_or_default(),
        loopback: loopback?,
        proxy: proxy?,
    })
}

/// Of which endings the target hears.
fn read_wants(section: &mut Section<'_>, params: &ClickParams) -> Option<Wants> {
    const ENDINGS: &str = "a list of enrolled, accepted, stopped, abandoned, unknown, held, released, cancelled, rejected, \
        activated and corrected";
    let endings = section.list("endings", ENDINGS, |word| word.parse().ok());
    if endings.as_ref().is_some_and(Vec::is_empty) {
        section.missing::<()>("endings");
    }
    let sites =
        section.list("sites", "a list of names of sites", |name| is_name(name).then(|| name.to_owned()));
    let brands = section
        .list("brands", "a list of RE, GM, CE, PW and DE", |id| Some(Brand::parse(id).ok()?.id().to_owned()));
    let types = section.list("types", "a list of MVI and SWI", |word| {
        Some(Transaction::parse(word).ok()?.wire().to_owned())
    });
    let stops = section.list("stops", "a list of kinds of stops, as the report names them", |word| {
        StopKind::ALL.into_iter().map(StopKind::word).find(|kind| *kind == word).map(str::to_owned)
    });
    let click = section.parse("click", "the name of a parameter of the link, such as click_id", |word| {
        Field::parse(word, params)
    });
    let without_click = section.switch("without_click");
    Some(Wants {
        endings: endings?,
        click: Some(click?).filter(|_| without_click == Some(false)),
        sites: sites?,
        brands: brands?,
        types: types?,
        stops: stops?,
    })
}

/// How the target is called.
fn read_call(section: &mut Section<'_>, params: &ClickParams, loopback: bool) -> Option<Call> {
    let url = section.secret("url", "an address", Some);
    let by_get = section.parse("method", "GET or POST", |text| match text {
        "GET" => Some(true),
        "POST" => Some(false),
        _ => None,
    });
    let fields = section.list("fields", FIELDS, |word| Field::parse(word, params));
    let form = section.optional("form", "a text", |text| Some(text.to_owned()));
    let json = section.optional("json", "a text", |text| Some(text.to_owned()));
    let headers = section.list("headers", "a list of headers", |line| Some(line.to_owned()));
    let token = section.optional_secret("token", "a text", Some);
    let (url, by_get, fields, form, json) = (url?, by_get?, fields?, form?, json?);
    let body = match (by_get, &form, &json) {
        (true, None, None) => BodySettings::None,
        (false, None, None) => BodySettings::Fields(&fields),
        (false, Some(form), None) => BodySettings::Form(form),
        (false, None, Some(json)) => BodySettings::Json(json),
        (false, Some(_), Some(_)) => return section.must_be("form", "blank where json is set", None),
        (true, ..) => return section.must_be("method", "POST where form or json is set", None),
    };
    let token = token?;
    let names = Names { params, token: token.as_ref().map(|token| token.as_str()) };
    match Call::new(&url, loopback, &body, &headers?, names) {
        Ok(call) => Some(call),
        Err(invalid) => {
            let (key, what) = explained(invalid, loopback);
            section.must_be(key, what, None)
        }
    }
}

/// The keys that sign its postbacks.
fn read_keys(section: &mut Section<'_>) -> Option<Vec<Key>> {
    const KEY: &str = "24 random bytes or more in base64";
    let key = |text: Zeroizing<String>| {
        Key::parse(&text).filter(|_| !is_one_byte(text.trim().trim_start_matches("whsec_")))
    };
    let current = section.optional_secret("secret", KEY, key);
    let other = section.optional_secret("other_secret", KEY, key);
    let signed = section.switch("signed");
    let (current, other) = (current?, other?);
    if signed? && current.is_none() {
        return section.missing("secret");
    }
    Some(current.into_iter().chain(other).collect())
}

/// What the server shows the target.
fn read_credential(section: &mut Section<'_>) -> Option<Option<Credential>> {
    let basic = section.optional_secret("basic", "a user, a colon and a password", |text| {
        text.contains(':').then_some(text)
    });
    // The file is read again for each request, and must be there from the first.
    let file = section.optional("bearer_file", "the path of a file that is not empty", |path| {
        std::fs::read_to_string(path).is_ok_and(|text| !text.trim().is_empty()).then(|| PathBuf::from(path))
    });
    let bearer = section.optional("bearer", "a token", |token| Some(Zeroizing::new(token.to_owned())));
    match (basic?, bearer?, file?) {
        (None, None, None) => Some(None),
        (Some(pair), None, None) => Some(Some(Credential::Basic(pair))),
        (None, Some(token), None) => Some(Some(Credential::Bearer(token))),
        (None, None, Some(path)) => Some(Some(Credential::BearerFile(path))),
        _ => section.must_be("basic", "blank where a bearer token is set, of which there may be one", None),
    }
}

/// Which key is wrong, and what it must be.
fn explained(invalid: InvalidTarget, loopback: bool) -> (&'static str, &'static str) {
    match invalid {
        InvalidTarget::Address if loopback => {
            ("url", "an address on this machine, without a name or password in it")
        }
        InvalidTarget::Address => ("url", "an https address, without a name or password in it"),
        InvalidTarget::Private => ("url", "an address of the Internet, not of a private network"),
        InvalidTarget::Placeholder => (
            "url",
            "an address that has, for GET, a ? and behind it, in braces, only names from the section Fields of \
             docs/postbacks.md; so must form, json and headers have. {token} stands for token, which must be set then; in \
             the path of url it must be of letters, digits and -_~.:",
        ),
        InvalidTarget::Json => {
            ("json", "JSON, with fields only in its texts: {\"value\": \"{amount:number}\"}")
        }
        InvalidTarget::Header => (
            "headers",
            "a list of headers with their values (\"X-Key: {token}\"), none of them about the connection, the content, the \
             signature, cookies or authorization",
        ),
    }
}
