//! Whether a target has accepted a postback: many networks answer 200 and say in the body that they did not.

use serde_json::Value;

/// A condition on the body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcceptIf {
    /// The body contains this text.
    Contains(String),
    /// The body is JSON and has at this pointer (RFC 6901) this value; or, without one, any but null and false.
    Json {
        /// Such as `/results/0/status`.
        pointer: String,
        /// A text, or a number or word of JSON as it is written.
        value: Option<String>,
    },
}

impl AcceptIf {
    /// Parses `/pointer`, `/pointer = value`, or a text that the body must contain. None if it is blank.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if !text.starts_with('/') {
            return Some(Self::Contains(text.to_owned()));
        }
        Some(match text.split_once('=') {
            Some((pointer, value)) => {
                Self::Json { pointer: pointer.trim().to_owned(), value: Some(value.trim().to_owned()) }
            }
            None => Self::Json { pointer: text.to_owned(), value: None },
        })
    }

    /// Whether `body` meets it.
    pub(super) fn is_met(&self, body: &str) -> bool {
        match self {
            Self::Contains(text) => body.contains(text),
            Self::Json { pointer, value } => {
                let json: Option<Value> = serde_json::from_str(body).ok();
                let found = json.as_ref().and_then(|json| json.pointer(pointer));
                match (found, value) {
                    (None, _) => false,
                    (Some(found), None) => !matches!(found, Value::Null | Value::Bool(false)),
                    (Some(Value::String(found)), Some(value)) => found == value,
                    (Some(found), Some(value)) => {
                        serde_json::from_str::<Value>(value).is_ok_and(|value| value == *found)
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_is_accepted_where_its_condition_is_met() {
        for (condition, body, met) in [
            ("success=true;", "success=true;", true),
            ("success=true;", "success=false;err_msg=no;", false),
            ("<code>0</code>", "<result><code>0</code></result>", true),
            ("/Status = QUEUED", r#"{"Status": "QUEUED"}"#, true),
            ("/Status=QUEUED", r#"{"Status": "ERROR"}"#, false),
            ("/Status=QUEUED", "no JSON", false),
            ("/events_received = 1", r#"{"events_received": 1}"#, true),
            ("/events_received = 1", r#"{"events_received": 0}"#, false),
            ("/success = true", r#"{"success": true}"#, true),
            ("/results/0/gclid", r#"{"results": [{"gclid": "x"}]}"#, true),
            ("/results/0/gclid", r#"{"results": [{}], "partialFailureError": {}}"#, false),
            ("/ok", r#"{"ok": false}"#, false),
            ("/ok", r#"{"ok": null}"#, false),
        ] {
            assert_eq!(AcceptIf::parse(condition).unwrap().is_met(body), met, "{condition} {body}");
        }
        assert_eq!(AcceptIf::parse(" "), None);
    }
}
