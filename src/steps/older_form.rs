//! A form that was made before its step was last answered: brought back by the browser's Back, left open in another tab,
//! or sent twice.
//!
//! If it answers otherwise than what is kept, it is taken at the present revision, because the last answer of a step
//! counts. If not, it leads on.

use super::hooks::{StepPage, TypedNumber};
use crate::web::{
    context::RequestContext,
    form::{FormErrors, to_fields},
};

/// Whether `form`, parsed as `input`, answers otherwise than what is kept.
pub(super) fn differs<S: StepPage>(
    ctx: &RequestContext,
    form: &S::Form,
    input: &Result<S::Input, FormErrors>,
) -> bool {
    if S::ANSWERED_ONCE {
        return false;
    }
    // What is kept could be parsed.
    let Ok(input) = input else { return true };
    fields_differ::<S>(ctx, form, input)
        || matches!(S::number(ctx, input), TypedNumber::Other | TypedNumber::New)
}

/// Whether the fields of `form` differ from what is kept, as they were typed and as they are stored.
pub(super) fn fields_differ<S: StepPage>(ctx: &RequestContext, form: &S::Form, input: &S::Input) -> bool {
    to_fields(form) != to_fields(&S::form(ctx.view())) && S::changes(input, ctx.journey())
}
