//! The layout of a page, filled in from its context.

use url::Url;

use super::{
    advice, language,
    layout::{AffiliateLine, BrandLine, FieldError, OrderSummary, Page, SessionTimeout, Steps},
    notices::Notice,
    page_context::PageContext,
};
use crate::{
    fields::Brand,
    journey::{BrandSite, Opening, Step},
    messages::interpolate,
    texas_time,
};

impl<'a> PageContext<'a> {
    /// The layout of a page with this title.
    pub fn page(self, title: &str) -> Page<'a> {
        let (site, journey) = (self.site(), self.journey);
        Page {
            assets: &self.hosted.assets,
            t: self.messages(),
            lang: self.language,
            title: title.to_owned(),
            preview: self.preview(),
            errors: Vec::new(),
            steps: None,
            back: None,
            order: None,
            affiliate: AffiliateLine {
                name: &site.affiliate_name,
                privacy_url: site.privacy_url.as_ref().map(Url::as_str),
                broker_number: site.broker_number.as_deref(),
            },
            brand: self.line_of(self.brand(), self.brand_site()),
            brands: site.brands.values().map(|brand| brand.name.as_str()).collect(),
            worn: journey.plan.as_ref().map(|plan| plan.offer.brand),
            reference: self.has_session.then(|| journey.id.clone()),
            visit: self.visit(),
            here: self.request.path_and_query(),
            form: None,
            refresh: None,
            session: self.has_session.then(|| SessionTimeout {
                idle_seconds: self.idle.as_secs(),
                later: self.resume && journey.may_be_saved(),
                aside: self.keep_timed_out && journey.may_be_put_aside(),
            }),
            link: self.link_offer(),
            notices: Vec::new(),
            said: Vec::new(),
        }
    }

    /// The layout of a step's page: with the step's place among the steps, the link back, and `errors` as the summary.
    pub fn step_page(self, step: Step, title: &str, errors: Vec<FieldError>) -> Page<'a> {
        let context = self.eval_context();
        let n = Step::counted().position(|other| other == step.counted_as()).map_or(1, |index| index + 1);
        let names = Step::counted().map(|step| self.messages().step(step)).collect();
        let name = self.messages().step(step);
        Page {
            steps: Some(Steps { names, n, name }),
            order: self.order_summary(step),
            back: self.journey.back(step, context).map(|step| step.path().to_owned()),
            errors,
            notices: self
                .rejected_params()
                .into_iter()
                .chain(self.failed_call(step))
                .chain(advice::notices_at(self, step))
                .collect(),
            ..self.page(title)
        }
    }

    /// [`step_page`](Self::step_page) with the step's form, which a switch of language keeps.
    pub fn form_page(self, step: Step, title: &str, errors: Vec<FieldError>) -> Page<'a> {
        let mut page = self.step_page(step, title, errors);
        page.notices.extend(self.given(step));
        Page { form: Some(step.slug()), ..page }
    }

    /// A notice of the partner that gave what the form of `step` shows.
    fn given(self, step: Step) -> Option<Notice<'a>> {
        self.journey.given_fields(step)?;
        let (t, handed) = (&self.messages().handed_over, self.journey.handed_over.as_ref()?);
        let filled = |text: &str| interpolate(text, &[("partner", &handed.partner)]);
        Some(Notice { title: filled(&t.notice_title), text: Some(filled(&t.notice)), message: None })
    }

    /// A notice of the parts of the link that could not be used.
    fn rejected_params(self) -> Option<Notice<'a>> {
        let t = self.messages();
        let texts: Vec<&str> = self.journey.rejected_params.iter().map(|param| t.unused(*param)).collect();
        let notice = || Notice { title: t.link.title.clone(), text: Some(texts.join(" ")), message: None };
        (!texts.is_empty()).then(notice)
    }

    /// What has been chosen before `step`. The review step has none: its page shows all answers itself.
    fn order_summary(self, step: Step) -> Option<OrderSummary<'a>> {
        let (journey, t) = (self.journey, self.messages());
        let chosen = journey.chosen().filter(|_| step > Step::Plans && step < Step::Review)?;
        let offer = &chosen.offer;
        let mut rows = vec![
            (&*t.common.order_price, t.per_kwh(offer.average.at_1000)),
            (&*t.plans.term, t.term(offer.term_months)),
        ];
        if step > Step::Address
            && let Some(address) = journey.settled_address()
        {
            rows.push((&t.steps.address, address.line()));
        }
        if step > Step::StartDate
            && let Some(date) = journey.start_date
        {
            rows.push((&t.steps.start_date, t.date(date.0)));
        }
        let change = journey.may_visit(Step::Plans, self.eval_context()).then(|| Step::Plans.path());
        Some(OrderSummary {
            plan: &offer.name,
            lang: language::mark(chosen.language, self.language),
            rows,
            change,
        })
    }

    /// Every brand of the site.
    pub fn brand_lines(self) -> Vec<BrandLine<'a>> {
        self.site().brands.iter().map(|(brand, site)| self.line_of(*brand, Some(site))).collect()
    }

    fn line_of(self, brand: Brand, site: Option<&'a BrandSite>) -> BrandLine<'a> {
        let opening = site.map(|site| site.hours.at(texas_time::local_time(self.now)));
        BrandLine {
            brand,
            name: site.map_or("", |site| &site.name),
            legal_name: site.map_or("", |site| &site.legal_name),
            certificate: site.map_or("", |site| &site.certificate),
            phone: site.map_or_else(String::new, |site| site.phone.of(self.language).to_string()),
            hours: site.map_or_else(String::new, |site| self.messages().opening_hours(&site.hours)),
            opening: opening
                .map_or_else(String::new, |opening| self.messages().opening(opening, self.today())),
            is_open: opening.is_some_and(Opening::is_open),
            email: site.and_then(|site| site.email.as_deref()),
        }
    }
}
