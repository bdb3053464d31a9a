//! The query of an address, as mail programs, chats and people pass links on.

use super::tidied::tidied;

/// The parameters of a query. A name counts without regard to capitals, and without the `amp;` that a link has before it
/// that was taken from the source of a page (`?zip=77999&amp;Type=MVI`).
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query, without its `?`.
    pub fn read(query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        Self(pairs.map(|(name, value)| (known_name(&name), value.into_owned())).collect())
    }

    /// The tidy value of the first parameter of that name.
    pub fn get(&self, name: &str) -> Option<String> {
        self.pairs().find_map(|(known, value)| (known == name).then_some(value))
    }

    /// Whether a parameter has exactly this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.pairs().any(|(known, given)| (known, given.as_str()) == (name, value))
    }

    /// Every parameter in order, its value without spaces around it and without invisible characters.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, String)> {
        self.to_the_letter().map(|(name, value)| (name, tidy(value)))
    }

    /// Every parameter in order, its value to the letter: for what is handed on to others, as the ids of clicks are.
    pub fn to_the_letter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether `pair`, as it stands between two `&` of a query, is a parameter of that name.
    pub fn is_named(pair: &str, name: &str) -> bool {
        Self::read(pair).0.iter().any(|(known, _)| known == name)
    }
}

fn known_name(name: &str) -> String {
    let name = tidy(name).to_lowercase();
    let mut name = name.as_str();
    while let Some(rest) = name.strip_prefix("amp;") {
        name = rest;
    }
    name.to_owned()
}

fn tidy(text: &str) -> String {
    tidied(text).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_names_count_without_capitals_and_amp() {
        for (query, zip) in [
            ("zip=77999", Some("77999")),
            ("ZIP=77999", Some("77999")),
            ("type=MVI&amp;zip=77999", Some("77999")),
            ("type=MVI&amp%3BZip=77999", Some("77999")),
            ("type=MVI&AMP;amp;zip=77999", Some("77999")),
            ("+zip%E2%80%8B=77999", Some("77999")),
            ("zip=+77999%E2%80%8B%20&zip=75999", Some("77999")),
            ("%EF%BB%BFzip=%E2%80%AA77999%E2%80%AC", Some("77999")),
            ("zip=", Some("")),
            ("zips=77999&amp", None),
            ("", None),
        ] {
            assert_eq!(Query::read(query).get("zip").as_deref(), zip, "{query}");
        }
        assert!(Query::read("a=2&A=+1").has("a", "1"));
        assert!(Query::is_named("amp;LANG=es", "lang") && !Query::is_named("language=es", "lang"));
    }

    #[test]
    fn query_values_are_handed_on_to_the_letter() {
        let query = Query::read("CID=+a%E2%80%8Bb+&zip=+1");
        assert_eq!(query.to_the_letter().collect::<Vec<_>>(), [("cid", " a\u{200b}b "), ("zip", " 1")]);
        assert_eq!(query.pairs().map(|(_, value)| value).collect::<Vec<_>>(), ["ab", "1"]);
    }
}
