//! The funnel on both databases: counts of several servers, limits, a database that fails.

use std::time::Duration;

use super::{Event, Funnel, NONE, OTHER};
use crate::{
    fields::Language,
    journey::{Attribution, Journey, ProgressEvent, Step, StopKind},
    store::{
        Store, sql,
        testing::{ManualClock, on_each_database},
    },
};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn journey(funnel: &Funnel, sub: &str) -> Journey {
    let mut journey = Journey::new("J".into(), funnel.clock.now(), Language::Spanish);
    journey.attribution = Attribution::read(&format!("cid=canary&sub1={sub}"));
    journey
}

async fn read(funnel: &Funnel) -> Vec<(String, Event, String, i64)> {
    let counts = funnel.read("2000-01-01".parse().unwrap(), "2100-01-01".parse().unwrap()).await.unwrap();
    assert!(counts.iter().all(|one| (&*one.brand, &*one.language) == (NONE, "es")));
    counts.into_iter().map(|one| (one.sub, one.event, one.name, one.count)).collect()
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
            funnel.abandoned(&journey(funnel, ""));
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
        rename("funnel", "away").await;
        funnel.abandoned(&journey(&funnel, "a"));
        assert!(funnel.flush().await.is_err());
        funnel.abandoned(&journey(&funnel, "a"));
        rename("away", "funnel").await;
        funnel.flush().await.unwrap();
        assert_eq!(read(&funnel).await, [("a".to_owned(), Event::Left, "zip".to_owned(), 2)]);
    })
    .await;
}
