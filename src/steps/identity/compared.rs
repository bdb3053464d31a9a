//! What NRG compared with its records and could not confirm: each fact, and where it can be changed.

use crate::{
    journey::{Document, SafeHtml, Status, Step, Verification},
    messages::{Messages, interpolate},
    web::{advice, page_context::PageContext},
};

use super::form::word;

/// The facts of the last check that did not confirm the identity.
pub(super) struct Compared<'a> {
    /// Whether nothing has been changed since.
    pub is_current: bool,
    /// Each fact: its name, what it is now, and where it can be changed.
    pub facts: Vec<Fact<'a>>,
    /// How often another check can be asked for.
    pub attempts_left: String,
    /// NRG's own text about the check.
    pub message: Option<&'a SafeHtml>,
}

/// A fact that NRG compares.
pub(super) struct Fact<'a> {
    pub name: &'a str,
    pub value: String,
    /// A page that comes back here, or a field of this page.
    pub href: String,
}

impl<'a> Compared<'a> {
    /// The id of the section that shows it.
    pub const ID: &'static str = "compared";

    /// The facts, if the last check did not confirm the identity.
    pub fn of(ctx: PageContext<'a>) -> Option<Self> {
        let journey = ctx.journey;
        let checked = journey.identity.as_ref()?;
        let (contact, person, record) =
            (journey.contact.as_ref()?, journey.person.as_ref()?, journey.record.as_ref()?);
        let is_current = journey.identity().is_some();
        let is_open = |step| journey.status(step, ctx.eval_context()) == Status::Open;
        let failed = match is_current {
            true => is_open(Step::Identity) || is_open(Step::Quiz),
            false => checked.result.verification == Verification::NotVerified,
        };
        if !failed {
            return None;
        }
        let text = ctx.messages();
        let t = &text.identity;
        let name = format!("{} {}", contact.first_name.as_str(), contact.last_name.as_str());
        let address = journey.settled_address().map_or_else(String::new, |address| address.line());
        let mut facts = vec![
            Fact { name: &text.review.name, value: name, href: Step::Contact.path().to_owned() },
            Fact {
                name: &t.birth_date.label,
                value: text.date_without_weekday(person.birth_date.date()),
                href: "#birth_date_month".to_owned(),
            },
            Fact {
                name: &text.review.service_address,
                value: address,
                href: Step::Address.path().to_owned(),
            },
        ];
        facts.extend(number(ctx, text, person.document));
        Some(Self {
            is_current,
            facts,
            attempts_left: text.attempts_left(record.repeats_left()),
            message: advice::with_question(ctx, Step::Identity),
        })
    }
}

/// The number, of which only the last digits are kept.
fn number<'a>(ctx: PageContext<'a>, text: &'a Messages, document: Document) -> Option<Fact<'a>> {
    let t = &text.identity;
    let name = match document {
        Document::Ssn => &t.ssn.label,
        Document::DriverLicense => &t.license.label,
        Document::None => return None,
    };
    let token = ctx.journey.token(document)?;
    let value = interpolate(&text.review.ending_in, &[("last_four", token.last_four().as_str())]);
    Some(Fact { name, value, href: format!("#{}", word(document)) })
}
