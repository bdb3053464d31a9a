//! What the proof prints.

use std::{collections::BTreeMap, fmt};

/// The figures of one scenario on one database.
#[derive(Clone)]
pub struct Figure {
    pub on: &'static str,
    pub what: &'static str,
    /// Submissions people made.
    pub runs: usize,
    /// Servers (or databases, or NRGs) that were stopped on the way.
    pub kills: usize,
    /// Requests to `enroll` that NRG got.
    pub requests: usize,
    /// How the submissions ended.
    pub states: BTreeMap<String, usize>,
    /// Requests for a record beyond the first, but for one after each repaired refusal; accounts beyond the first.
    pub duplicates: usize,
    /// Submissions that were acknowledged, or that NRG got, and of which the ledger knows nothing, or better.
    pub lost: usize,
}

impl Figure {
    /// Fails if an invariant is broken.
    #[track_caller]
    pub fn hold(self) -> Self {
        assert_eq!((self.duplicates, self.lost), (0, 0), "{self}");
        self
    }

    pub fn head() -> String {
        row(
            "DATABASE",
            "SCENARIO",
            ["RUNS", "KILLS", "ENROLLS", "DUPLICATES", "LOST"].map(str::to_owned),
            "ENDED",
        )
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = [self.runs, self.kills, self.requests, self.duplicates, self.lost];
        let ended: Vec<_> = self.states.iter().map(|(state, count)| format!("{count} {state}")).collect();
        f.write_str(&row(self.on, self.what, numbers.map(|number| number.to_string()), &ended.join(", ")))
    }
}

fn row(on: &str, what: &str, [runs, kills, requests, duplicates, lost]: [String; 5], ended: &str) -> String {
    format!("{on:10}  {what:28}  {runs:>5}  {kills:>5}  {requests:>7}  {duplicates:>10}  {lost:>4}  {ended}")
}
