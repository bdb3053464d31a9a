//! Parsing a form field by field, so that every error is found at once.

use crate::{fields::Problem, web::form::FormErrors};

/// Collects the errors of a form while its fields are parsed.
#[derive(Default)]
pub struct Reader {
    errors: FormErrors,
}

impl Reader {
    /// The value; a problem is added under the field's name.
    pub fn read<T>(&mut self, field: &'static str, parsed: Result<T, Problem>) -> Option<T> {
        parsed.map_err(|problem| self.errors.add(field, problem)).ok()
    }

    /// Adds a problem of `field`.
    pub fn problem(&mut self, field: &'static str, problem: Problem) {
        self.errors.add(field, problem);
    }

    /// Adds a sentence of the message catalog about `field`.
    pub fn say(&mut self, field: &'static str, sentence: &str) {
        self.errors.say(field, sentence);
    }

    /// The input, if no field had an error.
    pub fn finish<T>(self, input: Option<T>) -> Result<T, FormErrors> {
        match input {
            Some(input) if self.errors.is_empty() => Ok(input),
            _ => Err(self.errors),
        }
    }
}
