//! The language of a page: `lang` of the address, else the session's, else `Accept-Language`.

use http::{HeaderMap, header};

use crate::fields::{Language, Query};

/// The language that the address requests with `?lang=en|es`.
pub fn requested(query: Option<&str>) -> Option<Language> {
    Language::parse(&Query::read(query?).get("lang")?).ok()
}

/// The address of the page at `path` in `language`, with the rest of its `query`.
pub fn address(path: &str, language: Language, query: &str) -> String {
    let mut address = format!("{path}?lang={}", language.tag());
    for pair in query.split('&').filter(|pair| !pair.is_empty() && !Query::is_named(pair, "lang")) {
        address.push('&');
        address.push_str(pair);
    }
    address
}

/// The tag of the language that a text was asked for in; empty if it is the page's, or not known.
pub fn mark(asked_in: Option<Language>, page: Language) -> &'static str {
    asked_in.filter(|language| *language != page).map_or("", Language::tag)
}

/// The path that a switch of language posts the form of a page to: a step's slug, or the name of another page.
pub fn keep_path(form: &str) -> String {
    format!("/language/{form}")
}

/// The first language of `Accept-Language` that the site has; English if it has none of them.
pub fn preferred(headers: &HeaderMap) -> Language {
    let languages = headers.get(header::ACCEPT_LANGUAGE).map_or(&[][..], |value| value.as_bytes());
    String::from_utf8_lossy(languages)
        .split(',')
        .filter_map(|range| range.split(';').next())
        .find_map(|tag| Language::parse(tag).ok())
        .unwrap_or(Language::English)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_follows_url_then_accept_language() {
        assert_eq!(requested(Some("a=b&lang=es")), Some(Language::Spanish));
        assert_eq!(requested(Some("lang=fr")), None);
        for query in ["lang=ES", "lang=es-MX", "LANG=es_US", "zip=1&amp;Lang=+es+", "lang=es&lang=en"] {
            assert_eq!(requested(Some(query)), Some(Language::Spanish), "{query}");
        }
        assert_eq!(requested(Some("lang=en-US")), Some(Language::English));
        for (accepted, language) in [
            ("es-MX,es;q=0.9,en;q=0.8", Language::Spanish),
            ("en-US,es", Language::English),
            ("fr-FR, es", Language::Spanish),
            ("ES_mx;q=0.9", Language::Spanish),
            ("est, es;q=0.5", Language::Spanish),
            ("", Language::English),
            ("*", Language::English),
            ("español, es", Language::Spanish),
            ("ñ, en, es", Language::English),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
            assert_eq!(preferred(&headers), language, "{accepted}");
        }
    }
}
