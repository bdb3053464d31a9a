//! How far journeys come and how they end, counted without persons.
//!
//! A count has a day and an hour in Texas, the site, the brand, the language, campaign parameters of the link
//! (`source`), and what happened: never a journey, a person or a text of NRG's. Counting is done in memory (`counters`)
//! and flushed into the database every few seconds (`table`), so that no page waits for it; a server that is killed loses
//! what it counted since. Endings of submissions are not counted here: the ledger knows them.

mod by;
mod counters;
mod source;
mod table;
#[cfg(test)]
mod tests;

pub use by::{By, NONE, OTHER, UNKNOWN};
pub use counters::{Funnel, MINUTES, MORE, SECONDS};
pub use table::{Counts, Event, Selection};
