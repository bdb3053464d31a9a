//! A letter as a message of RFC 5322: its headers, and text and HTML as alternatives.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};

use super::{letter::Letter, site::MailSite};
use crate::fields::Email;

/// Writes `letter` to `to`. Its id is the same in every attempt, so that a mailbox may know it again.
///
/// # Errors
/// The address is none that can be written to.
pub(super) fn message(
    site: &MailSite,
    id: &str,
    to: &Email,
    letter: &Letter,
    at: Timestamp,
) -> Result<Message, lettre::error::Error> {
    let since = Duration::from_secs(u64::try_from(at.as_second()).unwrap_or_default());
    let to: Address = to.as_str().parse().map_err(|_| lettre::error::Error::EmailMissingAt)?;
    let mut builder = Message::builder()
        .date(SystemTime::UNIX_EPOCH + since)
        .from(site.from.clone())
        .to(Mailbox::new(None, to))
        .subject(letter.subject.clone())
        .message_id(Some(format!("<{id}@{}>", site.from.email.domain())))
        .raw_header(raw(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated"))
        .raw_header(raw(
            HeaderName::new_from_ascii_str("List-Unsubscribe"),
            &format!("<{}>", letter.unsubscribe),
        ))
        .raw_header(raw(
            HeaderName::new_from_ascii_str("List-Unsubscribe-Post"),
            "List-Unsubscribe=One-Click",
        ));
    if let Some(reply_to) = &site.reply_to {
        builder = builder.reply_to(reply_to.clone());
    }
    let parts = MultiPart::alternative()
        .boundary(id)
        .singlepart(SinglePart::plain(letter.text.clone()))
        .singlepart(SinglePart::html(letter.html.clone()));
    builder.multipart(parts)
}

/// A header of plain ASCII, which is not folded: some of those who read it know no other form.
fn raw(name: HeaderName, value: &str) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned())
}
