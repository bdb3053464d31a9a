//! POST `kba-oe` and `kba-result` (contract 5.12, 5.14): knowledge questions, and their answers. The
//! right option begins with "Sample".

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    envelope::{Reply, either},
    inputs::Quiz,
    records::Identity,
    request::ApiRequest,
    rules::{ANY, check_tracked, optional, refuse},
    state::Sandbox,
    texts::Language,
};

const QUIZ_ID: i64 = 7;

/// Question id, text in English and Spanish, options; the first option given here is the right one.
type Question = (i64, &'static str, &'static str, [&'static str; 3]);

const QUESTIONS: [Question; 3] = [
    (
        11,
        "Which of these streets have you lived on?",
        "¿En cuál de estas calles ha vivido?",
        ["Sample Ct", "Invented Blvd", "Madeup Way"],
    ),
    (
        12,
        "Which of these counties have you lived in?",
        "¿En cuál de estos condados ha vivido?",
        ["Sample County", "Fiction County", "Nowhere County"],
    ),
    (
        13,
        "Which of these companies has lent you money?",
        "¿Cuál de estas empresas le ha prestado dinero?",
        ["Sample Savings", "Imaginary Bank", "Pretend Credit"],
    ),
];

/// The option numbers of a question; they have gaps, do not start at one, and the right one is in no fixed place.
fn options(question: &Question, language: Language) -> [(i64, &'static str, bool); 4] {
    let (id, _, _, [right, second, third]) = *question;
    let none = language.pick("None of the above", "Ninguna de las anteriores");
    let mut options = [(2, second, false), (3, right, true), (5, third, false), (9, none, false)];
    options.rotate_left(usize::from(id == 13));
    options
}

/// Returns the questions.
pub async fn questions(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    either(issue_questions(&sandbox, &request)).complete(&["transactionKey", "questions"])
}

fn issue_questions(sandbox: &Sandbox, request: &ApiRequest) -> Result<Reply, Reply> {
    check_tracked(request, &[])?;
    let mut memory = sandbox.memory();
    let record = memory.tracked(request)?;
    if !request.brand().has_quiz() {
        return Err(refuse(request, &[("brandId", "has no questions")]));
    }
    let hold = Reply::advise("POSIDHOLD", request.language());
    match record.quiz() {
        Quiz::NoQuestions => Ok(hold),
        Quiz::Down => Ok(hold.error("1", "quiz service failed")),
        Quiz::Asks | Quiz::AsksHeld | Quiz::ResultFails => {
            let key = u64::from_be_bytes(sandbox.settings.entropy.bytes()) % 10_u64.pow(12);
            let key = format!("{:03}9{key:012}", record.quizzes.len());
            record.quizzes.insert(key.clone(), false);
            let language = request.language();
            let questions: Vec<Value> = QUESTIONS
                .iter()
                .map(|question| {
                    let options: Vec<Value> = options(question, language)
                        .iter()
                        .map(|(id, text, right)| {
                            let key = right.then_some("X");
                            json!({ "optionId": id, "optionText": text, "keyAnswer": key })
                        })
                        .collect();
                    json!({
                        "questionId": question.0, "quizeId": QUIZ_ID,
                        "questionText": language.pick(question.1, question.2), "options": options,
                    })
                })
                .collect();
            Ok(Reply::success().with(json!({ "transactionKey": key, "questions": questions })))
        }
    }
}

/// Grades the answers.
pub async fn result(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    either(grade(&sandbox, &request)).complete(&["decision", "ssnVerifyDate", "drivingLicenceVerifyDate"])
}

fn grade(sandbox: &Sandbox, request: &ApiRequest) -> Result<Reply, Reply> {
    check_tracked(request, &[optional("transactionKey", ANY), optional("questionList", ANY)])?;
    let language = request.language();
    let mut memory = sandbox.memory();
    let record = memory.tracked(request)?;
    let failed = || Reply::stop("", language).error("1", "the answers could not be processed");
    let Some(answers) = request.fields.get("questionList").and_then(read) else { return Ok(failed()) };
    if record.quiz() == Quiz::ResultFails {
        return Ok(failed());
    }
    match record.quizzes.get_mut(request.text("transactionKey")) {
        None => return Ok(failed()),
        Some(true) => return Err(Reply::refuse("RETRY_NOT_ALLOWED", "transactionKey was used before")),
        Some(used) => *used = true,
    }
    let right = |question: &Question| {
        let correct = options(question, language).iter().find(|(_, _, right)| *right).map(|(id, ..)| *id);
        answers.iter().any(|answer| answer.question == question.0 && Some(answer.option) == correct)
    };
    let in_quiz = answers.len() == QUESTIONS.len() && answers.iter().all(|answer| answer.quiz == QUIZ_ID);
    if !in_quiz || !QUESTIONS.iter().all(right) {
        let permitted = record.quiz() == Quiz::AsksHeld;
        record.identity = Identity::Held { permitted };
        return Ok(Reply::advise("POSIDHOLD", language).with(json!({ "decision": "N" })));
    }
    record.identity = Identity::Verified;
    let today = sandbox.settings.clock.texas_today().strftime("%m/%d/%Y").to_string();
    let field = if record.by_ssn { "ssnVerifyDate" } else { "drivingLicenceVerifyDate" };
    Ok(Reply::success().with(json!({ "decision": "Y", field: today })))
}

struct Answer {
    quiz: i64,
    question: i64,
    option: i64,
}

/// The answers; none if an entry has another field, or a value that is no number (contract 5.14).
fn read(list: &Value) -> Option<Vec<Answer>> {
    let tolerant = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    list.as_array()?
        .iter()
        .map(|entry| {
            let entry = entry.as_object().filter(|entry| entry.len() == 3)?;
            Some(Answer {
                quiz: tolerant(entry.get("quizId")?)?,
                question: entry.get("questionId")?.as_i64()?,
                option: tolerant(entry.get("answerId")?)?,
            })
        })
        .collect()
}
