//! What a page tells a person to do can be done on it, or by a link on it. Looked at on every page that any test reads.

use std::sync::LazyLock;

use nrg_enroll::{
    fields::Language,
    messages::{Catalogs, Messages},
};

use super::Page;

/// A message that tells to do something: its name in the catalogs, itself, and what the page must have then.
type Instruction = (&'static str, fn(&Messages) -> &str, &'static str);

const PHONE: &str = "main a[href^='tel:']";

#[rustfmt::skip]
const INSTRUCTIONS: &[Instruction] = &[
    ("link.zip", |t| &t.link.zip, "form #zip"),
    ("link.transaction", |t| &t.link.transaction, "form [name=transaction]"),
    ("link.plan", |t| &t.link.plan, "form[action^='/plans'] button"),
    ("link.begun", |t| &t.link.begun, "form[action^='/start-over?'] button"),
    ("link.stopped", |t| &t.link.stopped, "form[action^='/start-over?'] button"),
    ("link.processing", |t| &t.link.processing, "form[action^='/start-over?'] button"),
    ("link.done", |t| &t.link.done, "form[action^='/start-over?'] button"),
    ("plans.none_match_how", |t| &t.plans.none_match_how, "main a[href^='/plans']"),
    ("plans.changed", |t| &t.plans.changed, "form[action^='/plans'] button"),
    ("plans.gone", |t| &t.plans.gone, "form[action^='/plans'] button"),
    ("plans.other_utility", |t| &t.plans.other_utility, "form[action^='/plans'] button"),
    ("address.esi_id_unknown", |t| &t.address.esi_id_unknown, "details[open] #esi_id"),
    ("address.esi_id_other", |t| &t.address.esi_id_other, "details[open] #esi_id"),
    ("identity.not_verified", |t| &t.identity.not_verified, "#compared .change a[href='/contact']"),
    ("identity.changed_since", |t| &t.identity.changed_since, "#compared .change a[href='/address']"),
    ("identity.nothing_changed", |t| &t.identity.nothing_changed, "#compared .change a[href='/contact']"),
    ("identity.nothing_changed_again", |t| &t.identity.nothing_changed_again, "#compared .change a[href='/address']"),
    ("identity.prospect_unknown", |t| &t.identity.prospect_unknown, "details[open] #prospect_id"),
    ("identity.token_unusable", |t| &t.identity.token_unusable, "form #ssn, form #licence"),
    ("identity.birth_date_refused", |t| &t.identity.birth_date_refused, "#birth_date_month"),
    ("problem.secret_again", |t| &t.problem.secret_again, "form #ssn, form #licence"),
    ("start_date.new_dates", |t| &t.start_date.new_dates, "form [name=date]"),
    ("deposit.papers_later", |t| &t.deposit.papers_later, "form[action='/later'] button"),
    ("review.lead", |t| &t.review.lead, "form[action='/review'] button"),
    ("review.repaired", |t| &t.review.repaired, ".change button[formaction]"),
    ("ask.unit_lead", |t| &t.ask.unit_lead, "form #unit"),
    ("ask.unit_unknown_lead", |t| &t.ask.unit_unknown_lead, "form #unit"),
    ("stop.check_again_hint", |t| &t.stop.check_again_hint, "form[action='/stop'] button"),
    ("stop.area_not_served", |t| &t.stop.area_not_served.next, "main a[href='/']"),
    ("stop.other_area", |t| &t.stop.other_area.next, "main a[href='/']"),
    ("stop.business_meter", |t| &t.stop.business_meter.next, "main .actions a[href]"),
    ("stop.switch_hold", |t| &t.stop.switch_hold.next, "main a[href='/']"),
    ("stop.own_customer", |t| &t.stop.own_customer.next, "main a[href='/']"),
    ("stop.no_meter", |t| &t.stop.no_meter.next, "main a[href='/address']"),
    ("stop.credit_freeze", |t| &t.stop.credit_freeze.next, "main a[href='/start-date']"),
    ("stop.no_id", |t| &t.stop.no_id.next, "main a[href='/identity']"),
    ("stop.not_sent", |t| &t.stop.not_sent.next, "form[action='/stop'] button"),
    ("stop.refused", |t| &t.stop.refused.next, PHONE),
    ("stop.other", |t| &t.stop.other.next, PHONE),
    ("confirmation.holds_unknown", |t| &t.confirmation.holds_unknown, "main a[href='/confirmation']"),
    ("cookie_refused.what_to_do", |t| &t.cookie_refused.what_to_do, "main a[href]"),
    ("outage.brand_lead", |t| &t.outage.brand_lead, "main .actions a[href]"),
    ("outage.site_unknown", |t| &t.outage.site_unknown, PHONE),
    ("error.like_a_program", |t| &t.error.like_a_program, PHONE),
    ("error.not_arrived", |t| &t.error.not_arrived, "main .actions a[href]"),
    ("error.too_many", |t| &t.error.too_many, "main a[href^='tel:'], .top-phone a[href^='tel:']"),
    ("error.stale", |t| &t.error.stale, "main form button"),
    ("error.cut", |t| &t.error.cut, "main form button"),
    ("error.attempt_again", |t| &t.error.attempt_again, "main a[href], main form button"),
    ("error.credit_again", |t| &t.error.credit_again, "main a[href], main form button"),
    ("error.no_answer", |t| &t.error.no_answer, "main form button"),
];

/// Each instruction as the pages print it: the longest part without a value, escaped.
static PRINTED: LazyLock<Vec<(&'static Instruction, String)>> = LazyLock::new(|| {
    let catalogs = Catalogs::load().unwrap();
    let both = Language::ALL.iter().flat_map(|language| {
        let messages = catalogs.of(*language);
        INSTRUCTIONS
            .iter()
            .map(|instruction| (instruction, printed(instruction.1(messages))))
            .collect::<Vec<_>>()
    });
    both.collect()
});

fn printed(message: &str) -> String {
    let parts = message.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
    let longest = parts.max_by_key(|part| part.len()).unwrap();
    longest.replace('&', "&#38;").replace('\'', "&#39;").replace('"', "&#34;")
}

/// Asserts it of this page.
#[track_caller]
pub fn can_be_followed(page: &Page) {
    if !page.body.contains("<main") {
        return;
    }
    for ((name, _, control), _) in PRINTED.iter().filter(|(_, words)| page.body.contains(words)) {
        let found = page.one(control).is_some();
        assert!(found, "{name} is on {} {}, but nothing that fits {control}", page.status, page.path);
    }
}
