//! The envelope of every answer (contract 3), and the order in which an answer is read (contract 3.5).

use serde::{Deserialize, de::DeserializeOwned};

use crate::journey::{Correction, Outcome, SafeHtml, Stop};

use super::{
    codes::{self, stop_kind},
    endpoint::Endpoint,
    error::{Error, Kind},
    reading::Reading,
    scalars,
    wire::Text,
};

/// The fields of shape A and shape B that the client reads.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Envelope {
    pub(super) status_code: Text,
    pub(super) message_code: Text,
    pub(super) message_text: Text,
    pub(super) error_code: Text,
    pub(super) error_description: Text,
    pub(super) result_description: Text,
}

/// An answer of NRG's application, with a known `statusCode`.
pub(super) enum Answer<T> {
    /// HTTP 200.
    Processed(Reply<T>),
    /// HTTP 400 with `01`.
    Rejected(Rejection),
}

/// The meaning of `statusCode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// `00`: the journey goes on, if the outputs the next step needs are present.
    Continue,
    /// `01`: the journey never goes on.
    Stop,
    /// `02`: the person has to answer a question first.
    Ask,
}

/// A processed call.
pub(super) struct Reply<T> {
    pub(super) endpoint: Endpoint,
    pub(super) verdict: Verdict,
    /// `messageCode`, blank where there is none.
    pub(super) code: Text,
    pub(super) error_code: Text,
    /// `messageText`, not sanitized.
    pub(super) text: Text,
    pub(super) body: T,
}

/// A call that was not processed.
pub(super) struct Rejection {
    endpoint: Endpoint,
    /// Blank in shape B.
    pub(super) error_code: Text,
    message_codes: Text,
    /// `messageText`, not sanitized.
    pub(super) text: Text,
}

impl<T: DeserializeOwned> Answer<T> {
    /// Parses the answer of `endpoint` with HTTP status 200 or 400.
    pub(super) fn read(endpoint: Endpoint, http: u16, body: &[u8]) -> Result<Self, Error> {
        let unreadable =
            |error| Error::new(endpoint, Kind::InvalidResponse).caused_by(Unreadable::from(error));
        let Envelope { status_code, message_code, message_text, error_code, .. } =
            serde_json::from_slice(body).map_err(unreadable)?;
        let status_code = scalars::status_code(&status_code).value;
        match (http, status_code) {
            (400, "01") => Ok(Self::Rejected(Rejection {
                endpoint,
                error_code,
                message_codes: message_code,
                text: message_text,
            })),
            (200, known @ ("00" | "01" | "02")) => {
                let verdict = match known {
                    "00" => Verdict::Continue,
                    "02" => Verdict::Ask,
                    _ => Verdict::Stop,
                };
                let body = serde_json::from_slice(body).map_err(unreadable)?;
                let (code, text) = (message_code, message_text);
                Ok(Self::Processed(Reply { endpoint, verdict, code, error_code, text, body }))
            }
            _ => Err(Error::invalid_response(endpoint, "no known statusCode")),
        }
    }
}

impl<T> Answer<T> {
    /// HTTP status, `statusCode` and NRG's codes, for operators. Never a text.
    pub(super) fn codes(&self) -> (u16, String) {
        match self {
            Self::Processed(Reply { verdict, code, error_code, .. }) => {
                let status = match verdict {
                    Verdict::Continue => "00",
                    Verdict::Stop => "01",
                    Verdict::Ask => "02",
                };
                (200, codes::join(&[status, code, error_code]))
            }
            Self::Rejected(Rejection { error_code, message_codes, .. }) => {
                (400, codes::join(&["01", message_codes, error_code]))
            }
        }
    }

    /// The label in metrics.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Processed(Reply { verdict: Verdict::Continue, .. }) => "continue",
            Self::Processed(Reply { verdict: Verdict::Stop, .. }) => "stop",
            Self::Processed(Reply { verdict: Verdict::Ask, .. }) => "ask",
            Self::Rejected(_) => "rejected",
        }
    }

    /// The reply of an endpoint for which every 400 is a defect of this program.
    pub(super) fn processed(self) -> Result<Reply<T>, Error> {
        match self {
            Self::Processed(reply) => Ok(reply),
            Self::Rejected(rejection) => Err(rejection.error()),
        }
    }
}

impl<T> Reply<T> {
    /// The stop that this reply means, with NRG's own words if they may be shown.
    pub(super) fn stop(&self, reading: &Reading<'_>) -> Stop {
        let kind = stop_kind(&self.code);
        Stop {
            kind,
            message: kind.shows_message().then(|| reading.message(&self.text)).flatten(),
            code: codes::short(&self.code),
        }
    }

    /// NRG's text for people where nobody has to stop; none where it may hold an address of another person, or where the page
    /// says the same.
    pub(super) fn advice(&self, reading: &Reading<'_>) -> Option<SafeHtml> {
        let is_withheld = codes::holds_address(&self.code) || codes::page_says_it(&self.code);
        let is_advice = self.verdict != Verdict::Stop && !is_withheld;
        is_advice.then(|| reading.message(&self.text)).flatten()
    }

    /// The error of an answer that lacks what the next step needs.
    pub(super) fn invalid_response(&self, why: &'static str) -> Error {
        Error::invalid_response(self.endpoint, why).with_code(&self.code)
    }
}

impl Rejection {
    /// The meaning of a 400 on a tracked call: the record is unknown, or already submitted, or the request was wrong.
    pub(super) fn outcome<T>(self) -> Result<Outcome<T>, Error> {
        match &*self.error_code {
            "NO_MATCH_FOUND" => Ok(Outcome::Correct(Correction::RecordUnknown)),
            "ENROLLMENT_ALREADY_REQUESTED" => Ok(Outcome::Done),
            _ => Err(self.error()),
        }
    }

    /// Whether `messageCode`, which may be a list here (contract 3.3), holds `code`.
    pub(super) fn has_message_code(&self, code: &str) -> bool {
        self.message_codes.split(',').any(|one| one.trim() == code)
    }

    pub(super) fn error(&self) -> Error {
        let code = self.error_code.filled().unwrap_or(&self.message_codes);
        Error::new(self.endpoint, Kind::Rejected).with_code(code)
    }
}

/// The place where JSON could not be parsed. The parser's own message may quote the answer, so it is dropped.
#[derive(Debug, thiserror::Error)]
#[error("unreadable at line {line}, column {column} ({category:?})")]
struct Unreadable {
    line: usize,
    column: usize,
    category: serde_json::error::Category,
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column(), category: error.classify() }
    }
}

#[cfg(test)]
mod tests {
    use crate::journey::StopKind;
    use crate::nrg::tests::reading;

    use super::*;

    fn read(http: u16, body: &str) -> Result<Answer<serde_json::Value>, Error> {
        Answer::read(Endpoint::Tdsp, http, body.as_bytes())
    }

    #[test]
    fn reply_with_known_status_code_is_processed_and_others_are_errors() {
        for (json, verdict) in [
            (r#"{"statusCode":"00"}"#, Verdict::Continue),
            (r#"{"statusCode":"01","httpStatus":"OK"}"#, Verdict::Stop),
            (r#"{"statusCode":"02","messageCode":"NEW_CODE"}"#, Verdict::Ask),
            (r#"{"statusCode":0}"#, Verdict::Continue),
            (r#"{"statusCode":"1"}"#, Verdict::Stop),
        ] {
            let Ok(Answer::Processed(reply)) = read(200, json) else { panic!("{json}") };
            assert_eq!(reply.verdict, verdict, "{json}");
        }
        for json in [
            "",
            "{",
            "[]",
            "null",
            "<html></html>",
            "{}",
            r#"{"statusCode":null}"#,
            r#"{"statusCode":""}"#,
            r#"{"statusCode":3}"#,
            r#"{"statusCode":"03"}"#,
            r#"{"statusCode":{}}"#,
            r#"{"statusCode":"00"} trailing"#,
        ] {
            for http in [200, 400] {
                let error = read(http, json).err().map(|error| error.kind);
                assert_eq!(error, Some(Kind::InvalidResponse), "{http} {json}");
            }
        }
        assert!(read(400, r#"{"statusCode":"00"}"#).is_err(), "a 400 never continues");
    }

    #[test]
    fn rejection_with_http_400_is_parsed_in_both_shapes() {
        let rejected = |json: &str| match read(400, json) {
            Ok(Answer::Rejected(rejection)) => rejection,
            Ok(Answer::Processed(_)) | Err(_) => panic!("{json}"),
        };
        let shape_a = rejected(r#"{"errorCode":"BAD_REQUEST","statusCode":"01","httpStatus":"BAD_REQUEST"}"#);
        assert_eq!(shape_a.error().to_string(), "tdsp: request rejected");
        assert_eq!(shape_a.error().code.as_deref(), Some("BAD_REQUEST"));
        let shape_b =
            rejected(r#"{"resultCode":"1","errorCode":"","messageCode":"INVALID_DOB, X","statusCode":"01"}"#);
        assert!(shape_b.has_message_code("INVALID_DOB") && !shape_b.has_message_code("INVALID"));
        let unknown = rejected(r#"{"errorCode":"NO_MATCH_FOUND","statusCode":"01"}"#);
        assert_eq!(unknown.outcome::<()>().unwrap(), Outcome::Correct(Correction::RecordUnknown));
        let done = rejected(r#"{"errorCode":"ENROLLMENT_ALREADY_REQUESTED","statusCode":"01"}"#);
        assert_eq!(done.outcome::<()>().unwrap(), Outcome::Done);
    }

    #[test]
    fn parse_error_quotes_nothing_of_the_answer() {
        let error = read(200, r#"{"statusCode":{"secret":"900456789"}}"#).err().unwrap();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.starts_with("unreadable at line 1") && !source.contains("900456789"), "{source}");
    }

    #[test]
    fn stop_of_current_customer_drops_message_and_others_keep_it() {
        let json = r#"{"statusCode":"01","messageCode":"CURRENT_CUSTOMER","messageText":"7 Old Elm St"}"#;
        let Ok(Answer::Processed(reply)) = read(200, json) else { panic!() };
        let stop = reply.stop(&reading());
        assert_eq!((stop.kind, stop.message), (StopKind::CurrentCustomer, None));
        let json = r#"{"statusCode":"01","messageCode":"SOMETHING_NEW","messageText":"Please call."}"#;
        let Ok(Answer::Processed(reply)) = read(200, json) else { panic!() };
        let stop = reply.stop(&reading());
        assert_eq!((stop.kind, stop.code.as_deref()), (StopKind::Other, Some("SOMETHING_NEW")));
        assert_eq!(stop.message.unwrap().as_str(), "Please call.");
    }
}
