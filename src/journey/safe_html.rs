//! NRG's texts for people: HTML that is safe to show, with the language that it was asked for in.

use serde::{Deserialize, Serialize};

use crate::fields::Language;

/// HTML that `nrg` has reduced to text, line breaks and allow-listed https links. It is stored as a text whose language is
/// marked as in HTML, so that a version before shows it as it is; that of a version before has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct SafeHtml {
    html: String,
    language: Option<Language>,
}

impl SafeHtml {
    /// Wraps HTML that the sanitizer of `nrg` has just reduced; nothing else may call this. None if it is blank.
    pub fn from_cleaner(html: String) -> Option<Self> {
        (!html.trim().is_empty()).then_some(Self { html, language: None })
    }

    /// A text as it was stored by [`SafeHtml::to_stored`]. None if it is blank.
    pub fn from_stored(stored: String) -> Option<Self> {
        let text = Self::from(stored);
        (!text.html.trim().is_empty()).then_some(text)
    }

    /// The text with its language, as it is stored.
    pub fn to_stored(&self) -> String {
        match self.language {
            Some(language) => format!("{}{}{END}", begin(language), self.html),
            None => self.html.clone(),
        }
    }

    /// The same text, asked for in `language`.
    #[must_use]
    pub fn asked_in(self, language: Language) -> Self {
        Self { language: Some(language), ..self }
    }

    /// The language it was asked for in; `None` if a version before this one stored it.
    pub fn language(&self) -> Option<Language> {
        self.language
    }

    /// The HTML, safe to render unescaped.
    pub fn as_str(&self) -> &str {
        &self.html
    }

    /// Whether a reader would find the same words in both.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        self.words().eq(other.words())
    }

    /// The letters and digits outside of tags, in lower case.
    fn words(&self) -> impl Iterator<Item = char> {
        let outside = self.html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        outside.flat_map(str::chars).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
    }
}

/// The element that marks the language of a stored text. The sanitizer leaves none such.
fn begin(language: Language) -> String {
    format!("<span lang=\"{}\">", language.tag())
}

const END: &str = "</span>";

impl From<String> for SafeHtml {
    fn from(stored: String) -> Self {
        let inside = |language| stored.strip_prefix(&begin(language))?.strip_suffix(END);
        let marked =
            Language::ALL.iter().find_map(|language| Some((inside(*language)?.to_owned(), *language)));
        match marked {
            Some((html, language)) => Self { html, language: Some(language) },
            None => Self { html: stored, language: None },
        }
    }
}

impl From<SafeHtml> for String {
    fn from(text: SafeHtml) -> Self {
        text.to_stored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_stored_with_its_language_and_read_without() {
        let text = SafeHtml::from_cleaner("A <br>form".to_owned()).unwrap();
        let spanish = text.clone().asked_in(Language::Spanish);
        for (text, json) in
            [(&text, r#""A <br>form""#), (&spanish, r#""<span lang=\"es\">A <br>form</span>""#)]
        {
            assert_eq!(serde_json::to_string(text).unwrap(), json);
            assert_eq!(serde_json::from_str::<SafeHtml>(json).unwrap(), *text);
            assert_eq!(SafeHtml::from_stored(text.to_stored()).as_ref(), Some(text));
            assert_eq!(text.as_str(), "A <br>form");
        }
        assert!(text.says_the_same_as(&spanish) && text != spanish);
        assert_eq!(SafeHtml::from_stored("<span lang=\"en\"> </span>".to_owned()), None);
    }
}
