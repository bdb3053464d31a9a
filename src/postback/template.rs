//! Templates: texts of the settings with fields in braces, which a postback fills in.

use serde_json::{Map, Value};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::{
    fact::{Facts, Field},
    invalid_target::InvalidTarget,
};
use crate::journey::ClickParams;

/// The placeholder of the target's `token`.
const TOKEN: &str = "token";
/// What stands behind the name of a field whose value is a number of JSON.
const NUMBER: &str = ":number";

/// What may stand in braces.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// The parameters of links, besides the facts.
    pub params: &'a ClickParams,
    /// What `{token}` stands for, if anything.
    pub token: Option<&'a str>,
}

/// A text with fields. No `Debug`: it holds the target's token.
pub struct Template(Vec<Piece>);

enum Piece {
    Text(String),
    Token(Zeroizing<String>),
    Field(Field),
}

impl Template {
    /// Parses a text in which `{name}` stands for what `names` know by it.
    ///
    /// # Errors
    /// [`InvalidTarget::Placeholder`]: braces around anything else, or a brace alone.
    pub(super) fn parse(text: &str, names: Names<'_>) -> Result<Self, InvalidTarget> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(InvalidTarget::Placeholder)?;
            pieces.push(plain(before)?);
            pieces.push(match (name, names.token) {
                (TOKEN, Some(token)) => Piece::Token(Zeroizing::new(token.to_owned())),
                _ => Piece::Field(Field::parse(name, names.params).ok_or(InvalidTarget::Placeholder)?),
            });
            rest = after;
        }
        pieces.push(plain(rest)?);
        Ok(Self(pieces))
    }

    /// The text with each value as `encode` writes it. What is not known is blank.
    pub(super) fn fill(&self, facts: &Facts, encode: impl Fn(&str) -> String) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Token(token) => encode(token),
            Piece::Field(field) => encode(facts.get(field).unwrap_or_default()),
        };
        self.0.iter().map(piece).collect()
    }
}

fn plain(text: &str) -> Result<Piece, InvalidTarget> {
    if text.contains('}') { Err(InvalidTarget::Placeholder) } else { Ok(Piece::Text(text.to_owned())) }
}

/// A value as queries and forms have it.
pub(super) fn in_query(value: &str) -> String {
    byte_serialize(value.as_bytes()).collect()
}

/// A value of JSON with fields in its texts.
pub(super) enum JsonTemplate {
    Fixed(Value),
    Text(Template),
    /// A text that is one field: null where that is not known.
    Field(Field),
    /// The same as a number; null where it is none.
    Number(Field),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl JsonTemplate {
    /// Parses JSON in whose texts `{name}` stands for a field. A text that is nothing but `{name:number}` becomes a number.
    ///
    /// # Errors
    /// [`InvalidTarget::Json`], [`InvalidTarget::Placeholder`].
    pub(super) fn parse(text: &str, names: Names<'_>) -> Result<Self, InvalidTarget> {
        Self::of(serde_json::from_str(text).map_err(|_| InvalidTarget::Json)?, names)
    }

    fn of(value: Value, names: Names<'_>) -> Result<Self, InvalidTarget> {
        Ok(match value {
            Value::String(text) => Self::of_text(&text, names)?,
            Value::Array(values) => {
                Self::List(values.into_iter().map(|value| Self::of(value, names)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let member = |(name, value)| Ok((name, Self::of(value, names)?));
                Self::Object(members.into_iter().map(member).collect::<Result<_, InvalidTarget>>()?)
            }
            fixed => Self::Fixed(fixed),
        })
    }

    fn of_text(text: &str, names: Names<'_>) -> Result<Self, InvalidTarget> {
        let name = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        if let Some(field) = name.and_then(|name| Field::parse(name, names.params)) {
            return Ok(Self::Field(field));
        }
        if let Some(field) =
            name.and_then(|name| name.strip_suffix(NUMBER)).and_then(|name| Field::parse(name, names.params))
        {
            return Ok(Self::Number(field));
        }
        Ok(Self::Text(Template::parse(text, names)?))
    }

    /// The JSON with what is known.
    pub(super) fn fill(&self, facts: &Facts) -> Value {
        match self {
            Self::Fixed(value) => value.clone(),
            Self::Text(template) => Value::String(template.fill(facts, str::to_owned)),
            Self::Field(field) => facts.get(field).map_or(Value::Null, Value::from),
            Self::Number(field) => facts
                .get(field)
                .and_then(|value| serde_json::from_str::<serde_json::Number>(value).ok())
                .into(),
            Self::List(values) => values.iter().map(|value| value.fill(facts)).collect(),
            Self::Object(members) => Value::Object(
                members.iter().map(|(name, value)| (name.clone(), value.fill(facts))).collect::<Map<_, _>>(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::{fact::Fact, testing::names},
        *,
    };

    fn facts() -> Facts {
        let mut facts = Facts::default();
        for (fact, value) in
            [(Fact::Amount, "75.50"), (Fact::Plan, "A \"B\" & Co"), (Fact::TimeUnix, "1908025446")]
        {
            facts.set(fact, Some(value));
        }
        facts
    }

    #[test]
    fn template_takes_fields_and_the_token_and_nothing_else() {
        for (text, filled) in [
            ("", Some("")),
            ("a={amount}&p={plan}&x={stop}&k={token}", Some("a=75.50&p=A+%22B%22+%26+Co&x=&k=s+1")),
            ("{}", None),
            ("{amount", None),
            ("amount}", None),
            ("{first_name}", None),
            ("{amount:number}", None),
            ("{{amount}}", None),
        ] {
            let template = Template::parse(text, names(Some("s 1"))).ok();
            assert_eq!(template.map(|it| it.fill(&facts(), in_query)).as_deref(), filled, "{text}");
        }
        assert!(Template::parse("{token}", names(None)).is_err());
    }

    #[test]
    fn json_template_fills_texts_and_numbers_and_keeps_the_rest() {
        let text = r#"{"data": [{"time": "{time_unix:number}", "value": "{amount:number}", "none": "{usage:number}",
            "plan": "{plan}", "stop": "{stop}", "mixed": "fb.1.{time_unix}.{stop}", "key": "{token}", "n": 1, "b": true}]}"#;
        let filled = JsonTemplate::parse(text, names(Some("s"))).ok().unwrap().fill(&facts());
        assert_eq!(
            filled,
            json!({"data": [{"time": 1_908_025_446, "value": 75.5, "none": null, "plan": "A \"B\" & Co", "stop": null,
                "mixed": "fb.1.1908025446.", "key": "s", "n": 1, "b": true}]})
        );
        for (text, fault) in [
            ("{", InvalidTarget::Json),
            (r#"{"a": {amount}}"#, InvalidTarget::Json),
            (r#"{"a": "{name}"}"#, InvalidTarget::Placeholder),
            (r#"["{amount:number}x"]"#, InvalidTarget::Placeholder),
        ] {
            assert_eq!(JsonTemplate::parse(text, names(None)).err(), Some(fault), "{text}");
        }
    }
}
