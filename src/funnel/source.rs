//! Where a journey comes from, as far as counts tell it: the campaign parameters of its link, each value and each
//! combination with a place of its own, as long as the day has places.
//!
//! Places go to journeys in which somebody has posted a form. A program that follows links with ever new parameters
//! posts none, and takes none.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::by::{By, OTHER};
use crate::journey::Attribution;

/// So many values of a parameter have places on a day.
const VALUES: usize = 100;
/// So many combinations of values have places on a day.
const COMBINATIONS: usize = 1000;
/// What keeps its value in a combination that has no place.
const SUB1: &str = "sub1";

/// The values of the campaign parameters that are counted, by name; those that a link does not have are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Source(BTreeMap<String, String>);

impl Source {
    /// The source of a journey that began with `attribution`.
    pub(super) fn of(attribution: &Attribution) -> Self {
        let value = |name: &str| Some((name.to_owned(), attribution.get(name)?.to_owned()));
        Self(By::ALL.iter().filter_map(|by| value(by.parameter()?)).collect())
    }

    /// The source without a value of its own.
    pub(super) fn without_place(mut self) -> Self {
        self.0.values_mut().for_each(|value| OTHER.clone_into(value));
        self.only_sub1()
    }

    /// The source with its value of `sub1` and no other. Which others there are is not told either: there would be as
    /// many combinations of names as of values.
    fn only_sub1(self) -> Self {
        let has_others = self.0.keys().any(|name| name != SUB1);
        let others = others().filter(|_| has_others).map(|name| (name.to_owned(), OTHER.to_owned()));
        Self(self.0.into_iter().filter(|(name, _)| name == SUB1).chain(others).collect())
    }

    /// As it is stored.
    pub(super) fn to_json(&self) -> String {
        #[allow(clippy::expect_used, reason = "strings always have a JSON form")]
        serde_json::to_string(self).expect("strings have a JSON form")
    }

    /// The key it is stored under: the same on every server.
    pub(super) fn key(&self) -> String {
        let digest = Sha256::digest(self.to_json());
        hex::encode(digest.get(..8).unwrap_or_default())
    }
}

/// The names of the parameters that are counted, without `sub1`.
fn others() -> impl Iterator<Item = &'static str> {
    By::ALL.iter().filter_map(|by| by.parameter()).filter(|name| *name != SUB1)
}

/// The places of one day that are taken.
#[derive(Default)]
pub(super) struct Places {
    values: BTreeMap<String, BTreeSet<String>>,
    combinations: BTreeSet<Source>,
}

impl Places {
    /// The places that the stored sources of a day take.
    pub(super) fn of(stored: impl IntoIterator<Item = Source>) -> Self {
        let mut places = Self::default();
        stored.into_iter().for_each(|source| places.take(&source));
        places
    }

    fn take(&mut self, source: &Source) {
        for (name, value) in source.0.iter().filter(|(_, value)| *value != OTHER) {
            self.values.entry(name.clone()).or_default().insert(value.clone());
        }
        // There are few of the others, and they need no place.
        if source.clone().only_sub1() != *source {
            self.combinations.insert(source.clone());
        }
    }

    /// What `source` is counted as: itself, where its values and their combination have places; `takes`: or take free
    /// ones. What is counted as something else once is so for the rest of the day.
    pub(super) fn find(&mut self, source: &Source, takes: bool) -> Source {
        let value = |(name, value): (&String, &String)| {
            let places = self.values.get(name);
            let own = places.is_some_and(|places| places.contains(value))
                || takes && places.map_or(0, BTreeSet::len) < VALUES;
            (name.clone(), if own { value.clone() } else { OTHER.to_owned() })
        };
        let mut found = Source(source.0.iter().map(value).collect());
        let has_place = self.combinations.contains(&found) || takes && self.combinations.len() < COMBINATIONS;
        if !has_place {
            found = found.only_sub1();
        }
        if takes {
            self.take(&found);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::ClickParams;

    fn source(query: &str) -> Source {
        Source::of(&ClickParams::default().read(query))
    }

    #[test]
    fn source_has_the_parameters_that_are_counted() {
        let one = source("cid=click&sub1=a&sub10=b&utm_source=c&utm_campaign=d&utm_term=e&gclid=f");
        assert_eq!(one.to_json(), r#"{"sub1":"a","sub10":"b","utm_campaign":"d","utm_source":"c"}"#);
        assert_ne!(one.key(), source("sub1=a").key());
        assert_eq!(source("").to_json(), "{}");
    }

    #[test]
    fn values_beyond_100_a_day_are_other_and_take_no_place() {
        let mut places = Places::default();
        for number in 0..150 {
            let found = places.find(&source(&format!("sub1={number}&sub2=same")), true);
            let kept = if number < 100 { number.to_string() } else { OTHER.to_owned() };
            assert_eq!(found.0[SUB1], kept);
            assert_eq!(found.0["sub2"], "same");
        }
        assert_eq!(places.combinations.len(), 101);
        assert_eq!(places.find(&source("sub1=99&sub2=same"), true), source("sub1=99&sub2=same"));
    }

    #[test]
    fn combinations_beyond_1000_a_day_keep_their_sub1_only() {
        let mut places = Places::default();
        for number in 0..COMBINATIONS {
            let (one, other) = (number % 40, number / 40);
            let one = source(&format!("sub1={one}&sub2={other}"));
            assert_eq!(places.find(&one, true), one);
        }
        for sub1 in ["1", "new"] {
            let found = places.find(&source(&format!("sub1={sub1}&sub3=x")), true);
            assert_eq!(found.0[SUB1], sub1);
            assert!(others().all(|name| found.0[name] == OTHER));
        }
        assert_eq!(places.find(&source("sub2=x"), true).0.len(), 11);
        assert_eq!(places.find(&source(""), true), source(""));
        let mut again = Places::of(places.combinations.into_iter().chain([source("sub1=new")]));
        assert_eq!(again.find(&source("sub1=3&sub2=7"), true), source("sub1=3&sub2=7"));
        assert_eq!(again.find(&source("sub1=new"), false).0[SUB1], "new");
    }

    #[test]
    fn links_alone_take_no_places_and_stand_with_journeys() {
        let mut places = Places::default();
        let one = source("sub1=a&sub2=b");
        assert_eq!(places.find(&one, false), one.clone().without_place());
        places.find(&one, true);
        assert_eq!(places.find(&one, false), one);
        assert_eq!(places.find(&source("sub1=x"), false).to_json(), r#"{"sub1":"(other)"}"#);
        assert_eq!(places.find(&source("sub1=a&sub3=x"), false).0[SUB1], "a");
        assert_eq!(places.find(&source(""), false), source(""));
        assert_eq!((places.combinations.len(), places.values[SUB1].len()), (1, 1));
    }
}
