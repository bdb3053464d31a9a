//! The answers as the review page lists them.

use crate::{
    fields::{Dollars, Language, Token, Transaction},
    journey::{Applicant, Billing, CancelFee, Chosen, Proof, Step},
    messages::{amount, interpolate},
    steps::plans::price_conditions,
    web::{language, page_context::PageContext},
};

/// One answer, and the step where it can be changed; empty if it can no longer be changed online.
pub(super) struct Row<'a> {
    pub name: &'a str,
    pub value: String,
    /// The language of the value, if it is not the page's.
    pub lang: &'static str,
    /// What was entered, shown only on demand; empty if `value` says it.
    pub entered: String,
    pub change: &'static str,
}

impl<'a> Row<'a> {
    /// An answer that nobody gave.
    fn fixed(name: &'a str, value: impl Into<String>) -> Self {
        Self { name, value: value.into(), lang: "", entered: String::new(), change: "" }
    }

    fn new(ctx: PageContext<'_>, step: Step, name: &'a str, value: impl Into<String>) -> Self {
        let open = ctx.journey.may_visit(step, ctx.eval_context());
        Self { change: if open { step.slug() } else { "" }, ..Self::fixed(name, value) }
    }
}

pub(super) fn plan_rows<'a>(ctx: PageContext<'a>, chosen: &Chosen) -> Vec<Row<'a>> {
    let text = ctx.messages();
    let t = &text.review;
    let offer = &chosen.offer;
    let row = |name: &'a str, value: String| Row::new(ctx, Step::Plans, name, value);
    // NRG's own words.
    let lang = language::mark(chosen.language, ctx.language);
    let fee_lang = if matches!(offer.cancel_fee, CancelFee::Words { .. }) { lang } else { "" };
    let mut rows = vec![
        Row { lang, ..row(&t.plan, offer.name.clone()) },
        row(&t.provider, ctx.brand_name().to_owned()),
        row(&t.price, text.average_prices(&offer.average)),
        row(&t.term, text.term(offer.term_months)),
        Row { lang: fee_lang, ..row(&t.cancel_fee, text.cancel_fee(&offer.cancel_fee)) },
    ];
    rows.extend(price_conditions(text, offer).into_iter().map(|(heading, words)| row(heading, words)));
    rows
}

pub(super) fn service_rows<'a>(ctx: PageContext<'a>, applicant: &Applicant) -> Vec<Row<'a>> {
    let text = ctx.messages();
    let t = &text.review;
    let journey = ctx.journey;
    let transaction = match applicant.transaction {
        Transaction::MoveIn => &t.move_in,
        Transaction::Switch => &t.switch,
    };
    let date = journey.start_date.map_or_else(String::new, |date| text.date(date.0));
    let credit = journey.credit().and_then(|credit| credit.as_ref().ok());
    let deposit = match credit.map_or(Dollars::ZERO, |credit| credit.deposit) {
        Dollars::ZERO => t.deposit_none.clone(),
        owed => interpolate(&t.deposit_due, &[("amount", &amount(owed))]),
    };
    vec![
        Row::new(ctx, Step::Zip, &t.transaction, transaction),
        Row::new(ctx, Step::Address, &t.service_address, applicant.service.line()),
        Row::fixed(&t.utility, ctx.utility_name()),
        Row::new(ctx, Step::StartDate, &t.start_date, date),
        Row::new(ctx, Step::Deposit, &t.deposit, deposit),
    ]
}

pub(super) fn person_rows<'a>(ctx: PageContext<'a>, applicant: &Applicant) -> Vec<Row<'a>> {
    let text = ctx.messages();
    let t = &text.review;
    let journey = ctx.journey;
    let billing = if journey.billing == Some(Billing::SameAsService) {
        t.billing_same.clone()
    } else {
        applicant.billing.line()
    };
    let language = match applicant.bill_language {
        Language::English => &text.contact.english,
        Language::Spanish => &text.contact.spanish,
    };
    let ending = |token: &Token| interpolate(&t.ending_in, &[("last_four", token.last_four().as_str())]);
    let (document, number) = match &applicant.proof {
        Proof::Ssn(token) => (&t.ssn, ending(token)),
        Proof::DriverLicense(token) => (&t.license, ending(token)),
        Proof::None => (&t.ssn, t.no_id.clone()),
    };
    let by_phone = journey.marketing().is_some_and(|marketing| marketing.phone);
    let wanted = [(applicant.marketing_email, &t.marketing_email), (by_phone, &t.marketing_phone)];
    let wanted: Vec<&str> =
        wanted.into_iter().filter_map(|(yes, words)| yes.then_some(words.as_str())).collect();
    let marketing = if wanted.is_empty() { t.marketing_none.clone() } else { wanted.join(", ") };
    let name = format!("{} {}", applicant.first_name.as_str(), applicant.last_name.as_str());
    vec![
        Row::new(ctx, Step::Contact, &t.name, name),
        Row::new(ctx, Step::Contact, &t.email, applicant.email.as_str()),
        Row::new(ctx, Step::Contact, &t.phone, applicant.phone.to_string()),
        Row::new(ctx, Step::Contact, &t.bill_language, language),
        Row::new(ctx, Step::Contact, &t.marketing, marketing),
        Row::new(ctx, Step::Billing, &t.billing_address, billing),
        Row {
            entered: text.date_without_weekday(applicant.birth_date.date()),
            ..Row::new(ctx, Step::Identity, &t.birth_date, &t.birth_date_kept)
        },
        Row::new(ctx, Step::Identity, document, number),
    ]
}
