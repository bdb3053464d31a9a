//! Step `identity`: birth date, SSN or Texas license, and the credit authorization.
//!
//! The number exists only in memory: it is sent to NRG's `token` and wiped, with the form it came in, before any other
//! call. The authorization is in the ledger before `identity` is called, so that it is recorded for a stopped applicant
//! too.

mod compared;
mod form;
mod page;

use super::{JourneyUpdate, PageError, Reader, StepPage, TypedNumber, consent, nothing, start_date};
use crate::{
    fields::{BirthDate, DriverLicense, NumberKey, Problem, ProspectId, Ssn, optional},
    journey::{Correction, Document, Journey, KeptToken, Outcome, Person, Step, Verification},
    ledger::ConsentKind,
    rate_limit::Action,
    web::{context::RequestContext, form::FormErrors, page_context::PageContext},
};

use form::authorization;
pub use form::{IdentityForm, word};

/// Step `identity`.
pub struct IdentityStep;

/// The parsed form.
pub enum IdentityInput {
    /// Somebody whose identity is to be checked.
    Person {
        /// The person.
        person: Person,
        /// The number that proves who it is.
        number: Number,
    },
    /// Somebody without a number, whom the brand enrolls by phone.
    ByPhone,
}

/// The number that proves the identity.
pub enum Number {
    /// A Social Security number.
    Ssn(Ssn),
    /// A Texas driver license or ID card.
    DriverLicense(DriverLicense),
    /// None is sent: the journey has the token of an earlier one, or the person has no number.
    Kept,
}

impl StepPage for IdentityStep {
    const STEP: Step = Step::Identity;
    const SECRETS: &[&str] = &["ssn", "licence"];
    type Form = IdentityForm;
    type Input = IdentityInput;
    type Shown = ();

    fn form(ctx: PageContext<'_>) -> IdentityForm {
        let journey = ctx.journey;
        let document = match &journey.person {
            _ if journey.without_number => Document::None,
            Some(person) => person.document,
            None => Document::Ssn,
        };
        let document = word(document).to_owned();
        let Some(person) = &journey.person else {
            return IdentityForm { document, ..IdentityForm::default() };
        };
        let date = person.birth_date.date();
        IdentityForm {
            birth_date_month: date.month().to_string(),
            birth_date_day: date.day().to_string(),
            birth_date_year: date.year().to_string(),
            document,
            prospect_id: person.prospect.as_ref().map_or_else(String::new, |id| id.as_str().to_owned()),
            ..IdentityForm::default()
        }
    }

    fn render(
        ctx: PageContext<'_>,
        _shown: &(),
        form: &IdentityForm,
        errors: &FormErrors,
    ) -> Result<String, PageError> {
        page::render(ctx, form, errors)
    }

    fn consent_text(ctx: PageContext<'_>) -> String {
        authorization(ctx)
    }

    fn is_guarded(_ctx: &RequestContext, input: &IdentityInput) -> bool {
        matches!(input, IdentityInput::Person { .. })
    }

    fn parse(form: &IdentityForm, ctx: PageContext<'_>) -> Result<IdentityInput, FormErrors> {
        if form.document == word(Document::None) && !ctx.site().allow_no_id {
            return Ok(IdentityInput::ByPhone);
        }
        let mut reader = Reader::default();
        let birth_date = BirthDate::parse(
            &form.birth_date_month,
            &form.birth_date_day,
            &form.birth_date_year,
            ctx.today(),
        );
        let birth_date =
            birth_date.map_err(|(part, problem)| reader.birth_date(form::field(part), problem, ctx)).ok();
        let kept = |document| ctx.journey.token(document).is_some();
        let (document, number) = match form.document.as_str() {
            "ssn" if form.ssn.trim().is_empty() && kept(Document::Ssn) => (Document::Ssn, Some(Number::Kept)),
            "ssn" => (Document::Ssn, reader.read("ssn", Ssn::parse(&form.ssn)).map(Number::Ssn)),
            "licence" if form.license.trim().is_empty() && kept(Document::DriverLicense) => {
                (Document::DriverLicense, Some(Number::Kept))
            }
            "licence" => {
                let license = reader.read("licence", DriverLicense::parse(&form.license));
                (Document::DriverLicense, license.map(Number::DriverLicense))
            }
            "none" => (Document::None, Some(Number::Kept)),
            _ => {
                reader.problem("document", Problem::Missing);
                (Document::None, None)
            }
        };
        // NRG checks an invitation against the SSN; it has no meaning with a license.
        let invitation = if document == Document::Ssn { form.prospect_id.as_str() } else { "" };
        let prospect = reader.read("prospect_id", optional(invitation, ProspectId::parse));
        let person = birth_date.zip(prospect);
        let person = person.map(|(birth_date, prospect)| Person { birth_date, document, prospect });
        reader.finish(person.zip(number).map(|(person, number)| IdentityInput::Person { person, number }))
    }

    fn store(input: &IdentityInput, journey: &mut Journey) {
        match input {
            IdentityInput::Person { person, .. } => {
                (journey.person, journey.without_number) = (Some(person.clone()), false);
            }
            IdentityInput::ByPhone => journey.without_number = true,
        }
    }

    fn needs_call(journey: &Journey) -> bool {
        !journey.without_number
    }

    fn number(ctx: &RequestContext, input: &IdentityInput) -> TypedNumber {
        TypedNumber::compare(typed_key(ctx, input).as_ref(), ctx.journey().number())
    }

    async fn trade_number(
        ctx: &mut RequestContext,
        mut input: IdentityInput,
    ) -> Result<IdentityInput, PageError> {
        let key = typed_key(ctx, &input);
        let is_known = matches!(Self::number(ctx, &input), TypedNumber::Absent | TypedNumber::Same);
        let IdentityInput::Person { number, .. } = &mut input else { return Ok(input) };
        if is_known {
            // Its token is kept.
            *number = Number::Kept;
            if ctx.journey().identity().is_some() {
                // Nothing has changed, so that nothing is sent.
                return Ok(input);
            }
        }
        let key = key.or_else(|| ctx.journey().number().cloned());
        ctx.count(Action::Identity).await?;
        ctx.count_person(Action::Identity, key.as_ref()).await?;
        let text = authorization(ctx.view());
        let consent = consent::of(ctx.view(), ConsentKind::Credit, "identity.credit_authorization", &text);
        ctx.app.ledger.consent(&consent).await?;
        keep_token(ctx, number, key).await?;
        *number = Number::Kept;
        Ok(input)
    }

    async fn call_nrg(ctx: &mut RequestContext, input: IdentityInput) -> Result<JourneyUpdate, PageError> {
        let IdentityInput::Person { person, .. } = input else { return Ok(nothing()) };
        let applicant = ctx.journey().applicant().ok_or_else(|| PageError::unexpected("applicant"))?;
        if let Some(identity) = ctx.journey().identity() {
            // Sending the same answers again would use up an attempt.
            let unchanged = match ctx.journey().correction {
                Some(Correction::NothingChanged | Correction::NothingChangedAgain) => {
                    Correction::NothingChangedAgain
                }
                _ => Correction::NothingChanged,
            };
            return Ok(match identity.verification {
                Verification::NotVerified => {
                    Box::new(move |journey| journey.correction = Some(unchanged.clone()))
                }
                Verification::Verified | Verification::Held => Box::new(Journey::ask_past_again),
            });
        }
        if let (Some(prospect), Some(token)) = (&person.prospect, ctx.journey().token(Document::Ssn)) {
            match ctx.nrg().prospect(prospect, &token.last_four()).await? {
                Outcome::Accepted(()) => {}
                Outcome::Correct(_) | Outcome::Stop(_) | Outcome::Done => {
                    return Ok(Box::new(|journey| {
                        if let Some(person) = &mut journey.person {
                            person.prospect = None;
                        }
                        journey.correction = Some(Correction::ProspectUnknown);
                    }));
                }
            }
        }
        let record = ctx.journey().record_for(&applicant).cloned();
        let reply = ctx.nrg().identity(&applicant, record.as_ref()).await?;
        ctx.session.rotate_when_seen();
        Ok(Box::new(move |journey| {
            journey.identity_answered(&applicant, reply.ids.clone(), reply.repeats, reply.outcome.clone());
        }))
    }

    async fn ask_ahead(ctx: &mut RequestContext) {
        start_date::ask_ahead(ctx).await;
    }
}

/// The keyed hash of a number that was typed.
fn typed_key(ctx: &RequestContext, input: &IdentityInput) -> Option<NumberKey> {
    match input {
        IdentityInput::Person { number: Number::Ssn(ssn), .. } => Some(ctx.app.limits.of_ssn(ssn)),
        IdentityInput::Person { number: Number::DriverLicense(license), .. } => {
            Some(ctx.app.limits.of_license(license))
        }
        IdentityInput::Person { number: Number::Kept, .. } | IdentityInput::ByPhone => None,
    }
}

/// Exchanges a number for a token, and saves it before any other call.
async fn keep_token(
    ctx: &mut RequestContext,
    number: &Number,
    key: Option<NumberKey>,
) -> Result<(), PageError> {
    let (document, token) = match number {
        Number::Ssn(ssn) => (Document::Ssn, ctx.nrg().token_ssn(ssn).await?),
        Number::DriverLicense(license) => (Document::DriverLicense, ctx.nrg().token_license(license).await?),
        Number::Kept => return Ok(()),
    };
    let kept = KeptToken { brand: ctx.view().brand(), document, token, number: key };
    Ok(ctx.session.change(|journey| journey.keep_token(kept.clone())).await?)
}
