//! The letter: subject, text and HTML, from the templates and the messages.

use askama::Template;

use super::{
    content::{ChallengeKind, Confirmation, Content, ResumeLink},
    site::{MailSite, link},
};
use crate::{
    fields::{Brand, Language},
    journey::{BrandSite, Obstacle},
    messages::{Messages, NextSteps, interpolate},
};

/// A mail as a person reads it.
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
    /// The link that unsubscribes.
    pub(super) unsubscribe: String,
}

/// What every mail has.
struct Frame<'a> {
    t: &'a Messages,
    language: Language,
    subject: &'a str,
    affiliate: &'a str,
    unsubscribe: &'a str,
}

#[derive(Template)]
#[template(path = "mail/resume.txt")]
struct ResumeText<'a> {
    frame: &'a Frame<'a>,
    body: &'a Resume<'a>,
}

#[derive(Template)]
#[template(path = "mail/resume.html")]
struct ResumeHtml<'a> {
    frame: &'a Frame<'a>,
    body: &'a Resume<'a>,
}

struct Resume<'a> {
    lead: String,
    link: String,
    until: String,
    asked: &'a str,
}

#[derive(Template)]
#[template(path = "mail/confirmation.txt")]
struct ConfirmationText<'a> {
    frame: &'a Frame<'a>,
    body: &'a Copy<'a>,
}

#[derive(Template)]
#[template(path = "mail/confirmation.html")]
struct ConfirmationHtml<'a> {
    frame: &'a Frame<'a>,
    body: &'a Copy<'a>,
}

struct Copy<'a> {
    lead: String,
    plan: &'a str,
    plan_lang: Option<&'static str>,
    provider: &'a str,
    date_name: &'a str,
    date: Option<String>,
    /// What has to be done or decided before service starts.
    first: Vec<String>,
    next: Vec<String>,
    /// The documents, each with its name.
    documents: [(&'a str, &'a str); 3],
    /// The link to where the enrollment stands, and what is said of it.
    status: Option<(String, String)>,
    call: String,
}

impl Letter {
    /// Writes `content` in `language`, whose messages are `t`. `accepted`: NRG has yet to give the account number; `token`
    /// unsubscribes.
    pub(super) fn write(
        site: &MailSite,
        t: &Messages,
        language: Language,
        content: &Content,
        accepted: bool,
        token: &str,
    ) -> Result<Self, askama::Error> {
        let unsubscribe = link(&site.unsubscribe, "t", token, language);
        let affiliate = site.site.affiliate_name.as_str();
        let named = |text: &str| interpolate(text, &[("affiliate", affiliate)]);
        let m = &t.mail;
        let (subject, text, html) = match content {
            Content::Link(resume) | Content::Reminder(resume) => {
                let (subject, lead) = match content {
                    Content::Reminder(_) => (&m.reminder_subject, &m.reminder_lead),
                    Content::Link(_) | Content::Confirmation(_) => (&m.link_subject, &m.link_lead),
                };
                let subject = named(subject);
                let frame = Frame { t, language, subject: &subject, affiliate, unsubscribe: &unsubscribe };
                let resume = Resume::of(site, t, language, resume, named(lead));
                let text = ResumeText { frame: &frame, body: &resume }.render()?;
                let html = ResumeHtml { frame: &frame, body: &resume }.render()?;
                (subject, text, html)
            }
            Content::Confirmation(confirmation) => {
                let copy = Copy::of(site, t, language, confirmation, accepted);
                let subject = interpolate(&m.confirmation_subject, &[("brand", copy.provider)]);
                let frame = Frame { t, language, subject: &subject, affiliate, unsubscribe: &unsubscribe };
                let text = ConfirmationText { frame: &frame, body: &copy }.render()?;
                let html = ConfirmationHtml { frame: &frame, body: &copy }.render()?;
                (subject, text, html)
            }
        };
        Ok(Self { subject, text, html, unsubscribe })
    }
}

impl<'a> Resume<'a> {
    fn of(site: &MailSite, t: &'a Messages, language: Language, to: &ResumeLink, lead: String) -> Self {
        let asked = match to.question {
            ChallengeKind::BirthDate => &t.resume.saved_birth_date,
            ChallengeKind::Phone => &t.resume.saved_phone,
            ChallengeKind::Nothing => &t.resume.saved_nothing,
        };
        Self {
            lead,
            link: link(&site.resume, "code", &to.code, language),
            until: interpolate(&t.mail.until, &[("moment", &t.moment(to.until))]),
            asked,
        }
    }
}

impl<'a> Copy<'a> {
    fn of(
        site: &'a MailSite,
        t: &'a Messages,
        language: Language,
        of: &'a Confirmation,
        accepted: bool,
    ) -> Self {
        let (m, c) = (&t.mail, &t.confirmation);
        let brand = brand_site(site, of.brand);
        let provider = brand.map_or("", |brand| &brand.name);
        let phone = brand.map_or_else(String::new, |brand| brand.phone.of(language).to_string());
        let hours = brand.map_or_else(String::new, |brand| t.opening_hours(&brand.hours));
        let words =
            |text: &str| interpolate(text, &[("brand", provider), ("phone", &phone), ("hours", &hours)]);
        let obstacles: Vec<Obstacle> =
            of.obstacles.iter().copied().chain(accepted.then_some(Obstacle::NoAccount)).collect();
        let first = |obstacle: &Obstacle| match obstacle {
            // The papers are named on the page alone.
            Obstacle::SwitchHold => words(&m.first_switch_hold),
            Obstacle::OpenHolds => words(&c.hold_unnamed),
            Obstacle::Deposit | Obstacle::NoAccount | Obstacle::IdentityHold | Obstacle::MeterUnknown => {
                words(t.obstacle(*obstacle))
            }
        };
        let date = of.start_date.map(|date| t.date(date));
        let is_certain = obstacles.is_empty();
        let status = of.status.as_ref().filter(|_| !accepted).map(|status| {
            let lead = interpolate(&m.status, &[("moment", &t.moment(status.until))]);
            (link(&site.status, "code", &status.code, language), lead)
        });
        Self {
            lead: words(if accepted { &m.accepted_lead } else { &m.enrolled_lead }),
            plan: &of.plan,
            plan_lang: of.plan_language.filter(|known| *known != language).map(Language::tag),
            provider,
            date_name: if is_certain { &t.review.start_date } else { &c.date_asked },
            first: obstacles.iter().map(first).collect(),
            next: t
                .next_steps(NextSteps {
                    transaction: of.transaction,
                    date: date.as_deref(),
                    is_certain,
                    autopay: of.autopay,
                    prepaid: of.prepaid,
                })
                .into_iter()
                .map(|sentence| words(&sentence))
                .collect(),
            date,
            documents: [
                (&t.plans.efl, of.efl.as_str()),
                (&t.plans.tos, of.tos.as_str()),
                (&t.plans.yrac, of.yrac.as_str()),
            ],
            status,
            call: words(&m.call),
        }
    }
}

/// The settings of `brand`; if the site has it no more, those of its default brand.
fn brand_site(site: &MailSite, brand: Brand) -> Option<&BrandSite> {
    site.site.brand(brand).or_else(|| site.site.brand(site.site.default_brand))
}
