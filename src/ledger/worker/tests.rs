use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::{sync::watch, time::Instant};

use super::*;
use crate::{
    clock::Clock,
    ledger::{
        State,
        testing::{self, ledger, submission},
    },
    store::{
        sql,
        testing::{ManualClock, on_each_database},
    },
};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

async fn until_final(ledger: &Ledger, tracking_id: &str) -> State {
    for _ in 0..1000 {
        let state = ledger.find(tracking_id).await.unwrap().unwrap().state;
        if state.is_final() {
            return state;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("never became final");
}

fn enrolled() -> EnrollReply {
    testing::enrolled().into()
}

#[tokio::test]
async fn two_workers_send_each_submission_once() {
    on_each_database(async |store| {
        let ledgers = [ledger(&store, &Clock::system()), ledger(&store, &Clock::system())];
        let sent = Arc::new(AtomicUsize::new(0));
        let workers = ledgers.clone().map(|ledger| {
            let sent = Arc::clone(&sent);
            start_worker(ledger, move |_| {
                sent.fetch_add(1, Ordering::SeqCst);
                async { enrolled() }
            })
        });
        for number in 0..20 {
            let ledger = &ledgers[number % 2];
            ledger.submit(&submission(ledger, &number.to_string()), &[]).await.unwrap();
        }
        for number in 0..20 {
            assert_eq!(until_final(&ledgers[0], &number.to_string()).await, State::Enrolled);
        }
        for worker in workers {
            worker.stop(soon()).await;
        }
        assert_eq!(sent.load(Ordering::SeqCst), 20);
    })
    .await;
}

#[tokio::test]
async fn worker_stop_waits_for_answer_in_flight_and_leases_nothing_new() {
    on_each_database(async |store| {
        let ledger = ledger(&store, &Clock::system());
        let (begun, mut seen) = watch::channel(false);
        let worker = start_worker(ledger.clone(), move |_| {
            let _ = begun.send(true);
            async {
                sleep(Duration::from_millis(300)).await;
                enrolled()
            }
        });
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        seen.wait_for(|begun| *begun).await.unwrap();
        worker.stop(soon()).await;
        assert_eq!(ledger.find("1").await.unwrap().unwrap().state, State::Enrolled);
        ledger.submit(&submission(&ledger, "2"), &[]).await.unwrap();
        assert_eq!(ledger.find("2").await.unwrap().unwrap().state, State::Ready);
    })
    .await;
}

#[tokio::test]
async fn request_past_send_limit_becomes_unknown_and_is_not_repeated() {
    on_each_database(async |store| {
        let mut ledger = ledger(&store, &Clock::system());
        ledger.settings.send_limit = Duration::from_millis(50);
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        let worker = start_worker(ledger.clone(), move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            std::future::pending()
        });
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        assert_eq!(until_final(&ledger, "1").await, State::Unknown);
        worker.stop(soon()).await;
        assert_eq!(sent.load(Ordering::SeqCst), 1);
    })
    .await;
}

#[tokio::test]
async fn lease_is_renewed_during_long_call_and_expires_when_server_dies() {
    on_each_database(async |store| {
        let mut ledger = ledger(&store, &Clock::system());
        ledger.settings.lease = Duration::from_millis(300);
        ledger.settings.poll = Duration::from_millis(50);
        let (begun, mut seen) = watch::channel(0);
        let calls = move |_| {
            begun.send_modify(|calls| *calls += 1);
            async {
                sleep(Duration::from_secs(1)).await;
                enrolled()
            }
        };
        let worker = start_worker(ledger.clone(), calls.clone());
        // Another server, which would give up on the row.
        let other = start_worker(ledger.clone(), calls);
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        assert_eq!(until_final(&ledger, "1").await, State::Enrolled);
        ledger.submit(&submission(&ledger, "2"), &[]).await.unwrap();
        seen.wait_for(|calls| *calls == 2).await.unwrap();
        drop((worker, other));
        let survivor = start_worker(ledger.clone(), |_| async { panic!("sent again") });
        assert_eq!(until_final(&ledger, "2").await, State::Unknown);
        survivor.stop(soon()).await;
    })
    .await;
}

#[tokio::test]
async fn answer_with_database_away_is_recorded_when_it_returns() {
    on_each_database(async |store| {
        let ledger = ledger(&store, &Clock::system());
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        let away = store.clone();
        let worker = start_worker(ledger.clone(), move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            let away = away.clone();
            async move {
                sql!(away.writer().await.unwrap(), "ALTER TABLE attempts RENAME TO attempts_away" => execute)
                    .unwrap();
                enrolled()
            }
        });
        while sent.load(Ordering::SeqCst) == 0 {
            sleep(Duration::from_millis(10)).await;
        }
        sleep(2 * RECORD_AGAIN).await;
        assert_eq!(ledger.find("1").await.unwrap().unwrap().state, State::Sent);
        sql!(store.writer().await.unwrap(), "ALTER TABLE attempts_away RENAME TO attempts" => execute)
            .unwrap();
        assert_eq!(until_final(&ledger, "1").await, State::Enrolled);
        worker.stop(soon()).await;
        assert_eq!(sent.load(Ordering::SeqCst), 1);
    })
    .await;
}

#[tokio::test]
async fn submission_not_sent_is_retried_after_backoff() {
    on_each_database(async |store| {
        let mut ledger = ledger(&store, &Clock::system());
        ledger.settings.backoff = Duration::from_millis(20);
        ledger.settings.poll = Duration::from_millis(20);
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        let tries = AtomicUsize::new(0);
        let worker = start_worker(ledger.clone(), move |_| {
            let first = tries.fetch_add(1, Ordering::SeqCst) == 0;
            async move { if first { Enrollment::NotSent.into() } else { enrolled() } }
        });
        assert_eq!(until_final(&ledger, "1").await, State::Enrolled);
        worker.stop(soon()).await;
        let outcomes: Vec<_> = ledger
            .show("1")
            .await
            .unwrap()
            .unwrap()
            .attempts
            .into_iter()
            .map(|a| a.outcome.unwrap())
            .collect();
        assert_eq!(outcomes, ["not-sent", "enrolled"]);
    })
    .await;
}

#[tokio::test]
async fn submission_with_missing_key_is_never_sent() {
    on_each_database(async |store| {
        let (time, clock) = ManualClock::new();
        let mut ledger = ledger(&store, &clock);
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        // No other server had the key meanwhile.
        time.forward(Duration::from_secs(601));
        ledger.keys = crate::store::KeyRing::random(&ledger.entropy);
        ledger.settings.max_tries = 1;
        let worker = start_worker(ledger.clone(), |_| async { panic!("sent") });
        assert_eq!(until_final(&ledger, "1").await, State::Correctable);
        worker.stop(soon()).await;
    })
    .await;
}
