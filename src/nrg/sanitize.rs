//! Sanitizes the texts NRG writes for people. They may hold HTML (contract 3.1); the output is text, line breaks and
//! https links to allow-listed hosts, or text alone.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use ammonia::{Builder, UrlRelative};
use url::Url;

use crate::journey::SafeHtml;

/// Elements that begin a new line.
const BLOCKS: [&str; 12] = ["p", "div", "ul", "ol", "li", "table", "tr", "h1", "h2", "h3", "h4", "h5"];

/// Safe HTML of a `messageText`; none if no readable text is left.
pub(super) fn clean(html: &str, link_hosts: &[String]) -> Option<SafeHtml> {
    let reduced = reduce(html, &["a", "br"], link_hosts);
    let lines = on_tags(&reduced, |tag, out| match tag {
        "<br>" | "</a>" => out.push_str(tag),
        _ if tag.starts_with("<a ") || tag == "<a>" => out.push_str(tag),
        _ if tag.starts_with("</") => out.push_str("<br>"),
        _ => {}
    });
    // Again: without the elements between them, two links may be nested, which each browser repairs in its own way.
    let lines = reduce(&lines, &["a", "br"], link_hosts);
    // A byte order mark is invisible, and readers drop a leading one.
    let blank = |letter: char| letter.is_whitespace() || letter == '\u{feff}';
    let mut trimmed = lines.trim_matches(blank);
    while let Some(rest) = trimmed.strip_suffix("<br>").or_else(|| trimmed.strip_prefix("<br>")) {
        trimmed = rest.trim_matches(blank);
    }
    plain(trimmed).and_then(|_| SafeHtml::from_cleaner(trimmed.to_owned()))
}

/// Like [`clean`], for a text that is escaped twice (`depositReasonText`, contract 5.16).
pub(super) fn clean_escaped(html: &str, link_hosts: &[String]) -> Option<SafeHtml> {
    if html.contains('<') {
        return clean(html, link_hosts);
    }
    clean(&unescape(&reduce(html, &[], link_hosts)), link_hosts)
}

/// The text without markup, in one line; none if nothing is left.
pub(super) fn plain(html: &str) -> Option<String> {
    let spaced = on_tags(&reduce(html, &["br"], &[]), |_, out| out.push(' '));
    let text = unescape(&spaced).split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// The URL, if its scheme is https and its host is in `hosts`. An entry with a leading dot allows its subdomains.
pub(super) fn link(address: &str, hosts: &[String]) -> Option<Url> {
    let url = Url::parse(address.trim()).ok()?;
    let host = url.host_str()?;
    let plain = url.scheme() == "https"
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let allowed = hosts.iter().any(|pattern| match pattern.strip_prefix('.') {
        Some(_) => host.ends_with(pattern.as_str()),
        None => host == pattern,
    });
    (plain && allowed).then_some(url)
}

/// Ammonia's output with `tags` and the block elements kept, every other element reduced to its text.
fn reduce(html: &str, tags: &[&str], link_hosts: &[String]) -> String {
    let hosts = link_hosts.to_vec();
    Builder::default()
        .tags(tags.iter().chain(&BLOCKS).copied().collect())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener"))
        .attribute_filter(move |element, attribute, value| match (element, attribute) {
            ("a", "href") => link(value, &hosts).map(|url| Cow::Owned(url.to_string())),
            // Set by `link_rel` above; a `rel` in NRG's text is not an allowed attribute.
            ("a", "rel") => Some(Cow::Borrowed(value)),
            _ => None,
        })
        .clean(html)
        .to_string()
}

/// Copies ammonia's output, in which every `<` begins a tag, and passes each tag to `write`.
fn on_tags(html: &str, write: impl Fn(&str, &mut String)) -> String {
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
            ("<a href='https://evil.example/'>f</a>", Some(r#"<a rel="noopener">f</a>"#)),
            ("<a href='https://notbrand.example/'>f</a>", Some(r#"<a rel="noopener">f</a>"#)),
            ("<a href='http://brand.example/'>f</a>", Some(r#"<a rel="noopener">f</a>"#)),
            ("<a href='javascript:alert(1)'>f</a>", Some(r#"<a rel="noopener">f</a>"#)),
            ("<a href='/form'>f</a>", Some(r#"<a rel="noopener">f</a>"#)),
            ("<script>alert(1)</script>x<img src=y onerror=z>", Some("x")),
            ("<iframe src='https://brand.example'></iframe>", None),
            ("<a><table><td><a>x", Some(r#"<a rel="noopener"></a><a rel="noopener">x</a>"#)),
            (" <br> ", None),
            ("", None),
        ] {
            assert_eq!(clean(html, &hosts()).as_ref().map(SafeHtml::as_str), safe, "{html}");
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
            assert_eq!(clean_escaped(html, &hosts()).unwrap().as_str(), safe, "{html}");
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
            ("  ", None),
        ] {
            assert_eq!(plain(html).as_deref(), text, "{html}");
        }
    }

    #[test]
    fn link_is_allowed_only_as_https_on_listed_host() {
        for (address, allowed) in [
            ("https://brand.example/efl.pdf", true),
            ("https://BRAND.example/efl.pdf", true),
            ("https://a.b.files.example/efl.pdf", true),
            ("https://files.example/efl.pdf", false),
            ("https://brand.example:8443/", false),
            ("https://brand.example@evil.example/", false),
            ("https://evil.example/brand.example", false),
            ("//brand.example/efl.pdf", false),
            ("", false),
        ] {
            assert_eq!(link(address, &hosts()).is_some(), allowed, "{address}");
        }
    }
}
