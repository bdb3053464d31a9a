//! The hooks in which one step differs from another, and the kinds that they take and return.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    fields::NumberKey,
    journey::{Journey, Step},
    web::{
        context::RequestContext, draft::draft_of, error::PageError, form::FormErrors,
        page_context::PageContext,
    },
};

/// The change of the journey that the answer of a call makes. It reads nothing else, so that it can be applied again to a
/// newer state.
pub type JourneyUpdate = Box<dyn Fn(&mut Journey) + Send + Sync>;

/// No change.
pub fn nothing() -> JourneyUpdate {
    Box::new(|_| {})
}

/// How the request goes on after `prepare`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prepared {
    /// The page can be shown.
    Show,
    /// What NRG answered leads elsewhere: to a stop, a question or another step.
    Elsewhere,
    /// What the link said is stored; the browser is redirected to this address.
    Kept(String),
}

/// A typed number, compared with the one that was answered last. Of a number, only a keyed hash is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypedNumber {
    /// None was typed.
    Absent,
    /// It is the same.
    Same,
    /// It is another one.
    Other,
    /// There is none to compare it with.
    New,
}

impl TypedNumber {
    /// Compares the keyed hash of a typed number with the one that is kept.
    pub fn compare(typed: Option<&NumberKey>, kept: Option<&NumberKey>) -> Self {
        match (typed, kept) {
            (None, _) => Self::Absent,
            (Some(_), None) => Self::New,
            (Some(typed), Some(kept)) if typed == kept => Self::Same,
            (Some(_), Some(_)) => Self::Other,
        }
    }
}

/// The hooks in which one step differs from another.
pub trait StepPage: Send + Sync + 'static {
    /// Which step.
    const STEP: Step;
    /// Whether an answer may need a call to NRG.
    const CALLS: bool = true;
    /// Whether an answer cannot be given again, because the question is another one then: an older form leads on.
    const ANSWERED_ONCE: bool = false;
    /// The fields of the form that are never kept: the numbers, and the answers to NRG's questions.
    const SECRETS: &[&str] = &[];
    /// What the browser posts, all of it text. Secrets are `skip_serializing`.
    type Form: DeserializeOwned + Serialize + Default + PartialEq + Send + Sync;
    /// The parsed form.
    type Input: Send + Sync + 'static;
    /// What the page shows besides the journey; `()` for nothing.
    type Shown: Default + Send + Sync;

    /// The form, filled in from the journey.
    fn form(ctx: PageContext<'_>) -> Self::Form;

    /// Fetches what the page needs from NRG, once, into the journey.
    fn prepare(_ctx: &mut RequestContext) -> impl Future<Output = Result<Prepared, PageError>> + Send {
        async { Ok(Prepared::Show) }
    }

    /// Fetches what the page shows and the journey does not keep.
    fn fetch(_ctx: &RequestContext) -> impl Future<Output = Result<Self::Shown, PageError>> + Send {
        async { Ok(Self::Shown::default()) }
    }

    /// The page.
    fn render(
        ctx: PageContext<'_>,
        shown: &Self::Shown,
        form: &Self::Form,
        errors: &FormErrors,
    ) -> Result<String, PageError>;

    /// Keeps a form that answers nothing: it was not accepted, or not sent.
    fn keep(form: &Self::Form, journey: &mut Journey) {
        journey.keep_draft(Self::STEP, draft_of(form));
    }

    /// What is kept of a form that was not sent: what it would have answered.
    fn unsent(form: Self::Form) -> Self::Form {
        form
    }

    /// The consent that the person gives with this page, as it is shown; empty if the page asks for none. The form
    /// carries its digest, and a form made from another text is stale: only a text that was shown is recorded.
    fn consent_text(_ctx: PageContext<'_>) -> String {
        String::new()
    }

    /// Whether the person consents with this form, if the page asks for a consent.
    fn consents(_form: &Self::Form) -> bool {
        true
    }

    /// Whether `input` leads to a check of the identity, which the signs of a program can keep from being made.
    fn is_guarded(_ctx: &RequestContext, _input: &Self::Input) -> bool {
        false
    }

    /// Parses the form.
    fn parse(form: &Self::Form, ctx: PageContext<'_>) -> Result<Self::Input, FormErrors>;

    /// Records a consent that takes effect before the enrollment is submitted. It is recorded before `input` is stored.
    fn record_consent(
        _ctx: &RequestContext,
        _input: &Self::Input,
    ) -> impl Future<Output = Result<(), PageError>> + Send {
        async { Ok(()) }
    }

    /// Stores what is not secret before NRG is called, so that a failure loses nothing.
    fn store(input: &Self::Input, journey: &mut Journey);

    /// Whether `input` is another answer than the journey's.
    fn changes(input: &Self::Input, journey: &Journey) -> bool {
        let mut changed = journey.clone();
        Self::store(input, &mut changed);
        changed != *journey
    }

    /// The number of `input`, compared with the one that was answered last.
    fn number(_ctx: &RequestContext, _input: &Self::Input) -> TypedNumber {
        TypedNumber::Absent
    }

    /// Whether what was stored needs a call to NRG. If not, `call_nrg` is left out.
    fn needs_call(_journey: &Journey) -> bool {
        true
    }

    /// Trades a number that was typed for its token, before any other call; what it returns has no number any more. Whoever
    /// typed one is answered as soon as it is gone: what the browser sent is in memory until then.
    fn trade_number(
        _ctx: &mut RequestContext,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Input, PageError>> + Send {
        async { Ok(input) }
    }

    /// Calls NRG. Intermediate results it saves itself; the change it returns is recorded by the lifecycle.
    fn call_nrg(
        _ctx: &mut RequestContext,
        _input: Self::Input,
    ) -> impl Future<Output = Result<JourneyUpdate, PageError>> + Send {
        async { Ok(nothing()) }
    }

    /// Asks for what the next page shows, once the answer is recorded and while the visitor still waits. What it does not
    /// get, that page asks for.
    fn ask_ahead(_ctx: &mut RequestContext) -> impl Future<Output = ()> + Send {
        async {}
    }
}
