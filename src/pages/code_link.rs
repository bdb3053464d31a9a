//! A link with a one-time code, as a page shows it. No other page, log line or message ever contains the code.

use url::Url;
use zeroize::Zeroizing;

use super::qr_code::QrCode;
use crate::web::{Page, mail_link, page_context::PageContext};

/// The link, and other ways to the same page.
pub(super) struct CodeLink {
    /// The link itself.
    pub(super) link: String,
    /// Host and path of the page that asks for the code.
    pub(super) address: String,
    pub(super) code: Zeroizing<String>,
    pub(super) qr: Option<QrCode>,
    /// A `mailto:` link to a message that contains the link.
    pub(super) mail: String,
}

impl CodeLink {
    /// The link with `code` to `path` of this site, in the language of `page`. Of the message, `subject` and `body` are
    /// templates; `until` is the moment at which the link ends, in words.
    pub(super) fn new(
        view: PageContext<'_>,
        page: &Page<'_>,
        path: &str,
        code: Zeroizing<String>,
        [subject, body]: [&str; 2],
        until: &str,
    ) -> Self {
        let mut link = Url::clone(&view.hosted.public_url);
        link.set_path(path);
        let address = link.as_str().split_once("://").map_or_else(String::new, |(_, typed)| typed.to_owned());
        link.query_pairs_mut().append_pair("code", &code).append_pair("lang", view.language.tag());
        let words = page.interpolate_with(body, &[("moment", until), ("link", link.as_str())]);
        Self {
            mail: mail_link(&page.interpolate(subject), &words),
            qr: QrCode::of(link.as_str()),
            link: link.to_string(),
            address,
            code,
        }
    }
}
