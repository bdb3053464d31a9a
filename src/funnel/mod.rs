//! How far journeys come and how they end, counted without persons.
//!
//! A count has a day in Texas, the brand, the language, the link's `sub1`, and what happened: never a journey, a person, a
//! text of NRG's or a time of day. Counting is done in memory and written down every few seconds, so that no page
//! waits for it; a server that is killed loses what it counted since. What became of submissions is not counted here:
//! the ledger knows it.

mod counters;
mod table;

pub use counters::Funnel;
pub use table::{Counts, Event};

/// What stands where a journey has no brand yet, or its link had no `sub1`. No link can say so.
pub const NONE: &str = "(none)";
/// What stands for all `sub1` beyond the first hundred of a day.
pub const OTHER: &str = "(other)";

/// How long it took from the first answer to the submission: up to that many minutes; what took longer is
/// [`LONGER`].
pub const MINUTES: [i64; 9] = [2, 3, 5, 8, 12, 20, 30, 60, 120];
/// The bucket above all of [`MINUTES`].
pub const LONGER: &str = "more";
