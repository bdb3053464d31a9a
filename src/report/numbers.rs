//! The numbers of one group of journeys.

use std::collections::BTreeMap;

use crate::{
    funnel::{Event, MINUTES, MORE, SECONDS},
    journey::Step,
    ledger::State,
};

/// The numbers of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Links that were followed, and no form was posted.
    pub links_alone: i64,
    /// Journeys that reached a step.
    pub steps: BTreeMap<Step, i64>,
    /// Journeys that answered a step, by the seconds since they reached it: a bucket up to each of [`SECONDS`], and one for
    /// longer.
    pub answered: BTreeMap<Step, [i64; SECONDS.len() + 1]>,
    /// Journeys that met a stop, by its kind. Visitors can leave some stops again.
    pub stops: BTreeMap<String, i64>,
    /// Journeys that a stop ended before they were submitted.
    pub stopped_before: i64,
    /// Journeys that were abandoned, by the last step they had reached.
    pub left: BTreeMap<Step, i64>,
    /// Submissions, by [`State::word`].
    pub submissions: BTreeMap<&'static str, i64>,
    /// Submitted journeys by the minutes they took: a bucket up to each of [`MINUTES`], and one for longer.
    pub took: [i64; MINUTES.len() + 1],
}

impl Numbers {
    /// The number of journeys that began.
    pub fn journeys(&self) -> i64 {
        self.reached(Step::Zip)
    }

    /// The number that shares are shares of: journeys that began or, of a group that journeys come to later as they come
    /// to a brand, those that came to it.
    pub fn whole(&self) -> i64 {
        self.steps.values().copied().max().unwrap_or(0)
    }

    /// The number of journeys that reached `step`.
    pub fn reached(&self, step: Step) -> i64 {
        self.steps.get(&step).copied().unwrap_or(0)
    }

    /// The number of journeys that were abandoned.
    pub fn abandoned(&self) -> i64 {
        self.left.values().sum()
    }

    /// The number of journeys with the ending `stopped` of postbacks: a stop ended them before they were submitted, or NRG
    /// refused them for good or had the record already.
    pub fn stopped(&self) -> i64 {
        self.stopped_before + self.at(State::Refused) + self.at(State::Duplicate)
    }

    /// The number of submissions in `state`.
    pub fn at(&self, state: State) -> i64 {
        self.submissions.get(state.word()).copied().unwrap_or(0)
    }

    /// The number of submissions.
    pub fn submitted(&self) -> i64 {
        self.submissions.values().sum()
    }

    /// The name of the bucket with the median of the submitted journeys, such as `5 to 8`, in minutes.
    pub fn median(&self) -> Option<String> {
        median(&MINUTES, &self.took)
    }

    /// The name of the bucket with the median time in which `step` was answered, such as `20 to 30`, in seconds.
    pub fn median_of(&self, step: Step) -> Option<String> {
        median(&SECONDS, self.answered.get(&step)?)
    }

    /// Every number, as (event, name, count).
    pub fn all(&self) -> Vec<(&'static str, String, i64)> {
        let mut all = vec![("link", "alone".to_owned(), self.links_alone)];
        all.extend(Step::ALL.map(|step| ("step", step.slug().to_owned(), self.reached(step))));
        all.extend(self.stops.iter().map(|(kind, count)| ("stop", kind.clone(), *count)));
        all.extend(State::ALL.iter().map(|state| ("submission", state.word().to_owned(), self.at(*state))));
        all.push(("ending", "stopped".to_owned(), self.stopped()));
        all.push(("ending", "stopped_before_submitting".to_owned(), self.stopped_before));
        all.push(("ending", "abandoned".to_owned(), self.abandoned()));
        all.extend(self.left.iter().map(|(step, count)| ("left", step.slug().to_owned(), *count)));
        all.extend(names(&MINUTES).zip(self.took).map(|(name, count)| ("minutes", name, count)));
        for (step, counts) in &self.answered {
            let counts = names(&SECONDS).zip(counts);
            all.extend(counts.map(|(name, count)| ("seconds", format!("{}.{name}", step.slug()), *count)));
        }
        all
    }

    pub(super) fn add(&mut self, other: &Self) {
        fn all<K: Ord + Clone>(to: &mut BTreeMap<K, i64>, from: &BTreeMap<K, i64>) {
            from.iter().for_each(|(key, count)| *to.entry(key.clone()).or_insert(0) += count);
        }
        all(&mut self.steps, &other.steps);
        all(&mut self.stops, &other.stops);
        all(&mut self.left, &other.left);
        all(&mut self.submissions, &other.submissions);
        self.links_alone += other.links_alone;
        self.stopped_before += other.stopped_before;
        self.took.iter_mut().zip(other.took).for_each(|(to, from)| *to += from);
        for (step, counts) in &other.answered {
            let own = self.answered.entry(*step).or_default();
            own.iter_mut().zip(counts).for_each(|(to, from)| *to += from);
        }
    }

    pub(super) fn count(&mut self, event: Event, name: &str, count: i64) {
        let step = || Step::of_slug(name);
        match event {
            Event::Step => step().into_iter().for_each(|step| *self.steps.entry(step).or_insert(0) += count),
            Event::Left => step().into_iter().for_each(|step| *self.left.entry(step).or_insert(0) += count),
            Event::Stop => *self.stops.entry(name.to_owned()).or_insert(0) += count,
            Event::Ended => self.stopped_before += count,
            Event::Took => add_to_bucket(&MINUTES, &mut self.took, name, count),
            Event::Answered => {
                let (step, bucket) = name.split_once('.').unwrap_or((name, ""));
                if let Some(step) = Step::of_slug(step) {
                    add_to_bucket(&SECONDS, self.answered.entry(step).or_default(), bucket, count);
                }
            }
            Event::LinkAlone => self.links_alone += count,
            // Of links, not of journeys.
            Event::Unusable => {}
        }
    }
}

/// `count` as a share of `whole` in percent, rounded; `None` of nothing.
pub fn percent(count: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (count * 200 + whole) / (whole * 2))
}

/// The ranges of buckets with these bounds, and the one above them.
pub(super) fn ranges(bounds: &[i64]) -> impl Iterator<Item = String> {
    let floors = std::iter::once(0).chain(bounds.iter().copied());
    let ceilings = bounds.iter().map(Some).chain([None]);
    floors.zip(ceilings).map(|(floor, ceiling)| match ceiling {
        Some(ceiling) => format!("{floor} to {ceiling}"),
        None => format!("over {floor}"),
    })
}

/// The names of buckets with these bounds.
fn names(bounds: &[i64]) -> impl Iterator<Item = String> {
    bounds.iter().map(ToString::to_string).chain([MORE.to_owned()])
}

fn add_to_bucket(bounds: &[i64], buckets: &mut [i64], name: &str, count: i64) {
    let bucket = buckets.iter_mut().zip(names(bounds)).find(|(_, bucket)| bucket == name);
    bucket.into_iter().for_each(|(bucket, _)| *bucket += count);
}

fn median(bounds: &[i64], counts: &[i64]) -> Option<String> {
    let half = (counts.iter().sum::<i64>() + 1) / 2;
    let mut below = 0;
    let bucket = counts.iter().position(|count| {
        below += count;
        half > 0 && below >= half
    })?;
    ranges(bounds).nth(bucket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_rounded() {
        for (count, whole, rounded) in [
            (2, 3, Some(67)),
            (1, 3, Some(33)),
            (1, 200, Some(1)),
            (1, 201, Some(0)),
            (3, 3, Some(100)),
            (0, 0, None),
        ] {
            assert_eq!(percent(count, whole), rounded, "{count} of {whole}");
        }
    }

    #[test]
    fn median_is_reported_as_its_bucket() {
        let mut numbers = Numbers::default();
        assert_eq!(numbers.median(), None);
        for (name, count, median) in [
            ("3", 1, "2 to 3"),
            ("5", 1, "2 to 3"),
            ("5", 1, "3 to 5"),
            ("more", 3, "3 to 5"),
            ("more", 1, "over 120"),
            ("2", 9, "0 to 2"),
        ] {
            numbers.count(Event::Took, name, count);
            assert_eq!(numbers.median().as_deref(), Some(median), "{:?}", numbers.took);
        }
        assert_eq!(numbers.median_of(Step::StartDate), None);
        numbers.count(Event::Answered, "start-date.30", 1);
        assert_eq!(numbers.median_of(Step::StartDate).as_deref(), Some("20 to 30"));
        assert_eq!(numbers.median_of(Step::Zip), None);
    }
}
