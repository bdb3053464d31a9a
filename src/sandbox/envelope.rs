//! The answers: the Sales envelope (shape A), the generic one (shape B), and those from outside the application, which are
//! not JSON (contract section 3).

use axum::{
    Json,
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::texts::{Language, text_for};

/// One answer.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    body: Content,
    headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
enum Content {
    /// Shape A, with the endpoint's fields.
    Sales(Map<String, Value>),
    /// Shape B.
    Generic(Map<String, Value>),
    Html(String),
    Nothing,
    /// The connection is lost in the middle of the body.
    Cut,
}

impl Reply {
    fn sales(status: StatusCode, status_code: &str, message: &str, text: &str) -> Self {
        let http_status = if status == StatusCode::OK { "OK" } else { "BAD_REQUEST" };
        Self {
            status,
            headers: Vec::new(),
            body: Content::Sales(object(json!({
                "errorCode": "", "errorDescription": "", "messageCode": message, "messageText": text,
                "statusCode": status_code, "httpStatus": http_status,
            }))),
        }
    }

    /// `00` without a code.
    pub fn success() -> Self {
        Self::sales(StatusCode::OK, "00", "", "")
    }

    /// `00` with a code: advice.
    pub fn advise(code: &str, language: Language) -> Self {
        Self::sales(StatusCode::OK, "00", code, text_for(code, language))
    }

    /// `01`: a business stop.
    pub fn stop(code: &str, language: Language) -> Self {
        Self::sales(StatusCode::OK, "01", code, text_for(code, language))
    }

    /// `02`: a question for the customer.
    pub fn question(code: &str, language: Language) -> Self {
        Self::sales(StatusCode::OK, "02", code, text_for(code, language))
    }

    /// HTTP 400 in shape A, with an `errorCode`.
    pub fn refuse(error: &str, description: &str) -> Self {
        Self::sales(StatusCode::BAD_REQUEST, "01", "", "").error(error, description)
    }

    /// HTTP 400 in shape B: codes empty, the problems in `resultDescription` (contract 3.3).
    pub fn refuse_generic(problems: &str, message: &str) -> Self {
        let mut reply = Self::generic("01", problems);
        reply.status = StatusCode::BAD_REQUEST;
        reply.with(json!({ "messageCode": message, "resultCode": "1" }))
    }

    /// HTTP 200 in shape B.
    pub fn generic(status_code: &str, result_description: &str) -> Self {
        let result_code = if status_code == "00" { "0" } else { "1" };
        Self {
            status: StatusCode::OK,
            headers: Vec::new(),
            body: Content::Generic(object(json!({
                "resultCode": result_code, "resultDescription": result_description, "resultDisplayText": "",
                "errorCode": "", "errorDescription": "", "messageCode": "", "messageText": "",
                "statusCode": status_code,
            }))),
        }
    }

    /// HTTP 500 `TECHNICAL_ERROR` in shape A.
    pub fn technical(language: Language) -> Self {
        Self::failed("TECHNICAL_ERROR", "TECHNICAL_ERROR", language)
    }

    /// HTTP 500 in shape A with these codes.
    pub fn failed(error: &str, message: &str, language: Language) -> Self {
        Self::sales(StatusCode::INTERNAL_SERVER_ERROR, "01", message, text_for(message, language))
            .error(error, "java.lang.IllegalStateException: sandbox")
            .with(json!({ "httpStatus": "INTERNAL_SERVER_ERROR" }))
    }

    /// HTTP 401 from the access gateway.
    pub fn unauthorized() -> Self {
        let mut reply = html(StatusCode::UNAUTHORIZED, "Unauthorized");
        reply.headers.push(("www-authenticate", "Basic realm=\"sandbox\"".to_owned()));
        reply
    }

    /// HTTP 403 from the access gateway.
    pub fn forbidden() -> Self {
        html(StatusCode::FORBIDDEN, "Forbidden")
    }

    /// HTTP 500 of the container, not JSON.
    pub fn crashed() -> Self {
        html(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }

    /// HTTP 204 without a body.
    pub fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: Content::Nothing, headers: Vec::new() }
    }

    /// HTTP 200 whose body ends in the middle.
    pub fn cut() -> Self {
        Self { status: StatusCode::OK, body: Content::Cut, headers: Vec::new() }
    }

    /// Sets `errorCode` and `errorDescription`.
    pub fn error(self, code: &str, description: &str) -> Self {
        self.with(json!({ "errorCode": code, "errorDescription": description }))
    }

    /// Adds or replaces fields of a JSON answer.
    pub fn with(mut self, more: Value) -> Self {
        if let Content::Sales(fields) | Content::Generic(fields) = &mut self.body {
            fields.extend(object(more));
        }
        self
    }

    /// Removes a field from a JSON answer.
    pub fn without(mut self, name: &str) -> Self {
        if let Content::Sales(fields) | Content::Generic(fields) = &mut self.body {
            fields.remove(name);
        }
        self
    }

    /// Adds the endpoint's unset fields as null, as shape A mostly has them.
    pub fn complete(mut self, names: &[&str]) -> Self {
        if let Content::Sales(fields) = &mut self.body {
            for name in names {
                fields.entry(*name).or_insert(Value::Null);
            }
        }
        self
    }

    /// Adds a response header.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Sets the session cookie of some calls, which has no meaning (contract section 1).
    pub fn cookie(self, id: [u8; 8]) -> Self {
        let id = u64::from_be_bytes(id);
        self.header("set-cookie", &format!("JSESSIONID={id:016x}; Path=/NRGREST; HttpOnly"))
    }
}

/// A page from outside the application.
pub fn html(status: StatusCode, title: &str) -> Reply {
    let page = format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
    Reply { status, body: Content::Html(page), headers: Vec::new() }
}

/// The answer, from either variant.
pub fn either(result: Result<Reply, Reply>) -> Reply {
    match result {
        Ok(reply) | Err(reply) => reply,
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Content::Sales(fields) | Content::Generic(fields) => Json(fields).into_response(),
            Content::Html(page) => Html(page).into_response(),
            Content::Nothing => ().into_response(),
            Content::Cut => {
                let broken = std::io::Error::other("cut");
                let pieces = [Ok(r#"{"statusCode":"0"#), Err(broken)];
                let body = Body::from_stream(futures_util::stream::iter(pieces));
                ([(header::CONTENT_TYPE, "application/json")], body).into_response()
            }
        };
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}
