//! The plans of one brand: how many came, how many can be sold, and why the others cannot.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};

use super::hints::hint;
use crate::{
    fields::{Brand, TdspCode, Transaction},
    journey::{Outcome, StopKind},
    nrg::{BrandClient, Error, Flaw, Kind, Offers, PublishedUtility, UTILITIES},
};

/// The most calls in flight at once: a check is no rush.
const AT_ONCE: usize = 4;

/// The plans for each kind of transaction.
pub(super) struct Tallies {
    move_in: Tally,
    switch: Tally,
}

/// What came for one kind of transaction, all utilities together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    /// The utilities with a list, be it empty.
    utilities: usize,
    not_served: usize,
    sold: usize,
    /// The reasons for which plans are not sold, with their number.
    flaws: BTreeMap<(&'static str, Option<String>), usize>,
    has_default_plans: bool,
    is_promo_refused: bool,
    /// The utilities at which something else came, by what it was.
    others: BTreeMap<String, BTreeSet<&'static str>>,
}

impl Tallies {
    /// Asks for the brand's plans at every published utility, for both kinds of transaction.
    ///
    /// # Errors
    /// NRG refuses every call. What fails at some utilities only is part of the tally.
    pub(super) async fn ask(client: BrandClient<'_>) -> Result<Self, Error> {
        let mut tallies = Self { move_in: Tally::default(), switch: Tally::default() };
        let calls = UTILITIES
            .into_iter()
            .flat_map(|utility| [Transaction::MoveIn, Transaction::Switch].map(|kind| (utility, kind)))
            .filter_map(|(utility, kind)| Some((utility, TdspCode::parse(utility.code).ok()?, kind)));
        let mut answers = stream::iter(calls)
            .map(async |(utility, tdsp, kind)| (utility, kind, client.offers(&tdsp, kind).await))
            .buffered(AT_ONCE)
            .boxed_local();
        while let Some((utility, kind, answer)) = answers.next().await {
            match kind {
                Transaction::MoveIn => tallies.move_in.add(utility, answer)?,
                Transaction::Switch => tallies.switch.add(utility, answer)?,
            }
        }
        Ok(tallies)
    }

    /// What to print: one line, or one for each kind of transaction if they differ.
    pub(super) fn lines(&self, name: &str, brand: Brand) -> Vec<String> {
        let Self { move_in, switch } = self;
        if move_in == switch {
            return vec![format!("{name}: {}", move_in.sentence(brand))];
        }
        vec![
            format!("{name}, move-in: {}", move_in.sentence(brand)),
            format!("{name}, switch: {}", switch.sentence(brand)),
        ]
    }

    /// Why the brand sells nothing; none if it sells something.
    pub(super) fn why_nothing(&self, brand: Brand) -> Option<String> {
        let Self { move_in, switch } = self;
        if move_in.sold + switch.sold > 0 {
            return None;
        }
        let of_move_in = move_in.reasons(brand);
        let reasons = if of_move_in.is_empty() { switch.reasons(brand) } else { of_move_in };
        Some(if reasons.is_empty() {
            format!("NRG sends no plan: look at the promo code (brands.{}.promo_code)", brand.id())
        } else {
            reasons.join("; ")
        })
    }
}

impl Tally {
    fn add(
        &mut self,
        utility: PublishedUtility,
        answer: Result<Outcome<Offers>, Error>,
    ) -> Result<(), Error> {
        let mut other = |what: String| {
            self.others.entry(what).or_default().insert(utility.code);
        };
        match answer {
            Ok(Outcome::Accepted(offers)) => {
                self.utilities += 1;
                self.sold += offers.list.len();
                self.has_default_plans |= offers.default_offers;
                self.is_promo_refused |= offers.promo_refused;
                for Flaw { field, host } in offers.dropped.into_iter().map(|dropped| dropped.flaw) {
                    *self.flaws.entry((field, host)).or_default() += 1;
                }
            }
            Ok(Outcome::Stop(stop)) if stop.kind == StopKind::AreaNotServed => self.not_served += 1,
            Ok(Outcome::Stop(stop)) => {
                let code: String =
                    stop.code.unwrap_or_default().chars().filter(char::is_ascii_graphic).take(60).collect();
                other(format!("NRG stops with the code {code:?}"));
            }
            Ok(Outcome::Correct(_) | Outcome::Done) => {
                other("NRG gave an answer that offers does not have".into())
            }
            Err(error) if matches!(error.kind, Kind::Refused(_)) => return Err(error),
            Err(error) if error.kind == Kind::TimedOut => other("NRG did not answer in time".into()),
            Err(error) => other(hint(&error).into()),
        }
        Ok(())
    }

    fn sentence(&self, brand: Brand) -> String {
        let came = self.sold + self.flaws.values().sum::<usize>();
        let kind = if self.has_default_plans { "default plan" } else { "plan" };
        let mut sentence = format!("{} at {}", counted(came, kind), counted(self.utilities, "utility"));
        if came > 0 {
            sentence +=
                &format!(", {} sold", if came == self.sold { "all".into() } else { self.sold.to_string() });
        }
        for reason in self.reasons(brand) {
            sentence += &format!("; {reason}");
        }
        sentence
    }

    /// What keeps plans from being sold.
    fn reasons(&self, brand: Brand) -> Vec<String> {
        let mut reasons = Vec::new();
        if !self.flaws.is_empty() {
            let mut flaws: Vec<_> = self.flaws.iter().collect();
            flaws.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let flaws = flaws.into_iter().map(|((field, host), count)| match host {
                Some(host) => {
                    format!(
                        "{count} for {field} (host {host}: add it to affiliate.link_hosts if it is NRG's)"
                    )
                }
                None => format!("{count} for {field}"),
            });
            reasons.push(format!("not sold: {}", flaws.collect::<Vec<_>>().join(", ")));
        }
        if self.is_promo_refused || self.has_default_plans {
            reasons.push(format!("the promo code is not valid (brands.{}.promo_code)", brand.id()));
        }
        if self.not_served > 0 {
            reasons.push(format!("{} not served", counted(self.not_served, "utility")));
        }
        for (what, utilities) in &self.others {
            let utilities: Vec<&str> = utilities.iter().copied().collect();
            reasons.push(format!("{what} (at {})", utilities.join(", ")));
        }
        reasons
    }
}

/// So many of `what`.
fn counted(count: usize, what: &str) -> String {
    match (count, what.strip_suffix('y')) {
        (1, _) => format!("1 {what}"),
        (0, Some(stem)) => format!("no {stem}ies"),
        (0, None) => format!("no {what}s"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {what}s"),
    }
}
