//! Messages with placeholders.

/// `text` with each `{name}` replaced by its value. The values are not parsed for placeholders.
#[must_use]
pub fn interpolate(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after
            .split_once('}')
            .and_then(|(name, tail)| values.iter().find(|(key, _)| *key == name).map(|(_, v)| (v, tail)));
        match known {
            Some((value, tail)) => {
                filled.push_str(value);
                rest = tail;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolate_replaces_known_names_once() {
        for (text, values, expected) in [
            ("Step {n} of {total}", &[("n", "2"), ("total", "7")][..], "Step 2 of 7"),
            ("{a}{a}", &[("a", "{b}"), ("b", "no")][..], "{b}{b}"),
            ("{unknown} {a", &[("a", "x")][..], "{unknown} {a"),
            ("plain", &[][..], "plain"),
        ] {
            assert_eq!(interpolate(text, values), expected);
        }
    }
}
