//! What every page of the desk has around its content.

use std::sync::Arc;

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::{
    error::DeskError,
    operators::{Operator, Role},
    paths::{FIND, HEALTH, MAILS, OUTAGES, POSTBACKS, STYLESHEET},
    state::Desk,
};
use crate::web::{html, sites::HostedSite};

/// The navigation: where each link leads, and its text.
const NAVIGATION: &[(&str, &str)] =
    &[(FIND, "Find"), (POSTBACKS, "Postbacks"), (MAILS, "Mails"), (OUTAGES, "Outages"), (HEALTH, "Health")];

/// What is around the content of a page.
pub(super) struct Frame {
    pub title: String,
    pub operator: Option<Operator>,
    /// Said once, above the content.
    pub notice: Option<String>,
    site: Arc<HostedSite>,
    current: &'static str,
}

impl Frame {
    /// Around a page with this title, for who is signed in.
    pub fn new(desk: &Desk, operator: &Operator, title: impl Into<String>) -> Self {
        Self { operator: Some(operator.clone()), ..Self::open(desk, title) }
    }

    /// Around a page with this title, for anybody.
    pub fn open(desk: &Desk, title: impl Into<String>) -> Self {
        let site = Arc::clone(desk.app.sites.main());
        Self { title: title.into(), operator: None, notice: None, site, current: "" }
    }

    /// The same, where `path` is the link of the navigation that is current.
    pub fn at(self, path: &'static str) -> Self {
        Self { current: path, ..self }
    }

    /// The same, which says `notice` above the content.
    pub fn saying(self, notice: Option<String>) -> Self {
        Self { notice, ..self }
    }

    /// The links of the navigation, and whether each is current.
    pub fn navigation(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        NAVIGATION.iter().map(|(path, text)| (*path, *text, *path == self.current))
    }

    /// The stylesheets: that of the public pages, with the affiliate's colors, and that of the desk.
    pub fn stylesheets(&self) -> [String; 2] {
        [format!("/desk{}", self.site.assets.url("style.css")), STYLESHEET.to_owned()]
    }

    /// Whether who is signed in may change something.
    pub fn may_settle(&self) -> bool {
        self.operator.as_ref().is_some_and(|operator| operator.role == Role::Settle)
    }
}

/// The page as an answer.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Result<Response, DeskError> {
    Ok(html(status, template.render()?))
}

/// What the desk's pages have beside the public stylesheet.
pub(super) async fn stylesheet() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("desk.css"))
}
