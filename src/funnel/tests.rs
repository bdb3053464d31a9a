//! The funnel on both databases: counts of several servers, limits, a database that fails.

use std::time::Duration;

use super::{By, Event, Funnel, NONE, OTHER, Selection, UNKNOWN};
use crate::{
    fields::Language,
    journey::{ClickParams, Journey, ProgressEvent, Step, StopKind},
    store::{
        Store, sql,
        testing::{ManualClock, on_each_database},
    },
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A journey that a link began.
fn link(funnel: &Funnel, query: &str) -> Journey {
    let mut journey = Journey::new("J".into(), funnel.clock.now(), Language::Spanish);
    journey.attribution = ClickParams::default().read(&format!("cid=canary&{query}"));
    journey
}

/// The same, in which a form was posted.
fn journey(funnel: &Funnel, sub: &str) -> Journey {
    let mut journey = link(funnel, &format!("sub1={sub}"));
    journey.answered(Step::Zip);
    journey
}

async fn read_by(funnel: &Funnel, by: [Option<By>; 2], sub1: Option<&str>) -> Vec<(String, String, i64)> {
    let (from, to) = ("2000-01-01".parse().unwrap(), "2100-01-01".parse().unwrap());
    let counts = funnel.read(&Selection { from, to, by, sub1 }).await.unwrap();
    counts.into_iter().map(|one| (one.group.join("|"), one.name, one.count)).collect()
}

async fn read(funnel: &Funnel) -> Vec<(String, Event, String, i64)> {
    let (from, to) = ("2000-01-01".parse().unwrap(), "2100-01-01".parse().unwrap());
    let selection = Selection { from, to, by: [Some(By::Sub1), Some(By::Language)], sub1: None };
    let counts = funnel.read(&selection).await.unwrap();
    assert!(counts.iter().all(|one| one.group[1] == "es"));
    counts.into_iter().map(|one| (one.group[0].clone(), one.event, one.name, one.count)).collect()
}

#[tokio::test]
async fn funnel_counts_of_two_servers_are_summed_and_deleted_after_retention() {
    on_each_database(async |store: Store| {
        let (manual, clock) = ManualClock::new();
        let servers = [0, 1].map(|_| Funnel::new(store.clone(), clock.clone()));
        for funnel in &servers {
            for _ in 0..2 {
                let one = journey(funnel, "blue");
                funnel.count(
                    &one,
                    &[ProgressEvent::Reached(Step::Zip), ProgressEvent::Stopped(StopKind::NoId)],
                );
            }
            funnel.ended(&journey(funnel, ""));
            assert_eq!(read(funnel).await, []);
        }
        futures_util::future::join_all(servers.iter().map(Funnel::flush)).await;
        for _ in 0..2 {
            let counted = [
                (NONE.to_owned(), Event::Left, "zip".to_owned(), 2),
                ("blue".to_owned(), Event::Step, "zip".to_owned(), 4),
                ("blue".to_owned(), Event::Stop, "no_id".to_owned(), 4),
            ];
            assert_eq!(read(&servers[0]).await, counted);
            // Nothing is written twice.
            servers[0].flush().await.unwrap();
        }
        manual.forward(10 * DAY);
        servers[0].cleanup(10 * DAY).await.unwrap();
        assert_eq!(read(&servers[0]).await.len(), 3);
        servers[0].cleanup(9 * DAY).await.unwrap();
        assert_eq!(read(&servers[0]).await, []);
    })
    .await;
}

#[tokio::test]
async fn funnel_subs_beyond_100_a_day_are_counted_as_other() {
    on_each_database(async |store: Store| {
        let funnel = Funnel::new(store.clone(), ManualClock::new().1);
        for number in 0..70 {
            funnel.count(&journey(&funnel, &number.to_string()), &[ProgressEvent::Reached(Step::Zip)]);
        }
        funnel.flush().await.unwrap();
        // Another server, or this one started anew.
        let funnel = Funnel::new(store.clone(), funnel.clock.clone());
        for number in 0..300 {
            funnel.count(&journey(&funnel, &number.to_string()), &[ProgressEvent::Reached(Step::Zip)]);
        }
        funnel.flush().await.unwrap();
        let counts = read(&funnel).await;
        assert_eq!(counts.len(), 101);
        assert_eq!(counts.iter().map(|(.., count)| count).sum::<i64>(), 370);
        assert!(counts.contains(&(OTHER.to_owned(), Event::Step, "zip".to_owned(), 200)), "{counts:?}");
        assert!(counts.contains(&("69".to_owned(), Event::Step, "zip".to_owned(), 2)));
    })
    .await;
}

#[tokio::test]
async fn funnel_counts_with_database_away_are_kept_until_next_flush() {
    on_each_database(async |store: Store| {
        let funnel = Funnel::new(store.clone(), ManualClock::new().1);
        let rename = async |from: &str, to: &str| {
            let statement = format!("ALTER TABLE {from} RENAME TO {to}");
            sql!(store.writer().await.unwrap(), sqlx::AssertSqlSafe(statement) => execute).unwrap();
        };
        rename("funnel_counts", "away").await;
        funnel.ended(&journey(&funnel, "a"));
        assert!(funnel.flush().await.is_err());
        funnel.ended(&journey(&funnel, "a"));
        rename("away", "funnel_counts").await;
        funnel.flush().await.unwrap();
        assert_eq!(read(&funnel).await, [("a".to_owned(), Event::Left, "zip".to_owned(), 2)]);
    })
    .await;
}

#[tokio::test]
async fn links_alone_take_no_places_of_journeys() {
    on_each_database(async |store: Store| {
        let funnel = Funnel::new(store.clone(), ManualClock::new().1);
        for number in 0..300 {
            funnel.ended(&link(&funnel, &format!("sub1=machine-{number}&sub2={number}")));
        }
        funnel.ended(&link(&funnel, "sub1=blue"));
        funnel.ended(&link(&funnel, "utm_source=x&sub1=blue"));
        funnel.ended(&link(&funnel, ""));
        funnel.flush().await.unwrap();
        assert_eq!(
            read(&funnel).await,
            [
                (NONE.to_owned(), Event::LinkAlone, String::new(), 1),
                (OTHER.to_owned(), Event::LinkAlone, String::new(), 302)
            ]
        );
        for number in 0..100 {
            funnel.count(&journey(&funnel, &number.to_string()), &[ProgressEvent::Reached(Step::Zip)]);
            funnel.ended(&link(&funnel, &format!("sub1={number}")));
        }
        funnel.flush().await.unwrap();
        let counts = read(&funnel).await;
        for number in 0..100 {
            for (event, name) in [(Event::Step, "zip"), (Event::LinkAlone, "")] {
                assert!(counts.contains(&(number.to_string(), event, name.to_owned(), 1)), "{number}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn funnel_counts_are_divided_by_two_and_selected_by_sub1() {
    on_each_database(async |store: Store| {
        let (manual, clock) = ManualClock::new();
        let funnel = Funnel::new(store.clone(), clock);
        let mut one = link(&funnel, "sub1=a&sub10=x&utm_source=news+letter&utm_campaign=ñ");
        one.answered(Step::Zip);
        one.site = "beta".to_owned();
        funnel.count(&one, &[ProgressEvent::Reached(Step::Zip)]);
        funnel.count(&journey(&funnel, "b"), &[ProgressEvent::Reached(Step::Zip)]);
        manual.forward(Duration::from_secs(3600));
        funnel.count(&journey(&funnel, "b"), &[ProgressEvent::Reached(Step::Zip)]);
        funnel.flush().await.unwrap();
        let zip = |group: &str, count| (group.to_owned(), "zip".to_owned(), count);
        for (by, sub1, expected) in [
            ([None, None], None, vec![zip("|", 3)]),
            ([None, None], Some("a"), vec![zip("|", 1)]),
            ([None, None], Some("c"), vec![]),
            ([Some(By::Site), None], None, vec![zip("beta|", 1), zip("main|", 2)]),
            ([Some(By::Hour), Some(By::Sub1)], None, vec![zip("12|a", 1), zip("12|b", 1), zip("13|b", 1)]),
            (
                [Some(By::UtmSource), Some(By::UtmCampaign)],
                None,
                vec![zip("(none)|(none)", 2), zip("news letter|ñ", 1)],
            ),
            ([Some(By::Sub10), Some(By::Brand)], Some("a"), vec![zip("x|(none)", 1)]),
        ] {
            assert_eq!(read_by(&funnel, by, sub1).await, expected, "{by:?}");
        }
        // What a release before this one counted.
        sql!(store.writer().await.unwrap(),
            "INSERT INTO funnel (day, sub, brand, language, event, name, count)
             VALUES ('2030-03-17', 'b', 'RE', 'es', 'step', 'zip', 5)" => execute)
        .unwrap();
        let by = [Some(By::Sub1), Some(By::Hour)];
        let counted = read_by(&funnel, by, Some("b")).await;
        assert_eq!(counted, [zip("b|12", 1), zip("b|13", 1), zip(&format!("b|{UNKNOWN}"), 5)]);
        assert_eq!(
            read_by(&funnel, [Some(By::Day), Some(By::Brand)], None).await.last(),
            Some(&zip("2030-03-17|RE", 5))
        );
    })
    .await;
}

#[tokio::test]
async fn values_in_links_that_are_not_kept_are_counted_by_reason() {
    on_each_database(async |store: Store| {
        let funnel = Funnel::new(store.clone(), ManualClock::new().1);
        for _ in 0..2 {
            let unusable = ClickParams::default().unusable_in("cid={clickid}&sub1=a%00&sub2=fine");
            funnel.link("main", Language::English, &unusable);
        }
        funnel.flush().await.unwrap();
        let counted = |name: &str| ("|".to_owned(), name.to_owned(), 2);
        assert_eq!(
            read_by(&funnel, [None, None], None).await,
            [counted("cid.macro"), counted("sub1.control")]
        );
    })
    .await;
}
