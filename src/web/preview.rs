//! What a link to a page looks like elsewhere: the title, the description and the picture of the preview that a messenger or
//! a social network makes of it, and the address that a search engine keeps.
//!
//! The words are the site's. Nothing of a journey can be among them: a page of a session has no preview, and whoever makes
//! one comes without a session.

use super::{language, page_context::PageContext, preview_settings::PICTURE_SIZE, robots};
use crate::{fields::Language, journey::PerLanguage, messages::interpolate};

/// The preview of a page.
#[derive(Debug)]
pub struct Preview {
    /// The title.
    pub title: String,
    /// What the page is, in a sentence.
    pub description: String,
    /// The locale of this page, and that of the page in the other language.
    pub locales: [&'static str; 2],
    /// The whole address of the picture, if the site has one, with its width and height.
    pub picture: Option<(String, (u32, u32))>,
    /// The addresses of a page that may be found.
    pub addresses: Option<Addresses>,
}

/// The whole addresses of one page, without anything of a click.
#[derive(Debug)]
pub struct Addresses {
    /// The one that this page is known by.
    pub canonical: String,
    /// The one that leaves the language to the browser.
    pub plain: String,
    /// The one in each language, with its tag.
    pub languages: Vec<(&'static str, String)>,
}

/// The locale of `language`. Facebook knows Spanish of Mexico, and refuses that of the United States.
fn locale(language: Language) -> &'static str {
    match language {
        Language::English => "en_US",
        Language::Spanish => "es_MX",
    }
}

impl PageContext<'_> {
    /// The preview of this page, in the words of the site; none where there is a session.
    pub(super) fn preview(self) -> Option<Preview> {
        if self.has_session {
            return None;
        }
        let (t, own) = (&self.messages().preview, &self.hosted.own_words);
        let words = |own: &Option<PerLanguage<String>>, message| match own {
            Some(own) => own.of(self.language).clone(),
            None => interpolate(message, &[("affiliate", &self.site().affiliate_name)]),
        };
        Some(Preview {
            title: words(&own.title, &t.title),
            description: words(&own.description, &t.description),
            locales: [self.language, self.language.other()].map(locale),
            picture: self.hosted.assets.picture().map(|path| (self.whole(path), PICTURE_SIZE)),
            addresses: robots::may_be_found(&self.request.path).then(|| self.addresses()),
        })
    }

    fn addresses(self) -> Addresses {
        let path = &self.request.path;
        let plain = self.whole(path);
        let of = |language| self.whole(&language::address(path, language, ""));
        Addresses {
            canonical: language::requested(Some(&self.request.query)).map_or_else(|| plain.clone(), of),
            plain,
            languages: Language::ALL.iter().map(|language| (language.tag(), of(*language))).collect(),
        }
    }

    /// The whole address of a page or file of the site.
    fn whole(self, path: &str) -> String {
        format!("{}{path}", self.hosted.public_url.origin().ascii_serialization())
    }
}
