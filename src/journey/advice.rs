//! NRG's texts for people that come although nobody has to stop (contract 3.1): kept with the step whose call brought
//! them, shown where they came, and where they still matter on review and confirmation.

use serde::{Deserialize, Serialize};

use crate::fields::Language;

use super::{
    call::CallKind,
    outcome::{Advice, AdviceKind, SafeHtml},
    position::{EvalContext, Position},
    state::Journey,
    step::Step,
};

/// The `messageText` of a `00` or a `02`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdviceText {
    /// The text.
    pub text: SafeHtml,
    /// The language it was asked for in.
    pub language: Language,
    /// Whether it came with a `02`: it matters only until the question is answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_question: bool,
}

/// A text with the call that brought it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptAdvice {
    /// The step whose page or answer made the call.
    pub step: Step,
    /// Why the call was made.
    pub kind: CallKind,
    /// Whether no step has been answered since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_latest: bool,
    /// The text.
    pub advice: AdviceText,
}

impl Journey {
    /// Keeps the texts that calls of `step` have brought. One that is kept already is not kept twice.
    pub fn keep_advice(&mut self, step: Step, kind: CallKind, texts: &[AdviceText]) {
        for advice in texts {
            let known = self.advice_texts.iter().any(|kept| {
                kept.step == step
                    && kept.advice.is_question == advice.is_question
                    && kept.advice.text.says_the_same_as(&advice.text)
            });
            if !known {
                self.advice_texts.push(KeptAdvice { step, kind, is_latest: true, advice: advice.clone() });
            }
        }
    }

    /// Drops what earlier calls of `step` have brought, because it is answered, or read, anew.
    pub(super) fn drop_advice(&mut self, step: Step, kind: CallKind) {
        self.advice_texts.retain(|kept| {
            let is_void = match kind {
                CallKind::Answer => true,
                CallKind::Question => kept.kind == CallKind::Question || kept.advice.is_question,
                CallKind::Read => kept.kind == CallKind::Read,
            };
            kept.step != step || !is_void
        });
    }

    /// The texts to show on the page of `step`: its own, and those of the calls that led there, if it is where the journey
    /// stands.
    pub fn advice_at(&self, step: Step, ctx: EvalContext<'_>) -> impl Iterator<Item = &AdviceText> {
        let is_here = matches!(self.position(ctx), Position::Step(at) | Position::Ask(at) if at == step);
        self.advice_texts
            .iter()
            .filter(move |kept| kept.step == step || (is_here && kept.is_latest))
            .map(|kept| &kept.advice)
    }

    /// Notes that a step is answered: what came before has been shown.
    pub(super) fn pass_advice(&mut self) {
        for kept in &mut self.advice_texts {
            kept.is_latest = false;
        }
    }

    /// The texts that still matter when all is answered.
    pub(super) fn lasting_advice(&self) -> impl Iterator<Item = Advice> {
        self.advice_texts
            .iter()
            .filter(|kept| !kept.advice.is_question)
            .map(|kept| Advice { kind: AdviceKind::Other, message: Some(kept.advice.text.clone()) })
    }
}
