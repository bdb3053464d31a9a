//! The text of a client in the log: bounded, in one line, and without what a terminal would obey.

use std::borrow::Cow;

/// The most characters of a client's text in one field of a log line.
const LONGEST: usize = 200;

/// `text`, such as a path or a method, as a log line shows it: the first 200 characters, with `…` where there are more.
/// Control characters, and others that nobody can see, are escaped as in Rust.
pub fn logged(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    for sign in text.chars().take(LONGEST) {
        match sign {
            // The format of the log escapes these where it needs that.
            '"' | '\'' | '\\' => shown.push(sign),
            _ => shown.extend(sign.escape_debug()),
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logged_text_is_bounded_and_in_one_visible_line() {
        let long = "/".to_owned() + &"a".repeat(30_000);
        let wide = "/".to_owned() + &"ñ".repeat(30_000);
        for (text, shown) in [
            ("/plans/RE/59990001", "/plans/RE/59990001".to_owned()),
            ("", String::new()),
            ("/it's\"\\x", "/it's\"\\x".to_owned()),
            ("/cañón", "/cañón".to_owned()),
            ("/a\nb\tc\u{1b}[31m\u{7f}", "/a\\nb\\tc\\u{1b}[31m\\u{7f}".to_owned()),
            ("/\u{202e}gnp.exe\u{85}", "/\\u{202e}gnp.exe\\u{85}".to_owned()),
            (&long, format!("/{}…", "a".repeat(199))),
            (&wide, format!("/{}…", "ñ".repeat(199))),
            (&"\u{0}".repeat(1000), format!("{}…", "\\0".repeat(200))),
            (&"b".repeat(200), "b".repeat(200)),
        ] {
            assert_eq!(logged(text), shown);
        }
    }
}
