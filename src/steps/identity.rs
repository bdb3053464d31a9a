//! Step `identity`: birth date, SSN or Texas licence, and the credit authorisation.
//!
//! The number exists in the memory of this one request: it goes to `token` and is gone. The
//! authorisation is in the ledger before `identity` is called, so that a stopped applicant leaves one too.

use zeroize::Zeroizing;

use super::{Failure, Reader, Record, StepPage, consent, nothing};
use crate::{
    fields::{BirthDate, BirthDatePart, Licence, Problem, ProspectId, Ssn, optional},
    journey::{Document, Journey, KeptToken, Outcome, Person, Repair, Standing, Step},
    ledger::ConsentKind,
    web::{ctx::Ctx, form::Errors},
};

/// The step.
pub struct IdentityStep;

/// What is posted. The numbers are never remembered.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct IdentityForm {
    pub birth_date_month: String,
    pub birth_date_day: String,
    pub birth_date_year: String,
    pub document: String,
    #[serde(skip_serializing)]
    pub ssn: Zeroizing<String>,
    #[serde(skip_serializing)]
    pub licence: Zeroizing<String>,
    pub prospect_id: String,
}

/// What it means.
pub struct IdentityInput {
    person: Person,
    number: Number,
}

/// The number that proves it.
pub enum Number {
    /// Nine digits.
    Ssn(Ssn),
    /// A Texas licence or ID card.
    Licence(Licence),
    /// The token of an earlier one is kept, or there is none.
    Kept,
}

impl StepPage for IdentityStep {
    const STEP: Step = Step::Identity;
    const CLAIMED: bool = true;
    const RENEWS: bool = true;
    type Form = IdentityForm;
    type Input = IdentityInput;

    fn form(ctx: &Ctx) -> IdentityForm {
        let Some(person) = &ctx.journey().person else {
            return IdentityForm { document: "ssn".into(), ..IdentityForm::default() };
        };
        let date = person.birth_date.date();
        IdentityForm {
            birth_date_month: date.month().to_string(),
            birth_date_day: date.day().to_string(),
            birth_date_year: date.year().to_string(),
            document: word(person.document).to_owned(),
            prospect_id: person.prospect.as_ref().map_or_else(String::new, |id| id.as_str().to_owned()),
            ..IdentityForm::default()
        }
    }

    async fn render(ctx: &Ctx, form: &IdentityForm, errors: &Errors) -> Result<String, Failure> {
        view::render(ctx, form, errors)
    }

    fn parse(form: &IdentityForm, ctx: &Ctx) -> Result<IdentityInput, Errors> {
        let mut reader = Reader::default();
        let birth_date = BirthDate::parse(
            &form.birth_date_month,
            &form.birth_date_day,
            &form.birth_date_year,
            ctx.app.clock.texas_today(),
        );
        let birth_date = birth_date.map_err(|(part, problem)| reader.problem(field(part), problem)).ok();
        let kept = |document| ctx.journey().token(document).is_some();
        let (document, number) = match form.document.as_str() {
            "ssn" if form.ssn.trim().is_empty() && kept(Document::Ssn) => (Document::Ssn, Some(Number::Kept)),
            "ssn" => (Document::Ssn, reader.read("ssn", required(&form.ssn, Ssn::parse)).map(Number::Ssn)),
            "licence" if form.licence.trim().is_empty() && kept(Document::Licence) => {
                (Document::Licence, Some(Number::Kept))
            }
            "licence" => {
                let licence = reader.read("licence", required(&form.licence, Licence::parse));
                (Document::Licence, licence.map(Number::Licence))
            }
            "none" => (Document::None, Some(Number::Kept)),
            _ => {
                reader.problem("document", Problem::Missing);
                (Document::None, None)
            }
        };
        // An invitation is checked against the SSN, so that it means nothing beside a licence.
        let invitation = if document == Document::Ssn { form.prospect_id.as_str() } else { "" };
        let prospect = reader.read("prospect_id", optional(invitation, ProspectId::parse));
        let input = (|| {
            let person = Person { birth_date: birth_date?, document, prospect: prospect? };
            Some(IdentityInput { person, number: number? })
        })();
        reader.finish(input)
    }

    fn keep(input: &IdentityInput, journey: &mut Journey) {
        journey.person = Some(input.person.clone());
    }

    async fn call(ctx: &mut Ctx, input: IdentityInput) -> Result<Record, Failure> {
        if input.person.document == Document::None && !ctx.site().allow_no_id {
            return Ok(nothing());
        }
        let words = &ctx.text().identity.credit_authorization;
        let consent = consent::of(ctx, ConsentKind::Credit, "identity.credit_authorization", words);
        ctx.app.ledger.consent(&consent).await?;
        keep_token(ctx, &input.number).await?;
        drop(input.number);

        let applicant = ctx.journey().applicant().ok_or_else(|| Failure::unexpected("applicant"))?;
        if ctx.journey().identity().is_some_and(|identity| identity.standing == Standing::NotVerified) {
            // Sending the very same again would use up an attempt.
            return Ok(Box::new(|journey| journey.repair = Some(Repair::NothingChanged)));
        }
        if let (Some(prospect), Some(token)) = (&input.person.prospect, ctx.journey().token(Document::Ssn)) {
            match ctx.caller().prospect(prospect, &token.last_four()).await? {
                Outcome::Accepted(()) => {}
                Outcome::Again(_) | Outcome::Stop(_) | Outcome::Done => {
                    return Ok(Box::new(|journey| {
                        if let Some(person) = &mut journey.person {
                            person.prospect = None;
                        }
                        journey.repair = Some(Repair::ProspectUnknown);
                    }));
                }
            }
        }
        let record = ctx.journey().record_for(&applicant).cloned();
        let reply = ctx.caller().identity(&applicant, record.as_ref()).await?;
        Ok(Box::new(move |journey| {
            journey.identity_answered(&applicant, reply.ids.clone(), reply.repeats, reply.outcome.clone());
        }))
    }
}

/// Trades a number for a token, saved before anything else is asked.
pub async fn keep_token(ctx: &mut Ctx, number: &Number) -> Result<(), Failure> {
    let (document, token) = match number {
        Number::Ssn(ssn) => (Document::Ssn, ctx.caller().token_ssn(ssn).await?),
        Number::Licence(licence) => (Document::Licence, ctx.caller().token_licence(licence).await?),
        Number::Kept => return Ok(()),
    };
    let kept = KeptToken { brand: ctx.brand(), document, token };
    Ok(ctx.visit.change(|journey| journey.keep_token(kept.clone())).await?)
}

fn required<T>(typed: &str, parse: impl FnOnce(&str) -> Result<T, Problem>) -> Result<T, Problem> {
    if typed.trim().is_empty() { Err(Problem::Missing) } else { parse(typed) }
}

/// The word of a document in the form.
pub fn word(document: Document) -> &'static str {
    match document {
        Document::Ssn => "ssn",
        Document::Licence => "licence",
        Document::None => "none",
    }
}

fn field(part: BirthDatePart) -> &'static str {
    match part {
        BirthDatePart::Month | BirthDatePart::Whole => "birth_date_month",
        BirthDatePart::Day => "birth_date_day",
        BirthDatePart::Year => "birth_date_year",
    }
}
