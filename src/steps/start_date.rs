//! Step `start_date`: one of the dates NRG offers, then the credit check for it.

use jiff::{SignedDuration, civil::Date};

use super::{Failure, Prepared, Reader, Record, StepPage, nothing, plans};
use crate::{
    fields::{Problem, ServiceDate},
    journey::{DatesFetched, Journey, Step},
    text::fill,
    web::{ctx::Ctx, form::Errors},
};

/// The step.
pub struct StartDateStep;

/// What is posted: a picked date (`yyyy-mm-dd`) or a typed one (`7/4/2030`).
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct StartDateForm {
    pub date: String,
    pub typed: String,
}

/// The dates to choose from.
pub fn offered(journey: &Journey) -> &[ServiceDate] {
    let dates = journey.dates().and_then(|dates| dates.verdict.as_ref().ok());
    dates.map_or(&[], |dates| &dates.offered)
}

impl StepPage for StartDateStep {
    const STEP: Step = Step::StartDate;
    const CLAIMED: bool = true;
    type Form = StartDateForm;
    type Input = ServiceDate;

    fn form(ctx: &Ctx) -> StartDateForm {
        let date = ctx.journey().start_date.map_or_else(String::new, ServiceDate::iso);
        StartDateForm { date, typed: String::new() }
    }

    async fn prepare(ctx: &mut Ctx) -> Result<Prepared, Failure> {
        plans::refresh(ctx).await?;
        if let Some(asked) = ctx.journey().dates_asked()
            && !ctx.journey().dates().is_some_and(|dates| good(dates, ctx))
        {
            let journey = ctx.journey();
            let (Some(applicant), Some(record)) = (journey.applicant(), &journey.record) else {
                return Ok(Prepared::Elsewhere);
            };
            let outcome = ctx.caller().available_dates(record, asked.past_service).await?;
            let now = ctx.now;
            ctx.visit
                .change(|journey| journey.dates_answered(&applicant, asked.clone(), now, outcome.clone()))
                .await?;
            ctx.refresh_submission().await?;
        }
        let shown =
            ctx.journey().may_visit(Step::StartDate, ctx.frame()) && !offered(ctx.journey()).is_empty();
        Ok(if shown { Prepared::Show } else { Prepared::Elsewhere })
    }

    async fn render(ctx: &Ctx, form: &StartDateForm, errors: &Errors) -> Result<String, Failure> {
        view::render(ctx, form, errors)
    }

    fn parse(form: &StartDateForm, ctx: &Ctx) -> Result<ServiceDate, Errors> {
        let mut reader = Reader::default();
        let offered = offered(ctx.journey());
        let parsed = match (form.typed.trim(), form.date.trim()) {
            ("", "") => Err(Problem::Missing),
            ("", picked) => ServiceDate::parse_iso(picked),
            (typed, _) => american(typed).ok_or(Problem::NotADate).map(ServiceDate),
        };
        let field = if form.typed.trim().is_empty() { "date" } else { "typed" };
        let date = reader.read(field, parsed).and_then(|date| {
            if offered.contains(&date) {
                return Some(date);
            }
            match offered.iter().min_by_key(|other| (other.0 - date.0).get_days().abs()) {
                Some(nearest) => {
                    let text = ctx.text();
                    let (date, nearest) = (text.date(date.0), text.date(nearest.0));
                    let sentence =
                        fill(&text.start_date.not_offered, &[("date", &date), ("nearest", &nearest)]);
                    reader.say(field, &sentence);
                }
                None => reader.problem(field, Problem::NotOffered),
            }
            None
        });
        reader.finish(date)
    }

    fn keep(date: &ServiceDate, journey: &mut Journey) {
        journey.start_date = Some(*date);
    }

    async fn call(ctx: &mut Ctx, _date: ServiceDate) -> Result<Record, Failure> {
        let journey = ctx.journey();
        if matches!(journey.credit(), Some(Ok(_))) {
            // The same plan and date: never a second inquiry (contract 11.12).
            return Ok(nothing());
        }
        let asked = journey.credit_asked().ok_or_else(|| Failure::unexpected("credit"))?;
        let applicant = journey.applicant().ok_or_else(|| Failure::unexpected("applicant"))?;
        let record = journey.record.as_ref().ok_or_else(|| Failure::unexpected("record"))?;
        let outcome = ctx.caller().check_credit(record, &asked.offer, Some(asked.date)).await?;
        Ok(Box::new(move |journey| journey.credit_answered(&applicant, asked.clone(), outcome.clone())))
    }
}

/// Whether the dates need not be fetched again. A stop is asked about again after a moment: the person may
/// have settled it meanwhile.
fn good(dates: &DatesFetched, ctx: &Ctx) -> bool {
    let again_after = SignedDuration::from_secs(30);
    dates.fresh(ctx.now) && (dates.verdict.is_ok() || ctx.now.duration_since(dates.at) < again_after)
}

/// A date as Texans write it: month, day, year.
fn american(typed: &str) -> Option<Date> {
    let mut parts = typed.split(['/', '-', '.', ' ']).filter(|part| !part.is_empty());
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let year: i16 = year.parse().ok()?;
    let year = if year < 100 { year + 2000 } else { year };
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok().filter(|_| parts.next().is_none())
}
