//! Moving in or switching.

use strum::{EnumString, IntoStaticStr};

use super::problem::Problem;

/// The kind of service that the customer wants at the address (contract 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumString, IntoStaticStr)]
pub enum Transaction {
    /// New service at the address.
    #[strum(serialize = "MVI")]
    MoveIn,
    /// Another supplier at an address already served.
    #[strum(serialize = "SWI")]
    Switch,
}

impl Transaction {
    /// `transactionType` on the wire, and the value in forms and links.
    pub fn wire(self) -> &'static str {
        self.into()
    }

    /// Parses the word of the wire.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::NotAChoice`].
    pub fn parse(word: &str) -> Result<Self, Problem> {
        match word.trim() {
            "" => Err(Problem::Missing),
            word => word.parse().map_err(|_| Problem::NotAChoice),
        }
    }
}

stored_as_text!(Transaction, wire, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transaction_word_is_parsed_or_refused() {
        for (word, expected) in [
            ("MVI", Ok(Transaction::MoveIn)),
            ("SWI", Ok(Transaction::Switch)),
            ("", Err(Problem::Missing)),
            ("mvi", Err(Problem::NotAChoice)),
        ] {
            assert_eq!(Transaction::parse(word), expected, "{word:?}");
            if let Ok(transaction) = expected {
                assert_eq!(transaction.wire(), word);
            }
        }
    }
}
