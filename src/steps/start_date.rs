//! Step `start_date`: one of the dates NRG offers, then the credit check for it.

use askama::Template;
use jiff::{
    SignedDuration,
    civil::{Date, Weekday},
};

use super::{Failure, Prepared, Reader, Record, StepPage, nothing, plans};
use crate::{
    fields::{Problem, ServiceDate, Transaction},
    journey::{DatesFetched, Journey, SafeHtml, Step},
    text::{Text, fill},
    web::{
        Choice, DateMonth, Field, Notice, Page, advice,
        ctx::{Ctx, Faults},
        form::Errors,
    },
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
            ctx.record(|journey| journey.dates_answered(&applicant, asked.clone(), now, outcome.clone()))
                .await?;
        }
        let shown =
            ctx.journey().may_visit(Step::StartDate, ctx.frame()) && !offered(ctx.journey()).is_empty();
        Ok(if shown { Prepared::Show } else { Prepared::Elsewhere })
    }

    async fn render(ctx: &Ctx, form: &StartDateForm, errors: &Errors) -> Result<String, Failure> {
        let text = ctx.text();
        let t = &text.start_date;
        let journey = ctx.journey();
        let dates = journey.dates().and_then(|dates| dates.verdict.as_ref().ok());
        let dates = dates.ok_or_else(|| Failure::unexpected("dates"))?;
        let mut faults = Faults::new(ctx, errors);
        let date = faults.field("date", &form.date, &t.date);
        let typed = faults.field("typed", &form.typed, &t.date);
        let title = match journey.service.as_ref().map(|service| service.transaction) {
            Some(Transaction::Switch) => &t.title_switch,
            Some(Transaction::MoveIn) | None => &t.title_move_in,
        };
        let mut page = ctx.step_page(Step::StartDate, title, faults.summary());
        page.notices = advice::notices(ctx, dates.advice.as_slice());
        if journey.start_date.is_some_and(|date| !dates.offered.contains(&date)) {
            page.notices.push(Notice {
                title: text.common.important.clone(),
                text: Some(t.new_dates.clone()),
                message: None,
            });
        }
        let page = StartDatePage {
            page,
            revision: journey.revision(Step::StartDate),
            utility: ctx.utility_name(),
            months: months(text, &dates.offered, &form.date),
            date,
            typed,
            fee: dates.fee.as_ref(),
        };
        Ok(page.render()?)
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

#[derive(Template)]
#[template(path = "step/start-date.html")]
struct StartDatePage<'a> {
    page: Page<'a>,
    revision: u64,
    utility: &'a str,
    months: Vec<DateMonth>,
    date: Field,
    typed: Field,
    fee: Option<&'a SafeHtml>,
}

/// The offered dates by month and week. The first month is open, and the one of the picked date.
fn months(text: &Text, offered: &[ServiceDate], picked: &str) -> Vec<DateMonth> {
    let same_month =
        |a: &ServiceDate, b: &ServiceDate| (a.0.year(), a.0.month()) == (b.0.year(), b.0.month());
    let same_week = |a: &ServiceDate, b: &ServiceDate| week(a.0) == week(b.0);
    let first = offered.first();
    let choice = |date: &ServiceDate| {
        let choice = Choice::new(date.iso(), text.date(date.0));
        if Some(date) == first { choice.hint(&text.start_date.first) } else { choice }
    };
    let month = |dates: &[ServiceDate]| {
        let day = dates.first()?;
        let (name, year) = (text.month(day.0.month()), day.0.year().to_string());
        Some(DateMonth {
            heading: fill(&text.start_date.month_heading, &[("month", name), ("year", &year)]),
            open: Some(day) == first || dates.iter().any(|date| date.iso() == picked),
            weeks: dates.chunk_by(same_week).map(|week| week.iter().map(choice).collect()).collect(),
        })
    };
    offered.chunk_by(same_month).filter_map(month).collect()
}

/// The Sunday or later day a week begins with, as American calendars draw it; none at the end of time.
fn week(day: Date) -> Option<Date> {
    if day.weekday() == Weekday::Sunday { Some(day) } else { day.nth_weekday(-1, Weekday::Sunday).ok() }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{fields::Language, text::Texts};

    #[test]
    fn dates_are_read_as_texans_write_them() {
        for (typed, read) in [
            ("7/4/2030", Some(date(2030, 7, 4))),
            ("07-04-30", Some(date(2030, 7, 4))),
            (" 7 4 2030 ", Some(date(2030, 7, 4))),
            ("13/4/2030", None),
            ("7/4", None),
            ("7/4/2030/1", None),
            ("July 4", None),
        ] {
            assert_eq!(american(typed), read, "{typed:?}");
        }
    }

    #[test]
    fn dates_stand_by_month_and_week_and_only_months_of_interest_are_open() {
        let texts = Texts::load().unwrap();
        // Saturday, Sunday, Monday; then another month.
        let offered = [(2030, 6, 29), (2030, 6, 30), (2030, 7, 1), (2030, 8, 5)];
        let offered = offered.map(|(year, month, day)| ServiceDate(date(year, month, day)));
        let shape = |picked: &str| -> Vec<(String, bool, Vec<usize>)> {
            months(texts.of(Language::English), &offered, picked)
                .into_iter()
                .map(|month| (month.heading, month.open, month.weeks.iter().map(Vec::len).collect()))
                .collect()
        };
        assert_eq!(
            shape("2030-08-05"),
            [
                ("June 2030".to_owned(), true, vec![1, 1]),
                ("July 2030".to_owned(), false, vec![1]),
                ("August 2030".to_owned(), true, vec![1]),
            ]
        );
        let months = months(texts.of(Language::English), &offered, "");
        let hinted =
            months.iter().flat_map(|month| month.weeks.iter().flatten()).filter(|day| !day.hint.is_empty());
        assert_eq!(hinted.map(|day| day.value.as_str()).collect::<Vec<_>>(), ["2030-06-29"]);
    }
}
