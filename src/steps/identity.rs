//! Step `identity`: birth date, SSN or Texas license, and the credit authorization.
//!
//! The number exists only in memory: it is sent to NRG's `token` and wiped, with the form it came in, before any other call. The authorization is
//! in the ledger before `identity` is called, so that it is recorded for a stopped applicant too.

use askama::Template;
use zeroize::Zeroizing;

use super::{JourneyUpdate, PageError, Reader, StepPage, TypedNumber, consent, nothing, start_date};
use crate::{
    fields::{BirthDate, BirthDatePart, DriverLicense, NumberKey, Problem, ProspectId, Ssn, optional},
    journey::{
        Correction, Document, Journey, KeptToken, Outcome, Person, Record, Status, Step, Verification,
    },
    ledger::ConsentKind,
    messages::{FieldMessages, interpolate},
    rate_limit::Action,
    web::{
        Choice, DateField, ErrorMessages, Field, Notice, Page, advice,
        context::RequestContext,
        form::{FieldFault, FormErrors, digest},
        page_context::PageContext,
    },
};

/// Step `identity`.
pub struct IdentityStep;

/// The posted form. The numbers are never stored.
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
    #[serde(rename = "licence", skip_serializing)]
    pub license: Zeroizing<String>,
    pub prospect_id: String,
}

/// The parsed form.
pub struct IdentityInput {
    person: Person,
    number: Number,
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
    const ROTATES_SESSION: bool = true;
    type Form = IdentityForm;
    type Input = IdentityInput;
    type Shown = ();

    fn form(ctx: PageContext<'_>) -> IdentityForm {
        let Some(person) = &ctx.journey.person else {
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

    fn render(
        ctx: PageContext<'_>,
        _shown: &(),
        form: &IdentityForm,
        errors: &FormErrors,
    ) -> Result<String, PageError> {
        let mut errors = errors.clone();
        if errors.is_empty() {
            add_correction(ctx, &mut errors);
        }
        let t = &ctx.messages().identity;
        let mut faults = ErrorMessages::new(ctx.messages(), &errors);
        let birth_date = birth_date(form, &errors, &mut faults, &t.birth_date);
        let document = faults.field("document", &form.document, &t.document);
        let ssn = faults.field("ssn", "", &t.ssn);
        let license = faults.field("licence", "", &t.license);
        let prospect = faults.field("prospect_id", &form.prospect_id, &t.prospect_id);
        let mut page = ctx.step_page(Step::Identity, &t.title, faults.summary());
        page.notices.extend(notices(ctx));
        let neither = if ctx.site().allow_no_id { &t.with_neither_hint } else { &t.with_neither_call };
        let documents = [
            Choice::new("ssn", &t.with_ssn).hint(&t.with_ssn_hint),
            Choice::new("licence", &t.with_license).hint(&t.with_license_hint),
            Choice::new("none", &t.with_neither).hint(page.interpolate(neither)),
        ];
        let page = IdentityPage {
            revision: ctx.journey.revision(Step::Identity),
            quiz_offered: quiz_offered(ctx),
            // Why the date is refused is said in a sentence where a call can help.
            call: matches!(errors.of(field(BirthDatePart::Whole)), Some(FieldFault::Said(_))),
            birth_date,
            document,
            documents,
            ssn,
            ssn_hint: number_hint(ctx, Document::Ssn, &form.ssn, &t.ssn_hint),
            license,
            license_hint: number_hint(ctx, Document::DriverLicense, &form.license, &t.license_hint),
            prospect_open: !prospect.value.is_empty() || prospect.problem.is_some(),
            prospect,
            authorization: authorization(ctx),
            agreed: digest(&Self::consent_text(ctx)),
            page,
        };
        Ok(page.render()?)
    }

    fn consent_text(ctx: PageContext<'_>) -> String {
        authorization(ctx)
    }

    fn parse(form: &IdentityForm, ctx: PageContext<'_>) -> Result<IdentityInput, FormErrors> {
        let mut reader = Reader::default();
        let birth_date = BirthDate::parse(
            &form.birth_date_month,
            &form.birth_date_day,
            &form.birth_date_year,
            ctx.today(),
        );
        let birth_date =
            birth_date.map_err(|(part, problem)| reader.birth_date(field(part), problem, ctx)).ok();
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
        reader.finish(person.zip(number).map(|(person, number)| IdentityInput { person, number }))
    }

    fn store(input: &IdentityInput, journey: &mut Journey) {
        journey.person = Some(input.person.clone());
    }

    fn number(ctx: &RequestContext, input: &IdentityInput) -> TypedNumber {
        TypedNumber::compare(typed_key(ctx, &input.number).as_ref(), ctx.journey().number())
    }

    async fn trade_number(
        ctx: &mut RequestContext,
        mut input: IdentityInput,
    ) -> Result<IdentityInput, PageError> {
        let since = ctx.now.duration_since(ctx.journey().started);
        if since.unsigned_abs() < ctx.app.minimum {
            return Err(PageError::TooFast);
        }
        if may_not_ask(ctx, &input) {
            return Ok(input);
        }
        let key = typed_key(ctx, &input.number).or_else(|| ctx.journey().number().cloned());
        ctx.count(Action::Identity).await?;
        ctx.count_person(Action::Identity, key.as_ref()).await?;
        let text = authorization(ctx.view());
        let consent = consent::of(ctx.view(), ConsentKind::Credit, "identity.credit_authorization", &text);
        ctx.app.ledger.consent(&consent).await?;
        keep_token(ctx, &input.number, key).await?;
        input.number = Number::Kept;
        Ok(input)
    }

    async fn call_nrg(ctx: &mut RequestContext, input: IdentityInput) -> Result<JourneyUpdate, PageError> {
        if may_not_ask(ctx, &input) {
            return Ok(nothing());
        }
        let applicant = ctx.journey().applicant().ok_or_else(|| PageError::unexpected("applicant"))?;
        if let Some(identity) = ctx.journey().identity() {
            // Sending the same answers again would use up an attempt.
            return Ok(match identity.verification {
                Verification::NotVerified => {
                    Box::new(|journey| journey.correction = Some(Correction::NothingChanged))
                }
                Verification::Verified | Verification::Held => Box::new(Journey::ask_past_again),
            });
        }
        if let (Some(prospect), Some(token)) = (&input.person.prospect, ctx.journey().token(Document::Ssn)) {
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
        Ok(Box::new(move |journey| {
            journey.identity_answered(&applicant, reply.ids.clone(), reply.repeats, reply.outcome.clone());
        }))
    }

    async fn ask_ahead(ctx: &mut RequestContext) {
        start_date::ask_ahead(ctx).await;
    }
}

/// Whether NRG may not be asked about somebody without a number.
fn may_not_ask(ctx: &RequestContext, input: &IdentityInput) -> bool {
    input.person.document == Document::None && !ctx.site().allow_no_id
}

/// The keyed hash of a number that was typed.
fn typed_key(ctx: &RequestContext, number: &Number) -> Option<NumberKey> {
    match number {
        Number::Ssn(ssn) => Some(ctx.app.limits.of_ssn(ssn)),
        Number::DriverLicense(license) => Some(ctx.app.limits.of_license(license)),
        Number::Kept => None,
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

/// The value of a document in the form.
pub fn word(document: Document) -> &'static str {
    match document {
        Document::Ssn => "ssn",
        Document::DriverLicense => "licence",
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

/// The text of the credit authorization, as it is shown and as it is recorded.
fn authorization(ctx: PageContext<'_>) -> String {
    interpolate(&ctx.messages().identity.credit_authorization, &[("brand", ctx.brand_name())])
}

#[derive(Template)]
#[template(path = "step/identity.html")]
struct IdentityPage<'a> {
    page: Page<'a>,
    revision: u64,
    quiz_offered: bool,
    call: bool,
    birth_date: DateField,
    document: Field,
    documents: [Choice; 3],
    ssn: Field,
    ssn_hint: String,
    license: Field,
    license_hint: String,
    prospect: Field,
    prospect_open: bool,
    authorization: String,
    agreed: String,
}

/// Adds the message of a correction that concerns a field.
fn add_correction(ctx: PageContext<'_>, errors: &mut FormErrors) {
    let t = &ctx.messages().identity;
    match &ctx.journey.correction {
        Some(Correction::BirthDate) => errors.say("birth_date_month", &t.birth_date_refused),
        Some(Correction::ProspectUnknown) => errors.say("prospect_id", &t.prospect_unknown),
        Some(Correction::NothingChanged) => errors.say("form", &t.nothing_changed),
        Some(Correction::TokenUnusable) => {
            let document = ctx.journey.person.as_ref().map_or(Document::Ssn, |person| person.document);
            errors.say(word(document), &t.token_unusable);
        }
        // The first has a notice, the others pages of their own.
        Some(
            Correction::RecordUnknown
            | Correction::OtherUtility(_)
            | Correction::NewQuestions
            | Correction::PlanGone
            | Correction::PlanChanged,
        )
        | None => {}
    }
}

fn birth_date(
    form: &IdentityForm,
    errors: &FormErrors,
    faults: &mut ErrorMessages<'_>,
    words: &FieldMessages,
) -> DateField {
    let about = |part| errors.of(field(part)).is_some();
    let wrong = match errors.of(field(BirthDatePart::Month)) {
        Some(FieldFault::Problem(Problem::MonthMissing | Problem::NotAMonth)) => BirthDatePart::Month,
        None if about(BirthDatePart::Day) => BirthDatePart::Day,
        None if about(BirthDatePart::Year) => BirthDatePart::Year,
        Some(_) | None => BirthDatePart::Whole,
    };
    DateField {
        name: "birth_date".to_owned(),
        month: form.birth_date_month.clone(),
        day: form.birth_date_day.clone(),
        year: form.birth_date_year.clone(),
        problem: faults.of(field(wrong), words),
        wrong,
    }
}

fn notices(ctx: PageContext<'_>) -> Vec<Notice<'_>> {
    let text = ctx.messages();
    let t = &text.identity;
    let journey = ctx.journey;
    let notice =
        |title: &str, text: String| Notice { title: title.to_owned(), text: Some(text), message: None };
    let mut notices = Vec::new();
    let unconfirmed =
        journey.identity().is_some() && journey.status(Step::Identity, ctx.eval_context()) == Status::Open;
    if unconfirmed || quiz_offered(ctx) {
        let left = match journey.record.as_ref().map_or(0, Record::repeats_left) {
            1 => t.attempts_left_one.clone(),
            left => interpolate(&t.attempts_left, &[("count", &left.to_string())]),
        };
        notices.push(Notice {
            message: advice::with_question(ctx, Step::Identity),
            ..notice(&t.not_verified_title, format!("{} {left}", t.not_verified))
        });
    }
    if journey.correction == Some(Correction::RecordUnknown) {
        notices.push(notice(&text.common.important, t.record_unknown.clone()));
    }
    if let Some(person) = &journey.person
        && journey.token(person.document).is_none()
        && journey.tokens.iter().any(|kept| kept.document == person.document)
    {
        // There is a token, but of another provider.
        notices.push(notice(&text.common.important, t.ask_again.clone()));
    }
    notices
}

/// Whether the quiz is open: the other way to be verified.
fn quiz_offered(ctx: PageContext<'_>) -> bool {
    ctx.journey.status(Step::Quiz, ctx.eval_context()) == Status::Open
}

/// The hint below a number: it has to be typed again, it is known, or its format.
fn number_hint(ctx: PageContext<'_>, document: Document, typed: &str, usual: &str) -> String {
    let text = ctx.messages();
    match ctx.journey.token(document) {
        _ if !typed.trim().is_empty() => text.problem.secret_again.clone(),
        None if ctx.journey.failed_calls.contains_key(&Step::Identity) => text.problem.secret_again.clone(),
        Some(token) => interpolate(&text.identity.kept, &[("last_four", token.last_four().as_str())]),
        None => usual.to_owned(),
    }
}
