//! The account number that an operator gives with what became of an enrollment.

/// Why it does not go with that.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// It was given for another result than this.
    #[error("an account number is only given for {0}")]
    OfNone(&'static str),
    /// This result needs it.
    #[error("{0} needs the account number")]
    Missing(&'static str),
}

/// Reads an account number, which has up to twelve digits (contract 5.19); leading zeros count.
pub fn account_number(text: &str) -> Option<String> {
    let right = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    right.then(|| text.to_owned())
}

/// Reads a check digit, which is one digit.
pub fn check_digit(text: &str) -> Option<String> {
    (text.len() == 1).then(|| account_number(text))?
}
