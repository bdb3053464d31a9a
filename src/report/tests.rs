//! Reports contain what was counted, with each grouping and in each format, and submissions as the ledger has them.

use std::time::Duration;

use clap::Parser;
use jiff::Timestamp;
use serde_json::Value;

use super::*;
use crate::{
    cli::report::Options,
    fields::{Brand, Language},
    journey::{ClickParams, Journey, ProgressEvent, Step, StopKind},
    ledger::{
        Filter, Ledger, NewSubmission, State,
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
    journey.answered(Step::Zip);
    journey.attribution = ClickParams::default().read(&format!("sub1={sub}"));
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
                new.attribution =
                    ClickParams::default().read(["sub1=blue", "sub1=red&cid=1", "cid=2", ""][number % 4]);
            })
            .await;
            manual.forward(hour);
            at += hour;
        }
        let last = texas_time::day(at);
        let counted = reporter.ledger.count().await.unwrap();
        let query = |by: &[By]| ReportQuery::new(Some(first), Some(last), by.to_vec(), last).unwrap();
        let all = By::ALL.iter().map(|by| vec![*by]);
        for by in all.chain([vec![], vec![By::Day, By::Sub1], vec![By::Hour, By::Brand]]) {
            let report = reporter.report(query(&by)).await.unwrap();
            for (state, count) in &counted {
                assert_eq!(report.all.at(*state), *count, "{by:?} {state:?}");
                let of_groups: i64 = report.groups.iter().map(|group| group.numbers.at(*state)).sum();
                assert_eq!(of_groups, if by.is_empty() { 0 } else { *count }, "{by:?} {state:?}");
            }
            for Group { names, numbers } in report.groups.iter().filter(|_| by == [By::Day]) {
                let day: Date = names[0].parse().unwrap();
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
            let report = reporter.report(query(by)).await.unwrap();
            let mut groups: Vec<_> = report
                .groups
                .into_iter()
                .map(|group| format!("{} {}", group.names.join(" "), group.numbers.submitted()))
                .collect();
            groups.sort();
            groups
        };
        assert_eq!(by(&[By::Brand]).await, ["CE 40", "GM 40", "RE 40"]);
        assert_eq!(by(&[By::Language]).await, ["en 60", "es 60"]);
        assert_eq!(by(&[By::Sub1]).await, ["(none) 60", "blue 30", "red 30"]);
        assert_eq!(
            by(&[By::Sub1, By::Language]).await,
            ["(none) en 30", "(none) es 30", "blue en 30", "red es 30"]
        );
        assert_eq!(by(&[By::Hour]).await.len(), 24);
        let of_blue = ReportQuery { sub1: Some("blue".to_owned()), ..query(&[By::Sub1]) };
        let of_blue = reporter.report(of_blue).await.unwrap();
        assert_eq!((of_blue.all.submitted(), of_blue.groups.len()), (30, 1));
        let none = ReportQuery { from: day("2029-01-01"), to: day("2029-12-31"), ..query(&[]) };
        let none = reporter.report(none).await;
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
            let took = jiff::SignedDuration::from_secs(25);
            funnel.count(&late, &[ProgressEvent::Answered(Step::Zip, took), ProgressEvent::Submitted]);
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
        funnel.ended(&left);
        let mut linked = Journey::new("J".into(), begun, Language::English);
        linked.attribution = ClickParams::default().read("sub1=red");
        funnel.ended(&linked);
        funnel.link("main", Language::English, &ClickParams::default().unusable_in("cid={clickid}"));
        submit(&ledger, &store, State::Enrolled, |_| ()).await;
        submit(&ledger, &store, State::Refused, |_| ()).await;
        funnel.flush().await.unwrap();
        manual.forward(Duration::from_secs(24 * 3600));

        let output = async |words: &str| {
            let options = parse(words).unwrap();
            let report = reporter.report(options.query(funnel.today()).unwrap()).await.unwrap();
            let mut out = Vec::new();
            options.write(&report, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let table = output("--by sub1").await;
        for line in [
            "zip         5        100%    1           20 to 30",
            "plans       3        60%     0           -",
            "stopped before         1",
            "abandoned              1",
            "submission enrolled    1",
            "restricted  1",
            "cid        macro   1",
            "Links alone: 1. Stopped, by NRG or by a stop before: 2.",
            "From the first answer to the submission: 5 to 8 minutes for the middle one.",
            "SUB1    LINKS ALONE  JOURNEYS  SUBMITTED  ENROLLED  ACCEPTED  STOPPED  ABANDONED  MINUTES",
            "red     1            3         0          0         0         1        1          5 to 8",
            "blue    0            2         0          0         0         0        0          3 to 5",
            "(none)  0            0         2          1         0         1        0          -",
            "red     100%  33%    0%       0%       0%       0%        0%    0%          0%       0%      0%         0%",
        ] {
            assert!(table.lines().any(|printed| printed.trim_end() == line), "{line} is not in\n{table}");
        }
        let csv = output("--by language --format csv").await;
        assert!(csv.starts_with("language,event,name,count\n"), "{csv}");
        for line in
            [
                "en,link,alone,1", "en,step,zip,3", "es,step,plans,2", "es,minutes,8,2", "es,seconds,zip.30,2",
                "en,left,zip,1", "en,stop,restricted,1", "en,ending,stopped,2",
                "en,ending,stopped_before_submitting,1",
            ]
        {
            assert!(csv.lines().any(|printed| printed == line), "{line} is not in\n{csv}");
        }
        let json: Value = serde_json::from_str(&output("--by day --format json").await).unwrap();
        assert_eq!(json["by"], "day");
        assert_eq!(json["groups"][0]["name"], today.to_string());
        assert_eq!(json["all"]["submission"]["enrolled"], 1);
        assert_eq!(json["all"]["ending"]["abandoned"], 1);
        assert_eq!(json["all"]["median_minutes"], "5 to 8");
        assert_eq!(json["all"]["median_seconds"]["zip"], "20 to 30");
        assert_eq!((&json["all"]["percent"]["plans"], &json["all"]["percent"]["enrolled"]), (&60.into(), &20.into()));
        assert_eq!(json["unusable"][0]["parameter"], "cid");
        let none = output(&format!("--to {} --format csv", today.checked_sub(1.day()).unwrap())).await;
        assert!(none.lines().skip(1).all(|line| line.ends_with(",0")), "{none}");
        let two = output("--by day,sub1 --format csv").await;
        assert!(two.starts_with("day,sub1,event,name,count\n"), "{two}");
        assert!(two.contains(&format!("{today},blue,step,zip,2\n")), "{two}");
        let two: Value = serde_json::from_str(&output("--by day,sub1 --format json").await).unwrap();
        assert_eq!((&two["by"], &two["groups"][0]["names"][1]), (&"day,sub1".into(), &"red".into()));
        // What a link says is one cell, and no formula.
        let odd = journey(begun, "%3DSUM(1%2C2)%22", Language::English);
        funnel.count(&odd, &[ProgressEvent::Reached(Step::Zip)]);
        funnel.flush().await.unwrap();
        let csv = output("--by sub1 --format csv").await;
        assert!(csv.lines().any(|printed| printed == "\"'=SUM(1,2)\"\"\",step,zip,1"), "{csv}");
    })
    .await;
    for wrong in ["--by cid", "--from yesterday", "--format xml", "--by day,person"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn smallest_values_beyond_200_are_folded_into_other() {
    let groups = |by: &[By], names: &dyn Fn(usize) -> Vec<String>| {
        let group = |number| (names(number), Numbers { stopped_before: 1, ..Numbers::default() });
        let groups = sorted((0..205).map(group).collect(), by);
        groups
            .into_iter()
            .map(|group| (group.names.join(" "), group.numbers.stopped_before))
            .collect::<Vec<_>>()
    };
    let folded = groups(&[By::Sub1], &|number| vec![number.to_string()]);
    assert_eq!(
        (folded.len(), folded.iter().find(|(name, _)| name == OTHER)),
        (201, Some(&(OTHER.to_owned(), 5)))
    );
    let with_other =
        groups(&[By::Sub1], &|number| vec![if number == 3 { OTHER.to_owned() } else { number.to_string() }]);
    assert_eq!(with_other.iter().find(|(name, _)| name == OTHER), Some(&(OTHER.to_owned(), 5)));
    assert_eq!(groups(&[By::Day], &|number| vec![number.to_string()]).len(), 205);
    let pairs = groups(&[By::Language, By::Sub1], &|number| {
        vec![["en", "es"][number % 2].to_owned(), number.to_string()]
    });
    assert_eq!(pairs.len(), 202);
    assert_eq!(
        pairs.iter().filter(|(name, _)| name.ends_with(OTHER)).map(|(_, count)| count).sum::<i64>(),
        5
    );
}
