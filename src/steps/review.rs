//! Step `review`: check all answers, open the documents, consent, submit. The submission goes into the
//! ledger; the worker sends it.

use super::{Failure, Reader, Record, StepPage, consent};
use crate::{
    fields::Problem,
    journey::{Answered, Applicant, Chosen, Journey, Step},
    ledger::{Codes, ConsentKind, NewConsent, NewSubmission, Payload, PersonKey},
    text::fill,
    web::{ctx::Ctx, form::Errors},
};

/// The step.
pub struct ReviewStep;

/// What is posted. None of the consents is ticked beforehand, nor remembered.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct ReviewForm {
    pub paperless: String,
    pub documents: String,
    pub affirmation: String,
    pub records: String,
}

/// The consents were given.
pub struct ReviewInput {
    paperless: bool,
}

impl StepPage for ReviewStep {
    const STEP: Step = Step::Review;
    const CLAIMED: bool = true;
    const RENEWS: bool = true;
    type Form = ReviewForm;
    type Input = ReviewInput;

    fn form(ctx: &Ctx) -> ReviewForm {
        let paperless = match ctx.journey().paperless {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        ReviewForm { paperless: paperless.to_owned(), ..ReviewForm::default() }
    }

    async fn render(ctx: &Ctx, form: &ReviewForm, errors: &Errors) -> Result<String, Failure> {
        view::render(ctx, form, errors)
    }

    fn parse(form: &ReviewForm, _ctx: &Ctx) -> Result<ReviewInput, Errors> {
        let mut reader = Reader::default();
        let paperless = match form.paperless.as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(Problem::Missing),
        };
        let paperless = reader.read("paperless", paperless);
        for (name, ticked) in
            [("documents", &form.documents), ("affirmation", &form.affirmation), ("records", &form.records)]
        {
            if ticked != "yes" {
                reader.problem(name, Problem::Missing);
            }
        }
        reader.finish(paperless.map(|paperless| ReviewInput { paperless }))
    }

    fn keep(input: &ReviewInput, journey: &mut Journey) {
        journey.paperless = Some(input.paperless);
    }

    async fn call(ctx: &mut Ctx, input: ReviewInput) -> Result<Record, Failure> {
        let journey = ctx.journey();
        let applicant = journey.applicant().ok_or_else(|| Failure::unexpected("applicant"))?;
        let chosen = journey.chosen().ok_or_else(|| Failure::unexpected("plan"))?;
        let record = journey.record.as_ref().ok_or_else(|| Failure::unexpected("record"))?;
        let person = person_key(ctx, &applicant);
        let tracking_id = record.tracking_id.as_str().to_owned();

        let agreed = journey.recent.as_ref().is_some_and(|recent| recent.to(&applicant) == Some(&true));
        if !agreed && ctx.app.ledger.recent(&person, ctx.app.recent_window, &tracking_id).await? {
            return Ok(Box::new(move |journey| {
                journey.recent = Some(Answered { inputs: applicant.clone(), result: false });
            }));
        }
        let submission = NewSubmission {
            round: journey.refusals() + 1,
            journey: journey.id.clone(),
            person,
            brand: applicant.brand.id().to_owned(),
            offer_code: chosen.offer.code.as_str().to_owned(),
            transaction_type: applicant.transaction.wire().to_owned(),
            esi_id: consent::meter(journey),
            payload: Payload {
                guid: record.guid.as_str().to_owned(),
                brand: applicant.brand.id().to_owned(),
                language: ctx.language.wire().to_owned(),
                codes: codes(chosen),
                paperless: input.paperless,
            },
            tracking_id,
        };
        let consents = consents(ctx);
        // Marked first: a row in the ledger is then never overlooked, whatever happens in between.
        ctx.visit.change(|journey| journey.submitting = true).await?;
        ctx.app.ledger.submit(&submission, &consents).await?;
        Ok(super::nothing())
    }
}

fn codes(chosen: &Chosen) -> Codes {
    let codes = &chosen.offer.codes;
    Codes {
        offer: chosen.offer.code.as_str().to_owned(),
        promo: codes.promo.clone(),
        campaign: codes.campaign.clone(),
        product_price: codes.product_price.clone(),
        incentive: codes.incentive.clone(),
        market_segment: codes.market_segment.clone(),
    }
}

fn person_key(ctx: &Ctx, applicant: &Applicant) -> PersonKey {
    ctx.app.ledger.person_key(&[
        applicant.first_name.as_str(),
        applicant.last_name.as_str(),
        &applicant.birth_date.wire(),
        &applicant.service.line(),
    ])
}

/// The words of each consent as the page shows them.
pub struct ConsentWords {
    /// "I have been able to read the documents …".
    pub documents: String,
    /// "I choose this provider …".
    pub affirmation: String,
    /// "I agree to electronic records …".
    pub records: String,
}

/// Fills in the brand and its phone number.
pub fn words(ctx: &Ctx) -> ConsentWords {
    let t = &ctx.text().review;
    let (brand, phone) = (ctx.brand_name(), ctx.phone());
    let filled = |text: &str| fill(text, &[("brand", &brand), ("phone", &phone)]);
    ConsentWords {
        documents: filled(&t.consent_documents),
        affirmation: filled(&t.consent_affirmation),
        records: filled(&t.consent_records),
    }
}

fn consents(ctx: &Ctx) -> Vec<NewConsent> {
    let words = words(ctx);
    let mut given = vec![
        consent::of(ctx, ConsentKind::Documents, "review.consent_documents", &words.documents),
        consent::of(ctx, ConsentKind::Affirmation, "review.consent_affirmation", &words.affirmation),
        consent::of(ctx, ConsentKind::ElectronicRecords, "review.consent_records", &words.records),
    ];
    let contact = ctx.journey().contact.as_ref();
    let t = &ctx.text().contact;
    let brand = ctx.brand_name();
    for (ticked, id, text) in [
        (
            contact.is_some_and(|contact| contact.marketing_email),
            "contact.marketing_email",
            &t.marketing_email,
        ),
        (
            contact.is_some_and(|contact| contact.marketing_phone),
            "contact.marketing_phone",
            &t.marketing_phone,
        ),
    ] {
        if ticked {
            given.push(consent::of(ctx, ConsentKind::Marketing, id, &fill(text, &[("brand", &brand)])));
        }
    }
    given
}
