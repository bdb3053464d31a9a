//! Reports contain what was counted, with each grouping and in each format, and submissions as the ledger has them.

use std::time::Duration;

use clap::Parser;
use jiff::Timestamp;
use serde_json::Value;

use super::*;
use crate::{
    cli::report::Options,
    fields::{Brand, Language},
    journey::{Attribution, Journey, ProgressEvent, StopKind},
    ledger::{
        Filter, Ledger, NewSubmission,
        testing::{ledger, submission},
    },
    store::{
        Store, sql,
        testing::{ManualClock, on_each_database},
    },
};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

fn parse(words: &str) -> Result<Options, clap::Error> {
    Line::try_parse_from(std::iter::once("report").chain(words.split_whitespace())).map(|line| line.options)
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn journey(at: Timestamp, sub: &str, language: Language) -> Journey {
    let mut journey = Journey::new("J".into(), at, language);
    journey.attribution = Attribution::read(&format!("sub1={sub}"));
    journey
}

async fn submit(ledger: &Ledger, store: &Store, state: State, change: impl Fn(&mut NewSubmission)) {
    let number = ledger.list(&Filter::default(), 999).await.unwrap().len().to_string();
    let mut new = submission(ledger, &number);
    change(&mut new);
    ledger.submit(&new, &[]).await.unwrap();
    let update = "UPDATE submissions SET state = $1 WHERE tracking_id = $2";
    sql!(store.writer().await.unwrap(), update, state.word(), &number => execute).unwrap();
}

fn reporter(store: &Store) -> (Reporter, Ledger, ManualClock) {
    let (manual, clock) = ManualClock::new();
    let funnel = Funnel::new(store.clone(), clock.clone());
    (Reporter { funnel, ledger: LedgerReader::new(store.clone(), None) }, ledger(store, &clock), manual)
}

#[tokio::test]
async fn report_submission_counts_equal_those_of_ledger() {
    on_each_database(async |store| {
        let (reporter, ledger, manual) = reporter(&store);
        // Over a change of the clocks, every state, several times a day, near midnight in Texas too.
        manual.back(Duration::from_secs(9 * 24 * 3600));
        let mut at = ManualClock::new().1.now() - Duration::from_secs(9 * 24 * 3600);
        let (first, hour) = (texas_time::day(at), Duration::from_secs(3600));
        for number in 0..120_usize {
            let state = State::ALL[number % 8];
            submit(&ledger, &store, state, |new| {
                new.request.brand = [Brand::Reliant, Brand::GreenMountain, Brand::Cirro][number % 3];
                new.request.language = [Language::English, Language::Spanish][number % 2];
                new.attribution = Attribution::read(["sub1=blue", "sub1=red&cid=1", "cid=2", ""][number % 4]);
            })
            .await;
            manual.forward(hour);
            at += hour;
        }
        let last = texas_time::day(at);
        let counted = reporter.ledger.count().await.unwrap();
        for by in [None, Some(By::Day), Some(By::Brand), Some(By::Language), Some(By::Sub1)] {
            let report = reporter.report(ReportQuery { from: first, to: last, by }).await.unwrap();
            for (state, count) in &counted {
                assert_eq!(report.all.at(*state), *count, "{by:?} {state:?}");
                let of_groups: i64 = report.groups.iter().map(|(_, numbers)| numbers.at(*state)).sum();
                assert_eq!(of_groups, if by.is_some() { *count } else { 0 }, "{by:?} {state:?}");
            }
            for (day, numbers) in report.groups.iter().filter(|_| by == Some(By::Day)) {
                let day: Date = day.parse().unwrap();
                let next = day.checked_add(1.day()).unwrap();
                let (since, until) = (Some(texas_time::midnight(day)), Some(texas_time::midnight(next)));
                for &state in State::ALL {
                    let filter = Filter { state: Some(state), since, until, ..Filter::default() };
                    let listed = reporter.ledger.list(&filter, 999).await.unwrap().len();
                    assert_eq!(usize::try_from(numbers.at(state)).unwrap(), listed, "{day} {state:?}");
                }
            }
        }
        let by = async |by| {
            let report = reporter.report(ReportQuery { from: first, to: last, by: Some(by) }).await.unwrap();
            let mut groups: Vec<_> =
                report.groups.into_iter().map(|(name, numbers)| (name, numbers.submitted())).collect();
            groups.sort();
            groups.into_iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>()
        };
        assert_eq!(by(By::Brand).await, ["CE 40", "GM 40", "RE 40"]);
        assert_eq!(by(By::Language).await, ["en 60", "es 60"]);
        assert_eq!(by(By::Sub1).await, ["(none) 60", "blue 30", "red 30"]);
        let none =
            reporter.report(ReportQuery { from: day("2029-01-01"), to: day("2029-12-31"), by: None }).await;
        assert_eq!(none.unwrap().all, Numbers::default());
    })
    .await;
}

#[tokio::test]
async fn report_prints_counts_by_group_as_table_csv_and_json() {
    on_each_database(async |store| {
        let (reporter, ledger, manual) = reporter(&store);
        let funnel = &reporter.funnel;
        let today = funnel.today();
        let begun = texas_time::midnight(today);
        for (sub, language, minutes) in
            [("blue", Language::English, 4), ("blue", Language::Spanish, 6), ("red", Language::Spanish, 7)]
        {
            let one = journey(begun, sub, language);
            funnel.count(&one, &[ProgressEvent::Reached(Step::Zip), ProgressEvent::Reached(Step::Plans)]);
            let after = begun + Duration::from_secs(minutes * 60);
            let late = journey(ManualClock::new().1.now() - after.duration_since(begun), sub, language);
            funnel.count(&late, &[ProgressEvent::Submitted]);
        }
        funnel.count(
            &journey(begun, "red", Language::English),
            &[
                ProgressEvent::Reached(Step::Zip),
                ProgressEvent::Stopped(StopKind::Restricted),
                ProgressEvent::Ended,
            ],
        );
        let mut left = journey(begun, "red", Language::English);
        let site = crate::journey::tests::site();
        funnel
            .count(&left.clone(), &left.new_events(crate::journey::EvalContext { site: &site, now: begun }));
        funnel.abandoned(&left);
        submit(&ledger, &store, State::Enrolled, |_| ()).await;
        funnel.flush().await.unwrap();
        manual.forward(Duration::from_secs(24 * 3600));

        let output = async |words: &str| {
            let options = parse(words).unwrap();
            let report = reporter.report(options.query(funnel.today())).await.unwrap();
            let mut out = Vec::new();
            options.write(&report, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let table = output("--by sub1").await;
        for line in [
            "zip         5        100%    1",
            "plans       3        60%     0",
            "stopped                1",
            "abandoned              1",
            "submission enrolled    1",
            "restricted  1",
            "From the first answer to the submission: 5 to 8 minutes for the middle one.",
            "SUB1    JOURNEYS  SUBMITTED  ENROLLED  ACCEPTED  STOPPED  ABANDONED  MINUTES",
            "red     3         0          0         0         1        1          5 to 8",
            "blue    2         0          0         0         0        0          3 to 5",
        ] {
            assert!(table.lines().any(|printed| printed.trim_end() == line), "{line} is not in\n{table}");
        }
        let csv = output("--by language --format csv").await;
        assert!(csv.starts_with("language,event,name,count\n"), "{csv}");
        for line in
            ["en,step,zip,3", "es,step,plans,2", "es,minutes,8,2", "en,left,zip,1", "en,stop,restricted,1"]
        {
            assert!(csv.lines().any(|printed| printed == line), "{line} is not in\n{csv}");
        }
        let json: Value = serde_json::from_str(&output("--by day --format json").await).unwrap();
        assert_eq!(json["by"], "day");
        assert_eq!(json["groups"][0]["name"], today.to_string());
        assert_eq!(json["all"]["submission"]["enrolled"], 1);
        assert_eq!(json["all"]["ending"]["abandoned"], 1);
        assert_eq!(json["all"]["median_minutes"], "5 to 8");
        let none = output(&format!("--from {} --format csv", today.checked_add(1.day()).unwrap())).await;
        assert!(none.lines().skip(1).all(|line| line.ends_with(",0")), "{none}");
        // What a link says is one cell, and no formula.
        let odd = journey(begun, "%3DSUM(1%2C2)%22", Language::English);
        funnel.count(&odd, &[ProgressEvent::Reached(Step::Zip)]);
        funnel.flush().await.unwrap();
        let csv = output("--by sub1 --format csv").await;
        assert!(csv.lines().any(|printed| printed == "\"'=SUM(1,2)\"\"\",step,zip,1"), "{csv}");
    })
    .await;
    for wrong in ["--by cid", "--from yesterday", "--format xml"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn median_duration_is_reported_as_its_bucket() {
    let mut numbers = Numbers::default();
    assert_eq!(numbers.median(), None);
    for (bucket, count, median) in [
        (1, 1, "2 to 3"),
        (2, 1, "2 to 3"),
        (2, 1, "3 to 5"),
        (9, 3, "3 to 5"),
        (9, 1, "over 120"),
        (0, 9, "0 to 2"),
    ] {
        numbers.took[bucket] += count;
        assert_eq!(numbers.median().as_deref(), Some(median), "{:?}", numbers.took);
    }
}

#[test]
fn smallest_groups_beyond_200_are_folded_into_other() {
    let group = |name: String| (name, Numbers { stopped: 1, ..Numbers::default() });
    let mut groups: Vec<_> = (0..205).map(|number| group(number.to_string())).collect();
    fold(&mut groups);
    assert_eq!((groups.len(), groups[200].0.as_str(), groups[200].1.stopped), (201, OTHER, 5));
    let mut groups: Vec<_> = (0..205).map(|number| group(number.to_string())).collect();
    groups[3].0 = OTHER.to_owned();
    fold(&mut groups);
    assert_eq!((groups.len(), groups[3].1.stopped), (200, 6));
}
