//! Step `start_date`: one of the dates NRG offers, then the credit check for that date.

use askama::Template;
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Weekday},
};

use super::{JourneyUpdate, PageError, Prepared, Reader, StepPage, call, plans};
use crate::{
    fields::{Problem, ServiceDate, Transaction},
    journey::{DatesFetched, Journey, Position, SafeHtml, Step},
    messages::{Messages, interpolate},
    rate_limit::Action,
    web::{
        ErrorMessages, Field, Month, MonthDay, Notice, Page, Weekdays, advice, context::RequestContext,
        form::FormErrors, page_context::PageContext,
    },
};

/// Step `start_date`.
pub struct StartDateStep;

/// The posted form: a picked date (`yyyy-mm-dd`) or a typed one (`7/4/2030`, `July 4`).
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct StartDateForm {
    pub date: String,
    pub typed: String,
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
        StartDateForm { date, typed: String::new() }
    }

    async fn prepare(ctx: &mut RequestContext) -> Result<Prepared, PageError> {
        if !is_read(ctx) {
            call::read(ctx, Step::StartDate, Box::new(|ctx, _| Box::pin(fetch(ctx)))).await?;
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
        let mut page = ctx.step_page(Step::StartDate, title, faults.summary());
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
            first: dates
                .offered
                .first()
                .map(|first| interpolate(&t.first_is, &[("date", &text.date(first.0))]))
                .unwrap_or_default(),
            weekdays: weekdays(text),
            months: months(text, &dates.offered, &form.date),
            date,
            typed,
            fee: dates.fee.as_ref(),
        };
        Ok(page.render()?)
    }

    fn parse(form: &StartDateForm, ctx: PageContext<'_>) -> Result<ServiceDate, FormErrors> {
        let mut reader = Reader::default();
        let offered = offered(ctx.journey);
        let first = offered.first().map_or(Date::MIN, |first| first.0);
        let (field, parsed) = match (form.typed.trim(), form.date.trim()) {
            ("", "") => ("date", Err(Problem::Missing)),
            ("", picked) => ("date", ServiceDate::parse_iso(picked)),
            (typed, _) => ("typed", ServiceDate::parse_typed(typed, first)),
        };
        if field == "typed" && parsed.is_err() {
            reader.say(field, &ctx.messages().start_date.not_a_date);
            return reader.finish(None);
        }
        let date = reader.read(field, parsed).and_then(|date| {
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
        });
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

async fn fetch(ctx: &mut RequestContext) -> Result<(), PageError> {
    plans::refresh(ctx).await?;
    // Another request may have read them since the page was asked for, and been told that the journey ends.
    if is_read(ctx) || !ctx.journey().may_visit(Step::StartDate, ctx.view().eval_context()) {
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
    /// "First day available: …".
    first: String,
    weekdays: Weekdays<'a>,
    months: Vec<Month>,
    date: Field,
    typed: Field,
    fee: Option<&'a SafeHtml>,
}

/// The days of the week from Sunday on, in Spanish too.
fn weekdays(text: &Messages) -> Weekdays<'_> {
    [
        Weekday::Sunday,
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
    ]
    .map(|day| {
        let name = text.weekday(day);
        (name.chars().take(2).collect(), name)
    })
}

/// Months are open until this many dates are visible.
const SEEN: usize = 10;

/// The calendar of each month with an offered date. The first months are open, and that of the picked date.
fn months(text: &Messages, offered: &[ServiceDate], picked: &str) -> Vec<Month> {
    let same_month = |a: &ServiceDate, b: &ServiceDate| a.0.first_of_month() == b.0.first_of_month();
    let first = offered.first();
    let mut seen = 0;
    let month = |dates: &[ServiceDate]| {
        let start = dates.first()?.0.first_of_month();
        let (name, year) = (text.month(start.month()), start.year().to_string());
        let day = |day: Date| {
            let date = ServiceDate(day);
            let label = dates.contains(&date).then(|| text.date(day));
            MonthDay { number: day.day(), value: date.iso(), label, first: Some(&date) == first }
        };
        let open = seen < SEEN || dates.iter().any(|date| date.iso() == picked);
        seen += dates.len();
        let blanks = start.weekday().to_sunday_zero_offset().unsigned_abs();
        let mut days: Vec<Option<MonthDay>> = (0..blanks).map(|_| None).collect();
        days.extend(
            start.series(1.day()).take(start.days_in_month().unsigned_abs().into()).map(|d| Some(day(d))),
        );
        days.resize_with(days.len().next_multiple_of(7), || None);
        Some(Month {
            id: start.strftime("%Y-%m").to_string(),
            heading: interpolate(&text.start_date.month_heading, &[("month", name), ("year", &year)]),
            open,
            weeks: days.chunks(7).map(<[_]>::to_vec).collect(),
        })
    };
    offered.chunk_by(same_month).filter_map(month).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{fields::Language, messages::Catalogs};

    #[test]
    fn calendar_shows_whole_months_and_opens_first_ones_and_picked_one() {
        let catalogs = Catalogs::load().unwrap();
        // Saturday, Sunday, Monday; then another month.
        let mut offered = vec![ServiceDate(date(2030, 6, 29)), ServiceDate(date(2030, 6, 30))];
        offered.extend((1..=10).map(|day| ServiceDate(date(2030, 7, day))));
        offered.extend([ServiceDate(date(2030, 8, 1)), ServiceDate(date(2030, 9, 30))]);
        let months = |language, picked: &str| months(catalogs.of(language), &offered, picked);
        let shape: Vec<_> = months(Language::English, "2030-09-30")
            .iter()
            .map(|month| (month.heading.clone(), month.open, month.weeks.len()))
            .collect();
        assert_eq!(
            shape,
            [
                ("June 2030".to_owned(), true, 6),
                ("July 2030".to_owned(), true, 5),
                ("August 2030".to_owned(), false, 5),
                ("September 2030".to_owned(), true, 5),
            ]
        );
        let spanish = months(Language::Spanish, "");
        assert_eq!(spanish[1].heading, "julio de 2030");
        for month in &spanish {
            let days: Vec<_> = month.weeks.iter().flatten().flatten().collect();
            assert!((30..=31).contains(&days.len()), "{}", month.heading);
            assert!(month.weeks.iter().all(|week| week.len() == 7));
        }
        // The 29th of June 2030 is the Saturday of the fifth week.
        let first = spanish[0].weeks[4][6].as_ref().unwrap();
        assert_eq!((first.number, first.first), (29, true));
        assert_eq!(first.label.as_deref(), Some("sábado 29 de junio de 2030"));
        let offered: Vec<_> = spanish
            .iter()
            .flat_map(|month| month.weeks.iter().flatten().flatten())
            .filter(|d| d.label.is_some())
            .collect();
        assert_eq!(offered.len(), 14);
        assert_eq!(offered.iter().filter(|day| day.first).count(), 1);
    }

    #[test]
    fn calendar_weeks_begin_on_sunday() {
        let catalogs = Catalogs::load().unwrap();
        let short = |language| weekdays(catalogs.of(language)).map(|(short, _)| short);
        assert_eq!(short(Language::English), ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"]);
        assert_eq!(short(Language::Spanish), ["do", "lu", "ma", "mi", "ju", "vi", "sá"]);
    }
}
