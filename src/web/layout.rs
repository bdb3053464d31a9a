//! The layout around the content of every page: [`Page`], the one value `layout.html` takes.

use std::cmp::Ordering;

use crate::{
    fields::{Brand, Language, Query},
    journey::SafeHtml,
    messages::{Messages, interpolate},
};

use super::{
    assets::Assets,
    language,
    notices::{self, Notice, NoticeBox},
    preview::Preview,
    tel::{self, Sentence},
};

/// Everything the layout shows, borrowed from settings and messages. A page's template holds it as `page` and reads the
/// messages as `page.t.<section>.<key>`.
#[derive(Debug)]
pub struct Page<'a> {
    /// The files the page loads.
    pub assets: &'a Assets,
    /// The messages in the page's language.
    pub t: &'a Messages,
    /// The page's language.
    pub lang: Language,
    /// The page's own title, usually the text of its h1.
    pub title: String,
    /// What a link to it looks like elsewhere; `None` if the page is made for a session.
    pub preview: Option<Preview>,
    /// The error summary, in the order of the fields. If it is not empty, the form was refused.
    pub errors: Vec<FieldError>,
    /// The place of the page among the steps; `None` if it is no step.
    pub steps: Option<Steps<'a>>,
    /// The path of the back link.
    pub back: Option<String>,
    /// What has been chosen so far; `None` if nothing has, or the page itself shows it.
    pub order: Option<OrderSummary<'a>>,
    /// The affiliate whose site this is.
    pub affiliate: AffiliateLine<'a>,
    /// The brand of the chosen plan, or the default one before a plan is chosen.
    pub brand: BrandLine<'a>,
    /// The names of all brands of the site.
    pub brands: Vec<&'a str>,
    /// The brand whose accent colors the page has; `None` before a plan is chosen.
    pub worn: Option<Brand>,
    /// The reference a customer can state on the phone: the journey's, or the request id on an error page.
    pub reference: Option<String>,
    /// The visit that the page's forms are made in: [`PageContext::visit`](super::page_context::PageContext::visit).
    pub visit: &'a str,
    /// Path and query of this page, for the language switch.
    pub here: String,
    /// The name under which a switch of language keeps what the page's form `step` holds; `None` if there is no such form.
    pub form: Option<&'static str>,
    /// After how many seconds the browser loads the page again, without script too.
    pub refresh: Option<u32>,
    /// The session, if there is one: the layout offers to leave it, and warns before it times out.
    pub session: Option<SessionTimeout>,
    /// What is offered about a link that came upon the journey.
    pub link: Option<LinkOffer<'a>>,
    /// Advice and notices above the content.
    pub notices: Vec<Notice<'a>>,
    /// NRG's texts that the content shows, so that no notice repeats them.
    pub said: Vec<&'a SafeHtml>,
}

/// What a page offers about a link that came upon a journey which had begun.
#[derive(Debug, Clone)]
pub struct LinkOffer<'a> {
    /// That the link changed nothing, and why.
    pub text: &'a str,
    /// Where the journey stands, if that is another page.
    pub go_back: Option<&'static str>,
    /// Where a form begins a new journey with the link.
    pub start_over: String,
}

/// One entry of the error summary, linked to its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The id of the control, or of the first control of its group.
    pub field: String,
    /// The same message as beside the field.
    pub message: String,
}

/// The names of the steps, and the one the page belongs to.
#[derive(Debug, Clone)]
pub struct Steps<'a> {
    /// Every step of a journey, in order.
    pub names: Vec<&'a str>,
    /// The place of this page's step, from 1.
    pub n: usize,
    /// The name of this page's step, which may be shown as a part of another one.
    pub name: &'a str,
}

impl<'a> Steps<'a> {
    /// Each step's name with its state: `done`, `now` or `later`.
    pub fn all(&self) -> impl Iterator<Item = (&'a str, &'static str)> {
        self.names.iter().enumerate().map(|(index, name)| {
            let state = match self.n.cmp(&(index + 1)) {
                Ordering::Greater => "done",
                Ordering::Equal => "now",
                Ordering::Less => "later",
            };
            (*name, state)
        })
    }
}

/// The chosen plan and the answers given about it.
#[derive(Debug, Clone)]
pub struct OrderSummary<'a> {
    /// The name of the plan.
    pub plan: &'a str,
    /// The language of that name, if it is not the page's.
    pub lang: &'static str,
    /// Label and value of each answer.
    pub rows: Vec<(&'a str, String)>,
    /// The path where another plan can be chosen, while that is possible.
    pub change: Option<&'static str>,
}

/// The affiliate, as settings name it.
#[derive(Debug, Clone, Copy)]
pub struct AffiliateLine<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its privacy policy.
    pub privacy_url: Option<&'a str>,
    /// Its broker registration number.
    pub broker_number: Option<&'a str>,
}

/// A brand, as settings name it in the page's language.
#[derive(Debug, Clone)]
pub struct BrandLine<'a> {
    /// Which brand; it determines the accent colors.
    pub brand: Brand,
    /// The name customers know.
    pub name: &'a str,
    /// The legal name of the retail electric provider.
    pub legal_name: &'a str,
    /// Its certificate number.
    pub certificate: &'a str,
    /// The phone number as written, like (866) 555-0100.
    pub phone: String,
    /// The hours in which the phone is answered, in words.
    pub hours: String,
    /// Whether it is answered now, in words: "Open until 6 pm".
    pub opening: String,
    /// Whether it is answered now.
    pub is_open: bool,
    /// The e-mail address for customers.
    pub email: Option<&'a str>,
}

impl BrandLine<'_> {
    /// The phone number as a link: digits with the country code.
    #[must_use]
    pub fn tel(&self) -> String {
        tel::href(&self.phone)
    }
}

/// How long the session lasts without a request, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct SessionTimeout {
    /// From the last request to the end of the session.
    pub idle_seconds: u64,
    /// Whether the journey can be saved for later.
    pub later: bool,
    /// Whether the answers are put aside at the end, instead of deleted.
    pub aside: bool,
}

impl<'a> Page<'a> {
    /// The boxes above the content, with each of NRG's texts once on the page.
    pub fn notice_boxes(&self) -> Vec<NoticeBox<'a>> {
        notices::boxes(&self.said, &self.notices)
    }
}

impl SessionTimeout {
    /// In whole minutes, as the page states it.
    #[must_use]
    pub fn minutes(&self) -> String {
        (self.idle_seconds / 60).to_string()
    }
}

impl Page<'_> {
    /// The path of a static file, with its content hash.
    #[must_use]
    pub fn asset(&self, name: &str) -> &str {
        self.assets.url(name)
    }

    /// This page, to be loaded again: that must not switch the language again.
    #[must_use]
    pub fn again(&self) -> String {
        let (path, query) = self.here.split_once('?').unwrap_or((&self.here, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let kept: Vec<&str> =
            pairs.filter(|pair| !Query::is_named(pair, "lang") && *pair != "cookie=set").collect();
        if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
    }

    /// This page in the other language.
    #[must_use]
    pub fn language_href(&self) -> String {
        let (path, query) = self.here.split_once('?').unwrap_or((&self.here, ""));
        language::address(path, self.lang.other(), query)
    }

    /// Where the form named `form` is posted to, to be kept and shown in the other language.
    #[must_use]
    pub fn language_action(&self, form: &str) -> String {
        let query = self.here.split_once('?').map_or("", |(_, query)| query);
        language::address(&language::keep_path(form), self.lang.other(), query)
    }

    /// The mark of a text that was asked for in this language: [`language::mark`].
    #[must_use]
    pub fn lang_of(&self, asked_in: Option<Language>) -> &'static str {
        language::mark(asked_in, self.lang)
    }

    /// [`Page::lang_of`] for a text of NRG's.
    #[must_use]
    pub fn lang_of_text(&self, text: &SafeHtml) -> &'static str {
        self.lang_of(text.language())
    }

    /// "Step 3 of 7: Identity".
    #[must_use]
    pub fn step_text(&self, steps: &Steps<'_>) -> String {
        let (n, total) = (steps.n.to_string(), steps.names.len().to_string());
        interpolate(&self.t.common.step, &[("n", &n), ("total", &total), ("name", steps.name)])
    }

    /// `text` with the names every page knows: `{brand}`, `{phone}`, `{hours}`, `{affiliate}`,
    /// `{legal_name}`, `{certificate}`, `{reference}`.
    #[must_use]
    pub fn interpolate(&self, text: &str) -> String {
        self.interpolate_with(text, &[])
    }

    /// [`Page::interpolate`] as HTML, with the phone numbers as links.
    #[must_use]
    pub fn sentence(&self, text: &str) -> Sentence<String> {
        Sentence(self.interpolate(text))
    }

    /// [`Page::interpolate`] with further `values`.
    #[must_use]
    pub fn interpolate_with(&self, text: &str, values: &[(&str, &str)]) -> String {
        let known = [
            ("brand", self.brand.name),
            ("phone", self.brand.phone.as_str()),
            ("hours", &self.brand.hours),
            ("affiliate", self.affiliate.name),
            ("reference", self.reference.as_deref().unwrap_or_default()),
            ("legal_name", self.brand.legal_name),
            ("certificate", self.brand.certificate),
        ];
        interpolate(text, &[values, &known].concat())
    }

    /// The sentence on the affiliate's role: a broker, by number, if it has one. Until a plan is chosen, it names all the
    /// brands.
    #[must_use]
    pub fn relationship(&self) -> String {
        let c = &self.t.common;
        let line = match (self.affiliate.broker_number, self.worn) {
            (Some(_), Some(_)) => &c.broker_line,
            (Some(_), None) => &c.broker_line_all,
            (None, Some(_)) => &c.affiliate_line,
            (None, None) => &c.affiliate_line_all,
        };
        let number = self.affiliate.broker_number.unwrap_or_default();
        self.interpolate_with(line, &[("number", number), ("brands", &self.all_brands())])
    }

    /// "Reliant, Cirro and Direct Energy".
    fn all_brands(&self) -> String {
        match self.brands.split_last() {
            Some((last, others)) if !others.is_empty() => {
                format!("{} {} {last}", others.join(", "), self.t.common.and)
            }
            _ => self.brands.join(""),
        }
    }
}
