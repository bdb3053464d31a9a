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
                self.advice_texts.push(KeptAdvice { step, kind, led_to: None, advice: advice.clone() });
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
        // The position is computed only if it matters: most journeys have no such text.
        let is_here = self.advice_texts.iter().any(|kept| kept.led_to.is_none())
            && matches!(self.position(ctx), Position::Step(at) | Position::Ask(at) if at == step);
        let leads_here = move |to: Option<Step>| to.map_or(is_here, |to| to == step);
        self.advice_texts
            .iter()
            .filter(move |kept| kept.step == step || leads_here(kept.led_to))
            .map(|kept| &kept.advice)
    }

    /// Notes that `step` is answered: what came before has led there.
    pub(super) fn pass_advice(&mut self, step: Step) {
        for kept in &mut self.advice_texts {
            kept.led_to.get_or_insert(step);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fields::Language,
        journey::{
            SafeHtml,
            tests::{answered_to, now, site},
        },
    };

    fn text(words: &str, is_question: bool) -> AdviceText {
        let text = SafeHtml::from_cleaner(words.to_owned()).unwrap();
        AdviceText { text, language: Language::English, is_question }
    }

    fn shown(journey: &Journey, step: Step) -> Vec<&str> {
        let (site, now) = (site(), now());
        journey.advice_at(step, EvalContext { site: &site, now }).map(|advice| advice.text.as_str()).collect()
    }

    #[test]
    fn advice_is_shown_at_its_step_and_at_the_page_it_led_to() {
        let mut journey = answered_to(Step::Contact);
        journey.keep_advice(Step::Address, CallKind::Answer, &[text("One <br>word", false)]);
        journey.keep_advice(Step::Address, CallKind::Answer, &[text("one word.", false)]);
        for step in [Step::Address, Step::Contact] {
            assert_eq!(shown(&journey, step), ["One <br>word"], "{step:?}");
        }
        assert!(shown(&journey, Step::Plans).is_empty());
        journey.answered(Step::Contact);
        assert_eq!(shown(&journey, Step::Contact), ["One <br>word"], "who goes back sees it again");
        assert!(shown(&journey, Step::Billing).is_empty(), "it is shown once on the way");
    }

    #[test]
    fn advice_is_void_when_its_call_is_made_anew() {
        let all = [
            (CallKind::Answer, text("answer", false)),
            (CallKind::Answer, text("question", true)),
            (CallKind::Read, text("read", false)),
        ];
        for (kind, left) in [
            (CallKind::Answer, vec![]),
            (CallKind::Question, vec!["answer", "read"]),
            (CallKind::Read, vec!["answer", "question"]),
        ] {
            let mut journey = answered_to(Step::Review);
            for (kind, advice) in &all {
                journey.keep_advice(Step::StartDate, *kind, std::slice::from_ref(advice));
            }
            journey.call_begun(Step::Address, kind, now());
            assert_eq!(shown(&journey, Step::StartDate), ["answer", "question", "read"], "of another step");
            journey.call_begun(Step::StartDate, kind, now());
            assert_eq!(shown(&journey, Step::StartDate), left, "{kind:?}");
        }
    }

    #[test]
    fn advice_that_matters_at_the_end_has_no_question_and_no_repetition() {
        let mut journey = answered_to(Step::Review);
        journey.keep_advice(Step::Address, CallKind::Answer, &[text("again", false), text("asked", true)]);
        journey.keep_advice(Step::Identity, CallKind::Answer, &[text("Again!", false), text("last", false)]);
        let messages: Vec<_> = journey.advice().into_iter().filter_map(|advice| advice.message).collect();
        assert_eq!(messages.iter().map(SafeHtml::as_str).collect::<Vec<_>>(), ["again", "last"]);
    }
}
