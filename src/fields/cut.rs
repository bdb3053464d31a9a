//! Texts that are longer than their place.

/// The first `max` characters of `text`; an ellipsis is the last of them where there were more.
pub fn cut(text: &str, max: usize) -> String {
    if text.chars().nth(max).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_its_bound_with_an_ellipsis() {
        for (text, max, kept) in [
            ("twelve chars", 12, "twelve chars"),
            ("thirteen char", 12, "thirteen ch…"),
            ("twelve and ten", 8, "twelve…"),
            ("ñandúñandú", 6, "ñandú…"),
            ("", 6, ""),
        ] {
            assert_eq!(cut(text, max), kept, "{text}");
        }
    }
}
