//! The boxes above the content of a page.

use crate::journey::SafeHtml;

/// A notice above the content.
#[derive(Debug, Clone)]
pub struct Notice<'a> {
    /// Its heading.
    pub title: String,
    /// Our text.
    pub text: Option<String>,
    /// NRG's text.
    pub message: Option<&'a SafeHtml>,
}

/// The notices, with each of NRG's texts once: not above the content if it is in it (`said`), and beside our words on it
/// if there are some.
pub(super) fn each_text_once<'a>(said: &[&'a SafeHtml], notices: &[Notice<'a>]) -> Vec<Notice<'a>> {
    let mut said = said.to_vec();
    let mut first_time = |message: &'a SafeHtml| {
        let is_new = !said.iter().any(|other| other.says_the_same_as(message));
        said.push(message);
        is_new
    };
    let mut shown: Vec<Notice<'a>> = notices.to_vec();
    let (ours, theirs): (Vec<_>, Vec<_>) = shown.iter_mut().partition(|notice| notice.text.is_some());
    for notice in ours.into_iter().chain(theirs) {
        notice.message = notice.message.filter(|message| first_time(message));
    }
    shown.retain(|notice| notice.text.is_some() || notice.message.is_some());
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_show_each_text_of_nrg_once_beside_our_words() {
        let html = |text: &str| SafeHtml::from_cleaner(text.to_owned()).unwrap();
        let (form, same_form) = (html("A <br>form"), html("a form."));
        let (other, due) = (html("Other"), html("Due now"));
        let notice = |text: Option<&str>, message| Notice {
            title: "Sample".to_owned(),
            text: text.map(str::to_owned),
            message: Some(message),
        };
        let notices = [
            notice(None, &form),
            notice(Some("Our words"), &same_form),
            notice(None, &other),
            notice(None, &other),
            notice(None, &due),
            notice(Some("More words"), &due),
        ];
        let shown = each_text_once(&[&due], &notices);
        let shown: Vec<_> = shown
            .iter()
            .map(|notice| (notice.text.as_deref(), notice.message.map(SafeHtml::as_str)))
            .collect();
        let expected =
            [(Some("Our words"), Some("a form.")), (None, Some("Other")), (Some("More words"), None)];
        assert_eq!(shown, expected);
    }
}
