//! The passwords of operators: Argon2id with the parameters that OWASP recommends (19 MiB, two passes, one lane).

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc},
};

use crate::entropy::Entropy;

/// The fewest characters of a password.
pub const FEWEST: usize = 12;

/// The hash of a password, as a string that names its parameters (PHC). It has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// The hash of `password`; `None`: it has fewer characters than [`FEWEST`].
    pub fn of(password: &str, entropy: &Entropy) -> Option<Self> {
        (password.chars().count() >= FEWEST).then(|| hash(password, entropy))?
    }

    /// Reads a hash; `None`: it is none of Argon2id.
    pub fn parse(text: &str) -> Option<Self> {
        let read = phc::PasswordHash::new(text).ok()?;
        (read.algorithm.as_str() == "argon2id" && read.hash.is_some()).then(|| Self(text.to_owned()))
    }

    /// The string, which [`parse`](Self::parse) reads.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Whether `guess` is the password of `hash`. It takes as long without a hash, so that nobody learns who is an operator. It
/// works for some hundredths of a second.
pub fn is_right(guess: &str, known: Option<&PasswordHash>, entropy: &Entropy) -> bool {
    match known {
        Some(PasswordHash(text)) => {
            Argon2::default().verify_password(guess.as_bytes(), text.as_str()).is_ok()
        }
        None => {
            hash(guess, entropy);
            false
        }
    }
}

fn hash(password: &str, entropy: &Entropy) -> Option<PasswordHash> {
    let salt = entropy.bytes::<16>();
    // The parameters of the default are those of OWASP; the test below holds them.
    let hashed = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).ok()?;
    Some(PasswordHash(hashed.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_is_hashed_by_argon2id_as_owasp_recommends() {
        let entropy = Entropy::system();
        let one = PasswordHash::of("correct horse", &entropy).unwrap();
        assert!(one.text().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", one.text());
        assert!(one != PasswordHash::of("correct horse", &entropy).unwrap(), "the salt repeats");
        assert!(PasswordHash::parse(one.text()).is_some_and(|read| read == one));
        assert!(PasswordHash::of("eleven char", &entropy).is_none());
        for (guess, known, right) in [
            ("correct horse", Some(&one), true),
            ("correct horsf", Some(&one), false),
            ("", Some(&one), false),
            ("correct horse", None, false),
        ] {
            assert_eq!(is_right(guess, known, &entropy), right, "{guess}");
        }
    }
}
