//! The page of step `identity`.

use askama::Template;

use super::{
    compared::Compared,
    form::{IdentityForm, authorization, field, word},
};
use crate::{
    fields::{BirthDatePart, Problem},
    journey::{Correction, Document, Status, Step},
    messages::{FieldMessages, interpolate},
    web::{
        Choice, DateField, ErrorMessages, Field, FieldError, Notice, Page,
        error::PageError,
        form::{FieldFault, FormErrors, digest},
        page_context::PageContext,
    },
};

#[derive(Template)]
#[template(path = "step/identity.html")]
struct IdentityPage<'a> {
    page: Page<'a>,
    revision: u64,
    quiz_offered: bool,
    call: bool,
    compared: Option<Compared<'a>>,
    birth_date: DateField,
    document: Field,
    documents: [Choice; 3],
    by_phone: bool,
    /// What who has no number can do.
    neither: &'a str,
    ssn: Field,
    ssn_hint: String,
    license: Field,
    license_hint: String,
    prospect: Field,
    prospect_open: bool,
    authorization: String,
    agreed: String,
}

pub(super) fn render(
    ctx: PageContext<'_>,
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
    let compared = Compared::of(ctx);
    let failed = compared.as_ref().filter(|compared| compared.is_current);
    let title = if failed.is_some() { &t.not_verified_title } else { &t.title };
    let mut page = ctx.form_page(Step::Identity, title, faults.summary());
    if failed.is_some() && page.errors.is_empty() {
        let message = match &ctx.journey.correction {
            Some(Correction::NothingChanged) => &t.nothing_changed,
            Some(Correction::NothingChangedAgain) => &t.nothing_changed_again,
            _ => &t.not_verified_alert,
        };
        let message = page.interpolate(message);
        page.errors.push(FieldError { field: Compared::ID.to_owned(), message });
    }
    page.said.extend(compared.as_ref().and_then(|compared| compared.message));
    page.notices.extend(notices(ctx));
    let authorization = authorization(ctx);
    let allow_no_id = ctx.site().allow_no_id;
    let neither = if allow_no_id { &t.with_neither_hint } else { &t.with_neither_call };
    let documents = [
        Choice::new("ssn", &t.with_ssn),
        Choice::new("licence", &t.with_license),
        Choice::new("none", &t.with_neither),
    ];
    let page = IdentityPage {
        revision: ctx.journey.revision(Step::Identity),
        quiz_offered: quiz_offered(ctx),
        // Why the date is refused is said in a sentence where a call can help.
        call: matches!(errors.of(field(BirthDatePart::Whole)), Some(FieldFault::Said(_))),
        compared,
        birth_date,
        document,
        documents,
        by_phone: !allow_no_id,
        neither,
        ssn,
        ssn_hint: number_hint(ctx, Document::Ssn, &form.ssn, &t.ssn_hint),
        license,
        license_hint: number_hint(ctx, Document::DriverLicense, &form.license, &t.license_hint),
        prospect_open: !prospect.value.is_empty() || prospect.problem.is_some(),
        prospect,
        agreed: digest(&authorization),
        authorization,
        page,
    };
    Ok(page.render()?)
}

/// Adds the message of a correction that concerns a field.
fn add_correction(ctx: PageContext<'_>, errors: &mut FormErrors) {
    let t = &ctx.messages().identity;
    match &ctx.journey.correction {
        Some(Correction::BirthDate) => errors.say("birth_date_month", &t.birth_date_refused),
        Some(Correction::ProspectUnknown) => errors.say("prospect_id", &t.prospect_unknown),
        Some(Correction::TokenUnusable) => {
            let document = ctx.journey.person.as_ref().map_or(Document::Ssn, |person| person.document);
            errors.say(word(document), &t.token_unusable);
        }
        // The first has a notice, the next two concern no field, the others have pages of their own.
        Some(
            Correction::RecordUnknown
            | Correction::NothingChanged
            | Correction::NothingChangedAgain
            | Correction::SameNumber
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
    let (text, journey) = (ctx.messages(), ctx.journey);
    let notice = |text: &str| Notice {
        title: ctx.messages().common.important.clone(),
        text: Some(text.to_owned()),
        message: None,
    };
    let mut notices = Vec::new();
    if journey.correction == Some(Correction::RecordUnknown) {
        notices.push(notice(&text.identity.record_unknown));
    }
    if let Some(person) = &journey.person
        && journey.token(person.document).is_none()
        && journey.tokens.iter().any(|kept| kept.document == person.document)
    {
        // There is a token, but of another provider.
        notices.push(notice(&text.identity.ask_again));
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
    let was_typed = !typed.trim().is_empty() || ctx.withheld(Step::Identity, word(document));
    match ctx.journey.token(document) {
        _ if was_typed => text.problem.secret_again.clone(),
        None if ctx.journey.failed_calls.contains_key(&Step::Identity) => text.problem.secret_again.clone(),
        Some(token) => interpolate(&text.identity.kept, &[("last_four", token.last_four().as_str())]),
        None => usual.to_owned(),
    }
}
