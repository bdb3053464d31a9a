//! Links that open a mail program.

use url::form_urlencoded;

/// A `mailto:` link to a message with this subject and body, which whoever writes it addresses.
pub fn mail_link(subject: &str, body: &str) -> String {
    let encoded =
        |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    format!("mailto:?subject={}&body={}", encoded(subject), encoded(body))
}
