//! Step `deposit`, only if one is owed: accept it, have the credit checked again with an SSN, or call first with the papers
//! of somebody who may avoid it.

use askama::Template;
use zeroize::Zeroizing;

use super::{JourneyUpdate, PageError, Reader, StepPage, TypedNumber};
use crate::{
    fields::{NumberKey, Problem, Ssn, Token},
    journey::{Correction, Credit, DepositWords, Document, Journey, Step, WayOut},
    messages::{amount, interpolate},
    rate_limit::Action,
    web::{
        Choice, ErrorMessages, Field, Notice, Page, context::RequestContext, form::FormErrors,
        page_context::PageContext,
    },
};

/// Step `deposit`.
pub struct DepositStep;

/// The posted form. The number is never stored.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct DepositForm {
    pub choice: String,
    #[serde(skip_serializing)]
    pub ssn: Zeroizing<String>,
}

/// The decision.
pub enum DepositInput {
    /// To accept the deposit.
    GoOn,
    /// To call first, because there are papers: nothing is agreed to, and nobody is asked.
    Papers,
    /// To check the credit again, with this SSN.
    Recheck(Ssn),
    /// The same, with the SSN's token, and the key that its tries are counted by.
    RecheckWith(Token, NumberKey),
    /// To check it with the SSN that was checked: NRG is not asked.
    Unchanged,
}

impl StepPage for DepositStep {
    const STEP: Step = Step::Deposit;
    const SECRETS: &[&str] = &["ssn"];
    type Form = DepositForm;
    type Input = DepositInput;
    type Shown = ();

    fn form(ctx: PageContext<'_>) -> DepositForm {
        let choice = match (&ctx.journey.deposit_accepted, has_papers(ctx.journey)) {
            _ if ctx.journey.correction == Some(Correction::SameNumber) => "with_ssn",
            (Some(_), _) => "go_on",
            (None, true) => "papers",
            (None, false) => "",
        };
        DepositForm { choice: choice.to_owned(), ..DepositForm::default() }
    }

    fn render(
        ctx: PageContext<'_>,
        _shown: &(),
        form: &DepositForm,
        errors: &FormErrors,
    ) -> Result<String, PageError> {
        let text = ctx.messages();
        let t = &text.deposit;
        let credit = ctx.journey.credit().and_then(|credit| credit.as_ref().ok());
        let credit = credit.ok_or_else(|| PageError::unexpected("credit"))?;
        let amount = amount(credit.deposit);
        let mut errors = errors.clone();
        if errors.is_empty() && ctx.journey.correction == Some(Correction::SameNumber) {
            errors.say("ssn", &t.same_ssn);
        }
        let mut faults = ErrorMessages::new(ctx.messages(), &errors);
        let choice = faults.field("choice", &form.choice, &t.choice);
        let ssn = faults.field("ssn", "", &t.ssn);
        let typed = !form.ssn.trim().is_empty()
            || ctx.withheld(Step::Deposit, "ssn")
            || ctx.journey.failed_calls.contains_key(&Step::Deposit);
        let title = interpolate(&t.title, &[("amount", &amount)]);
        let ways_out = ctx.brand_site().map_or(&[][..], |site| &site.deposit_terms.ways_out);
        let mut page = ctx.form_page(Step::Deposit, &title, faults.summary());
        page.said.extend([&credit.due, &credit.reason].into_iter().flatten());
        if has_papers(ctx.journey) {
            page.notices.push(papers_notice(ctx, &page));
        }
        let mut choices = vec![Choice::new("go_on", &t.go_on).hint(&t.go_on_hint)];
        if !ways_out.is_empty() {
            choices.push(Choice::new("papers", &t.papers).hint(&t.papers_hint));
        }
        let has_ssn = ctx.journey.person.as_ref().is_some_and(|person| person.document == Document::Ssn);
        let (again, hint) =
            if has_ssn { (&t.correct_ssn, &t.correct_ssn_hint) } else { (&t.with_ssn, &t.with_ssn_hint) };
        choices.push(Choice::new("with_ssn", again).hint(hint));
        let page = DepositPage {
            factors_lang: page.lang_of(credit.language),
            page,
            revision: ctx.journey.revision(Step::Deposit),
            credit,
            amount: text.dollars(credit.deposit),
            agency: credit.agency.as_deref().map(|code| match code {
                "EQ" => t.agency_equifax.as_str(),
                "TU" => t.agency_transunion.as_str(),
                other => other,
            }),
            words: ctx.deposit_words(),
            ways_out,
            choice,
            choices,
            ssn,
            ssn_hint: if typed { &text.problem.secret_again } else { &text.identity.ssn_hint },
        };
        Ok(page.render()?)
    }

    fn parse(form: &DepositForm, _ctx: PageContext<'_>) -> Result<DepositInput, FormErrors> {
        let mut reader = Reader::default();
        let input = match form.choice.as_str() {
            "go_on" => Some(DepositInput::GoOn),
            "papers" => Some(DepositInput::Papers),
            "with_ssn" if form.ssn.trim().is_empty() => {
                reader.problem("ssn", Problem::Missing);
                None
            }
            "with_ssn" => reader.read("ssn", Ssn::parse(&form.ssn)).map(DepositInput::Recheck),
            _ => {
                reader.problem("choice", Problem::Missing);
                None
            }
        };
        reader.finish(input)
    }

    fn store(_input: &DepositInput, _journey: &mut Journey) {}

    fn number(ctx: &RequestContext, input: &DepositInput) -> TypedNumber {
        match input {
            DepositInput::GoOn
            | DepositInput::Papers
            | DepositInput::RecheckWith(..)
            | DepositInput::Unchanged => TypedNumber::Absent,
            DepositInput::Recheck(ssn) => {
                let typed = ctx.app.limits.of_ssn(ssn);
                TypedNumber::compare(Some(&typed), ctx.journey().rechecked.as_ref())
            }
        }
    }

    async fn trade_number(ctx: &mut RequestContext, input: DepositInput) -> Result<DepositInput, PageError> {
        let DepositInput::Recheck(ssn) = input else { return Ok(input) };
        let key = ctx.app.limits.of_ssn(&ssn);
        let journey = ctx.journey();
        if [journey.number(), journey.rechecked.as_ref()].contains(&Some(&key)) {
            return Ok(DepositInput::Unchanged);
        }
        ctx.count(Action::Credit).await?;
        ctx.count_person(Action::Credit, Some(&key)).await?;
        Ok(DepositInput::RecheckWith(ctx.nrg().token_ssn(&ssn).await?, key))
    }

    async fn call_nrg(ctx: &mut RequestContext, input: DepositInput) -> Result<JourneyUpdate, PageError> {
        let asked = ctx.journey().credit_asked().ok_or_else(|| PageError::unexpected("credit"))?;
        let (token, key) = match input {
            DepositInput::GoOn => {
                return Ok(Box::new(move |journey| {
                    (journey.deposit_accepted, journey.deposit_papers) = (Some(asked.clone()), None);
                }));
            }
            DepositInput::Papers => {
                return Ok(Box::new(move |journey| {
                    (journey.deposit_accepted, journey.deposit_papers) = (None, Some(asked.clone()));
                }));
            }
            DepositInput::Unchanged => {
                return Ok(Box::new(|journey| journey.correction = Some(Correction::SameNumber)));
            }
            DepositInput::RecheckWith(token, key) => (token, key),
            DepositInput::Recheck(_) => return Err(PageError::unexpected("a number")),
        };
        let applicant = ctx.journey().applicant().ok_or_else(|| PageError::unexpected("applicant"))?;
        let record = ctx.journey().record.as_ref().ok_or_else(|| PageError::unexpected("record"))?;
        let outcome = ctx.nrg().recheck_credit(record, &asked.offer, Some(asked.date), &token).await?;
        Ok(Box::new(move |journey| {
            journey.rechecked = Some(key.clone());
            journey.credit_answered(&applicant, asked.clone(), outcome.clone());
        }))
    }
}

/// Whether the person has said that there are papers, about the deposit that is asked for now.
fn has_papers(journey: &Journey) -> bool {
    journey.deposit_papers.is_some() && journey.deposit_papers == journey.credit_asked()
}

/// What to do with papers: call, and how long the answers wait here.
fn papers_notice<'a>(ctx: PageContext<'a>, page: &Page<'a>) -> Notice<'a> {
    let t = &ctx.messages().deposit;
    let mut text = vec![
        page.interpolate(&t.papers_call),
        interpolate(&t.papers_kept, &[("minutes", &ctx.idle_minutes())]),
    ];
    if page.session.is_some_and(|session| session.later) {
        text.push(interpolate(&t.papers_later, &[("button", &ctx.messages().resume.later)]));
    }
    Notice { title: page.interpolate(&t.papers_title), text: Some(text.join(" ")), message: None }
}

#[derive(Template)]
#[template(path = "step/deposit.html")]
struct DepositPage<'a> {
    page: Page<'a>,
    revision: u64,
    credit: &'a Credit,
    /// The language of its factors, if it is not the page's.
    factors_lang: &'static str,
    amount: String,
    agency: Option<&'a str>,
    words: DepositWords<'a>,
    ways_out: &'a [WayOut],
    choice: Field,
    choices: Vec<Choice>,
    ssn: Field,
    ssn_hint: &'a str,
}
