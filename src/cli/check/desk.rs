//! The operators of the desk.

use crate::{causes::Causes, config::Settings, desk::Operators};

/// Why nobody can come to the desk, if there is one.
pub(super) fn problem(settings: &Settings) -> Option<String> {
    let desk = settings.desk.as_ref()?;
    match Operators::read(&desk.operators_file) {
        Ok(operators) if operators.0.is_empty() => {
            Some("desk.operators_file has no operator (nrg-enroll operators add)".to_owned())
        }
        Ok(_) => None,
        Err(error) => Some(format!("desk.operators_file: {}", Causes(&error))),
    }
}
