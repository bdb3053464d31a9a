//! POST `kba-result` (contract 5.14): the answers, once per `transactionKey`.

use serde::{Deserialize, Serialize};

use crate::journey::{Correction, Outcome, Quiz, Record};

use crate::nrg::{
    client::{BrandClient, Ids},
    endpoint::Endpoint,
    envelope::{Answer, Rejection, Reply, Verdict},
    error::{Error, Kind},
    reading::Reading,
    wire::{Text, is_dated},
};

/// The answer to one question. Any further field would make the call fail (contract 5.14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuizAnswer {
    /// The question's `quiz_id`.
    pub quiz_id: i64,
    /// The question's id.
    pub question_id: i64,
    /// The chosen option's id.
    pub answer_id: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(flatten)]
    ids: Ids<'a>,
    transaction_key: &'a str,
    question_list: &'a [QuizAnswer],
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    ssn_verify_date: Text,
    driving_licence_verify_date: Text,
}

impl BrandClient<'_> {
    /// Whether the answers were right: [`Quiz::Passed`] or [`Quiz::Failed`]. `Correct(NewQuestions)` if
    /// the key was used before. Never sent twice.
    ///
    /// # Errors
    /// [`Error`]; NRG's own processing error is [`Kind::ServerError`](crate::nrg::Kind).
    pub async fn kba_result(
        &self,
        record: &Record,
        transaction_key: &str,
        answers: &[QuizAnswer],
    ) -> Result<Outcome<Quiz>, Error> {
        let fields = Fields { ids: Ids::of(record), transaction_key, question_list: answers };
        match self.post(Endpoint::KbaResult, &fields).await? {
            Answer::Processed(reply) => outcome(&reply, &self.reading(Endpoint::KbaResult)),
            Answer::Rejected(rejection) => rejected(rejection),
        }
    }
}

fn rejected(rejection: Rejection) -> Result<Outcome<Quiz>, Error> {
    match &*rejection.error_code {
        "RETRY_NOT_ALLOWED" => Ok(Outcome::Correct(Correction::NewQuestions)),
        _ => rejection.outcome(),
    }
}

fn outcome(reply: &Reply<Body>, reading: &Reading<'_>) -> Result<Outcome<Quiz>, Error> {
    let body = &reply.body;
    match (reply.verdict, &*reply.code) {
        (Verdict::Continue, "POSIDHOLD") => Ok(Outcome::Accepted(Quiz::Failed)),
        (Verdict::Continue, _)
            if is_dated(&body.ssn_verify_date) || is_dated(&body.driving_licence_verify_date) =>
        {
            Ok(Outcome::Accepted(Quiz::Passed))
        }
        // Without a verify date nothing was verified, whatever else is said.
        (Verdict::Continue, _) => Ok(Outcome::Accepted(Quiz::Failed)),
        (Verdict::Stop, "") if &*reply.error_code == "1" => {
            Err(Error::new(reply.endpoint, Kind::ServerError).with_code("1"))
        }
        (Verdict::Stop | Verdict::Ask, _) => Ok(Outcome::Stop(reply.stop(reading))),
    }
}

#[cfg(test)]
mod tests {
    use crate::nrg::tests::{processed, reading, rejection};

    use super::*;

    #[test]
    fn quiz_pass_needs_verify_date_and_no_hold() {
        for (rest, quiz) in [
            (r#""decision":"Y","ssnVerifyDate":"06/15/2030","drivingLicenceVerifyDate":null"#, Quiz::Passed),
            (r#""drivingLicenceVerifyDate":"06/15/2030""#, Quiz::Passed),
            (r#""messageCode":"POSIDHOLD","ssnVerifyDate":"06/15/2030""#, Quiz::Failed),
            (r#""messageCode":"POSIDHOLD","errorCode":"1""#, Quiz::Failed),
            (r#""ssnVerifyDate":"0000-00-00""#, Quiz::Failed),
            (r#""decision":"Y""#, Quiz::Failed),
        ] {
            let json = format!(r#"{{"statusCode":"00",{rest}}}"#);
            let read = outcome(&processed(Endpoint::KbaResult, &json), &reading()).unwrap();
            assert_eq!(read, Outcome::Accepted(quiz), "{rest}");
        }
    }

    #[test]
    fn used_quiz_key_needs_new_questions_and_nrg_error_is_an_error() {
        let refused = |json| rejected(rejection(Endpoint::KbaResult, json)).unwrap();
        let used = refused(r#"{"statusCode":"01","errorCode":"RETRY_NOT_ALLOWED"}"#);
        assert_eq!(used, Outcome::Correct(Correction::NewQuestions));
        assert_eq!(
            refused(r#"{"statusCode":"01","errorCode":"NO_MATCH_FOUND"}"#),
            Outcome::Correct(Correction::RecordUnknown)
        );
        let read = |json| outcome(&processed(Endpoint::KbaResult, json), &reading());
        assert_eq!(read(r#"{"statusCode":"01","errorCode":"1"}"#).unwrap_err().kind, Kind::ServerError);
        assert!(matches!(read(r#"{"statusCode":"01","messageCode":"NEW"}"#).unwrap(), Outcome::Stop(_)));
    }
}
