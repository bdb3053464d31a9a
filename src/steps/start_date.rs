//! Step `start_date`: one of the dates NRG offers, then the credit check for that date.

mod calendar;

use askama::Template;
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{JourneyUpdate, PageError, Prepared, Reader, StepPage, call, plans};
use crate::{
    fields::{Problem, ServiceDate, Transaction},
    journey::{DatesFetched, Journey, Position, SafeHtml, Step},
    messages::interpolate,
    rate_limit::Action,
    web::{
        ErrorMessages, Field, Month, Notice, Page, Weekdays, advice, context::RequestContext,
        form::FormErrors, page_context::PageContext,
    },
};

/// Step `start_date`.
pub struct StartDateStep;

/// The posted form: a picked date (`yyyy-mm-dd`) or a typed one (`7/4/2030`, `July 4`); and both as the page showed them,
/// so that of the two the one counts that has been changed.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct StartDateForm {
    pub date: String,
    pub typed: String,
    #[serde(skip_serializing)]
    pub shown_date: String,
    #[serde(skip_serializing)]
    pub shown_typed: String,
}

/// The dates that are offered.
pub fn offered(journey: &Journey) -> &[ServiceDate] {
    let dates = journey.dates().and_then(|dates| dates.verdict.as_ref().ok());
    dates.map_or(&[], |dates| &dates.offered)
}

impl StepPage for StartDateStep {
    const STEP: Step = Step::StartDate;
    type Form = StartDateForm;
    type Input = ServiceDate;
    type Shown = ();

    fn form(ctx: PageContext<'_>) -> StartDateForm {
        let date = ctx.journey.start_date.map_or_else(String::new, ServiceDate::iso);
        StartDateForm { date, ..StartDateForm::default() }
    }

    async fn prepare(ctx: &mut RequestContext) -> Result<Prepared, PageError> {
        if !is_current(ctx) {
            let read = call::read(ctx, Step::StartDate, Box::new(|ctx, _| Box::pin(fetch(ctx)))).await;
            match read {
                // Only their texts are in the other language: what cannot be asked again now is shown as it came.
                Err(PageError::Nrg(_) | PageError::CallFailed(..) | PageError::TooMany(_))
                    if is_read(ctx) => {}
                read => read?,
            }
        }
        let shown = ctx.journey().may_visit(Step::StartDate, ctx.view().eval_context())
            && !offered(ctx.journey()).is_empty();
        Ok(if shown { Prepared::Show } else { Prepared::Elsewhere })
    }

    fn render(
        ctx: PageContext<'_>,
        _shown: &(),
        form: &StartDateForm,
        errors: &FormErrors,
    ) -> Result<String, PageError> {
        let text = ctx.messages();
        let t = &text.start_date;
        let journey = ctx.journey;
        let dates = journey.dates().and_then(|dates| dates.verdict.as_ref().ok());
        let dates = dates.ok_or_else(|| PageError::unexpected("dates"))?;
        let mut faults = ErrorMessages::new(ctx.messages(), errors);
        let date = faults.field("date", &form.date, &t.date);
        let typed = faults.field("typed", &form.typed, &t.date);
        let title = match journey.service.as_ref().map(|service| service.transaction) {
            Some(Transaction::Switch) => &t.title_switch,
            Some(Transaction::MoveIn) | None => &t.title_move_in,
        };
        let mut page = ctx.form_page(Step::StartDate, title, faults.summary());
        page.notices.extend(advice::notices(ctx, dates.advice.as_slice()));
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
            soonest: dates.offered.first().map(|first| {
                let (day, date) = (first.0.day().to_string(), first.0);
                let (weekday, month) = (text.weekday(date.weekday()), text.month(date.month()));
                let values = [("weekday", weekday), ("month", month), ("day", &*day)];
                (first.iso(), interpolate(&t.soonest, &values))
            }),
            weekdays: calendar::weekdays(text),
            months: calendar::months(text, &dates.offered, &form.date),
            date,
            typed,
            fee: dates.fee.as_ref(),
        };
        Ok(page.render()?)
    }

    /// The picked day or the typed one, whichever counts: on another page both would be old.
    fn unsent(form: StartDateForm) -> StartDateForm {
        let (typed, date) = answers(&form);
        StartDateForm { typed: typed.to_owned(), date: date.to_owned(), ..StartDateForm::default() }
    }

    fn parse(form: &StartDateForm, ctx: PageContext<'_>) -> Result<ServiceDate, FormErrors> {
        let mut reader = Reader::default();
        let (typed, picked) = answers(form);
        let kept = ServiceDate::parse_iso(picked);
        let date = if typed.is_empty() {
            reader.read("date", kept).and_then(|date| one_of_offered(&mut reader, "date", date, ctx))
        } else {
            read_typed(&mut reader, typed, kept.ok(), ctx)
        };
        reader.finish(date)
    }

    fn store(date: &ServiceDate, journey: &mut Journey) {
        journey.start_date = Some(*date);
    }

    fn needs_call(journey: &Journey) -> bool {
        // Never a second credit inquiry for the same plan and date (contract 11.12).
        !matches!(journey.credit(), Some(Ok(_)))
    }

    async fn call_nrg(ctx: &mut RequestContext, _date: ServiceDate) -> Result<JourneyUpdate, PageError> {
        let journey = ctx.journey();
        ctx.count(Action::Credit).await?;
        ctx.count_person(Action::Credit, journey.number()).await?;
        let asked = journey.credit_asked().ok_or_else(|| PageError::unexpected("credit"))?;
        let applicant = journey.applicant().ok_or_else(|| PageError::unexpected("applicant"))?;
        let record = journey.record.as_ref().ok_or_else(|| PageError::unexpected("record"))?;
        let outcome = ctx.nrg().check_credit(record, &asked.offer, Some(asked.date)).await?;
        Ok(Box::new(move |journey| journey.credit_answered(&applicant, asked.clone(), outcome.clone())))
    }
}

/// What was typed and what was picked. Where only one of them is new on the page, it alone is the answer: a text that was
/// refused does not stand against a day that is picked then, nor the day that is kept against another one that is typed.
fn answers(form: &StartDateForm) -> (&str, &str) {
    let (typed, picked) = (form.typed.trim(), form.date.trim());
    let (is_new, is_picked) = (typed != form.shown_typed.trim(), picked != form.shown_date.trim());
    match (typed, picked) {
        ("", _) | (_, "") => (typed, picked),
        _ if is_picked && !is_new => ("", picked),
        _ if is_new && !is_picked => (typed, ""),
        _ => (typed, picked),
    }
}

/// The typed date, unless another one was picked as well: neither is taken silently then. A day of the week that is not
/// the date's is a sign that another day is meant, so it is said, too.
fn read_typed(
    reader: &mut Reader,
    typed: &str,
    picked: Option<ServiceDate>,
    ctx: PageContext<'_>,
) -> Option<ServiceDate> {
    let text = ctx.messages();
    let t = &text.start_date;
    let first = offered(ctx.journey).first().map_or(Date::MIN, |first| first.0);
    let Ok(read) = ServiceDate::parse_typed(typed, first) else {
        let kept = picked.map(|picked| interpolate(&t.clear_to_keep, &[("picked", &text.date(picked.0))]));
        reader.say(
            "typed",
            &[Some(t.not_a_date.clone()), kept].into_iter().flatten().collect::<Vec<_>>().join(". "),
        );
        return None;
    };
    let date = text.date(read.date.0);
    if read.weekday.is_some_and(|weekday| weekday != read.date.0.weekday()) {
        reader.say("typed", &interpolate(&t.other_weekday, &[("date", &date)]));
        return None;
    }
    if let Some(picked) = picked.filter(|picked| *picked != read.date) {
        reader
            .say("typed", &interpolate(&t.two_dates, &[("picked", &text.date(picked.0)), ("typed", &date)]));
        return None;
    }
    one_of_offered(reader, "typed", read.date, ctx)
}

/// The date, if NRG offers it; else the closest one is said.
fn one_of_offered(
    reader: &mut Reader,
    field: &'static str,
    date: ServiceDate,
    ctx: PageContext<'_>,
) -> Option<ServiceDate> {
    let offered = offered(ctx.journey);
    if offered.contains(&date) {
        return Some(date);
    }
    match offered.iter().min_by_key(|other| (other.0 - date.0).get_days().abs()) {
        Some(nearest) => {
            let text = ctx.messages();
            let (date, nearest) = (text.date(date.0), text.date(nearest.0));
            let sentence =
                interpolate(&text.start_date.not_offered, &[("date", &date), ("nearest", &nearest)]);
            reader.say(field, &sentence);
        }
        None => reader.problem(field, Problem::NotOffered),
    }
    None
}

/// Asks for the dates if that is what the visitor waits for next. What fails here is asked for again by the page.
pub async fn ask_ahead(ctx: &mut RequestContext) {
    if ctx.view().position() == Position::Step(Step::StartDate) && !is_read(ctx) {
        let _ = call::read(ctx, Step::StartDate, Box::new(|ctx, _| Box::pin(fetch(ctx)))).await;
    }
}

/// Whether the page can be shown as the journey stands: the plan was read today, and the dates need not be fetched.
fn is_read(ctx: &RequestContext) -> bool {
    let journey = ctx.journey();
    let dates_are = || {
        journey.dates_asked().is_none()
            || journey.dates().is_some_and(|dates| usable(dates, ctx.app.clock.now()))
    };
    !plans::is_of_earlier_day(ctx) && dates_are()
}

/// Whether the page can be shown in the language of the page, too.
fn is_current(ctx: &RequestContext) -> bool {
    is_read(ctx) && !ctx.journey().dates().is_some_and(|dates| dates.speak_other_than(ctx.language))
}

async fn fetch(ctx: &mut RequestContext) -> Result<(), PageError> {
    plans::refresh(ctx).await?;
    // Another request may have read them since the page was asked for, and been told that the journey ends.
    if is_current(ctx) || !ctx.journey().may_visit(Step::StartDate, ctx.view().eval_context()) {
        return Ok(());
    }
    let journey = ctx.journey();
    let (Some(asked), Some(applicant), Some(record)) =
        (journey.dates_asked(), journey.applicant(), &journey.record)
    else {
        return Ok(());
    };
    ctx.count(Action::LookUp).await?;
    let outcome = ctx.nrg().available_dates(record, asked.past_service).await?;
    let now = ctx.app.clock.now();
    ctx.record(|journey| journey.dates_answered(&applicant, asked.clone(), now, outcome.clone())).await
}

/// After how long dates that were answered with a stop are fetched again: the person may have settled its cause.
const REFETCH_STOP_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// Whether the dates need not be fetched again.
fn usable(dates: &DatesFetched, now: Timestamp) -> bool {
    dates.fresh(now) && (dates.verdict.is_ok() || now.duration_since(dates.at) < REFETCH_STOP_AFTER)
}

#[derive(Template)]
#[template(path = "step/start-date.html")]
struct StartDatePage<'a> {
    page: Page<'a>,
    revision: u64,
    utility: &'a str,
    /// The first offered day, and "As soon as possible: Monday, November 30".
    soonest: Option<(String, String)>,
    weekdays: Weekdays<'a>,
    months: Vec<Month>,
    date: Field,
    typed: Field,
    fee: Option<&'a SafeHtml>,
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::date};

    use super::*;
    use crate::{fields::Language, messages::Catalogs};

    #[test]
    fn date_as_the_page_prints_it_is_read_as_itself() {
        let catalogs = Catalogs::load().unwrap();
        let (first, later) = (date(2026, 1, 1), 0..2000_i64);
        crate::testing::properties::run((later, 0..365_i64), |(begin, ahead)| {
            let first = first + begin.days();
            let offered = ServiceDate(first + ahead.days());
            for language in Language::ALL {
                let text = catalogs.of(*language);
                let day = &text.date(offered.0);
                // Without its year.
                let short = day.trim_end_matches(|c: char| c.is_ascii_digit());
                for printed in [day, &day.to_uppercase(), short, &offered.iso()] {
                    let read = ServiceDate::parse_typed(printed, first).map(|read| read.date);
                    proptest::prop_assert_eq!(read, Ok(offered), "{}", printed);
                }
            }
            Ok(())
        });
    }

    #[test]
    fn answer_is_what_is_new_on_the_page() {
        for (typed, shown_typed, date, shown_date, counts) in [
            ("July 4", "", "", "", ("July 4", "")),
            ("", "", "2030-07-04", "", ("", "2030-07-04")),
            // Both are new.
            ("July 5", "", "2030-07-04", "", ("July 5", "2030-07-04")),
            // A refused text, and a day picked then.
            ("July 40", " July 40 ", "2030-07-04", "", ("", "2030-07-04")),
            ("July 40", "July 40", "2030-07-05", "2030-07-04", ("", "2030-07-05")),
            // A picked day, and another one typed then.
            ("July 5", "", "2030-07-04", "2030-07-04", ("July 5", "")),
            ("July 5", "July 6", "2030-07-04", "2030-07-04", ("July 5", "")),
            // Nothing was changed, or all.
            ("July 5", "July 5", "2030-07-04", "2030-07-04", ("July 5", "2030-07-04")),
            ("July 5", "July 6", "2030-07-04", "2030-07-07", ("July 5", "2030-07-04")),
            // The text was cleared.
            ("", "July 40", "2030-07-04", "2030-07-04", ("", "2030-07-04")),
        ] {
            let [typed, shown_typed, date, shown_date] =
                [typed, shown_typed, date, shown_date].map(str::to_owned);
            let form = StartDateForm { date, typed, shown_date, shown_typed };
            assert_eq!(answers(&form), counts);
        }
    }
}
