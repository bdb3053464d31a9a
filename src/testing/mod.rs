//! Test support of the library: support for property tests, and assertions about secret types.

pub mod properties;
mod secrets;
