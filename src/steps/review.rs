//! Step `review`: the visitor checks all answers, opens the documents, consents and submits. The submission is written to
//! the ledger; the ledger's worker sends it.

mod rows;

use askama::Template;

use self::rows::{Row, person_rows, plan_rows, service_rows};
use super::{JourneyUpdate, PageError, Reader, StepPage, consent, contact::marketing_texts};
use crate::{
    fields::{Problem, Transaction},
    journey::{Documents, Journey, Marketing, Memo, Reviewed, Step, Stop, StopKind, SubmissionState},
    ledger::{ConfirmationMail, ConsentKind, NewConsent, NewSubmission, PersonAtHome, Submitted},
    mail::{Confirmation, Content, NewMail, StatusLink},
    messages::interpolate,
    nrg::{EnrollCodes, EnrollRequest},
    postback::Facts,
    session::{ResumeCode, SessionError},
    web::{
        Choice, ErrorMessages, Field, Notice, Page, advice,
        context::RequestContext,
        form::{FormErrors, digest},
        page_context::PageContext,
    },
};

/// Step `review`.
pub struct ReviewStep;

/// The posted form. A consent stands checked only if the person has checked it, and what it speaks of is the same.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct ReviewForm {
    pub paperless: String,
    pub documents: String,
    pub affirmation: String,
    pub records: String,
}

/// The parsed form: all consents were given.
pub struct ReviewInput {
    paperless: bool,
}

impl StepPage for ReviewStep {
    const STEP: Step = Step::Review;
    type Form = ReviewForm;
    type Input = ReviewInput;
    type Shown = ();

    fn form(ctx: PageContext<'_>) -> ReviewForm {
        let Reviewed { documents, affirmation, records, paperless } = ctx.journey.reviewed();
        let word = |choice| match choice {
            Some(true) => "yes".to_owned(),
            Some(false) => "no".to_owned(),
            None => String::new(),
        };
        let [documents, affirmation, records] =
            [documents, affirmation, records].map(|is_checked| word(is_checked.then_some(true)));
        ReviewForm { paperless: word(paperless), documents, affirmation, records }
    }

    fn keep(form: &ReviewForm, journey: &mut Journey) {
        journey.keep_review(Reviewed {
            documents: form.documents == "yes",
            affirmation: form.affirmation == "yes",
            records: form.records == "yes",
            paperless: paperless(form).ok(),
        });
    }

    fn render(
        ctx: PageContext<'_>,
        _shown: &(),
        form: &ReviewForm,
        errors: &FormErrors,
    ) -> Result<String, PageError> {
        let text = ctx.messages();
        let t = &text.review;
        let journey = ctx.journey;
        let applicant = journey.applicant().ok_or_else(|| PageError::unexpected("applicant"))?;
        let chosen = journey.chosen().ok_or_else(|| PageError::unexpected("plan"))?;
        let mut faults = ErrorMessages::new(ctx.messages(), errors);
        let paperless = faults.field("paperless", &form.paperless, &t.paperless);
        let documents = faults.field("documents", &form.documents, &t.documents);
        let affirmation = faults.field("affirmation", &form.affirmation, &t.affirmation);
        let records = faults.field("records", &form.records, &t.records);
        let mut page = ctx.form_page(Step::Review, &t.title, faults.summary());
        let advised = journey.advice();
        page.notices.extend(advice::notices(ctx, &advised));
        if journey.refusals() > 0 {
            page.notices.push(Notice {
                title: text.common.important.clone(),
                text: Some(t.repaired.clone()),
                message: journey.submission.as_ref().and_then(|submission| match &submission.state {
                    SubmissionState::Refused { message, .. } => message.as_ref(),
                    _ => None,
                }),
            });
        }
        let owes_deposit = journey.owes_deposit() == Some(true);
        if owes_deposit {
            page.notices.push(deposit_notice(ctx));
        }
        let offer = &chosen.offer;
        let paperless_hint = if offer.paperless_discount { t.paperless_needed.as_str() } else { "" };
        let on_paper = Choice::new("no", &t.paperless_no);
        let on_paper = if offer.paperless_discount { on_paper.hint(&t.paperless_no_hint) } else { on_paper };
        let page = ReviewPage {
            page,
            revision: journey.revision(Step::Review),
            groups: [
                (&t.plan_heading, plan_rows(ctx, chosen)),
                (&t.service_heading, service_rows(ctx, &applicant)),
                (&t.you_heading, person_rows(ctx, &applicant)),
            ],
            agreed: digest(&Self::consent_text(ctx)),
            locked: journey.locked(),
            documents_of_plan: &offer.documents,
            prepaid: offer.prepaid,
            owes_deposit,
            paperless_hint,
            switch: applicant.transaction == Transaction::Switch,
            paperless,
            paperless_choices: [Choice::new("yes", &t.paperless_yes), on_paper],
            documents,
            affirmation,
            records,
            words: consent_texts(ctx),
        };
        Ok(page.render()?)
    }

    fn consent_text(ctx: PageContext<'_>) -> String {
        let journey = ctx.journey;
        let (Some(chosen), Some(applicant)) = (journey.chosen(), journey.applicant()) else {
            return String::new();
        };
        let Documents { efl, tos, yrac } = &chosen.offer.documents;
        let ConsentTexts { documents, affirmation, records } = consent_texts(ctx);
        let mut shown =
            vec![efl.to_string(), tos.to_string(), yrac.to_string(), documents, affirmation, records];
        for rows in [plan_rows(ctx, chosen), service_rows(ctx, &applicant), person_rows(ctx, &applicant)] {
            shown.extend(rows.into_iter().map(|row| row.value));
        }
        shown.join("\n")
    }

    fn parse(form: &ReviewForm, _ctx: PageContext<'_>) -> Result<ReviewInput, FormErrors> {
        let mut reader = Reader::default();
        let paperless = reader.read("paperless", paperless(form));
        for (name, ticked) in
            [("documents", &form.documents), ("affirmation", &form.affirmation), ("records", &form.records)]
        {
            if ticked != "yes" {
                reader.problem(name, Problem::Missing);
            }
        }
        reader.finish(paperless.map(|paperless| ReviewInput { paperless }))
    }

    fn store(input: &ReviewInput, journey: &mut Journey) {
        journey.paperless = Some(input.paperless);
        journey.keep_review(Reviewed {
            documents: true,
            affirmation: true,
            records: true,
            paperless: Some(input.paperless),
        });
    }

    async fn call_nrg(ctx: &mut RequestContext, input: ReviewInput) -> Result<JourneyUpdate, PageError> {
        let journey = ctx.journey();
        let applicant = journey.applicant().ok_or_else(|| PageError::unexpected("applicant"))?;
        let chosen = journey.chosen().ok_or_else(|| PageError::unexpected("plan"))?;
        let record = journey.record.as_ref().ok_or_else(|| PageError::unexpected("record"))?;
        let keys = ctx.app.ledger.repeat_keys(PersonAtHome {
            first_name: &applicant.first_name,
            last_name: &applicant.last_name,
            birth_date: applicant.birth_date,
            home: &applicant.service,
            number: journey.number(),
        });
        let asked = journey.recent.as_ref().is_some_and(|recent| recent.get(&applicant) == Some(&true));
        let submission = NewSubmission {
            tracking_id: record.tracking_id.clone(),
            round: journey.refusals() + 1,
            journey: journey.id.clone(),
            keys,
            ask_within: (!asked).then_some(ctx.app.recent_window),
            transaction_type: applicant.transaction.wire().to_owned(),
            esi_id: consent::meter(journey),
            site: journey.site.clone(),
            attribution: journey.attribution.clone(),
            deposit: journey.owes_deposit(),
            facts: Facts::of(journey),
            request: EnrollRequest {
                guid: record.guid.clone(),
                brand: applicant.brand,
                language: ctx.language,
                codes: EnrollCodes { offer: chosen.offer.code.clone(), others: chosen.offer.codes.clone() },
                paperless: input.paperless,
            },
            billing_zip: applicant.billing.zip().clone(),
            phone: applicant.phone.clone(),
            confirmation: confirmation_mail(ctx),
        };
        let consents = consents(ctx.view());
        // Marked first, so that a row in the ledger is never overlooked, whatever fails in between.
        mark_submitting(ctx).await?;
        match ctx.app.ledger.submit(&submission, &consents).await? {
            Submitted::New | Submitted::Resubmitted => ctx.session.rotate_when_seen(),
            Submitted::AlreadyThere => {}
            Submitted::AskFirst => {
                return Ok(Box::new(move |journey| {
                    journey.recent = Some(Memo { inputs: applicant.clone(), result: false });
                }));
            }
        }
        ctx.refresh_submission().await?;
        if ctx.journey().submission.is_none() {
            // Another journey has submitted this record, which is a defect; its result is not shown here.
            tracing::error!(journey = ctx.journey().id, "review: record was submitted by another journey");
            return Ok(Box::new(|journey| journey.ending = Some(Stop::new(StopKind::AlreadySubmitted))));
        }
        Ok(super::nothing())
    }
}

/// The mail with a copy of the confirmation, where mails are sent.
fn confirmation_mail(ctx: &RequestContext) -> Option<ConfirmationMail> {
    let (mails, journey) = (ctx.app.mails.as_ref()?, ctx.journey());
    let until = ctx.app.ledger.followed_until(ctx.now);
    let status_code = until.map(|_| ResumeCode::new(&ctx.app.entropy).text());
    let status =
        status_code.as_ref().zip(until).map(|(code, until)| StatusLink { code: code.to_string(), until });
    let content = Content::Confirmation(Box::new(Confirmation::of(journey, status)?));
    let mail = mails.pending(&NewMail {
        about: &journey.id,
        site: &journey.site,
        language: journey.language,
        address: &journey.contact.as_ref()?.email,
        content: &content,
        until: None,
    });
    Some(ConfirmationMail { mail, status_code })
}

fn paperless(form: &ReviewForm) -> Result<bool, Problem> {
    match form.paperless.as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Problem::Missing),
    }
}

/// Marks the journey as submitting. If it has changed since the review, it must be reviewed again.
async fn mark_submitting(ctx: &mut RequestContext) -> Result<(), PageError> {
    let reviewed = ReviewStep::consent_text(ctx.view());
    loop {
        match ctx.session.try_change(|journey| journey.submitting = true).await {
            Err(SessionError::Conflict) => ctx.refresh().await?,
            marked => return Ok(marked?),
        }
        if ReviewStep::consent_text(ctx.view()) != reviewed
            || !ctx.journey().may_visit(Step::Review, ctx.view().eval_context())
        {
            return Err(SessionError::Conflict.into());
        }
    }
}

/// The texts of the consents as the page shows them.
struct ConsentTexts {
    /// "I have been able to read the documents …".
    documents: String,
    /// "I choose this provider …".
    affirmation: String,
    /// "I agree to electronic records …".
    records: String,
}

/// The texts of the consents, with the brand and its phone number.
fn consent_texts(ctx: PageContext<'_>) -> ConsentTexts {
    let t = &ctx.messages().review;
    let phone = ctx.phone();
    let filled = |text: &str| interpolate(text, &[("brand", ctx.brand_name()), ("phone", &phone)]);
    ConsentTexts {
        documents: filled(&t.consent_documents),
        affirmation: filled(&t.consent_affirmation),
        records: filled(&t.consent_records),
    }
}

fn consents(ctx: PageContext<'_>) -> Vec<NewConsent> {
    let texts = consent_texts(ctx);
    let mut given = vec![
        consent::of(ctx, ConsentKind::Documents, "review.consent_documents", &texts.documents),
        consent::of(ctx, ConsentKind::Affirmation, "review.consent_affirmation", &texts.affirmation),
        consent::of(ctx, ConsentKind::ElectronicRecords, "review.consent_records", &texts.records),
    ];
    if let Some(Marketing { email, phone, language, .. }) = ctx.journey.marketing() {
        let texts = marketing_texts(ctx, *language);
        let boxes = [
            (email, "contact.marketing_email", &texts.email),
            (phone, "contact.marketing_phone", &texts.phone),
        ];
        for (_, id, text) in boxes.into_iter().filter(|(ticked, ..)| **ticked) {
            let language = language.tag().to_owned();
            given.push(NewConsent { language, ..consent::of(ctx, ConsentKind::Marketing, id, text) });
        }
    }
    given
}

#[derive(Template)]
#[template(path = "step/review.html")]
struct ReviewPage<'a> {
    page: Page<'a>,
    revision: u64,
    groups: [(&'a String, Vec<Row<'a>>); 3],
    locked: bool,
    documents_of_plan: &'a Documents,
    prepaid: bool,
    owes_deposit: bool,
    switch: bool,
    paperless: Field,
    paperless_hint: &'a str,
    paperless_choices: [Choice; 2],
    documents: Field,
    affirmation: Field,
    records: Field,
    words: ConsentTexts,
    agreed: String,
}

/// That service waits for the deposit, and until when it has to be paid.
fn deposit_notice<'a>(ctx: PageContext<'a>) -> Notice<'a> {
    let t = ctx.messages();
    let waits = interpolate(&t.deposit.waits, &[("brand", ctx.brand_name())]);
    let words = ctx.deposit_words();
    let text = [Some(waits.as_str()), words.deadline, words.ways_to_pay].into_iter().flatten();
    let text = text.collect::<Vec<_>>().join(" ");
    Notice { title: t.review.deposit_title.clone(), text: Some(text), message: None }
}
