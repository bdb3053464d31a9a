//! Step `quiz`: NRG's questions, when it suggests them. Answers are sent once and never kept.

use std::collections::BTreeMap;

use super::{Failure, Prepared, Record, StepPage};
use crate::{
    journey::{Journey, Place, Quiz, QuizQuestion, Step},
    nrg::QuizAnswer,
    web::{ctx::Ctx, form::Errors},
};

/// The step.
pub struct QuizStep;

/// What is posted: `q1`, `q2` … carry the chosen option. Never remembered.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct QuizForm {
    #[serde(flatten, skip_serializing)]
    answers: BTreeMap<String, String>,
}

impl QuizForm {
    /// The option chosen for the question at `index`.
    pub fn answer(&self, index: usize) -> Option<i64> {
        self.answers.get(&format!("q{}", index + 1))?.parse().ok()
    }
}

/// The answers to one set of questions.
pub struct QuizInput {
    transaction_key: String,
    answers: Vec<QuizAnswer>,
}

/// The questions waiting for answers.
pub fn asked(journey: &Journey) -> Option<(&str, &[QuizQuestion])> {
    match &journey.identity()?.quiz {
        Some(Quiz::Asked { transaction_key, questions }) => Some((transaction_key, questions)),
        Some(Quiz::Passed | Quiz::Failed | Quiz::Unavailable) | None => None,
    }
}

impl StepPage for QuizStep {
    const STEP: Step = Step::Quiz;
    const CLAIMED: bool = true;
    type Form = QuizForm;
    type Input = QuizInput;

    fn form(_ctx: &Ctx) -> QuizForm {
        QuizForm::default()
    }

    async fn prepare(ctx: &mut Ctx) -> Result<Prepared, Failure> {
        let journey = ctx.journey();
        if journey.identity().is_some_and(|identity| identity.quiz.is_none())
            && let (Some(applicant), Some(record)) = (journey.applicant(), &journey.record)
        {
            let outcome = ctx.caller().kba_oe(record).await?;
            let app = ctx.app.clone();
            ctx.visit.change(|journey| journey.quiz_answered(&applicant, outcome.clone(), &app.site)).await?;
            ctx.refresh_submission().await?;
        }
        let here = ctx.place() == Place::Step(Step::Quiz) && asked(ctx.journey()).is_some();
        Ok(if here { Prepared::Show } else { Prepared::Elsewhere })
    }

    async fn render(ctx: &Ctx, form: &QuizForm, errors: &Errors) -> Result<String, Failure> {
        view::render(ctx, form, errors)
    }

    fn parse(form: &QuizForm, ctx: &Ctx) -> Result<QuizInput, Errors> {
        let mut errors = Errors::default();
        let Some((transaction_key, questions)) = asked(ctx.journey()) else {
            errors.say("form", &ctx.text().quiz.new_questions);
            return Err(errors);
        };
        let mut answers = Vec::new();
        for (index, question) in questions.iter().enumerate() {
            let chosen = form.answer(index);
            match question.options.iter().find(|option| Some(option.option_id) == chosen) {
                Some(option) => answers.push(QuizAnswer {
                    quiz_id: question.quiz_id,
                    question_id: question.question_id,
                    answer_id: option.option_id,
                }),
                None => errors.say(NAMES.get(index).copied().unwrap_or("form"), &ctx.text().quiz.missing),
            }
        }
        if errors.is_empty() {
            Ok(QuizInput { transaction_key: transaction_key.to_owned(), answers })
        } else {
            Err(errors)
        }
    }

    fn keep(_input: &QuizInput, _journey: &mut Journey) {}

    async fn call(ctx: &mut Ctx, input: QuizInput) -> Result<Record, Failure> {
        let journey = ctx.journey();
        let applicant = journey.applicant().ok_or_else(|| Failure::unexpected("applicant"))?;
        let record = journey.record.as_ref().ok_or_else(|| Failure::unexpected("record"))?;
        let outcome = ctx.caller().kba_result(record, &input.transaction_key, &input.answers).await?;
        let app = ctx.app.clone();
        Ok(Box::new(move |journey| journey.quiz_answered(&applicant, outcome.clone(), &app.site)))
    }
}

/// The names of the fields; NRG asks about five questions.
pub const NAMES: [&str; 12] = ["q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q9", "q10", "q11", "q12"];
