//! POST `kba-oe` (contract 5.12): NRG's questions for this record. `keyAnswer`, which marks the right
//! choice, is never read.

use serde::Deserialize;

use crate::journey::{Outcome, Quiz, QuizOption, QuizQuestion, Record};

use crate::nrg::{
    bounded::SENTENCE,
    client::{BrandClient, Ids},
    endpoint::Endpoint,
    envelope::{Answer, Rejection, Reply, Verdict},
    error::Error,
    reading::Reading,
    sanitize::plain,
    wire::{self, Text},
};

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    transaction_key: Text,
    #[serde(deserialize_with = "wire::list")]
    questions: Vec<Question>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Question {
    question_id: Text,
    /// The wire has this spelling.
    #[serde(rename = "quizeId")]
    quiz_id: Text,
    question_text: Text,
    #[serde(deserialize_with = "wire::list")]
    options: Vec<Choice>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Choice {
    option_id: Text,
    option_text: Text,
}

impl BrandClient<'_> {
    /// Questions, under a new `transactionKey`; [`Quiz::Unavailable`] where NRG has none, and where it
    /// rejects the call, as it does for a brand without questions.
    ///
    /// # Errors
    /// [`Error`]; questions that cannot be read are [`Kind::InvalidResponse`](crate::nrg::Kind).
    pub async fn kba_oe(&self, record: &Record) -> Result<Outcome<Quiz>, Error> {
        match self.post(Endpoint::KbaOe, &Ids::of(record)).await? {
            Answer::Processed(reply) => outcome(&reply, &self.reading(Endpoint::KbaOe)),
            Answer::Rejected(rejection) => rejected(rejection),
        }
    }
}

/// The call carries nothing that could be wrong: any other 400 is that of a brand without questions.
fn rejected(rejection: Rejection) -> Result<Outcome<Quiz>, Error> {
    Ok(rejection.outcome().unwrap_or(Outcome::Accepted(Quiz::Unavailable)))
}

/// The list of questions decides, as a failure is answered with `00` as well (contract 5.12).
fn outcome(reply: &Reply<Body>, reading: &Reading<'_>) -> Result<Outcome<Quiz>, Error> {
    match reply.verdict {
        Verdict::Stop | Verdict::Ask => return Ok(Outcome::Stop(reply.stop(reading))),
        Verdict::Continue => {}
    }
    let body = &reply.body;
    if body.questions.is_empty() {
        return Ok(Outcome::Accepted(Quiz::Unavailable));
    }
    let unreadable = || reply.invalid_response("questions that cannot be asked");
    let transaction_key = body.transaction_key.exact().ok_or_else(unreadable)?.to_owned();
    let questions = body.questions.iter().map(question).collect::<Option<Vec<_>>>().ok_or_else(unreadable)?;
    Ok(Outcome::Accepted(Quiz::Asked { transaction_key, questions, language: Some(reading.language) }))
}

fn question(question: &Question) -> Option<QuizQuestion> {
    let option = |choice: &Choice| {
        Some(QuizOption {
            option_id: choice.option_id.exact()?.parse().ok()?,
            text: plain(&choice.option_text, SENTENCE)?,
        })
    };
    Some(QuizQuestion {
        question_id: question.question_id.exact()?.parse().ok()?,
        quiz_id: question.quiz_id.exact()?.parse().ok()?,
        text: plain(&question.question_text, SENTENCE)?,
        options: question
            .options
            .iter()
            .map(option)
            .collect::<Option<Vec<_>>>()
            .filter(|all| !all.is_empty())?,
    })
}

#[cfg(test)]
mod tests {
    use crate::nrg::{
        Kind,
        tests::{processed, reading, rejection},
    };

    use super::*;

    fn read(rest: &str) -> Result<Outcome<Quiz>, Error> {
        outcome(&processed(Endpoint::KbaOe, &format!(r#"{{"statusCode":"00",{rest}}}"#)), &reading())
    }

    #[test]
    fn quiz_questions_are_parsed_without_the_answer_key() {
        let Outcome::Accepted(Quiz::Asked { transaction_key, questions, .. }) = read(
            r#""transactionKey":"9990000000000001","questions":[{"questionId":1,"quizeId":"2","questionText":"Which street?",
               "options":[{"optionId":1,"optionText":"Invented Blvd","keyAnswer":null},
                          {"optionId":2,"optionText":"Madeup Ct","keyAnswer":"X"}]}]"#,
        )
        .unwrap() else {
            panic!()
        };
        assert_eq!(transaction_key, "9990000000000001");
        let option = |option_id, text: &str| QuizOption { option_id, text: text.into() };
        let expected = QuizQuestion {
            question_id: 1,
            quiz_id: 2,
            text: "Which street?".into(),
            options: vec![option(1, "Invented Blvd"), option(2, "Madeup Ct")],
        };
        assert_eq!(questions, [expected]);
    }

    #[test]
    fn quiz_without_questions_is_unavailable() {
        for rest in [
            r#""messageCode":"POSIDHOLD""#,
            r#""messageCode":"POSIDHOLD","errorCode":"1","questions":null"#,
            r#""questions":[]"#,
        ] {
            assert_eq!(read(rest).unwrap(), Outcome::Accepted(Quiz::Unavailable), "{rest}");
        }
        let rejected = |json| rejected(rejection(Endpoint::KbaOe, json)).unwrap();
        assert_eq!(
            rejected(r#"{"statusCode":"01","errorCode":"BAD_REQUEST"}"#),
            Outcome::Accepted(Quiz::Unavailable)
        );
        assert_eq!(
            rejected(r#"{"statusCode":"01","errorCode":"ENROLLMENT_ALREADY_REQUESTED"}"#),
            Outcome::Done
        );
    }

    #[test]
    fn quiz_with_incomplete_questions_is_an_error() {
        let question =
            r#"{"questionId":1,"quizeId":1,"questionText":"Q","options":[{"optionId":1,"optionText":"A"}]}"#;
        for rest in [
            format!(r#""questions":[{question}]"#),
            format!(r#""transactionKey":"1","questions":[{}]"#, question.replace(r#""Q""#, "null")),
            format!(r#""transactionKey":"1","questions":[{}]"#, question.replace(r#""quizeId":1"#, r#""quizeId":"x""#)),
            r#""transactionKey":"1","questions":[{"questionId":1,"quizeId":1,"questionText":"Q","options":null}]"#.into(),
            format!(r#""transactionKey":"{}","questions":[{question}]"#, "1".repeat(200)),
            format!(r#""transactionKey":"1\u202e","questions":[{question}]"#),
        ] {
            assert_eq!(read(&rest).unwrap_err().kind, Kind::InvalidResponse, "{rest}");
        }
    }
}
