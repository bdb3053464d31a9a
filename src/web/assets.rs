//! The files the pages load, named by their content: those of `static/`, which are compiled in, the stylesheet with
//! the colors of the theme at its head, and the affiliate's logo and picture.
//!
//! `style.css` is served as `/static/style.<hash>.css`, so that a browser may cache it for ever and a new version has a
//! new address. Texts are compressed once, when the server starts, and more thoroughly than pages are.

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::Embed;
use sha2::{Digest, Sha256};

use super::{
    compression::{self, FOR_ALL_ANSWERS, accepts_gzip, gzipped},
    preview_settings::Picture,
};
use crate::theme::Theme;

#[derive(Embed)]
#[folder = "static/"]
struct Files;

/// The name of the picture of links.
const PICTURE: &str = "preview";

/// The files of one site, by plain name and by the name with the hash.
#[derive(Debug)]
pub struct Assets {
    urls: BTreeMap<String, String>,
    files: BTreeMap<String, File>,
}

#[derive(Debug)]
struct File {
    content_type: &'static str,
    body: Bytes,
    /// The same compressed, of a text.
    gzipped: Option<Bytes>,
}

impl Assets {
    /// The files of a site with this theme, and the picture of its links.
    #[must_use]
    pub fn new(theme: &Theme, picture: Option<&Picture>) -> Self {
        let mut assets = Self { urls: BTreeMap::new(), files: BTreeMap::new() };
        for name in Files::iter() {
            let Some(file) = Files::get(&name) else { continue };
            let body = match std::str::from_utf8(&file.data) {
                Ok(sheet) if name == "style.css" => (theme.sheet() + &bare(sheet)).into(),
                Ok(text) => bare(text).into(),
                // No text.
                Err(_) => Bytes::from_owner(file.data),
            };
            assets.add(&name, body);
        }
        for (name, logo) in [("logo", &theme.logo), ("logo-dark", &theme.logo_dark)] {
            if let Some(logo) = logo {
                assets.add_image(name, logo.extension, &logo.bytes);
            }
        }
        if let Some(picture) = picture {
            assets.add_image(PICTURE, picture.extension, &picture.bytes);
        }
        assets
    }

    /// Adds an image of the affiliate's, which pages know by a name without its type.
    fn add_image(&mut self, name: &str, extension: &str, bytes: &[u8]) {
        let file = format!("{name}.{extension}");
        self.add(&file, bytes.to_vec().into());
        if let Some(url) = self.urls.remove(&file) {
            self.urls.insert(name.to_owned(), url);
        }
    }

    fn add(&mut self, name: &str, body: Bytes) {
        let Some((stem, extension)) = name.rsplit_once('.') else { return };
        let hash: String = Sha256::digest(&body).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let hashed = format!("{stem}.{hash}.{extension}");
        let content_type = match extension {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "jpg" => "image/jpeg",
            "webp" => "image/webp",
            _ => "application/octet-stream",
        };
        self.urls.insert(name.to_owned(), format!("/static/{hashed}"));
        let gzipped =
            matches!(extension, "css" | "js" | "svg").then(|| gzipped(&body, FOR_ALL_ANSWERS)).flatten();
        self.files.insert(hashed, File { content_type, body, gzipped: gzipped.map(Bytes::from) });
    }

    /// The address of a file of `static/`, like `style.css`. An unknown name gives `/static/`, which is not served: the
    /// tests look up every name the templates use.
    #[must_use]
    pub fn url(&self, name: &str) -> &str {
        self.urls.get(name).map_or("/static/", String::as_str)
    }

    /// The address of the logo, and of the logo for dark screens if there is one.
    #[must_use]
    pub fn logo(&self) -> Option<(&str, Option<&str>)> {
        let logo = |name| self.urls.get(name).map(String::as_str);
        logo("logo").map(|light| (light, logo("logo-dark")))
    }

    /// The address of the picture, if there is one.
    #[must_use]
    pub fn picture(&self) -> Option<&str> {
        self.urls.get(PICTURE).map(String::as_str)
    }

    /// The file with this hashed name, cacheable for ever, for a request with these headers; 404 for any other name.
    pub(super) fn response(&self, name: &str, request: &HeaderMap) -> Response {
        let Some(file) = self.files.get(name) else { return StatusCode::NOT_FOUND.into_response() };
        let gzipped = file.gzipped.as_ref().filter(|_| accepts_gzip(request));
        let body = gzipped.unwrap_or(&file.body).clone();
        let kept = (header::CACHE_CONTROL, "public, max-age=31536000, immutable");
        let mut response = ([(header::CONTENT_TYPE, file.content_type), kept], body).into_response();
        if file.gzipped.is_some() {
            compression::describe(response.headers_mut(), gzipped.is_some());
        }
        response
    }
}

/// A script or sheet without its comments and indentation, which are for its developers. A comment stands on lines of
/// its own, and no text goes on over the end of a line.
fn bare(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut is_comment = false;
    for line in text.lines().map(str::trim) {
        is_comment |= line.starts_with("/*");
        if !is_comment && !line.starts_with("//") && !line.is_empty() {
            bare.push_str(line);
            bare.push('\n');
        }
        is_comment &= !line.ends_with("*/");
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{Logo, tests::theme};

    #[test]
    fn asset_is_served_immutable_under_its_hash_and_others_are_404() {
        let logo = Logo { extension: "webp", bytes: b"RIFF0000WEBP".to_vec() };
        let picture = Picture { extension: "jpg", bytes: vec![0xff, 0xd8, 0xff] };
        let assets = Assets::new(&Theme { logo: Some(logo), ..theme() }, Some(&picture));
        for (name, kind) in [
            ("style.css", "text/css"),
            ("enroll.js", "text/javascript"),
            ("favicon.svg", "image/svg+xml"),
            ("logo", "image/webp"),
            (PICTURE, "image/jpeg"),
        ] {
            let url = assets.url(name);
            let file = url.strip_prefix("/static/").unwrap();
            assert_ne!(file, name);
            let response = assets.response(file, &HeaderMap::new());
            assert_eq!(response.status(), StatusCode::OK);
            let headers = response.headers();
            assert!(!headers.contains_key(header::CONTENT_ENCODING));
            assert!(headers[header::CONTENT_TYPE].to_str().unwrap().starts_with(kind));
            assert!(headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        }
        for unknown in ["style.css", "style.000000000000.css", "../Cargo.toml", ""] {
            assert_eq!(
                assets.response(unknown, &HeaderMap::new()).status(),
                StatusCode::NOT_FOUND,
                "{unknown}"
            );
        }
    }

    #[tokio::test]
    async fn text_is_served_compressed_to_a_request_that_takes_it() {
        use std::io::Read;

        let assets = Assets::new(&theme(), None);
        let file = assets.url("style.css").strip_prefix("/static/").unwrap();
        let sheet = &assets.files[file].body;
        for (accepts, is_compressed) in [("gzip, deflate, br, zstd", true), ("identity", false)] {
            let request = HeaderMap::from_iter([(header::ACCEPT_ENCODING, accepts.parse().unwrap())]);
            let response = assets.response(file, &request);
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
            assert_eq!(response.headers().contains_key(header::CONTENT_ENCODING), is_compressed, "{accepts}");
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            if !is_compressed {
                assert_eq!(&body, sheet);
                continue;
            }
            let mut read = Vec::new();
            flate2::read::GzDecoder::new(&*body).read_to_end(&mut read).unwrap();
            assert_eq!(&read, sheet);
            assert!(body.len() < sheet.len() / 2);
        }
    }

    #[test]
    fn file_is_served_without_its_comments_and_loses_nothing_else() {
        let written =
            "/* One,\n   two. */\na { b: c; }\n\n  /* Three. */\n  d > e::before { content: \"/* 4 */\"; }\n";
        assert_eq!(bare(written), "a { b: c; }\nd > e::before { content: \"/* 4 */\"; }\n");
        assert_eq!(bare("  // One.\n  go(\"https://x\"); // two\n"), "go(\"https://x\"); // two\n");
        for name in Files::iter() {
            let file = Files::get(&name).unwrap();
            let written = std::str::from_utf8(&file.data).unwrap();
            // A text over the end of a line would lose its indentation.
            assert!(written.lines().all(|line| line.matches('`').count() % 2 == 0), "{name}");
            let bare = bare(written);
            assert!(!bare.contains("/*") && !bare.contains("*/"), "{name}");
            assert_eq!(bare.matches(['{', '}']).count(), written.matches(['{', '}']).count(), "{name}");
        }
    }

    #[test]
    fn changed_theme_changes_stylesheet_url() {
        let mut other = theme();
        other.light.accent = crate::theme::Color(20, 82, 79);
        let (one, two) = (Assets::new(&theme(), None), Assets::new(&other, None));
        assert_ne!(one.url("style.css"), two.url("style.css"));
        assert_eq!(one.url("enroll.js"), two.url("enroll.js"));
        assert_eq!((one.logo(), one.picture()), (None, None));
    }
}
