//! What mails need of a site.

use lettre::message::Mailbox;
use url::Url;

use crate::{fields::Language, journey::Site};

/// A site, as its mails name it.
#[derive(Clone)]
pub struct MailSite {
    /// What the journey is evaluated against.
    pub site: Site,
    /// From whom its mails come.
    pub from: Mailbox,
    /// Where answers go, if elsewhere.
    pub reply_to: Option<Mailbox>,
    /// The page that resumes a journey.
    pub resume: Url,
    /// The page that says where an enrollment stands.
    pub status: Url,
    /// The page that unsubscribes.
    pub unsubscribe: Url,
}

/// `page` with `value` as its parameter `name`, in `language`.
pub(super) fn link(page: &Url, name: &str, value: &str, language: Language) -> String {
    let mut link = page.clone();
    link.query_pairs_mut().append_pair(name, value).append_pair("lang", language.tag());
    link.into()
}
