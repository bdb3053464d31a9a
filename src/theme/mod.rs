//! The affiliate's theme: colors for light and dark screens, an accent for each brand, a logo. Pure: the input is the
//! settings, the output is CSS custom properties.
//!
//! Derived shades (the background of a chosen answer, the text on a button) are computed here, so that all pairs of colors
//! that pages show are known at the start and their contrast is checked.

mod color;
mod contrast;
mod palette;
mod sheet;

pub use color::Color;
pub use contrast::Fault;
#[cfg(test)]
pub(crate) use palette::tests;
pub use palette::{Accent, Logo, Palette, Scheme, Theme};
