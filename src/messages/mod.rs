//! The messages of the pages in both languages.
//!
//! `en.toml` and `es.toml` are compiled in and parsed once into [`Messages`], one typed struct: a typo in a template does
//! not compile, a missing or unknown translation does not start, and a message that nothing uses fails a test. Each page
//! has a section, named by its slug. No other module has a sentence that a customer reads, except for NRG's own texts.

mod catalogs;
mod dates;
mod hours;
mod interpolate;
mod journey;
mod next_steps;
mod numbers;
mod problems;
mod section_macro;
mod sections;
#[cfg(test)]
mod tests;

pub use catalogs::{Catalogs, Error};
pub use interpolate::interpolate;
pub use next_steps::NextSteps;
pub use numbers::{amount, thousands};
pub use sections::*;
