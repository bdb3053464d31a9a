//! Phone numbers in sentences: each is a link that dials it, and is not broken over two lines.

use std::fmt;

use askama::filters::{Html, HtmlSafe, escape};

/// The forms in which pages state a number to call; `0` stands for any digit. A number that shows how to type one
/// ("713-555-0142") has neither.
const FORMS: [&str; 2] = ["(000) 000-0000", "1-000-000-0000"];

/// A sentence that displays as HTML: escaped, with its phone numbers as links.
pub struct Sentence<T>(pub T);

impl<T: AsRef<str>> HtmlSafe for Sentence<T> {}

impl<T: AsRef<str>> fmt::Display for Sentence<T> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_ref();
        while let Some((before, number, after)) = first_number(rest) {
            let Ok(text) = escape(before, Html);
            write!(to, "{text}<a class=\"tel\" href=\"{}\">{number}</a>", href(number))?;
            rest = after;
        }
        let Ok(text) = escape(rest, Html);
        text.fmt(to)
    }
}

/// The address that dials `number`, which has ten digits, or more with its country's.
pub(super) fn href(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let country = if digits.len() == 10 { "+1" } else { "+" };
    format!("tel:{country}{digits}")
}

/// The first number of `text`, and what stands before and after it.
fn first_number(text: &str) -> Option<(&str, &str, &str)> {
    // What each form begins with.
    let starts =
        text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'(' | b'1')).map(|(start, _)| start);
    starts.filter_map(|start| text.split_at_checked(start)).find_map(|(before, tail)| {
        let (number, after) = FORMS.iter().find_map(|form| {
            let (number, after) = tail.split_at_checked(form.len())?;
            let fits =
                |(form, typed): (u8, u8)| if form == b'0' { typed.is_ascii_digit() } else { typed == form };
            form.bytes().zip(number.bytes()).all(fits).then_some((number, after))
        })?;
        let alone = !before.ends_with(|c: char| c.is_ascii_digit())
            && !after.starts_with(|c: char| c.is_ascii_digit());
        alone.then_some((before, number, after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentence_links_numbers_to_call_and_escapes_the_rest() {
        let link = |tel: &str, text: &str| format!("<a class=\"tel\" href=\"tel:+{tel}\">{text}</a>");
        let reliant = link("18662227100", "(866) 222-7100");
        let commission = link("18887828477", "1-888-782-8477");
        for (text, expected) in [
            ("", String::new()),
            ("a < b", "a &#60; b".to_owned()),
            ("Call (866) 222-7100.", format!("Call {reliant}.")),
            ("(866) 222-7100", reliant.clone()),
            ("Ñ (866) 222-7100 & 1-888-782-8477", format!("Ñ {reliant} &#38; {commission}")),
            ("like 713-555-0142", "like 713-555-0142".to_owned()),
            ("11-888-782-8477", "11-888-782-8477".to_owned()),
            ("(866) 222-71001", "(866) 222-71001".to_owned()),
            ("(866) 222-710", "(866) 222-710".to_owned()),
        ] {
            assert_eq!(Sentence(text).to_string(), expected);
        }
    }
}
