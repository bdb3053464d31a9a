//! Parsing a form field by field, so that every error is found at once.

use crate::{
    fields::{Problem, Street, Unit, optional},
    messages::interpolate,
    web::{form::FormErrors, page_context::PageContext},
};

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

    /// Street and unit of the fields `street` and `unit`. The unit may stand in either, or the same in both.
    pub fn home(
        &mut self,
        street: Result<(Street, Option<Unit>), Problem>,
        unit: &str,
    ) -> Option<(Street, Option<Unit>)> {
        let street = self.read("street", street);
        let unit = self.read("unit", optional(unit, Unit::parse));
        let ((street, beside), unit) = street.zip(unit)?;
        let unit = match (beside, unit) {
            (Some(beside), Some(unit)) => Some(self.read("unit", beside.with(unit))?),
            (beside, unit) => beside.or(unit),
        };
        Some((street, unit))
    }

    /// Adds a problem of a birth date to `field`; of an age that does not enroll online, with whom to call.
    pub fn birth_date(&mut self, field: &'static str, problem: Problem, ctx: PageContext<'_>) {
        if !matches!(problem, Problem::TooYoung | Problem::TooOld) {
            return self.problem(field, problem);
        }
        let t = ctx.messages();
        let call = interpolate(&t.identity.age_call, &[("phone", &ctx.phone())]);
        self.say(field, &format!("{}. {call}", t.problem(problem, &t.identity.birth_date)));
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
