//! E-mail addresses.

use super::problem::Problem;

/// An e-mail address of at most 100 characters (contract 5.11), as it was typed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    const MAX: usize = 100;

    /// Parses an address. Only its form is checked, not whether it receives mail.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::TooLong`], [`Problem::EmailShape`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let text = typed.trim();
        if text.is_empty() {
            return Err(Problem::Missing);
        }
        if text.chars().count() > Self::MAX {
            return Err(Problem::TooLong { max: Self::MAX });
        }
        let (mailbox, host) = text.split_once('@').ok_or(Problem::EmailShape)?;
        if is_mailbox(mailbox) && is_host(host) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::EmailShape)
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_mailbox(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    text.len() <= 64 && text.split('.').all(|part| !part.is_empty() && part.chars().all(allowed))
}

fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let Some((_, top)) = text.rsplit_once('.') else { return false };
    text.split('.').all(is_label) && top.len() >= 2 && !top.bytes().all(|b| b.is_ascii_digit())
}

redacted_debug!(Email);
stored_as_text!(Email, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_is_trimmed_or_refused_with_its_problem() {
        for good in [
            "jordan.samplecase@example.com",
            "  j+power@mail.example.co.uk ",
            "o'hara_1@example.museum",
            "x@xn--e1afmkfd.example",
        ] {
            assert_eq!(Email::parse(good).unwrap().as_str(), good.trim());
        }
        for bad in [
            "jordan",
            "jordan@",
            "@example.com",
            "jordan@example",
            "a@b@example.com",
            ".a@example.com",
            "a..b@example.com",
            "a b@example.com",
            "a@exam ple.com",
            "a@-example.com",
            "a@example..com",
            "a@example.com.",
            "<a@example.com>",
            "a@10.0.0.1",
            "a@example.c",
            "ñ@example.com",
            "a,b@example.com",
        ] {
            assert_eq!(Email::parse(bad), Err(Problem::EmailShape), "{bad:?}");
        }
        assert_eq!(Email::parse(" "), Err(Problem::Missing));
    }

    #[test]
    fn email_over_100_characters_is_refused() {
        let host = format!("{}.{}.example", "h".repeat(40), "h".repeat(40));
        let longest = format!("{}@{host}", "m".repeat(99 - host.len()));
        assert!(Email::parse(&longest).is_ok());
        assert_eq!(Email::parse(&format!("m{longest}")), Err(Problem::TooLong { max: 100 }));
    }
}
