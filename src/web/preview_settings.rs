//! What a site sets about previews of its links.

use crate::journey::PerLanguage;

/// Width and height of the picture, in pixels.
pub const PICTURE_SIZE: (u32, u32) = (1200, 630);

/// The picture of a site.
pub struct Picture {
    /// `png` or `jpg`.
    pub extension: &'static str,
    /// The content of the file.
    pub bytes: Vec<u8>,
}

/// What a site says of itself, in place of the messages.
#[derive(Clone, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct OwnWords {
    pub title: Option<PerLanguage<String>>,
    pub description: Option<PerLanguage<String>>,
}

/// All of it.
pub struct PreviewSettings {
    /// The words.
    pub words: OwnWords,
    /// The picture, if there is one.
    pub picture: Option<Picture>,
    /// Whether search engines may list the pages that are meant to be found.
    pub search_engines: bool,
}
