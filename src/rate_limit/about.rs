//! Tries about a number that proves an identity, and about a meter: both are somebody's, and strangers may try them.
//!
//! Each address has the tries of the limit for itself. So a stranger who tries somebody's number or meter makes only
//! himself wait. Where at least two other addresses have tried it, and all together more often than the limit says, it is
//! being tried by many: then one try in an hour is let through, whoever makes it. Whose number or home NRG has already
//! accepted in the journey is not held back by others at all.

use std::net::IpAddr;

use super::{
    Action, LimitExceeded, RateLimiter, address_bytes, longer,
    rate::Rate,
    row::{Count, Link},
};
use crate::{fields::NumberKey, store::Error};

/// From how many other addresses a number or meter must have been tried before their tries count for everyone.
const OTHERS: i64 = 2;

/// What a try is about.
#[derive(Clone, Copy, Default)]
pub struct Tried<'a> {
    /// An SSN or license number, in whichever session.
    pub number: Option<&'a NumberKey>,
    /// An ESI ID, or the address where it is not known.
    pub meter: Option<&'a str>,
}

/// Whether NRG has accepted an identity in the same journey with this number, and at this meter.
#[derive(Clone, Copy, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Known {
    pub number: bool,
    pub meter: bool,
}

/// One limit: the count of the address's own tries, and that of the hour that all addresses share.
struct Limit {
    who: &'static str,
    rate: Rate,
    own: Count,
    link: Link,
    /// None where the tries of others do not matter.
    hour: Option<Count>,
}

impl RateLimiter {
    /// Counts one try of `act` from `source`. `Some`: it exceeds a limit, with the longest wait of them.
    ///
    /// # Errors
    /// The database failed: then the action must not be done, as it would not be counted.
    pub async fn count_about(
        &self,
        act: Action,
        source: Option<IpAddr>,
        tried: Tried<'_>,
        known: Known,
    ) -> Result<Option<LimitExceeded>, Error> {
        let rates = self.rates.of(act);
        let now = self.clock.now();
        let source = address_bytes(source);
        let limit = |who: &'static str, rate: Option<Rate>, subject: &[u8], is_known: bool| {
            let rate = rate?;
            let link = Link {
                subject: self.row_key(act, who, &[subject], rate),
                source: self.source_key(act, who, &source),
            };
            let own = self.row_key(act, who, &[subject, &source], rate);
            let hour = self.row_key(act, who, &[subject], Rate::HOURLY);
            Some(Limit {
                who,
                rate,
                own: Count { key: own, slice: rate.slice(now), link: Some(link) },
                link,
                hour: (!is_known).then_some(Count { key: hour, slice: Rate::HOURLY.slice(now), link: None }),
            })
        };
        let number = tried
            .number
            .and_then(|number| limit("person", rates.person, number.as_str().as_bytes(), known.number));
        let meter = tried.meter.and_then(|meter| limit("meter", rates.meter, meter.as_bytes(), known.meter));
        let limits: Vec<Limit> = number.into_iter().chain(meter).collect();
        let mut counts: Vec<Count> =
            limits.iter().flat_map(|limit| [Some(limit.own), limit.hour]).flatten().collect();
        // Always in one order, so that two servers never wait for one another's rows.
        counts.sort_unstable_by_key(|count| count.key);
        let places = self.add(&counts, 1).await?;
        let place = |of: &Count| {
            let place = counts.iter().zip(&places).find(|(count, _)| count.key == of.key);
            place.map_or(1, |(_, place)| *place)
        };

        let (mut own, mut others) = (None, None);
        for Limit { who, rate, own: count, link, hour } in &limits {
            let over = |wait| LimitExceeded { act, who, wait };
            let wait = rate.wait(now, 1, &self.counted(*count, place(count), now).await?);
            own = longer(own, wait.map(over));
            let Some(hour) = hour else { continue };
            let (sources, tries) = self.tried(link, now).await?;
            if sources >= OTHERS && tries > rate.tries() {
                let wait = Rate::HOURLY.wait(now, 1, &self.counted(*hour, place(hour), now).await?);
                others = longer(others, wait.map(over));
            }
        }
        if own.is_some() || others.is_some() {
            // A try too many of one's own stays counted there, and only there.
            let is_own = |count: &&Count| count.link.is_some();
            let kept = |count: &&Count| own.is_some() && is_own(count);
            let subtracted: Vec<Count> = counts.iter().filter(|count| !kept(count)).copied().collect();
            self.add(&subtracted, -1).await?;
        }
        Ok(longer(own, others))
    }

    /// How many different numbers `source` has tried for `act` within the window of its limit.
    ///
    /// # Errors
    /// The database failed.
    pub async fn numbers_from(&self, act: Action, source: Option<IpAddr>) -> Result<i64, Error> {
        self.subjects(&self.source_key(act, "person", &address_bytes(source)), self.clock.now()).await
    }

    fn source_key(&self, act: Action, who: &str, source: &[u8]) -> [u8; 32] {
        self.key.hash("limit source", [<&str>::from(act).as_bytes(), who.as_bytes(), source])
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        fields::{DriverLicense, Ssn},
        ledger::LedgerKey,
        rate_limit::{ActionRates, Rates, Subject},
        store::{
            Store, sql,
            testing::{ManualClock, on_each_database},
        },
    };

    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(3600);
    const METER: &str = "10000009999999912";

    fn limits(store: &Store, manual: &(ManualClock, crate::clock::Clock)) -> RateLimiter {
        let all = ActionRates {
            address: Rate::parse("30 per 1h").unwrap(),
            person: Rate::parse("5 per 6h").unwrap(),
            meter: Rate::parse("20 per 24h").unwrap(),
            ..ActionRates::default()
        };
        let rates = Rates { identity: all, credit: all, ..Rates::default() };
        RateLimiter::new(store.clone(), LedgerKey::new([7; 32]), manual.1.clone(), rates)
    }

    fn ssn(limits: &RateLimiter, text: &str) -> NumberKey {
        limits.of_ssn(&Ssn::parse(text).ok().unwrap())
    }

    /// How long a try from the address with this last number has to wait; nothing, if it is let through.
    async fn try_(limits: &RateLimiter, from: u8, tried: Tried<'_>, known: Known) -> Duration {
        let source = Some(IpAddr::from([192, 0, 2, from]));
        let over = limits.count_about(Action::Identity, source, tried, known).await.unwrap();
        over.map_or(Duration::ZERO, |over| over.wait)
    }

    #[tokio::test]
    async fn tries_of_one_address_make_nobody_else_wait() {
        on_each_database(async |store| {
            let manual = ManualClock::new();
            let limits = limits(&store, &manual);
            let number = ssn(&limits, "900456789");
            let about = Tried { number: Some(&number), meter: Some(METER) };
            for n in 0..20 {
                assert_eq!(try_(&limits, 1, about, Known::default()).await.is_zero(), n < 5, "{n}");
            }
            for other in ["900-45-6789", "900.45.6789"] {
                let number = ssn(&limits, other);
                let about = Tried { number: Some(&number), meter: Some(METER) };
                assert!(try_(&limits, 2, about, Known::default()).await.is_zero(), "{other}");
                assert!(!try_(&limits, 1, about, Known::default()).await.is_zero(), "{other}");
            }
            // Another number, and the same digits as a license, are other subjects.
            let license = limits.of_license(&DriverLicense::parse("9004567").ok().unwrap());
            for number in [ssn(&limits, "900456788"), license] {
                let about = Tried { number: Some(&number), meter: None };
                assert!(try_(&limits, 1, about, Known::default()).await.is_zero());
            }
        })
        .await;
    }

    #[tokio::test]
    async fn number_tried_from_many_addresses_has_one_try_an_hour() {
        on_each_database(async |store| {
            let manual = ManualClock::new();
            let limits = limits(&store, &manual);
            let number = ssn(&limits, "900456789");
            let about = Tried { number: Some(&number), meter: None };
            for from in [1, 1, 2, 2, 1] {
                assert!(try_(&limits, from, about, Known::default()).await.is_zero());
            }
            for from in [3, 4, 3] {
                let wait = try_(&limits, from, about, Known::default()).await;
                assert!(wait > 50 * MINUTE && wait <= HOUR, "{wait:?}");
            }
            // Whom NRG knows by this number does not wait for strangers.
            let known = Known { number: true, meter: false };
            assert!(try_(&limits, 5, about, known).await.is_zero());
            // What was refused has made the wait no longer, and after an hour one is let through.
            manual.0.forward(HOUR);
            let waits = [
                try_(&limits, 4, about, Known::default()).await,
                try_(&limits, 3, about, Known::default()).await,
            ];
            assert!(waits[0].is_zero() && waits[1] > 50 * MINUTE && waits[1] <= HOUR, "{waits:?}");
        })
        .await;
    }

    #[tokio::test]
    async fn last_tries_of_many_addresses_at_once_are_never_too_many() {
        on_each_database(async |store| {
            let limits = limits(&store, &ManualClock::new());
            let number = ssn(&limits, "900456789");
            let race = (0..40).map(|from| {
                let (limits, number) = (limits.clone(), number.clone());
                tokio::spawn(async move {
                    let about = Tried { number: Some(&number), meter: None };
                    try_(&limits, from, about, Known::default()).await.is_zero()
                })
            });
            let passed = futures_util::future::join_all(race).await;
            let passed = passed.into_iter().filter(|passed| *passed.as_ref().unwrap()).count();
            assert!((1..=5).contains(&passed), "{passed}");
        })
        .await;
    }

    #[tokio::test]
    async fn numbers_of_an_address_are_counted_each_once() {
        on_each_database(async |store| {
            let limits = limits(&store, &ManualClock::new());
            for text in ["900456789", "900456788", "900-45-6788", "900456787"] {
                let number = ssn(&limits, text);
                try_(&limits, 1, Tried { number: Some(&number), meter: Some(METER) }, Known::default()).await;
            }
            let numbers = async |last: u8| {
                limits.numbers_from(Action::Identity, Some(IpAddr::from([192, 0, 2, last]))).await.unwrap()
            };
            assert_eq!((numbers(1).await, numbers(2).await), (3, 0));
        })
        .await;
    }

    #[tokio::test]
    async fn rate_limit_table_stores_no_address_number_or_meter() {
        on_each_database(async |store| {
            let limits = limits(&store, &ManualClock::new());
            let ssn = limits.of_ssn(&Ssn::parse("900456789").ok().unwrap());
            let tried = Tried { number: Some(&ssn), meter: Some("10000009999999912") };
            let source = "192.0.2.1".parse().ok();
            limits.count_about(Action::Identity, source, tried, Known::default()).await.unwrap();
            limits.count(Action::Identity, &[Subject::Address(source)], 1).await.unwrap();
            let keys: Vec<(Vec<u8>,)> = sql!(store.reader().await.unwrap(),
                "SELECT key FROM limits UNION ALL SELECT subject FROM limits WHERE subject IS NOT NULL
                 UNION ALL SELECT source FROM limits WHERE source IS NOT NULL" => fetch_all)
            .unwrap();
            // Number and meter, each with the hour that all share; and the address.
            assert_eq!(keys.len(), 5 + 2 + 2);
            for (key,) in keys {
                assert_eq!(key.len(), 32);
                for plain in [&b"900456789"[..], b"10000009999999912", b"192.0.2.1", &[192, 0, 2, 1]] {
                    assert!(!key.windows(plain.len()).any(|part| part == plain));
                }
            }
        })
        .await;
    }
}
