//! The boxes above the content of a page.

use crate::journey::SafeHtml;

/// A notice above the content, as a page adds it.
#[derive(Debug, Clone)]
pub struct Notice<'a> {
    /// Its heading.
    pub title: String,
    /// Our text.
    pub text: Option<String>,
    /// NRG's text.
    pub message: Option<&'a SafeHtml>,
}

/// A box as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeBox<'a> {
    /// Its heading.
    pub title: String,
    /// Our text.
    pub text: Option<String>,
    /// NRG's texts.
    pub messages: Vec<&'a SafeHtml>,
}

/// The boxes of `notices`, with each of NRG's texts once: not above the content if it is in it (`said`), and beside our
/// words on it if there are some. Those without our words share a box under one heading.
pub(super) fn boxes<'a>(said: &[&'a SafeHtml], notices: &[Notice<'a>]) -> Vec<NoticeBox<'a>> {
    let mut said = said.to_vec();
    let mut first_time = |message: &'a SafeHtml| {
        let is_new = !said.iter().any(|other| other.says_the_same_as(message));
        said.push(message);
        is_new
    };
    let mut once: Vec<Notice<'a>> = notices.to_vec();
    let (ours, theirs): (Vec<_>, Vec<_>) = once.iter_mut().partition(|notice| notice.text.is_some());
    for notice in ours.into_iter().chain(theirs) {
        notice.message = notice.message.filter(|message| first_time(message));
    }
    let mut boxes: Vec<NoticeBox<'a>> = Vec::new();
    for Notice { title, text, message } in once {
        let shared =
            boxes.iter_mut().find(|other| text.is_none() && other.text.is_none() && other.title == title);
        match (shared, &text, message) {
            (Some(shared), ..) => shared.messages.extend(message),
            (None, None, None) => {}
            (None, ..) => boxes.push(NoticeBox { title, text, messages: message.into_iter().collect() }),
        }
    }
    boxes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_show_each_text_of_nrg_once_beside_our_words() {
        let html = |text: &str| SafeHtml::from_cleaner(text.to_owned()).unwrap();
        let (form, same_form) = (html("A <br>form"), html("a form."));
        let (other, last, due) = (html("Other"), html("Last"), html("Due now"));
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
            notice(None, &last),
        ];
        let shown = boxes(&[&due], &notices);
        let seen: Vec<_> = shown
            .iter()
            .map(|shown| (shown.text.as_deref(), shown.messages.iter().map(|html| html.as_str()).collect()))
            .collect();
        let expected: [(_, Vec<&str>); 3] = [
            (Some("Our words"), vec!["a form."]),
            (None, vec!["Other", "Last"]),
            (Some("More words"), vec![]),
        ];
        assert_eq!(seen, expected);
    }
}
