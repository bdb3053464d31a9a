//! The texts of NRG's that a journey keeps: when they come, when they are void, and where they are shown.

use super::{
    advice::{AdviceText, KeptAdvice},
    call::CallKind,
    outcome::{Advice, AdviceKind},
    position::{EvalContext, Position},
    state::Journey,
    step::Step,
};

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
