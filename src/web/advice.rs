//! NRG's advice as notices above the content: our text, and NRG's below it.

use super::{layout::Notice, page_context::PageContext};
use crate::{journey::Advice, messages::interpolate};

/// One notice for each piece of advice, with the name of the page's brand filled in.
pub fn notices<'a>(ctx: PageContext<'_>, advice: &'a [Advice]) -> Vec<Notice<'a>> {
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
