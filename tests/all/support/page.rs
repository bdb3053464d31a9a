//! A page as a test reads it: its text, its links, its forms.

use reqwest::{Response, StatusCode, header::HeaderMap};
use scraper::{ElementRef, Html, Selector};

use super::{Browser, instructions};

#[derive(Clone)]
pub struct Page {
    pub status: StatusCode,
    /// Path and query, after redirects.
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

/// A form filled in by hand.
#[derive(Clone)]
pub struct Filled {
    action: String,
    /// Everything the form can send: name, and value where it would be sent as it stands.
    names: Vec<String>,
    /// Those among them that are typed into.
    text: Vec<String>,
    typed: usize,
    fields: Vec<(String, String)>,
}

fn all<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).unwrap();
    html.select(&selector).collect()
}

fn text_of(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Page {
    pub async fn read(answer: Response, path: String) -> reqwest::Result<Self> {
        let (status, headers) = (answer.status(), answer.headers().clone());
        let page = Self { status, path, headers, body: answer.text().await? };
        instructions::can_be_followed(&page);
        Ok(page)
    }

    /// The visible text.
    pub fn text(&self) -> String {
        let html = Html::parse_document(&self.body);
        all(&html, "body").into_iter().map(text_of).collect()
    }

    /// The text of the first element that fits.
    pub fn one(&self, selector: &str) -> Option<String> {
        let html = Html::parse_document(&self.body);
        all(&html, selector).first().map(|element| text_of(*element))
    }

    /// The attribute of every element that fits.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        all(&html, selector).iter().filter_map(|element| element.attr(name).map(str::to_owned)).collect()
    }

    /// The language of the smallest element that says `words`.
    pub fn language_of(&self, words: &str) -> Option<String> {
        let html = Html::parse_document(&self.body);
        let said =
            all(&html, "body *").into_iter().filter(|element| text_of(*element).contains(words)).last()?;
        let within = std::iter::successors(Some(said), |element| element.parent().and_then(ElementRef::wrap));
        within.into_iter().find_map(|element| element.attr("lang").map(str::to_owned))
    }

    pub fn h1(&self) -> String {
        self.one("h1").unwrap_or_default()
    }

    /// Whether it waits for NRG, and is loaded again until it goes on. The page of a submission is another one.
    pub fn is_waiting(&self) -> bool {
        self.one("main[data-again] p.soft[data-news]").is_some()
    }

    /// Where a page that is loaded again is loaded from.
    pub fn again(&self) -> String {
        self.attributes("main", "data-again").remove(0)
    }

    #[track_caller]
    pub fn is_at(&self, path: &str) {
        assert_eq!(
            self.path.split('?').next().unwrap(),
            path,
            "{} {}\n{}",
            self.status,
            self.path,
            self.text()
        );
    }

    #[track_caller]
    pub fn says(&self, words: &str) {
        let text = self.text();
        assert!(text.contains(words), "{words:?} is not on {}:\n{text}", self.path);
    }

    #[track_caller]
    pub fn never_says(&self, words: &str) {
        assert!(!self.body.contains(words), "{words:?} is on {}", self.path);
    }

    /// Leaves by the link of the page and the question behind it.
    pub async fn leave(&self, browser: &Browser) -> Page {
        let href = self.attributes("footer a[href='/leave']", "href").concat();
        browser.get(&href).await.form("/leave").submit(browser).await
    }

    /// The form of the page that posts to `action`, as it stands. The `nth` of several.
    #[track_caller]
    pub fn form_at(&self, action: &str, nth: usize) -> Filled {
        let html = Html::parse_document(&self.body);
        let forms = all(&html, "form[method=post]");
        let fits = |form: &&ElementRef<'_>| {
            form.attr("action").is_some_and(|to| to.split('?').next() == Some(action))
        };
        let form = *forms.iter().filter(fits).nth(nth).unwrap_or_else(|| {
            panic!("no form to {action} on {} {}:\n{}", self.status, self.path, self.text())
        });
        let action = form.attr("action").unwrap().to_owned();
        let mut filled = Filled { action, names: Vec::new(), text: Vec::new(), typed: 0, fields: Vec::new() };
        let controls = Selector::parse("input, select, textarea").unwrap();
        for control in form.select(&controls) {
            let Some(name) = control.attr("name") else { continue };
            filled.names.push(name.to_owned());
            if control.value().name() == "input"
                && !matches!(control.attr("type").unwrap_or("text"), "radio" | "checkbox" | "hidden")
            {
                filled.text.push(name.to_owned());
            }
            let value = match (control.value().name(), control.attr("type").unwrap_or("text")) {
                ("select", _) => {
                    let options = Selector::parse("option[selected]").unwrap();
                    control.select(&options).next().and_then(|option| option.attr("value"))
                }
                (_, "radio" | "checkbox") => control.attr("checked").and(control.attr("value")),
                _ => Some(control.attr("value").unwrap_or_default()),
            };
            if let Some(value) = value {
                filled.fields.push((name.to_owned(), value.to_owned()));
            }
        }
        filled
    }

    #[track_caller]
    pub fn form(&self, action: &str) -> Filled {
        self.form_at(action, 0)
    }
}

impl Filled {
    /// Types or chooses; the form must have such a field.
    #[track_caller]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        assert!(self.names.iter().any(|known| known == name), "no field {name} in {:?}", self.names);
        if !value.is_empty() && self.text.iter().any(|known| known == name) {
            self.typed += 1;
        }
        self.forge(name, value)
    }

    /// What a forger would do: sends what the form does not have.
    pub fn forge(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What the form would send for `name`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The fields that are typed into, by name.
    pub fn text_names(&self) -> Vec<String> {
        self.text.clone()
    }

    /// Everything the form can send, by name, each once.
    pub fn names(&self) -> Vec<String> {
        let mut names = self.names.clone();
        names.sort();
        names.dedup();
        names
    }

    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    pub async fn submit(self, browser: &Browser) -> Page {
        self.try_submit(browser).await.unwrap()
    }

    /// The same form, sent by a button with an address of its own.
    pub fn to(self, action: &str) -> Self {
        Self { action: action.to_owned(), ..self }
    }

    /// Presses the switch of language of `page` instead of the form's own button.
    #[track_caller]
    pub fn switch_language(self, page: &Page) -> Self {
        let [action] = page.attributes("header button.language[form=step]", "formaction").try_into().unwrap();
        Self { action, ..self }
    }

    /// As [`Filled::submit`], to a server that may die meanwhile.
    pub async fn try_submit(self, browser: &Browser) -> reqwest::Result<Page> {
        browser.count_typed(self.typed);
        browser.try_post(&self.action, &self.fields).await
    }
}
