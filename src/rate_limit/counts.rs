//! The counts in the database: one row for each key and slice of time, written by an upsert that returns the place this
//! try has among those of its slice. Of two concurrent tries for the last place one is admitted, never both.

use jiff::Timestamp;

use super::{
    RateLimiter,
    row::{Count, Link},
};
use crate::store::{Durability, Error, millis, sql};

impl RateLimiter {
    /// Adds `tries` to each count, and returns what each comes to.
    pub(super) async fn add(&self, counts: &[Count], tries: i64) -> Result<Vec<i64>, Error> {
        if counts.is_empty() {
            return Ok(Vec::new());
        }
        self.store
            .transaction(Durability::ProcessCrash, async |tx| {
                let mut places = Vec::with_capacity(counts.len());
                for Count { key, slice, link } in counts {
                    let (subject, source) = link.as_ref().map(|link| (&link.subject[..], &link.source[..])).unzip();
                    let (place,) = sql!(tx,
                        "INSERT INTO limits (key, slice, tries, ends, subject, source) VALUES ($1, $2, $3, $4, $5, $6)
                         ON CONFLICT (key, slice) DO UPDATE SET tries = limits.tries + $3 RETURNING tries",
                        &key[..], slice.began, tries, slice.ends, subject, source => fetch_one)?;
                    places.push(place);
                }
                Ok(places)
            })
            .await
    }

    /// What `count` comes to at `now`, the oldest first: when it is forgotten, and how many tries. In its own slice a try
    /// at `place` counts those before it only; in every other one, whatever is there.
    pub(super) async fn counted(
        &self,
        count: Count,
        place: i64,
        now: Timestamp,
    ) -> Result<Vec<(i64, i64)>, Error> {
        sql!(self.store.reader().await?,
            "SELECT ends, CASE WHEN slice = $3 THEN $4 ELSE tries END
             FROM limits WHERE key = $1 AND ends > $2 ORDER BY slice",
            &count.key[..], millis(now), count.slice.began, place => fetch_all)
    }

    /// How many sources other than that of `link` have tried its subject, and how often all together.
    pub(super) async fn tried(&self, link: &Link, now: Timestamp) -> Result<(i64, i64), Error> {
        sql!(self.store.reader().await?,
            "SELECT COUNT(DISTINCT CASE WHEN source <> $3 THEN source END), CAST(COALESCE(SUM(tries), 0) AS BIGINT)
             FROM limits WHERE subject = $1 AND ends > $2 AND tries > 0",
            &link.subject[..], millis(now), &link.source[..] => fetch_one)
    }

    /// How many subjects a source has tried.
    pub(super) async fn subjects(&self, source: &[u8; 32], now: Timestamp) -> Result<i64, Error> {
        let (subjects,) = sql!(self.store.reader().await?,
            "SELECT COUNT(DISTINCT subject) FROM limits WHERE source = $1 AND ends > $2 AND tries > 0",
            &source[..], millis(now) => fetch_one)?;
        Ok(subjects)
    }

    /// Deletes the counts that no limit depends on any more. Returns how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn cleanup(&self) -> Result<u64, Error> {
        let now = millis(self.clock.now());
        sql!(self.store.writer().await?, "DELETE FROM limits WHERE ends <= $1", now => execute)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        ledger::LedgerKey,
        rate_limit::{Action, ActionRates, Rate, Rates, Subject},
        store::{
            Store,
            testing::{ManualClock, on_each_database},
        },
    };

    const MINUTE: Duration = Duration::from_secs(60);

    fn limits(store: &Store, manual: &(ManualClock, crate::clock::Clock), rate: &str) -> RateLimiter {
        let rate = Rate::parse(rate).unwrap();
        let all = ActionRates { address: rate, session: rate, affiliate: rate, ..ActionRates::default() };
        let rates = Rates { identity: all, ..Rates::default() };
        RateLimiter::new(store.clone(), LedgerKey::new([7; 32]), manual.1.clone(), rates)
    }

    /// How long the next try has to wait; nothing, if it is let through.
    async fn try_(limits: &RateLimiter, who: Subject<'_>) -> Duration {
        limits.count(Action::Identity, &[who], 1).await.unwrap().map_or(Duration::ZERO, |over| over.wait)
    }

    #[tokio::test]
    async fn rate_limit_admits_only_allowed_number_of_50_concurrent_tries() {
        on_each_database(async |store| {
            let limits = limits(&store, &ManualClock::new(), "5 per 6h");
            let race = (0..50).map(|_| {
                let limits = limits.clone();
                tokio::spawn(async move { try_(&limits, Subject::Session("J")).await.is_zero() })
            });
            let passed = futures_util::future::join_all(race).await;
            let passed = passed.into_iter().filter(|passed| *passed.as_ref().unwrap()).count();
            assert_eq!(passed, 5);
        })
        .await;
    }

    #[tokio::test]
    async fn rate_limit_wait_is_sufficient_and_grows_with_refused_own_tries() {
        on_each_database(async |store| {
            let manual = ManualClock::new();
            let limits = limits(&store, &manual, "2 per 12m");
            let who = Subject::Session("J");
            assert!(try_(&limits, who).await.is_zero() && try_(&limits, who).await.is_zero());
            let first = try_(&limits, who).await;
            assert!(first > 10 * MINUTE && first <= 13 * MINUTE, "{first:?}");
            // Not waiting makes it longer, up to the whole window.
            let mut ends = first;
            for minutes in 1..=10 {
                manual.0.forward(MINUTE);
                let wait = try_(&limits, who).await;
                assert!(wait + minutes * MINUTE >= ends, "the wait never ends earlier");
                assert!(wait <= 13 * MINUTE, "{wait:?}");
                ends = wait + minutes * MINUTE;
            }
            assert!(ends > first + 5 * MINUTE, "{ends:?} after {first:?}");
            manual.0.forward(ends - 10 * MINUTE);
            assert!(try_(&limits, who).await.is_zero());
        })
        .await;
    }

    #[tokio::test]
    async fn several_tries_at_once_are_admitted_together_or_not_at_all() {
        on_each_database(async |store| {
            let manual = ManualClock::new();
            let limits = limits(&store, &manual, "10 per 12m");
            let count = async |tries| {
                let all = [Subject::Affiliate("A")];
                limits.count(Action::Identity, &all, tries).await.unwrap().map(|over| over.wait)
            };
            assert_eq!(count(6).await, None);
            manual.0.forward(2 * MINUTE);
            assert_eq!(count(4).await, None);
            assert_eq!(count(0).await, None);
            // One fits once the six are forgotten, but seven only once the four are, too.
            let (one, seven) = (count(1).await.unwrap(), count(7).await.unwrap());
            assert!(one > 9 * MINUTE && one <= 11 * MINUTE, "{one:?}");
            assert!(seven > 11 * MINUTE && seven <= 13 * MINUTE, "{seven:?}");
            manual.0.forward(one);
            assert_eq!(count(6).await, None);
        })
        .await;
    }

    #[tokio::test]
    async fn optional_tries_beyond_the_limit_are_not_counted() {
        on_each_database(async |store| {
            let limits = limits(&store, &ManualClock::new(), "10 per 12m");
            let own = [Subject::Session("J"), Subject::Affiliate("A")];
            let optional = async |tries| limits.count_optional(Action::Identity, &own, tries).await.unwrap();
            assert!(optional(8).await);
            assert!(!optional(48).await);
            assert!(optional(2).await, "the session waits for none of the 48");
            assert!(!optional(1).await);
        })
        .await;
    }

    #[tokio::test]
    async fn shared_subject_wait_does_not_grow_with_refused_tries() {
        on_each_database(async |store| {
            let manual = ManualClock::new();
            let limits = limits(&store, &manual, "2 per 12m");
            for who in [Subject::Address("192.0.2.1".parse().ok()), Subject::Affiliate("A")] {
                assert!(try_(&limits, who).await.is_zero() && try_(&limits, who).await.is_zero());
                let first = try_(&limits, who).await;
                for _ in 0..20 {
                    assert_eq!(try_(&limits, who).await, first);
                }
            }
            manual.0.forward(13 * MINUTE);
            assert!(try_(&limits, Subject::Affiliate("A")).await.is_zero());
            // A refusal for what is one's own takes the try back from what is shared.
            let (own, shared) = (Subject::Session("J"), Subject::Address("192.0.2.2".parse().ok()));
            assert!(try_(&limits, own).await.is_zero() && try_(&limits, own).await.is_zero());
            assert_eq!(
                limits.count(Action::Identity, &[own, shared], 1).await.unwrap().unwrap().who,
                "session"
            );
            assert!(try_(&limits, shared).await.is_zero() && try_(&limits, shared).await.is_zero());
            assert!(!try_(&limits, shared).await.is_zero());
        })
        .await;
    }

    #[tokio::test]
    async fn rate_limit_counts_subjects_separately_and_an_ipv6_network_as_one() {
        on_each_database(async |store| {
            let limits = limits(&store, &ManualClock::new(), "1 per 6h");
            for who in [
                Subject::Session("J"),
                Subject::Session("K"),
                Subject::Affiliate("J"),
                Subject::Address("192.0.2.1".parse().ok()),
                Subject::Address("192.0.2.2".parse().ok()),
                Subject::Address("2001:db8:0:1::1".parse().ok()),
                Subject::Address("2001:db8:0:2::1".parse().ok()),
                Subject::Address(None),
            ] {
                assert!(try_(&limits, who).await.is_zero(), "{}", <&str>::from(who));
                assert!(!try_(&limits, who).await.is_zero(), "{}", <&str>::from(who));
            }
            for same in ["::ffff:192.0.2.1", "2001:db8:0:1:ffff::2"] {
                assert!(!try_(&limits, Subject::Address(same.parse().ok())).await.is_zero(), "{same}");
            }
        })
        .await;
    }

    #[tokio::test]
    async fn rate_limit_off_counts_nothing_and_cleanup_deletes_old_counts() {
        on_each_database(async |store| {
            let manual = ManualClock::new();
            let off = limits(&store, &manual, "0");
            for _ in 0..20 {
                assert!(try_(&off, Subject::Session("J")).await.is_zero());
            }
            assert_eq!(rows(&store).await, 0);
            let limits = limits(&store, &manual, "1 per 12m");
            try_(&limits, Subject::Session("J")).await;
            assert_eq!((limits.cleanup().await.unwrap(), rows(&store).await), (0, 1));
            manual.0.forward(13 * MINUTE);
            assert_eq!((limits.cleanup().await.unwrap(), rows(&store).await), (1, 0));
        })
        .await;
    }

    async fn rows(store: &Store) -> i64 {
        let (rows,): (i64,) =
            sql!(store.reader().await.unwrap(), "SELECT COUNT(*) FROM limits" => fetch_one).unwrap();
        rows
    }

    #[test]
    fn rate_limit_is_never_exceeded_in_any_window_and_wait_is_sufficient() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let tries = proptest::collection::vec((0..400_u64, any::<bool>()), 1..60);
        crate::testing::properties::run((1..6_u32, tries), |(most, tries)| {
            runtime.block_on(async {
                let store = Store::open("sqlite::memory:").await.unwrap();
                store.migrate().await.unwrap();
                let manual = ManualClock::new();
                let limits = limits(&store, &manual, &format!("{most} per 10m"));
                let (mut passed, mut announced) = (Vec::new(), None);
                for (seconds, patient) in tries {
                    let pause = announced.filter(|_| patient).unwrap_or(Duration::from_secs(seconds));
                    manual.0.forward(pause);
                    let wait = try_(&limits, Subject::Session("J")).await;
                    if announced.is_some() && patient {
                        prop_assert!(wait.is_zero(), "waited as announced, and refused");
                    }
                    announced = Some(wait).filter(|wait| !wait.is_zero());
                    if wait.is_zero() {
                        passed.push(manual.1.now());
                    }
                }
                let most = usize::try_from(most).unwrap();
                for window in passed.windows(most + 1) {
                    let length = window[most].duration_since(window[0]);
                    prop_assert!(length.unsigned_abs() >= 10 * MINUTE, "{length}");
                }
                Ok(())
            })
        });
    }
}
