//! The files of `static/`, compiled in and named by their content.
//!
//! `style.css` is served as `/static/style.<hash>.css`, so that a browser may keep it for ever and
//! a new version has a new address. Compression is the compression layer's.

use std::{collections::BTreeMap, fmt::Write as _, sync::LazyLock};

use axum::{
    body::Bytes,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "static/"]
struct Files;

/// The static files by their plain name, and by the name with the hash.
pub struct Assets {
    urls: BTreeMap<String, String>,
    files: BTreeMap<String, (&'static str, Bytes)>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::read);

impl Assets {
    /// The address of a file of `static/`, like `style.css`. A name that is not there gives `/static/`,
    /// which no one serves: the tests look up every name the templates use.
    #[must_use]
    pub fn url(name: &str) -> &'static str {
        ASSETS.urls.get(name).map_or("/static/", String::as_str)
    }

    fn read() -> Self {
        let mut assets = Self { urls: BTreeMap::new(), files: BTreeMap::new() };
        for name in Files::iter() {
            let (Some(file), Some((stem, extension))) = (Files::get(&name), name.rsplit_once('.')) else {
                continue;
            };
            let hashed = format!("{stem}.{}.{extension}", short_hash(&file));
            let content_type = match extension {
                "css" => "text/css; charset=utf-8",
                "js" => "text/javascript; charset=utf-8",
                "svg" => "image/svg+xml",
                "png" => "image/png",
                "webp" => "image/webp",
                _ => "application/octet-stream",
            };
            assets.urls.insert(name.to_string(), format!("/static/{hashed}"));
            assets.files.insert(hashed, (content_type, Bytes::from_owner(file.data)));
        }
        assets
    }
}

/// `GET /static/{name}`: the file of exactly that content, to be kept for ever; 404 otherwise.
pub async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.files.get(&name) {
        Some((content_type, body)) => (
            [
                (header::CONTENT_TYPE, *content_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            body.clone(),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn short_hash(file: &EmbeddedFile) -> String {
    file.metadata.sha256_hash().iter().take(6).fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_file_is_served_under_its_hash_and_kept() {
        for (name, kind) in
            [("style.css", "text/css"), ("enroll.js", "text/javascript"), ("favicon.svg", "image/svg+xml")]
        {
            let url = Assets::url(name);
            let file = url.strip_prefix("/static/").unwrap();
            assert_ne!(file, name);
            let response = asset(Path(file.to_owned())).await;
            assert_eq!(response.status(), StatusCode::OK);
            let headers = response.headers();
            assert!(headers[header::CONTENT_TYPE].to_str().unwrap().starts_with(kind));
            assert!(headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        }
        for unknown in ["style.css", "style.000000000000.css", "../Cargo.toml", ""] {
            assert_eq!(asset(Path(unknown.to_owned())).await.status(), StatusCode::NOT_FOUND, "{unknown}");
        }
    }
}
