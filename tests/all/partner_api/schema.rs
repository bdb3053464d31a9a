//! Holds answers against the schemas of the served description. It knows the words that the description uses, and no
//! member of an object may be missing in it.

use serde_json::{Map, Value};

pub struct Description(pub Value);

impl Description {
    /// The description as it is served.
    pub fn new() -> Self {
        Self(serde_json::from_str(include_str!("../../../src/api/openapi.json")).unwrap())
    }

    /// Checks an answer to a request for `path`, as the description writes it.
    #[track_caller]
    pub fn check(&self, method: &str, path: &str, status: u16, content_type: Option<&str>, body: &[u8]) {
        let answers = &self.0["paths"][path][method]["responses"];
        let answer = answers[status.to_string()].as_object().unwrap_or_else(|| panic!("{path}: {status}"));
        let Some(content) = answer.get("content") else {
            assert!(body.is_empty(), "{path}: {status}");
            return;
        };
        let described =
            content[content_type.unwrap()].as_object().unwrap_or_else(|| panic!("{content_type:?}"));
        self.holds(&described["schema"], &serde_json::from_slice(body).unwrap(), path);
    }

    /// The schema of that name.
    pub fn schema(&self, name: &str) -> &Value {
        let schema = &self.0["components"]["schemas"][name];
        assert!(schema.is_object(), "{name}");
        schema
    }

    #[track_caller]
    fn holds(&self, schema: &Value, value: &Value, at: &str) {
        if let Some(wrong) = self.fault(schema, value, at) {
            panic!("{wrong}");
        }
    }

    /// What is wrong with `value`, if something is.
    fn fault(&self, schema: &Value, value: &Value, at: &str) -> Option<String> {
        let schema = schema.as_object().unwrap_or_else(|| panic!("{at}: no schema"));
        schema.iter().find_map(|(word, says)| {
            let right = match word.as_str() {
                "description" | "format" | "default" => true,
                "$ref" => return self.fault(self.schema(says.as_str()?.rsplit('/').next()?), value, at),
                "type" => match says {
                    Value::Array(kinds) => kinds.iter().any(|kind| is(kind, value)),
                    kind => is(kind, value),
                },
                "enum" => says.as_array()?.contains(value),
                "minimum" => value.as_f64().is_none_or(|number| Some(number) >= says.as_f64()),
                "minItems" => value.as_array().is_none_or(|all| all.len() as u64 >= says.as_u64().unwrap()),
                "oneOf" => {
                    let fits = |one: &&Value| self.fault(one, value, at).is_none();
                    says.as_array()?.iter().filter(fits).count() == 1
                }
                "items" => {
                    let mut all = value.as_array()?.iter().enumerate();
                    return all.find_map(|(n, one)| self.fault(says, one, &format!("{at}/{n}")));
                }
                "required" => says.as_array()?.iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
                "properties" => return self.of_members(says.as_object()?, value.as_object()?, at),
                other => panic!("{at}: {other} is a word that this check does not know"),
            };
            (!right).then(|| format!("{at}: {value} is against {word}: {says}"))
        })
    }

    fn of_members(&self, known: &Map<String, Value>, value: &Map<String, Value>, at: &str) -> Option<String> {
        value.iter().find_map(|(name, one)| match known.get(name) {
            Some(schema) => self.fault(schema, one, &format!("{at}/{name}")),
            None => Some(format!("{at}/{name} is not described")),
        })
    }
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    }
}

#[test]
fn schema_check_refuses_what_is_not_described() {
    let description = Description::new();
    let right = serde_json::json!({"code": "D0001", "name": "CenterPoint"});
    assert_eq!(description.fault(description.schema("Utility"), &right, ""), None);
    for (name, wrong) in [
        ("Utility", serde_json::json!({"code": "D0001"})),
        ("Utility", serde_json::json!({"code": 1, "name": ""})),
        ("Utility", serde_json::json!({"code": "", "name": "", "more": ""})),
        ("Utility", serde_json::json!([])),
        ("BrandId", serde_json::json!("XX")),
        ("Unavailable", serde_json::json!({"brand": {"id": "XX", "name": ""}, "reason": "outage"})),
    ] {
        assert!(description.fault(description.schema(name), &wrong, "").is_some(), "{name}: {wrong}");
    }
}
