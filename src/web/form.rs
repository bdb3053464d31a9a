//! A posted form: strings in, typed by the step's own `Form`.
//!
//! UTF-8 only. A field that comes twice refuses the whole form; unknown fields are ignored, because a
//! step reads its own names only.

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use http::{StatusCode, header};
use serde::{
    Serialize,
    de::{DeserializeOwned, IntoDeserializer, value::MapDeserializer},
};

use crate::fields::Problem;

/// The fields of one posted form, by name.
#[derive(Clone, Default)]
pub struct Posted(BTreeMap<String, String>);

impl Posted {
    /// The value of `name`, empty when it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The revision the form was made from.
    pub fn revision(&self) -> Option<u64> {
        self.get("revision").parse().ok()
    }

    /// The step's own form. A field it does not know is ignored, one that was not sent is blank.
    pub fn form<F: DeserializeOwned + Default>(&self) -> F {
        from_fields(&self.0)
    }
}

/// A form made from remembered fields.
pub fn from_fields<F: DeserializeOwned + Default>(fields: &BTreeMap<String, String>) -> F {
    let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str().into_deserializer()));
    F::deserialize(MapDeserializer::<_, serde::de::value::Error>::new(pairs)).unwrap_or_default()
}

/// The fields of `form` that may be remembered: secrets are skipped by the form's own `Serialize`.
pub fn to_fields(form: &impl Serialize) -> BTreeMap<String, String> {
    let text = serde_urlencoded::to_string(form).unwrap_or_default();
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// Why a body is not a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormRefusal {
    /// Not `application/x-www-form-urlencoded`.
    NotAForm,
    /// Larger than the limit.
    TooLarge,
    /// Not UTF-8, or a field came twice.
    Malformed,
}

impl FormRefusal {
    /// 413, 415 or 400.
    pub fn status(self) -> StatusCode {
        match self {
            FormRefusal::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            FormRefusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            FormRefusal::Malformed => StatusCode::BAD_REQUEST,
        }
    }
}

impl Posted {
    /// Reads the body of `request`.
    pub async fn read(request: Request) -> Result<Self, FormRefusal> {
        let form =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(
                |value| value.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"),
            );
        if !form {
            return Err(FormRefusal::NotAForm);
        }
        let body = Bytes::from_request(request, &()).await.map_err(|_| FormRefusal::TooLarge)?;
        Self::parse(&body)
    }

    /// Reads an urlencoded body.
    pub fn parse(body: &[u8]) -> Result<Self, FormRefusal> {
        // Percent-decoded bytes that are not UTF-8 would silently become replacement characters.
        let mut fields = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(body).into_owned() {
            let garbled = name.contains('\u{fffd}') || value.contains('\u{fffd}');
            if garbled || fields.insert(name, value).is_some() {
                return Err(FormRefusal::Malformed);
            }
        }
        Ok(Self(fields))
    }
}

/// What is wrong with a form, field by field, in the order the fields stand on the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Errors(Vec<(&'static str, Fault)>);

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The value could not be parsed.
    Problem(Problem),
    /// Parsed, but not possible here; says so in words of `text`.
    Said(String),
}

impl Errors {
    /// Notes a problem of `field`.
    pub fn add(&mut self, field: &'static str, problem: Problem) {
        self.0.push((field, Fault::Problem(problem)));
    }

    /// Notes a sentence of `text` about `field`.
    pub fn say(&mut self, field: &'static str, sentence: &str) {
        self.0.push((field, Fault::Said(sentence.to_owned())));
    }

    /// What is wrong with `field`.
    pub fn of(&self, field: &str) -> Option<&Fault> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, fault)| fault)
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, serde::Deserialize, Serialize, PartialEq, Debug)]
    #[serde(default)]
    struct Form {
        name: String,
        #[serde(skip_serializing)]
        secret: String,
    }

    #[test]
    fn fields_are_read_by_name_unknown_ones_ignored_and_secrets_not_remembered() {
        let posted = Posted::parse(b"revision=4&name=A+%C3%A9&secret=1&other=x").unwrap();
        let form: Form = posted.form();
        assert_eq!(form, Form { name: "A é".into(), secret: "1".into() });
        assert_eq!(posted.revision(), Some(4));
        let remembered = to_fields(&form);
        assert_eq!(remembered.len(), 1);
        assert_eq!(from_fields::<Form>(&remembered).name, "A é");
    }

    #[test]
    fn a_field_that_comes_twice_or_is_not_utf8_refuses_the_form() {
        for body in ["name=a&name=b", "name=%FF", "%FF=a"] {
            assert_eq!(Posted::parse(body.as_bytes()).err(), Some(FormRefusal::Malformed), "{body}");
        }
    }
}
