//! How far journeys come and how they end, counted without persons.
//!
//! A count has a day in Texas, the brand, the language, the link's `sub1`, and what happened: never a journey, a person,
//! a text of NRG's or a time of day. Counting is done in memory (`counters`) and flushed into the database every few
//! seconds (`table`), so that no page waits for it; a server that is killed loses what it counted since. Endings of
//! submissions are not counted here: the ledger knows them.

mod counters;
mod table;
#[cfg(test)]
mod tests;

pub use counters::{Funnel, LONGER, MINUTES};
pub use table::{Counts, Event, NONE, OTHER};
