//! A link that leads elsewhere than to a first page that nobody has answered: upon a journey that has begun, or to a page
//! that only a journey has. It changes nothing there, and nothing of it is lost: the page offers to start over with it.

use axum::response::Response;

use super::{layout::LinkOffer, page_context::PageContext, response::see_other};
use crate::journey::{DeepLink, Position, Step};

/// The mark of a link that came upon a journey which had begun; the link's own query stands behind it.
const BEGUN: &str = "begun=1";
/// The mark of a first cookie, which is no part of a link.
const FIRST_COOKIE: &str = "cookie=set";

impl<'a> PageContext<'a> {
    /// The query of the link that led here, if this page's address holds one: any on the first page; elsewhere a marked one,
    /// or one that tells a click.
    pub fn link(self) -> Option<String> {
        let query = &self.request.query;
        let is_first = self.request.path == Step::Zip.path();
        let is_link = query.split('&').any(|pair| pair == BEGUN)
            || self.site().click_params.are_in(query)
            || is_first && DeepLink::read(query, self.site()).is_some();
        let is_own = |pair: &&str| ![BEGUN, FIRST_COOKIE].contains(pair);
        is_link.then(|| query.split('&').filter(is_own).collect::<Vec<_>>().join("&"))
    }

    /// Whether a link comes too late to begin the journey.
    pub fn has_begun(self) -> bool {
        self.journey.service.is_some()
    }

    /// What this page offers about the link that led to it.
    pub fn link_offer(self) -> Option<LinkOffer<'a>> {
        let query = self.has_begun().then(|| self.link()).flatten()?;
        let (t, position) = (&self.messages().link, self.position());
        let text = match position {
            Position::Step(_) | Position::Ask(_) => &t.begun,
            Position::Stop => &t.stopped,
            Position::Processing => &t.processing,
            Position::Confirmation => &t.done,
        };
        let there = position.path();
        Some(LinkOffer {
            text,
            go_back: (there != self.request.path).then_some(there),
            start_over: format!("/start-over?{query}"),
        })
    }

    /// A redirect to where the journey stands, with the link that led here: it begins a journey, or is offered.
    pub fn to_position_with_link(self) -> Response {
        match self.link() {
            None => self.to_position(),
            Some(link) if !self.has_begun() => see_other(&format!("/?{link}")),
            Some(link) => {
                let is_open = self.journey.may_visit(Step::Zip, self.eval_context());
                let path = if is_open { Step::Zip.path() } else { self.position().path() };
                see_other(&format!("{path}?{BEGUN}&{link}"))
            }
        }
    }
}
