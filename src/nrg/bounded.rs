//! How much of NRG's texts is kept: what is seen of them, and no more than the kind of text may have.

use std::borrow::Cow;

use crate::fields::seen;

/// The most characters of a name: of a plan, a utility, an agency.
pub(super) const NAME: usize = 100;

/// The most characters of a sentence: a tagline, a question, a charge; also of what is logged of a text.
pub(super) const SENTENCE: usize = 500;

/// The most characters of a text of several sentences, in HTML with its tags.
pub(super) const MESSAGE: usize = 4000;

/// What ends HTML that was cut off.
const CUT_OFF: &str = "…</a>";

/// What is seen of a text, as one line: without control characters and marks of direction. What separated words still does.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    // Never composed: an accent after a tag would become one character with the tag's end.
    let line = text.chars().filter_map(seen).map(|c| if c.is_control() { ' ' } else { c });
    Cow::Owned(line.collect())
}

/// At most [`MESSAGE`] characters of sanitized HTML, in which `<` and `&` begin nothing but tags and entities: none of them
/// is cut in two, and a link is closed.
pub(super) fn cut_html(html: &str) -> String {
    if html.chars().nth(MESSAGE).is_none() {
        return html.to_owned();
    }
    let (mut end, mut inside_until) = (0, None);
    for (at, c) in html.char_indices().take(MESSAGE - CUT_OFF.len()) {
        if inside_until.is_none() {
            end = at;
        }
        inside_until = match (inside_until, c) {
            (None, '<') => Some('>'),
            (None, '&') => Some(';'),
            (Some(last), c) if last == c => None,
            (before, _) => before,
        };
    }
    let kept = html.get(..end).unwrap_or_default();
    let is_link_open = kept.rfind("<a ") > kept.rfind("</a>");
    let end = if is_link_open { CUT_OFF } else { CUT_OFF.trim_end_matches("</a>") };
    format!("{}{end}", kept.trim_end())
}
