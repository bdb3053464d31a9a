//! The signs that a form was sent by a program: the honeypot is filled in, or the identity comes faster than a person can
//! give it. Password managers and quick people show one of them, so that one alone is only counted.

use crate::web::{context::RequestContext, form::FormBody};

/// The honeypot: a field that people do not see and programs fill in.
const HONEYPOT_FIELD: &str = "hp_leave_blank";

/// Counts the signs of a posted form, and returns whether it has both. How fast a form came counts only where it `guarded`
/// says so.
pub(super) fn both(ctx: &RequestContext, body: &FormBody, guarded: bool) -> bool {
    let filled = ctx.app.honeypot && !body.get(HONEYPOT_FIELD).is_empty();
    let since = ctx.now.duration_since(ctx.journey().started);
    let hasty = guarded && since.unsigned_abs() < ctx.app.minimum;
    for (sign, shown) in [("honeypot", filled), ("hasty", hasty)] {
        if shown {
            ctx.app.metrics.bot_sign(sign);
        }
    }
    filled && hasty
}
