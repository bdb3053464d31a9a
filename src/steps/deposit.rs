//! Step `deposit`, only if one is owed: accept it, or have the credit checked again with an SSN.

use askama::Template;
use zeroize::Zeroizing;

use super::{JourneyUpdate, PageError, Reader, StepPage, TypedNumber};
use crate::{
    fields::{NumberKey, Problem, Ssn, Token},
    journey::{Credit, Journey, Step},
    messages::{amount, interpolate},
    rate_limit::Action,
    web::{
        Choice, ErrorMessages, Field, Page, context::RequestContext, form::FormErrors,
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
    /// To check the credit again, with this SSN.
    Recheck(Ssn),
    /// The same, with the SSN's token, and the key that its tries are counted by.
    RecheckWith(Token, NumberKey),
}

impl StepPage for DepositStep {
    const STEP: Step = Step::Deposit;
    type Form = DepositForm;
    type Input = DepositInput;
    type Shown = ();

    fn form(ctx: PageContext<'_>) -> DepositForm {
        let accepted = ctx.journey.deposit_accepted.is_some();
        DepositForm {
            choice: if accepted { "go_on".into() } else { String::new() },
            ..DepositForm::default()
        }
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
        let mut faults = ErrorMessages::new(ctx.messages(), errors);
        let choice = faults.field("choice", &form.choice, &t.choice);
        let ssn = faults.field("ssn", "", &t.ssn);
        let typed = !form.ssn.trim().is_empty() || ctx.journey.failed_calls.contains_key(&Step::Deposit);
        let title = interpolate(&t.title, &[("amount", &amount)]);
        let mut page = ctx.step_page(Step::Deposit, &title, faults.summary());
        page.said.extend([&credit.due, &credit.reason].into_iter().flatten());
        let page = DepositPage {
            page,
            revision: ctx.journey.revision(Step::Deposit),
            credit,
            amount: text.dollars(credit.deposit),
            agency: credit.agency.as_deref().map(|code| match code {
                "EQ" => t.agency_equifax.as_str(),
                "TU" => t.agency_transunion.as_str(),
                other => other,
            }),
            choice,
            choices: [
                Choice::new("go_on", &t.go_on).hint(&t.go_on_hint),
                Choice::new("with_ssn", &t.with_ssn).hint(&t.with_ssn_hint),
            ],
            ssn,
            ssn_hint: if typed { &text.problem.secret_again } else { &text.identity.ssn_hint },
        };
        Ok(page.render()?)
    }

    fn parse(form: &DepositForm, _ctx: PageContext<'_>) -> Result<DepositInput, FormErrors> {
        let mut reader = Reader::default();
        let input = match form.choice.as_str() {
            "go_on" => Some(DepositInput::GoOn),
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
            DepositInput::GoOn | DepositInput::RecheckWith(..) => TypedNumber::Absent,
            DepositInput::Recheck(ssn) => {
                let typed = ctx.app.limits.of_ssn(ssn);
                TypedNumber::compare(Some(&typed), ctx.journey().rechecked.as_ref())
            }
        }
    }

    async fn trade_number(ctx: &mut RequestContext, input: DepositInput) -> Result<DepositInput, PageError> {
        let DepositInput::Recheck(ssn) = input else { return Ok(input) };
        ctx.count(Action::Credit).await?;
        let key = ctx.app.limits.of_ssn(&ssn);
        ctx.count_person(Action::Credit, Some(&key)).await?;
        Ok(DepositInput::RecheckWith(ctx.nrg().token_ssn(&ssn).await?, key))
    }

    async fn call_nrg(ctx: &mut RequestContext, input: DepositInput) -> Result<JourneyUpdate, PageError> {
        let asked = ctx.journey().credit_asked().ok_or_else(|| PageError::unexpected("credit"))?;
        let (token, key) = match input {
            DepositInput::GoOn => {
                return Ok(Box::new(move |journey| journey.deposit_accepted = Some(asked.clone())));
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

#[derive(Template)]
#[template(path = "step/deposit.html")]
struct DepositPage<'a> {
    page: Page<'a>,
    revision: u64,
    credit: &'a Credit,
    amount: String,
    agency: Option<&'a str>,
    choice: Field,
    choices: [Choice; 2],
    ssn: Field,
    ssn_hint: &'a str,
}
