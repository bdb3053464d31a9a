//! What an SMTP server said, for an operator: on one line, short, and without an address.

use std::{error::Error as _, io};

use lettre::transport::smtp;

use crate::causes::causes;

/// How many bytes of an answer are kept.
const LONGEST: usize = 200;

/// An answer as the outbox keeps it.
pub(super) fn tidied(code: impl std::fmt::Display, text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    // Servers quote the address in many ways; what has an @ is cut out whole.
    let words = words.map(|word| if word.contains('@') { "(address)" } else { word });
    let line = format!("{code} {}", words.collect::<Vec<_>>().join(" "));
    let end = line.floor_char_boundary(LONGEST);
    line.get(..end).unwrap_or_default().trim_end().to_owned()
}

/// Why a mail was not taken.
pub(super) fn why(error: &smtp::Error) -> String {
    if let Some(code) = error.status() {
        let text = error.source().map(ToString::to_string).unwrap_or_default();
        return tidied(code, &text);
    }
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    if error.is_tls() || causes(error).any(|cause| cause.is::<rustls::Error>()) {
        return "TLS fails with it".to_owned();
    }
    let refused = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).find_map(|error| {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Some("it refuses connections"),
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some("no route to it"),
            _ => None,
        }
    });
    match refused {
        Some(refused) => format!("cannot be reached: {refused}"),
        None if error.is_response() => "its answer is no SMTP".to_owned(),
        None if error.is_client() => {
            "it does not offer what is needed: STARTTLS, or a way to log in".to_owned()
        }
        None => "cannot be reached, or broke off".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reply_is_one_short_line_without_an_address() {
        for (text, expected) in [
            ("5.1.1 <jordan@example.com>: no such\r\nmailbox", "550 5.1.1 (address) no such mailbox"),
            ("Unknown user:jordan@example.com\u{1b}[0m", "550 Unknown (address) [0m"),
            ("", "550"),
            (&"ñ".repeat(300), &format!("550 {}", "ñ".repeat(98))),
        ] {
            assert_eq!(tidied(550, text), expected);
        }
    }
}
