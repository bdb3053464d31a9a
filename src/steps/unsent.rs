//! A form that was not sent: a switch of language posts it, so that what was typed is there in the other language. Nobody
//! judges it, and nothing is answered by it.

use axum::{extract::Request, response::Response};
use http::StatusCode;

use super::{hooks::StepPage, page, show_again};
use crate::{
    journey::Step,
    web::{
        context::RequestContext,
        draft::{draft_of, note_withheld},
        error::PageError,
        form::{FormBody, FormErrors, to_fields},
        form_age::FormAge,
    },
};

/// POST of a step's form by a button that sends no answer: keeps what was typed, except secrets. A response, if the page of
/// the step is not the one to go on from.
///
/// # Errors
/// The form did not arrive, or the session could not be saved.
pub async fn keep<S: StepPage>(
    ctx: &mut RequestContext,
    request: Request,
) -> Result<Option<Response>, PageError> {
    let mut body = FormBody::read(request, ctx.app.form_timeout).await.map_err(PageError::Form)?;
    let withheld = body.withhold(S::SECRETS);
    let (form, age) = (S::unsent(body.form()), ctx.view().age(&body, S::STEP));
    drop(body);
    if !ctx.session.has_session() {
        // Nothing begins by a switch of language, and so nothing is kept.
        let path = if ctx.session.has_ended() && S::STEP != Step::Zip { "/session-ended" } else { "/" };
        return if ctx.view().elsewhere(S::STEP).is_some() || form == S::Form::default() {
            Ok(Some(ctx.view().in_language(path)))
        } else {
            page::<S>(ctx, StatusCode::OK, &form, &FormErrors::default()).await.map(Some)
        };
    }
    if let Some(elsewhere) = ctx.view().elsewhere(S::STEP) {
        return Ok(Some(elsewhere));
    }
    if age == FormAge::OtherVisit {
        return show_again::<S>(ctx, &form).await.map(Some);
    }
    let mut draft = draft_of(&form);
    note_withheld(&mut draft, &withheld);
    let as_answered = draft == to_fields(&S::form(ctx.view()));
    ctx.session
        .change(|journey| match &journey.draft {
            _ if as_answered => journey.drop_draft(S::STEP),
            Some((step, kept)) if *step == S::STEP && *kept == draft => {}
            _ if withheld.is_empty() => S::keep(&form, journey),
            _ => journey.keep_draft(S::STEP, draft.clone()),
        })
        .await?;
    Ok(None)
}
