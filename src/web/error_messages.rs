//! The messages of a form's errors: made once, so that the summary and the fields show the same sentence.

use super::{
    controls::Field,
    form::{FieldFault, FormErrors},
    layout::FieldError,
};
use crate::messages::{FieldMessages, Messages};

/// The messages of one form's errors. Each field that is asked for is added to the summary.
pub struct ErrorMessages<'a> {
    messages: &'a Messages,
    errors: &'a FormErrors,
    summary: Vec<FieldError>,
}

impl<'a> ErrorMessages<'a> {
    /// The messages of `errors` in the language of `messages`, with an empty summary.
    pub fn new(messages: &'a Messages, errors: &'a FormErrors) -> Self {
        Self { messages, errors, summary: Vec::new() }
    }

    /// The message of the field `name`, if it has an error. The summary links it to the control of that name.
    pub fn of(&mut self, name: &str, words: &FieldMessages) -> Option<String> {
        let message = match self.errors.of(name)? {
            FieldFault::Problem(problem) => self.messages.problem(*problem, words),
            FieldFault::Said(sentence) => sentence.clone(),
        };
        self.summary.push(FieldError { field: name.to_owned(), message: message.clone() });
        Some(message)
    }

    /// The field `name` with the value that was typed and its error message.
    pub fn field(&mut self, name: &str, value: &str, words: &FieldMessages) -> Field {
        let problem = self.of(name, words);
        Field::new(name, value, problem)
    }

    /// The summary, in the order the fields were asked for; an error of the whole form comes first.
    pub fn summary(self) -> Vec<FieldError> {
        let mut summary = self.summary;
        if let Some(FieldFault::Said(sentence)) = self.errors.of("form") {
            summary.insert(0, FieldError { field: "main".to_owned(), message: sentence.clone() });
        }
        summary
    }
}
