//! POST `enroll` (contract 5.19). There is no idempotency key, and a lost answer cannot be fetched again, so every call
//! has a result: what NRG answered, that nothing was sent, or that the result is unknown.

use serde::{Deserialize, Serialize};

use crate::{
    causes::Causes,
    fields::{Brand, Guid, Language, OfferCode, TrackingId},
    journey::{Account, OfferCodes, SafeHtml},
};

use crate::nrg::{
    client::{BrandClient, Ids},
    codes,
    endpoint::Endpoint,
    envelope::{Answer, Rejection, Reply, Verdict},
    error::{Error, Kind},
    reading::Reading,
    wire::Text,
};

/// What `enroll` carries beside the record's tracking id; everything else is on the record. The ledger stores it,
/// encrypted, until it is sent: the names of its fields are those of the stored JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollRequest {
    /// The second handle of the record.
    pub guid: Guid,
    /// The brand the record belongs to; the client that sends the request is one for this brand.
    pub brand: Brand,
    /// The language of NRG's texts; the client that sends the request asks in this language.
    #[serde(with = "language")]
    pub language: Language,
    /// The codes of the chosen plan.
    pub codes: EnrollCodes,
    /// Bills by e-mail only.
    pub paperless: bool,
}

/// The six codes `enroll` takes, all from one entry of `offers` (contract 5.19).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollCodes {
    /// The code of the chosen plan.
    pub offer: OfferCode,
    /// The other five.
    #[serde(flatten)]
    pub others: OfferCodes,
}

/// A language stored as the letter NRG knows it by.
mod language {
    use super::{Deserialize, Language};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub fn serialize<S: serde::Serializer>(language: &Language, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(language.wire())
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Language, D::Error> {
        let letter = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Ok(Language::of_wire(&letter))
    }
}

/// The result of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enrollment {
    /// E1: with an account number.
    Enrolled {
        /// The account.
        account: Account,
        /// `idocNumber`, for questions to NRG.
        document: Option<String>,
        /// NRG's words.
        message: Option<SafeHtml>,
    },
    /// E2: accepted, the account number comes later.
    Accepted {
        /// `idocNumber`, for questions to NRG.
        document: Option<String>,
        /// NRG's words.
        message: Option<SafeHtml>,
    },
    /// E3, E4, E5, E7, E8.
    Refused {
        /// E5 and E8: the record is still open.
        correctable: bool,
        /// NRG's words, where they may be shown.
        message: Option<SafeHtml>,
        /// NRG's code, for the operator.
        code: Option<String>,
    },
    /// E6: NRG had received it before.
    Duplicate,
    /// Nothing reached NRG: no connection, or refused by its access gateway (401, 403). It may be sent again.
    NotSent,
    /// E9 and everything else: it may have been processed. The program never sends it again.
    Unknown,
}

/// The result of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrollReply {
    /// How the submission ended.
    pub enrollment: Enrollment,
    /// The HTTP status, where there was an answer.
    pub http: Option<u16>,
    /// For operators: `statusCode` and NRG's codes, or the kind of error. Never one of NRG's texts.
    pub codes: String,
}

impl From<Enrollment> for EnrollReply {
    /// A result without an answer of NRG's.
    fn from(enrollment: Enrollment) -> Self {
        Self { enrollment, http: None, codes: String::new() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(flatten)]
    ids: Ids<'a>,
    offer_code: &'a str,
    promo_code: &'a str,
    campaign_code: &'a str,
    product_price_code: &'a str,
    incentive_code: &'a str,
    market_segment: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ebill_flag: Option<&'static str>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    ca_number: Text,
    check_digit: Text,
    bpid: Text,
    idoc_number: Text,
}

impl BrandClient<'_> {
    /// Submits the record: one request, over a connection of its own.
    pub async fn enroll(&self, tracking_id: &TrackingId, request: &EnrollRequest) -> EnrollReply {
        let EnrollRequest { guid, codes: EnrollCodes { offer, others: codes }, paperless, .. } = request;
        let fields = Fields {
            ids: Ids::new(tracking_id, guid),
            offer_code: offer.as_str(),
            promo_code: &codes.promo,
            campaign_code: &codes.campaign,
            product_price_code: &codes.product_price,
            incentive_code: &codes.incentive,
            market_segment: &codes.market_segment,
            ebill_flag: paperless.then_some("Y"),
        };
        match self.post(Endpoint::Enroll, &fields).await {
            Ok(answer) => {
                let (http, codes) = answer.codes();
                EnrollReply {
                    enrollment: enrollment(answer, &self.reading(Endpoint::Enroll)),
                    http: Some(http),
                    codes,
                }
            }
            Err(error) => {
                let enrollment = enrollment_of_error(&error);
                tracing::error!(error = %Causes(&error), result = ?enrollment, "nrg: enroll has no answer");
                let what = error.kind.to_string().replace(' ', "-");
                let codes = codes::join(&[&what, error.code.as_deref().unwrap_or_default()]);
                EnrollReply { enrollment, http: error.http, codes }
            }
        }
    }
}

/// What an error means: it is certain that nothing happened only while nothing was written to the connection.
fn enrollment_of_error(error: &Error) -> Enrollment {
    match error.kind {
        // 401 and 403 come from the gateway in front of the application (contract 3.4).
        Kind::Unreachable | Kind::Refused(_) => Enrollment::NotSent,
        Kind::ConnectionLost
        | Kind::TimedOut
        | Kind::ServerError
        | Kind::InvalidResponse
        | Kind::TooLarge
        | Kind::Rejected => Enrollment::Unknown,
    }
}

fn enrollment(answer: Answer<Body>, reading: &Reading<'_>) -> Enrollment {
    match answer {
        Answer::Processed(reply) => processed(&reply, reading),
        Answer::Rejected(rejection) => rejected(&rejection, reading),
    }
}

fn processed(reply: &Reply<Body>, reading: &Reading<'_>) -> Enrollment {
    let Body { ca_number, check_digit, bpid, idoc_number } = &reply.body;
    let document = idoc_number.exact().map(str::to_owned);
    // All zeros mean the same as blank, and so does what is no number; the check digit says nothing (E2).
    let number = ca_number.exact().filter(|number| number.bytes().any(|b| b != b'0'));
    match (reply.verdict, number) {
        (Verdict::Continue, None) => Enrollment::Accepted { document, message: reply.advice(reading) },
        (Verdict::Continue, Some(number)) => {
            let exact = |text: &Text| text.exact().unwrap_or_default().to_owned();
            let account = Account {
                number: number.to_owned(),
                check_digit: exact(check_digit),
                customer_number: exact(bpid),
            };
            Enrollment::Enrolled { account, document, message: reply.advice(reading) }
        }
        (Verdict::Stop, _) => {
            let stop = reply.stop(reading);
            Enrollment::Refused { correctable: false, message: stop.message, code: stop.code }
        }
        // `02` is not defined for this endpoint, so it does not say whether the record was submitted.
        (Verdict::Ask, _) => Enrollment::Unknown,
    }
}

fn rejected(rejection: &Rejection, reading: &Reading<'_>) -> Enrollment {
    let refused = |correctable| Enrollment::Refused {
        correctable,
        message: reading.message(&rejection.text),
        code: rejection.error().code,
    };
    match &*rejection.error_code {
        // Shape B leaves the code blank.
        "ENROLLMENT_NOT_ALLOWED" | "BAD_REQUEST" | "" => refused(true),
        "ENROLLMENT_ALREADY_REQUESTED" | "DUPLICATE_SUBMISSION" => Enrollment::Duplicate,
        "NO_MATCH_FOUND" => refused(false),
        // A new code may mean "already submitted".
        _ => Enrollment::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use crate::nrg::{
        Refusal,
        tests::{answer, reading},
    };

    use super::*;

    fn read(http: u16, json: &str) -> Enrollment {
        enrollment(answer(Endpoint::Enroll, http, json).unwrap(), &reading())
    }

    #[test]
    fn enroll_with_account_number_is_enrolled_and_without_is_accepted() {
        let json = r#"{"statusCode":"00","trackingId":"4900001","idocNumber":"0000000099990001","caNumber":"000099990001",
            "checkDigit":"7","bpid":"0099990001"}"#;
        let Enrollment::Enrolled { account, document, .. } = read(200, json) else { panic!() };
        assert_eq!((account.number.as_str(), account.check_digit.as_str()), ("000099990001", "7"));
        assert_eq!(account.customer_number, "0099990001");
        assert_eq!(document.as_deref(), Some("0000000099990001"));
        let long = format!("\"{}\"", "9".repeat(200_000));
        for number in ["null", r#""""#, r#""000000000000""#, r#""00009\u202e9990001""#, &long] {
            let json =
                format!(r#"{{"statusCode":"00","caNumber":{number},"checkDigit":"0","idocNumber":"1"}}"#);
            assert_eq!(
                read(200, &json),
                Enrollment::Accepted { document: Some("1".into()), message: None },
                "{number}"
            );
        }
    }

    #[test]
    fn enroll_refusal_maps_to_refused_duplicate_or_unknown() {
        let refused = |correctable, code: &str| Enrollment::Refused {
            correctable,
            message: None,
            code: (!code.is_empty()).then(|| code.into()),
        };
        for (http, codes, expected) in [
            (
                200,
                r#""messageCode":"CURRENT_CUSTOMER","messageText":"7 Old Elm St""#,
                refused(false, "CURRENT_CUSTOMER"),
            ),
            (200, r#""messageCode":"AREA_NOT_SERVICED""#, refused(false, "AREA_NOT_SERVICED")),
            (400, r#""errorCode":"ENROLLMENT_NOT_ALLOWED""#, refused(true, "ENROLLMENT_NOT_ALLOWED")),
            (400, r#""errorCode":"ENROLLMENT_ALREADY_REQUESTED""#, Enrollment::Duplicate),
            (400, r#""errorCode":"DUPLICATE_SUBMISSION""#, Enrollment::Duplicate),
            (400, r#""errorCode":"NO_MATCH_FOUND""#, refused(false, "NO_MATCH_FOUND")),
            (400, r#""errorCode":"BAD_REQUEST""#, refused(true, "BAD_REQUEST")),
            (400, r#""resultCode":"1","errorCode":"","resultDescription":"(x)""#, refused(true, "")),
            (400, r#""errorCode":"NEW_CODE""#, Enrollment::Unknown),
        ] {
            assert_eq!(read(http, &format!(r#"{{"statusCode":"01",{codes}}}"#)), expected, "{codes}");
        }
        assert_eq!(read(200, r#"{"statusCode":"02","caNumber":"1"}"#), Enrollment::Unknown);
    }

    #[test]
    fn enroll_error_is_not_sent_only_when_nothing_was_written() {
        for (kind, expected) in [
            (Kind::Unreachable, Enrollment::NotSent),
            (Kind::Refused(Refusal::Unauthorized), Enrollment::NotSent),
            (Kind::ConnectionLost, Enrollment::Unknown),
            (Kind::TimedOut, Enrollment::Unknown),
            (Kind::ServerError, Enrollment::Unknown),
            (Kind::InvalidResponse, Enrollment::Unknown),
            (Kind::TooLarge, Enrollment::Unknown),
        ] {
            assert_eq!(enrollment_of_error(&Error::new(Endpoint::Enroll, kind)), expected);
        }
    }
}
