//! Sanitizes the texts NRG writes for people. They may hold HTML (contract 3.1); the output is text, line breaks and
//! https links to allow-listed hosts, or text alone. It has a bound for each kind of text, and no character that is not
//! seen, though it be written as an entity.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use ammonia::{Builder, UrlRelative};
use url::Url;

use super::bounded::{MESSAGE, SENTENCE, cut_html, visible};
use crate::{fields::cut, journey::SafeHtml};

/// The longest address that is linked, in bytes.
const LONGEST_LINK: usize = 2000;

/// Elements that begin a new line.
const BLOCKS: [&str; 12] = ["p", "div", "ul", "ol", "li", "table", "tr", "h1", "h2", "h3", "h4", "h5"];

/// A text that was sanitized.
pub(super) struct Cleaned {
    /// None if no readable text is left.
    pub(super) html: Option<SafeHtml>,
    /// How many links lead to no allowed host. Their text stays, without a link.
    pub(super) refused_links: u64,
}

/// Safe HTML of a `messageText`.
pub(super) fn clean(html: &str, link_hosts: &[String]) -> Cleaned {
    let reduced = reduce(html, &["a", "br"], link_hosts);
    let mut refused_links = 0;
    let mut is_link = false;
    let lines = on_tags(&reduced, |tag, out| match tag {
        "<br>" => out.push_str(tag),
        "</a>" if is_link => out.push_str(tag),
        "</a>" => {}
        _ if tag.starts_with("<a ") || tag == "<a>" => {
            is_link = tag.starts_with("<a href=");
            if is_link {
                out.push_str(tag);
            } else {
                refused_links += 1;
            }
        }
        _ if tag.starts_with("</") => out.push_str("<br>"),
        _ => {}
    });
    // Again: without the elements between them, two links may be nested, which each browser repairs in its own way.
    let lines = reduce(&lines, &["a", "br"], link_hosts);
    let mut trimmed = lines.trim();
    while let Some(rest) = trimmed.strip_suffix("<br>").or_else(|| trimmed.strip_prefix("<br>")) {
        trimmed = rest.trim();
    }
    let html = plain(trimmed, MESSAGE).and_then(|_| SafeHtml::from_cleaner(cut_html(trimmed)));
    Cleaned { html, refused_links }
}

/// Like [`clean`], for a text that is escaped twice (`depositReasonText`, contract 5.16).
pub(super) fn clean_escaped(html: &str, link_hosts: &[String]) -> Cleaned {
    if html.contains('<') {
        return clean(html, link_hosts);
    }
    clean(&unescape(&reduce(html, &[], link_hosts)), link_hosts)
}

/// The text without markup, in one line of at most `max` characters; none if nothing is left.
pub(super) fn plain(html: &str, max: usize) -> Option<String> {
    let spaced = on_tags(&reduce(html, &["br"], &[]), |_, out| out.push(' '));
    let text = unescape(&spaced).split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then(|| cut(&text, max))
}

/// The URL with https, if `hosts` allow its host.
pub(super) fn link(address: &str, hosts: &[String]) -> Option<Url> {
    let url = as_https(address)?;
    let plain = url.port().is_none() && url.username().is_empty() && url.password().is_none();
    let is_allowed = allows(hosts, url.host_str()?);
    (plain && is_allowed && url.as_str().len() <= LONGEST_LINK).then_some(url)
}

/// The host that an address names, if `hosts` do not allow it.
pub(super) fn refused_host(address: &str, hosts: &[String]) -> Option<String> {
    let url = as_https(address)?;
    url.host_str().filter(|host| !allows(hosts, host)).map(|host| cut(host, SENTENCE))
}

/// A URL with http, with `//` or without a scheme is taken as one with https: nothing is linked or opened otherwise.
fn as_https(address: &str) -> Option<Url> {
    let address = address.trim();
    let lower = address.to_ascii_lowercase();
    let rest = match lower.split_once("//") {
        Some(("https:" | "http:" | "", _)) => address.split_once("//").map(|(_, rest)| rest)?,
        Some((before, _)) if before.contains(':') => return None,
        Some(_) | None if address.starts_with('/') => return None,
        Some(_) | None => address,
    };
    Url::parse(&format!("https://{rest}")).ok()
}

/// Whether `host` is one of `hosts`. An entry with a leading dot allows the domain and its subdomains.
fn allows(hosts: &[String], host: &str) -> bool {
    hosts.iter().any(|pattern| match pattern.strip_prefix('.') {
        Some(domain) => host == domain || host.ends_with(pattern.as_str()),
        None => host == pattern,
    })
}

/// Ammonia's output with `tags` and the block elements kept, every other element reduced to its text.
fn reduce(html: &str, tags: &[&str], link_hosts: &[String]) -> String {
    let hosts = link_hosts.to_vec();
    let reduced = Builder::default()
        .tags(tags.iter().chain(&BLOCKS).copied().collect())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["https", "http"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener"))
        .attribute_filter(move |element, attribute, value| match (element, attribute) {
            ("a", "href") => link(value, &hosts).map(|url| Cow::Owned(url.to_string())),
            // Set by `link_rel` above; a `rel` in NRG's text is not an allowed attribute.
            ("a", "rel") => Some(Cow::Borrowed(value)),
            _ => None,
        })
        .clean(html)
        .to_string();
    visible(&reduced).into_owned()
}

/// Copies ammonia's output, in which every `<` begins a tag, and passes each tag to `write`.
fn on_tags(html: &str, mut write: impl FnMut(&str, &mut String)) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((text, tag_and_rest)) = rest.find('<').and_then(|at| rest.split_at_checked(at)) {
        out.push_str(text);
        let end = tag_and_rest.find('>').map_or(tag_and_rest.len(), |at| at + 1);
        let (tag, after) = tag_and_rest.split_at_checked(end).unwrap_or((tag_and_rest, ""));
        write(tag, &mut out);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Reverses the escaping of ammonia's output, which has these four entities only.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nrg::bounded::NAME;

    fn hosts() -> Vec<String> {
        vec!["brand.example".to_owned(), ".files.example".to_owned()]
    }

    #[test]
    fn message_cleaning_keeps_only_text_breaks_and_allowed_links() {
        for (html, safe) in [
            ("Please call.", Some("Please call.")),
            ("\u{85}\u{feff}\tPlease call.\u{feff}<br>\u{feff}", Some("Please call.")),
            ("\u{feff}", None),
            ("a < b & c", Some("a &lt; b &amp; c")),
            ("one<br/>two", Some("one<br>two")),
            ("<p>one</p><p>two</p>", Some("one<br>two")),
            ("<b>bo</b>ld", Some("bold")),
            (
                "A <a href='https://brand.example/form.pdf' target='_blank' onclick='x()'>form</a> is needed.",
                Some(r#"A <a href="https://brand.example/form.pdf" rel="noopener">form</a> is needed."#),
            ),
            (
                "<a href='https://a.files.example/f'>f</a>",
                Some(r#"<a href="https://a.files.example/f" rel="noopener">f</a>"#),
            ),
            (
                "<a href='http://brand.example/f'>f</a>, <a href='//brand.example/g'>g</a>",
                Some(
                    r#"<a href="https://brand.example/f" rel="noopener">f</a>, <a href="https://brand.example/g" rel="noopener">g</a>"#,
                ),
            ),
            (
                "<a href='https://files.example/f'>f</a>",
                Some(r#"<a href="https://files.example/f" rel="noopener">f</a>"#),
            ),
            ("A <a href='https://evil.example/'>form</a> is needed.", Some("A form is needed.")),
            ("<a href='https://notbrand.example/'>f</a>", Some("f")),
            ("<a href='javascript:alert(1)'>f</a>", Some("f")),
            ("<a href='mailto:a@brand.example'>f</a>", Some("f")),
            ("<a href='/form'>f</a>", Some("f")),
            (
                "<a href='/form'>f</a> <a href='https://brand.example/g'>g</a> <a href='https://evil.example/h'>h</a>",
                Some(r#"f <a href="https://brand.example/g" rel="noopener">g</a> h"#),
            ),
            ("<script>alert(1)</script>x<img src=y onerror=z>", Some("x")),
            ("<iframe src='https://brand.example'></iframe>", None),
            ("<a><table><td><a>x", Some("x")),
            (" <br> ", None),
            ("", None),
        ] {
            assert_eq!(clean(html, &hosts()).html.as_ref().map(SafeHtml::as_str), safe, "{html}");
        }
    }

    #[test]
    fn escaped_message_is_unescaped_once_then_cleaned() {
        for (html, safe) in [
            ("one&lt;br&gt;two &amp;amp; three", "one<br>two &amp; three"),
            ("&lt;script&gt;alert(1)&lt;/script&gt;Your report", "Your report"),
            ("already <br> plain", "already <br> plain"),
            ("cr&eacute;dito &amp; historia", "crédito &amp; historia"),
        ] {
            assert_eq!(clean_escaped(html, &hosts()).html.unwrap().as_str(), safe, "{html}");
        }
    }

    #[test]
    fn plain_text_has_no_markup_and_single_spaces() {
        for (html, text) in [
            ("Know what you pay", Some("Know what you pay")),
            ("<p>one</p>\n <p>two&nbsp;&amp; three</p>", Some("one two & three")),
            ("<b>Free</b>, yes", Some("Free, yes")),
            ("5 &lt; 6 &copy;", Some("5 < 6 ©")),
            ("<style>p{}</style>", None),
            ("Plan &#x202e;12&#27;[31m&#8294;", Some("Plan 12[31m")),
            ("  ", None),
        ] {
            assert_eq!(plain(html, NAME).as_deref(), text, "{html}");
        }
        assert_eq!(plain(&"<b>Plan</b> ".repeat(20_000), NAME).unwrap().chars().count(), NAME);
    }

    #[test]
    fn long_message_is_cut_between_tags_and_entities() {
        let link = "<a href='https://brand.example/f'>form</a> ";
        for (what, html) in [
            ("text", "word ".repeat(40_000)),
            ("accents", "ñ".repeat(40_000)),
            ("entities", "&amp;".repeat(40_000)),
            ("breaks", "a<br>".repeat(40_000)),
            ("links", link.repeat(10_000)),
            ("text in a link", format!("<a href='https://brand.example/f'>{}</a>", "a".repeat(40_000))),
            ("one character less", format!("a{}", "&lt;".repeat(40_000))),
        ] {
            let kept = clean(&html, &hosts()).html.unwrap();
            let kept = kept.as_str();
            assert!((MESSAGE - 100..=MESSAGE).contains(&kept.chars().count()), "{what}: {}", kept.len());
            assert!(kept.ends_with('…') || kept.ends_with("…</a>"), "{what}: {kept}");
            // Nothing is open, and no entity is half: read again it is the same.
            assert_eq!(clean(kept, &hosts()).html.unwrap().as_str(), kept, "{what}");
        }
        let short = "word ".repeat(700);
        assert_eq!(clean(&short, &hosts()).html.unwrap().as_str(), short.trim());
    }

    #[test]
    fn message_has_no_character_that_is_not_seen() {
        for (html, safe) in [
            ("\u{202e}Please\u{1b} call&#x202e;.", "Please call."),
            ("one&#9;two&#10;three&#13;", "one two three"),
            (
                "<a href='https://brand.example/f?a=&#x202e;'>f&#x2067;</a>",
                "<a href=\"https://brand.example/f?a=%E2%80%AE\" rel=\"noopener\">f</a>",
            ),
            ("<b>x</b>\u{338}", "x\u{338}"),
        ] {
            assert_eq!(clean(html, &hosts()).html.unwrap().as_str(), safe, "{html:?}");
        }
        assert_eq!(clean("&#x202e;&#27;", &hosts()).html, None);
    }

    #[test]
    fn refused_links_of_a_message_are_counted() {
        for (html, refused) in [
            ("no link", 0),
            ("<a href='https://brand.example/f'>f</a>", 0),
            ("<a href='https://evil.example/'>f</a> and <a href='ftp://brand.example/'>g</a>", 2),
        ] {
            assert_eq!(clean(html, &hosts()).refused_links, refused, "{html}");
        }
    }

    #[test]
    fn refused_host_is_named_where_an_address_has_one() {
        for (address, host) in [
            ("https://evil.example/efl.pdf", Some("evil.example")),
            ("http://evil.example:8080/", Some("evil.example")),
            ("//evil.example/efl.pdf", Some("evil.example")),
            ("evil.example/efl.pdf", Some("evil.example")),
            ("https://brand.example/null.pdf", None),
            ("/efl.pdf", None),
            ("", None),
        ] {
            assert_eq!(refused_host(address, &hosts()).as_deref(), host, "{address}");
        }
    }

    #[test]
    fn link_is_allowed_only_on_listed_host_and_becomes_https() {
        for (address, allowed) in [
            ("https://brand.example/efl.pdf", Some("https://brand.example/efl.pdf")),
            ("HTTPS://BRAND.example/Efl.pdf", Some("https://brand.example/Efl.pdf")),
            ("http://brand.example/efl.pdf", Some("https://brand.example/efl.pdf")),
            ("//brand.example/efl.pdf", Some("https://brand.example/efl.pdf")),
            ("brand.example/efl?id=7", Some("https://brand.example/efl?id=7")),
            ("https://a.b.files.example/efl.pdf", Some("https://a.b.files.example/efl.pdf")),
            ("https://files.example/efl.pdf", Some("https://files.example/efl.pdf")),
            ("https://otherfiles.example/efl.pdf", None),
            ("http://brand.example:8080/", None),
            ("https://brand.example:8443/", None),
            ("https://brand.example@evil.example/", None),
            ("http://brand.example:443@evil.example/", None),
            ("https://evil.example/brand.example", None),
            ("evil.example//brand.example", None),
            ("ftp://brand.example/efl.pdf", None),
            ("javascript://brand.example/%0aalert(1)", None),
            ("mailto:a@brand.example", None),
            (&format!("https://brand.example/{}", "a".repeat(LONGEST_LINK)), None),
            ("/efl.pdf", None),
            ("", None),
        ] {
            assert_eq!(link(address, &hosts()).as_ref().map(Url::as_str), allowed, "{address}");
        }
    }
}
