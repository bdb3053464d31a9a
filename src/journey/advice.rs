//! NRG's texts for people that come although nobody has to stop (contract 3.1): kept with the step whose call brought
//! them, shown where they came, and where they still matter on review and confirmation.

use serde::{Deserialize, Serialize};

use crate::fields::Language;

use super::{call::CallKind, safe_html::SafeHtml, step::Step};

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
    /// The step that was answered next, to whose page it led; none while it has led nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub led_to: Option<Step>,
    /// The text.
    pub advice: AdviceText,
}
