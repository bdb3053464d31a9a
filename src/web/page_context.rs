//! What a page is made from: the request, the site, the journey and the language, all read-only.
//!
//! A function that takes a [`PageContext`] cannot call NRG, change the journey, save the session or count an attempt;
//! those need the [`RequestContext`](super::context::RequestContext) that lends it.

use std::time::Duration;

use axum::response::Response;
use jiff::{Timestamp, civil::Date};

use super::{
    draft,
    form::FormBody,
    form_age::{FormAge, NO_VISIT},
    language,
    request::RequestInfo,
    response::see_other,
    sites::HostedSite,
};
use crate::{
    fields::{Brand, Language, TdspCode},
    journey::{BrandSite, DepositWords, EvalContext, Journey, Outage, Outages, Position, Site, Step},
    messages::{Catalogs, Messages},
    nrg, texas_time,
};

/// The query of a page that is asked for to wait there for a call.
pub const WAITS: &str = "waits=1";

/// A read-only view of one request, its site and its journey. A copy is the same view.
#[derive(Clone, Copy)]
pub struct PageContext<'a> {
    /// The facts of the request.
    pub request: &'a RequestInfo,
    /// The site the request was sent to.
    pub hosted: &'a HostedSite,
    /// The outages in force while the request is answered.
    pub outages: &'a Outages,
    /// The messages of every language.
    pub catalogs: &'a Catalogs,
    /// The language of the page.
    pub language: Language,
    /// When the request came.
    pub now: Timestamp,
    /// The journey as last loaded or saved.
    pub journey: &'a Journey,
    /// Whether the browser has a session.
    pub has_session: bool,
    /// Whether the browser came with a session that no longer exists.
    pub has_ended: bool,
    /// Whether the browser came with a session that was saved for later, under a code that nobody has tried.
    pub was_saved: bool,
    /// The idle limit of a session.
    pub idle: Duration,
    /// The absolute limit of a session.
    pub absolute: Duration,
    /// Whether a journey can be saved and resumed.
    pub resume: bool,
    /// Whether a person may be mailed a link, should the session time out.
    pub reminds: bool,
    /// Whether mails are sent.
    pub mails: bool,
    /// Whether what becomes of an enrollment is followed.
    pub follows: bool,
    /// Whether a session that times out is put aside for who gives the birth date again.
    pub keep_timed_out: bool,
}

impl<'a> PageContext<'a> {
    /// The affiliate's site.
    pub fn site(self) -> &'a Site {
        &self.hosted.site
    }

    /// The messages in the language of the page.
    pub fn messages(self) -> &'a Messages {
        self.catalogs.of(self.language)
    }

    /// The day in Texas on which the request came.
    pub fn today(self) -> Date {
        texas_time::day(self.now)
    }

    /// The idle limit in whole minutes, as pages state it.
    pub fn idle_minutes(self) -> String {
        (self.idle.as_secs() / 60).to_string()
    }

    /// What the journey is evaluated against: the site and the time.
    pub fn eval_context(self) -> EvalContext<'a> {
        EvalContext { site: self.site(), now: self.now }
    }

    /// Whether plans of `brand` can be chosen now.
    pub fn sells(self, brand: Brand) -> bool {
        self.site().brand(brand).is_some() && !self.outages.has(brand)
    }

    /// The brand of this page: the chosen plan's, else the site's default.
    pub fn brand(self) -> Brand {
        self.journey.brand(self.site())
    }

    /// The settings of the page's brand. If the settings no longer have that brand, those of the default one.
    pub fn brand_site(self) -> Option<&'a BrandSite> {
        let site = self.site();
        site.brand(self.brand()).or_else(|| site.brand(site.default_brand))
    }

    /// The name customers know the page's brand by.
    pub fn brand_name(self) -> &'a str {
        self.brand_site().map_or("", |site| &site.name)
    }

    /// The phone number of the page's brand, as written.
    pub fn phone(self) -> String {
        self.brand_site().map_or_else(String::new, |site| site.phone.of(self.language).to_string())
    }

    /// What the page's brand says about a deposit.
    pub fn deposit_words(self) -> DepositWords<'a> {
        self.brand_site().map(|site| site.deposit_terms.words(self.language)).unwrap_or_default()
    }

    /// The name of the journey's utility; empty while it is not known.
    pub fn utility_name(self) -> &'a str {
        self.journey.tdsp().map_or("", |code| self.name_of_utility(code))
    }

    /// The name of the utility `code`: as NRG gave it for the ZIP code, else as it is published, else the code.
    pub fn name_of_utility(self, code: &'a TdspCode) -> &'a str {
        let of_zip =
            self.journey.utilities().and_then(|all| all.iter().find(|utility| utility.code == *code));
        let published = || nrg::utility(code).map(|utility| utility.name);
        of_zip.map(|utility| &*utility.name).or_else(published).unwrap_or(code.as_str())
    }

    /// The visit that a form of this page is made in: the journey's id, or a word while there is no session.
    pub fn visit(self) -> &'a str {
        if self.has_session { &self.journey.id } else { NO_VISIT }
    }

    /// Whether `field` of `step` was filled in when the language was switched, and was not kept.
    pub fn withheld(self, step: Step, field: &str) -> bool {
        let draft = self.journey.draft.as_ref().filter(|(drafted, _)| *drafted == step);
        draft.is_some_and(|(_, fields)| draft::is_withheld(fields, field))
    }

    /// A redirect to the page at `path` in the language of this one, with the rest of its query.
    pub fn in_language(self, path: &str) -> Response {
        see_other(&language::address(path, self.language, &self.request.query))
    }

    /// From when a posted form is, which answers `step`.
    pub fn age(self, posted: &FormBody, step: Step) -> FormAge {
        posted.age(self.visit(), self.journey.revision(step))
    }

    /// Where the journey stands.
    pub fn position(self) -> Position {
        self.journey.position(self.eval_context())
    }

    /// A redirect to where the journey stands. If a link asked for a brand, the list of plans shows that brand first.
    pub fn to_position(self) -> Response {
        let request = &self.journey.link_request;
        match (self.position(), request.brand) {
            (Position::Step(Step::Plans), Some(brand))
                if request.offer.is_none() && !self.outages.has(brand) =>
            {
                see_other(&format!("{}?brand={}", Step::Plans.path(), brand.id()))
            }
            // Marked, because the call may have ended before the page is asked for, which then leads on.
            (Position::Step(step), _) if self.journey.is_answering(step) => {
                see_other(&format!("{}?{WAITS}", step.path()))
            }
            (position, _) => see_other(position.path()),
        }
    }

    /// Whether the page is asked for to wait there for a call.
    pub fn is_waiting(self) -> bool {
        self.request.query.split('&').any(|pair| pair == WAITS)
    }

    /// A redirect, if `step` may not be visited now.
    pub fn elsewhere(self, step: Step) -> Option<Response> {
        if self.has_ended && step != Step::Zip && self.link().is_none() {
            return Some(see_other("/session-ended"));
        }
        (!self.journey.may_visit(step, self.eval_context())).then(|| self.to_position_with_link())
    }

    /// The outage that keeps `step` from being shown or answered now: of the whole site, or of the chosen plan's brand.
    /// While only that brand is out, the first two steps stay open, so that another brand's plan can be chosen.
    pub fn outage(self, step: Step) -> Option<Outage> {
        let all_out = self.site().brands.keys().all(|brand| self.outages.has(*brand));
        let until = self.outages.until(self.now).filter(|_| self.journey.service.is_none());
        if until.is_some() || all_out && step <= Step::Plans {
            return Some(Outage::Site(until));
        }
        let brand = self.journey.chosen()?.offer.brand;
        (step > Step::Plans && self.outages.has(brand)).then_some(Outage::Brand(brand))
    }
}
