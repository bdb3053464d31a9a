//! NRG's advice as notices above the content: our text, and NRG's below it.

use super::{notices::Notice, page_context::PageContext};
use crate::{
    journey::{Advice, AdviceKind, SafeHtml, Step},
    messages::interpolate,
};

/// One notice for each of NRG's texts on the page of `step`. The review shows those of all steps itself.
pub(super) fn notices_at(ctx: PageContext<'_>, step: Step) -> impl Iterator<Item = Notice<'_>> {
    let (title, _) = ctx.messages().advice(AdviceKind::Other);
    let notice = |text| Notice { title: title.to_owned(), text: None, message: Some(text) };
    let texts = ctx.journey.advice_at(step, ctx.eval_context()).filter(move |_| step != Step::Review);
    texts.map(move |advice| notice(&advice.text))
}

/// The first of NRG's texts that came with a question of `step`.
pub fn with_question(ctx: PageContext<'_>, step: Step) -> Option<&SafeHtml> {
    let mut texts = ctx.journey.advice_at(step, ctx.eval_context());
    texts.find(|advice| advice.is_question).map(|advice| &advice.text)
}

/// One notice for each piece of advice, with the name of the page's brand filled in.
pub fn notices<'a>(ctx: PageContext<'_>, advice: &'a [Advice]) -> Vec<Notice<'a>> {
    let notice = |advice: &'a Advice| {
        let (title, text) = ctx.messages().advice(advice.kind);
        Notice {
            title: title.to_owned(),
            text: text.map(|text| interpolate(text, &[("brand", ctx.brand_name()), ("phone", &ctx.phone())])),
            message: advice.message.as_ref(),
        }
    };
    advice.iter().map(notice).collect()
}
