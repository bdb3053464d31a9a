//! An error with every cause, as one line of the log has it.

use std::{error::Error, fmt, io};

/// Displays an error and the chain of its causes: `the session failed: the database's disk is full (code 53100): …`.
/// A cause that says the same as the error before it is left out.
pub struct Causes<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = String::new();
        for error in causes(self.0) {
            let says = error.to_string();
            if said.is_empty() {
                f.write_str(&says)?;
            } else if !said.ends_with(&says) {
                write!(f, ": {says}")?;
            } else {
                continue;
            }
            said = says;
        }
        Ok(())
    }
}

/// The error and what it comes from, in this order. An error of input and output tells what it wraps only when asked.
pub fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        let error: &'a (dyn Error + 'static) = *error;
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{says}")]
    struct Told {
        says: &'static str,
        source: io::Error,
    }

    #[test]
    fn error_is_displayed_with_every_cause_and_none_twice() {
        let refused = || io::Error::other("refused");
        let inner = Told { says: "not connected", source: refused() };
        let outer = Told { says: "no answer", source: io::Error::other(inner) };
        assert_eq!(Causes(&outer).to_string(), "no answer: not connected: refused");
        let repeated = Told { says: "not connected: refused", source: refused() };
        assert_eq!(Causes(&repeated).to_string(), "not connected: refused");
        assert_eq!(Causes(&refused()).to_string(), "refused");
    }
}
