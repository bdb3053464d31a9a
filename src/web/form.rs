//! A posted form: an urlencoded body, parsed into fields of tidy text and then into the step's own `Form`.
//!
//! A field that is not UTF-8, or that comes twice with different values, is U+FFFD: every type of field refuses that, so
//! that the page names the field and keeps the others. Unknown fields are ignored, because a step reads only its own.
//! A form may contain an SSN or a driver license number: the body and all its values are wiped when dropped and have no
//! `Debug`.

use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    time::Duration,
};

use axum::{RequestExt, extract::Request};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::TryStreamExt;
use http::{StatusCode, header};
use http_body::Body as _;
use serde::{
    Serialize,
    de::{DeserializeOwned, IntoDeserializer, value::MapDeserializer},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::fields::{Problem, tidied};

/// The character that stands for what cannot be read.
const UNREADABLE: char = char::REPLACEMENT_CHARACTER;

/// The fields of one posted form, by name.
#[derive(Clone, Default)]
pub struct FormBody(BTreeMap<String, Zeroizing<String>>);

impl FormBody {
    /// The value of the field `name`; empty if it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.as_str())
    }

    /// The fields of `names`, as a draft keeps them.
    pub fn some(&self, names: &[&str]) -> BTreeMap<String, String> {
        names.iter().map(|name| ((*name).to_owned(), self.get(name).to_owned())).collect()
    }

    /// Drops the fields `names`, unread, and returns which of them were filled in.
    pub fn withhold<'n>(&mut self, names: &[&'n str]) -> Vec<&'n str> {
        let dropped =
            names.iter().filter(|name| self.0.remove(**name).is_some_and(|text| !text.trim().is_empty()));
        dropped.copied().collect()
    }

    /// Whether the form was made from a page that showed this consent text.
    pub fn agrees_to(&self, text: &str) -> bool {
        self.get("agreed") == digest(text)
    }

    /// The step's own form. An unknown field is ignored; a field that was not sent is empty.
    pub fn form<F: DeserializeOwned + Default>(&self) -> F {
        from_fields(&self.0)
    }
}

impl From<&BTreeMap<String, String>> for FormBody {
    /// A form as a draft keeps it.
    fn from(draft: &BTreeMap<String, String>) -> Self {
        Self(draft.iter().map(|(name, value)| (name.clone(), Zeroizing::new(value.clone()))).collect())
    }
}

/// A short hash of a text that a page shows, which its form carries; empty for an empty text.
pub fn digest(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    URL_SAFE_NO_PAD.encode(Sha256::digest(text)).chars().take(22).collect()
}

/// A form made from stored fields.
pub fn from_fields<F: DeserializeOwned + Default>(fields: &BTreeMap<String, impl AsRef<str>>) -> F {
    let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_ref().into_deserializer()));
    F::deserialize(MapDeserializer::<_, serde::de::value::Error>::new(pairs)).unwrap_or_default()
}

/// The fields of `form` that may be stored: its own `Serialize` leaves out secrets.
pub fn to_fields(form: &impl Serialize) -> BTreeMap<String, String> {
    let text = serde_urlencoded::to_string(form).unwrap_or_default();
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// Why a body is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormRefusal {
    /// Not `application/x-www-form-urlencoded`.
    NotAForm,
    /// Larger than the limit.
    TooLarge,
    /// The connection broke.
    Broken,
    /// Not complete within the time limit.
    TooSlow,
}

impl FormRefusal {
    /// The status of the response: 413, 415, 400 or 408.
    pub fn status(self) -> StatusCode {
        match self {
            FormRefusal::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            FormRefusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            FormRefusal::Broken => StatusCode::BAD_REQUEST,
            FormRefusal::TooSlow => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

impl FormBody {
    /// Reads and parses the body of `request`, which must be complete within `limit`.
    pub async fn read(request: Request, limit: Duration) -> Result<Self, FormRefusal> {
        let kind = request.headers().get(header::CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
        let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        if !kind.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
            return Err(FormRefusal::NotAForm);
        }
        // The router's layer sets the size limit.
        let body = request.with_limited_body().into_body();
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        // Allocated at once, up to a limit: a buffer that grows leaves copies in memory that are not wiped.
        let mut bytes = Zeroizing::new(Vec::with_capacity(announced.min(MAX_CAPACITY)));
        let whole = body.into_data_stream().try_for_each(|chunk| {
            bytes.extend_from_slice(&chunk);
            std::future::ready(Ok(()))
        });
        match tokio::time::timeout(limit, whole).await {
            Ok(Ok(())) => Ok(Self::parse(&bytes)),
            Ok(Err(error)) if is_too_large(&error) => Err(FormRefusal::TooLarge),
            Ok(Err(_)) => Err(FormRefusal::Broken),
            Err(_) => Err(FormRefusal::TooSlow),
        }
    }

    /// Parses an urlencoded body. Bytes that are not UTF-8 become U+FFFD.
    pub fn parse(body: &[u8]) -> Self {
        let mut fields = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(body).into_owned() {
            let value = tidy(Zeroizing::new(value));
            match fields.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                // Which of them was meant, nobody knows.
                Entry::Occupied(mut entry) if *entry.get() != value => {
                    entry.insert(Zeroizing::new(UNREADABLE.to_string()));
                }
                Entry::Occupied(_) => {}
            }
        }
        Self(fields)
    }
}

/// The value as every field reads it; a value that is not tidy is wiped.
fn tidy(value: Zeroizing<String>) -> Zeroizing<String> {
    let changed = match tidied(&value) {
        Cow::Owned(tidy) => Some(Zeroizing::new(tidy)),
        Cow::Borrowed(_) => None,
    };
    changed.unwrap_or(value)
}

/// The most bytes that are allocated at once; no form of this site is longer.
const MAX_CAPACITY: usize = 64 * 1024;

fn is_too_large(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The errors of a form, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormErrors(Vec<(&'static str, FieldFault)>);

/// The error of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldFault {
    /// The value could not be parsed.
    Problem(Problem),
    /// Parsed, but not possible here: the error message, from the message catalog.
    Said(String),
}

impl FormErrors {
    /// Adds a problem of `field`.
    pub fn add(&mut self, field: &'static str, problem: Problem) {
        self.0.push((field, FieldFault::Problem(problem)));
    }

    /// Adds an error message, from the message catalog, for `field`.
    pub fn say(&mut self, field: &'static str, sentence: &str) {
        self.0.push((field, FieldFault::Said(sentence.to_owned())));
    }

    /// The error of `field`.
    pub fn of(&self, field: &str) -> Option<&FieldFault> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, fault)| fault)
    }

    /// Whether there is no error.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Default, serde::Deserialize, Serialize, PartialEq, Debug)]
    #[serde(default)]
    struct Form {
        name: String,
        #[serde(skip_serializing)]
        secret: String,
    }

    #[test]
    fn form_reads_fields_by_name_and_remembers_no_secret() {
        let posted = FormBody::parse(b"revision=4&name=A+%C3%A9&secret=1&other=x");
        let form: Form = posted.form();
        assert_eq!(form, Form { name: "A é".into(), secret: "1".into() });
        assert_eq!(posted.get("revision"), "4");
        let remembered = to_fields(&form);
        assert_eq!(remembered.len(), 1);
        assert_eq!(from_fields::<Form>(&remembered).name, "A é");
    }

    #[test]
    fn withheld_field_is_gone_and_named_if_it_was_filled_in() {
        let mut posted = FormBody::parse(b"name=A&secret=1&other=+&more=");
        assert_eq!(posted.withhold(&["secret", "other", "more", "none"]), ["secret"]);
        assert_eq!((posted.get("secret"), posted.get("name")), ("", "A"));
        assert!(posted.withhold(&["secret"]).is_empty());
    }

    #[test]
    fn field_that_comes_twice_or_is_not_utf8_is_unreadable() {
        for (body, name) in [
            ("name=a&name=b", "\u{fffd}"),
            ("name=a&name=b&name=a", "\u{fffd}"),
            ("name=&name=a", "\u{fffd}"),
            ("name=a&name=a", "a"),
            ("name=Jos%E9", "Jos\u{fffd}"),
            ("name=a&%FF=b", "a"),
        ] {
            assert_eq!(FormBody::parse(body.as_bytes()).get("name"), name, "{body}");
        }
    }

    #[rustfmt::skip]
    const PIECES: &[&str] = &[
        "&", "=", "+", "%", "%2", "%00", "%FF", "%C3%A9", "%EF%BF%BD", "%u0041", ";", "a", "name", "secret", "revision",
        "website", "name=x", "&name=y", "[]", "name[]=1", "\r\n", "\u{0}", "é", "\u{fffd}", "18446744073709551616", "-1", "3",
    ];

    #[test]
    fn fuzz_form_decoding() {
        let bytes = prop_oneof![
            3 => crate::testing::properties::text(PIECES).prop_map(String::into_bytes),
            1 => proptest::collection::vec(any::<u8>(), 0..200),
        ];
        crate::testing::properties::run(bytes, |body| {
            let posted = FormBody::parse(&body);
            // It is text, has each field once, and parses to the same when it is sent again.
            let pairs: Vec<(&str, &str)> =
                posted.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let again = FormBody::parse(serde_urlencoded::to_string(&pairs).unwrap().as_bytes());
            prop_assert!(posted.0 == again.0);
            let form: Form = posted.form();
            prop_assert_eq!(form.name.as_str(), posted.get("name"));
            prop_assert_eq!(form.secret.as_str(), posted.get("secret"));
            let remembered = to_fields(&form);
            prop_assert_eq!(remembered.len(), 1);
            prop_assert_eq!(from_fields::<Form>(&remembered).name, form.name);
            Ok(())
        });
    }
}
