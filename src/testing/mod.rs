//! What the library's tests share: support for property tests, and assertions about secret types.

pub mod properties;
mod secrets;
