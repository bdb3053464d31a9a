//! Step `quiz`: NRG's questions (KBA), if it suggests them. The answers are sent once and never stored.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;

use super::{JourneyUpdate, PageError, Prepared, StepPage, call, start_date};
use crate::{
    fields::Language,
    journey::{Correction, Journey, Position, Quiz, QuizQuestion, Step},
    messages::interpolate,
    nrg::QuizAnswer,
    rate_limit::Action,
    web::{
        Choice, ErrorMessages, Field, Notice, Page, context::RequestContext, form::FormErrors,
        page_context::PageContext,
    },
};

/// Step `quiz`.
pub struct QuizStep;

/// The posted form: `q1`, `q2` … with the chosen options. Never stored.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct QuizForm {
    #[serde(flatten, skip_serializing)]
    answers: BTreeMap<String, String>,
}

impl QuizForm {
    /// The option chosen for the question `name`; empty if there is none.
    fn chosen(&self, name: &str) -> &str {
        self.answers.get(name).map_or("", String::as_str)
    }
}

/// The answers to one quiz.
pub struct QuizInput {
    transaction_key: String,
    answers: Vec<QuizAnswer>,
}

/// The quiz that has to be answered.
struct Asked<'a> {
    transaction_key: &'a str,
    questions: &'a [QuizQuestion],
    language: Option<Language>,
}

fn asked(journey: &Journey) -> Option<Asked<'_>> {
    match &journey.identity()?.quiz {
        Some(Quiz::Asked { transaction_key, questions, language }) => {
            Some(Asked { transaction_key, questions, language: *language })
        }
        Some(Quiz::Passed | Quiz::Failed | Quiz::Unavailable) | None => None,
    }
}

impl StepPage for QuizStep {
    const STEP: Step = Step::Quiz;
    const ANSWERED_ONCE: bool = true;
    const SECRETS: &[&str] = &NAMES;
    type Form = QuizForm;
    type Input = QuizInput;
    type Shown = ();

    fn form(_ctx: PageContext<'_>) -> QuizForm {
        QuizForm::default()
    }

    async fn prepare(ctx: &mut RequestContext) -> Result<Prepared, PageError> {
        if is_unasked(ctx) {
            call::read(ctx, Step::Quiz, Box::new(|ctx, _| Box::pin(fetch_questions(ctx)))).await?;
        }
        let here = ctx.view().position() == Position::Step(Step::Quiz) && asked(ctx.journey()).is_some();
        Ok(if here { Prepared::Show } else { Prepared::Elsewhere })
    }

    fn render(
        ctx: PageContext<'_>,
        _shown: &(),
        form: &QuizForm,
        errors: &FormErrors,
    ) -> Result<String, PageError> {
        let text = ctx.messages();
        let t = &text.quiz;
        let mut faults = ErrorMessages::new(ctx.messages(), errors);
        let asked = asked(ctx.journey).ok_or_else(|| PageError::unexpected("questions"))?;
        let mut page = ctx.form_page(Step::Quiz, &t.title, Vec::new());
        let lang = page.lang_of(asked.language);
        let questions = asked
            .questions
            .iter()
            .zip(NAMES)
            .map(|(question, name)| Question {
                field: faults.field(name, form.chosen(name), &t.answer),
                text: &question.text,
                choices: question
                    .options
                    .iter()
                    .map(|option| Choice::new(option.option_id.to_string(), &option.text).lang(lang))
                    .collect(),
            })
            .collect();
        page.errors = faults.summary();
        if ctx.journey.correction == Some(Correction::NewQuestions) {
            page.notices.push(Notice {
                title: text.common.important.clone(),
                text: Some(t.new_questions.clone()),
                message: None,
            });
        }
        let page = QuizPage {
            page,
            revision: ctx.journey.revision(Step::Quiz),
            questions,
            lang,
            answers_gone: NAMES.iter().any(|name| ctx.withheld(Step::Quiz, name)),
            correctable: ctx.journey.may_visit(Step::Identity, ctx.eval_context()),
        };
        Ok(page.render()?)
    }

    fn parse(form: &QuizForm, ctx: PageContext<'_>) -> Result<QuizInput, FormErrors> {
        let mut errors = FormErrors::default();
        let Some(Asked { transaction_key, questions, .. }) = asked(ctx.journey) else {
            errors.say("form", &ctx.messages().quiz.new_questions);
            return Err(errors);
        };
        let mut answers = Vec::new();
        for (question, name) in questions.iter().zip(NAMES) {
            let chosen = form.chosen(name);
            match question.options.iter().find(|option| option.option_id.to_string() == chosen) {
                Some(option) => answers.push(QuizAnswer {
                    quiz_id: question.quiz_id,
                    question_id: question.question_id,
                    answer_id: option.option_id,
                }),
                None => {
                    let missing = &ctx.messages().quiz.answer.missing;
                    errors.say(name, &interpolate(missing, &[("question", &question.text)]));
                }
            }
        }
        if errors.is_empty() {
            Ok(QuizInput { transaction_key: transaction_key.to_owned(), answers })
        } else {
            Err(errors)
        }
    }

    fn store(_input: &QuizInput, _journey: &mut Journey) {}

    async fn call_nrg(ctx: &mut RequestContext, input: QuizInput) -> Result<JourneyUpdate, PageError> {
        ctx.count(Action::Identity).await?;
        let journey = ctx.journey();
        let applicant = journey.applicant().ok_or_else(|| PageError::unexpected("applicant"))?;
        let record = journey.record.as_ref().ok_or_else(|| PageError::unexpected("record"))?;
        let outcome = ctx.nrg().kba_result(record, &input.transaction_key, &input.answers).await?;
        let hosted = Arc::clone(&ctx.hosted);
        Ok(Box::new(move |journey| journey.quiz_answered(&applicant, outcome.clone(), &hosted.site)))
    }

    async fn ask_ahead(ctx: &mut RequestContext) {
        start_date::ask_ahead(ctx).await;
    }
}

/// Whether NRG has still to be asked for the questions: not if it has answered that the journey ends.
fn is_unasked(ctx: &RequestContext) -> bool {
    let journey = ctx.journey();
    let has_none = journey.identity().is_some_and(|identity| identity.quiz.is_none());
    has_none && journey.may_visit(Step::Quiz, ctx.view().eval_context())
}

async fn fetch_questions(ctx: &mut RequestContext) -> Result<(), PageError> {
    // Another request may have asked for them since the page was asked for, and been refused for good.
    if !is_unasked(ctx) {
        return Ok(());
    }
    let (Some(applicant), Some(record)) = (ctx.journey().applicant(), &ctx.journey().record) else {
        return Ok(());
    };
    ctx.count(Action::LookUp).await?;
    let outcome = ctx.nrg().kba_oe(record).await?;
    let hosted = Arc::clone(&ctx.hosted);
    ctx.record(|journey| journey.quiz_answered(&applicant, outcome.clone(), &hosted.site)).await
}

#[derive(Template)]
#[template(path = "step/quiz.html")]
struct QuizPage<'a> {
    page: Page<'a>,
    revision: u64,
    questions: Vec<Question<'a>>,
    /// The language of the questions, if it is not the page's.
    lang: &'static str,
    /// Whether answers were chosen before the language was switched.
    answers_gone: bool,
    correctable: bool,
}

struct Question<'a> {
    field: Field,
    text: &'a str,
    choices: Vec<Choice>,
}

/// The names of the fields; NRG asks about five questions.
const NAMES: [&str; 12] = ["q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q9", "q10", "q11", "q12"];
