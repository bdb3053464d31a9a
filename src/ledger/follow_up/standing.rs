//! Where an enrollment stands, and what a new answer of `holds` makes of it.

use crate::nrg::{Hold, HoldKind};

/// Where an enrollment stands. Its words are stored, listed and exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The deposit, if there is or was one.
    pub deposit: Option<DepositStanding>,
    /// Whether papers are wanted.
    pub papers: bool,
    /// Whether something else holds the account back.
    pub other: bool,
}

/// What is known of a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepositStanding {
    /// It is to be paid.
    Open,
    /// It was paid, or is not asked for any more.
    Paid,
}

const DEPOSIT_OPEN: &str = "deposit_open";
const DEPOSIT_PAID: &str = "deposit_paid";
const PAPERS: &str = "papers";
const OTHER: &str = "other";
const RELEASED: &str = "released";

impl Standing {
    /// Where it stands by all `holds` on the account, after it stood as `before`.
    pub(super) fn after(before: Option<Self>, holds: &[Hold]) -> Self {
        let is_open = |kind| holds.iter().any(|hold| hold.open && hold.kind == kind);
        let was_listed = holds.iter().any(|hold| hold.kind == HoldKind::Deposit);
        let was_owed = before.is_some_and(|before| before.deposit.is_some());
        let deposit = if is_open(HoldKind::Deposit) {
            Some(DepositStanding::Open)
        } else {
            (was_listed || was_owed).then_some(DepositStanding::Paid)
        };
        Self { deposit, papers: is_open(HoldKind::Papers), other: is_open(HoldKind::Other) }
    }

    /// Whether anything holds the account back.
    pub fn is_held(self) -> bool {
        self.deposit == Some(DepositStanding::Open) || self.papers || self.other
    }

    /// Its words, with a blank between two.
    pub fn words(self) -> String {
        let deposit = self.deposit.map(|deposit| match deposit {
            DepositStanding::Open => DEPOSIT_OPEN,
            DepositStanding::Paid => DEPOSIT_PAID,
        });
        let papers = self.papers.then_some(PAPERS);
        let other = self.other.then_some(OTHER);
        let released = (!self.is_held()).then_some(RELEASED);
        [deposit, papers, other, released].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// Reads [`words`](Self::words). Words of a newer version say nothing.
    pub fn parse(words: &str) -> Self {
        let has = |word| words.split(' ').any(|known| known == word);
        let deposit = if has(DEPOSIT_OPEN) {
            Some(DepositStanding::Open)
        } else {
            has(DEPOSIT_PAID).then_some(DepositStanding::Paid)
        };
        Self { deposit, papers: has(PAPERS), other: has(OTHER) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(kind: HoldKind, open: bool) -> Hold {
        Hold { kind, open, title: None, description: None }
    }

    #[test]
    fn standing_follows_from_holds_and_from_what_it_was() {
        use HoldKind::{Deposit, Other, Papers};
        let mut standing = None;
        // In the order in which an account may go through them.
        for (holds, words, is_held) in [
            (vec![], "released", false),
            (vec![hold(Deposit, true)], "deposit_open", true),
            (vec![hold(Deposit, true), hold(Papers, true)], "deposit_open papers", true),
            (vec![hold(Deposit, false), hold(Papers, true)], "deposit_paid papers", true),
            (vec![hold(Papers, true), hold(Other, true)], "deposit_paid papers other", true),
            (vec![hold(Papers, false)], "deposit_paid released", false),
            (vec![hold(Other, true)], "deposit_paid other", true),
            (vec![hold(Deposit, true)], "deposit_open", true),
        ] {
            let now = Standing::after(standing, &holds);
            assert_eq!((now.words().as_str(), now.is_held()), (words, is_held));
            assert_eq!(Standing::parse(words), now);
            standing = Some(now);
        }
        // The deposit was paid before anybody asked.
        assert_eq!(Standing::after(None, &[hold(Deposit, false)]).words(), "deposit_paid released");
        assert!(!Standing::parse("of_a_newer_version").is_held());
    }
}
