//! Advice as notices above the content: our words, and NRG's below them.

use super::{Notice, context::RequestContext};
use crate::{journey::Advice, messages::interpolate};

/// One notice for each piece of advice, with the brand of the page filled in.
pub fn notices<'a>(ctx: &RequestContext, advice: &'a [Advice]) -> Vec<Notice<'a>> {
    let notice = |advice: &'a Advice| {
        let (title, text) = ctx.messages().advice(advice.kind);
        Notice {
            title: title.to_owned(),
            text: text.map(|text| interpolate(text, &[("brand", ctx.brand_name())])),
            message: advice.message.as_ref(),
        }
    };
    advice.iter().map(notice).collect()
}
