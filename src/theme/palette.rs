//! The theme, its palettes, and the shades derived from them.

use std::collections::BTreeMap;

use strum::{IntoStaticStr, VariantArray};

use super::color::Color;
use crate::fields::Brand;

/// The theme of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// The colors for light screens and for print.
    pub light: Palette,
    /// The colors for dark screens.
    pub dark: Palette,
    /// The accents of brands that have their own.
    pub accents: BTreeMap<Brand, Accent>,
    /// The logo in the header, with or instead of the name.
    pub logo: Option<Logo>,
    /// The logo for dark screens.
    pub logo_dark: Option<Logo>,
}

/// The colors of one scheme, named by their use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Buttons, links and chosen answers.
    pub accent: Color,
    /// The background of the page.
    pub ground: Color,
    /// The background of forms and cards.
    pub paper: Color,
    /// Text and the focus ring.
    pub ink: Color,
    /// Secondary text.
    pub soft: Color,
    /// The border of input fields.
    pub edge: Color,
    /// Errors.
    pub wrong: Color,
}

/// A brand's accent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Accent {
    pub light: Color,
    pub dark: Color,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// `svg`, `png` or `webp`.
    pub extension: &'static str,
    /// The content of the file.
    pub bytes: Vec<u8>,
}

/// The color scheme of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    /// Both schemes.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its key in the settings.
    pub fn key(self) -> &'static str {
        self.into()
    }
}

impl Theme {
    pub(super) fn palette(&self, scheme: Scheme) -> Palette {
        match scheme {
            Scheme::Light => self.light,
            Scheme::Dark => self.dark,
        }
    }

    /// The accent of `brand`, or that of the affiliate.
    pub(super) fn accent(&self, brand: Option<Brand>, scheme: Scheme) -> Color {
        let own = brand.and_then(|brand| self.accents.get(&brand)).map(|accent| match scheme {
            Scheme::Light => accent.light,
            Scheme::Dark => accent.dark,
        });
        own.unwrap_or(self.palette(scheme).accent)
    }
}

/// The shades derived from an accent and a palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shades {
    pub(super) accent: Color,
    /// The background of chosen answers and notices.
    pub(super) tint: Color,
    /// The accent of a hovered control.
    pub(super) hover: Color,
    /// Text on the accent.
    pub(super) on_accent: Color,
}

impl Palette {
    pub(super) fn shades(&self, accent: Color) -> Shades {
        let (white, black) = (Color(255, 255, 255), Color(16, 22, 21));
        let on_accent = if white.contrast(accent) >= black.contrast(accent) { white } else { black };
        Shades {
            accent,
            tint: self.paper.mix(accent, 8),
            // Mixed away from the text color, so that hovering never reduces the contrast.
            hover: accent.mix(if on_accent == white { black } else { white }, 16),
            on_accent,
        }
    }

    /// Thin lines.
    pub(super) fn line(&self) -> Color {
        self.paper.mix(self.ink, 15)
    }

    /// The background of the error summary.
    pub(super) fn wrong_ground(&self) -> Color {
        self.paper.mix(self.wrong, 6)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn color(text: &str) -> Color {
        Color::parse(text).unwrap()
    }

    /// Black on white, and the reverse.
    pub(crate) fn theme() -> Theme {
        let palette = |ink: &str, paper: &str| Palette {
            accent: color(ink),
            ground: color(paper),
            paper: color(paper),
            ink: color(ink),
            soft: color(ink),
            edge: color(ink),
            wrong: color(ink),
        };
        Theme {
            light: palette("#000000", "#ffffff"),
            dark: palette("#ffffff", "#000000"),
            accents: BTreeMap::new(),
            logo: None,
            logo_dark: None,
        }
    }

    #[test]
    fn stylesheet_defines_every_property_once_per_medium() {
        let mut theme = theme();
        let accent = Accent { light: color("#14518a"), dark: color("#94c6f5") };
        theme.accents.insert(Brand::Cirro, accent);
        let sheet = theme.sheet();
        let (light, rest) = sheet.split_once("@media screen").unwrap();
        let (dark, print) = rest.split_once("@media print").unwrap();
        for property in ["ground", "paper", "ink", "soft", "edge", "line", "wrong", "wrong-ground"] {
            for part in [light, dark, print] {
                assert_eq!(part.matches(&format!("--{property}:")).count(), 1, "{property} in {part}");
            }
        }
        assert!(light.contains(".brand-CE{--accent:#14518a;"), "{light}");
        assert!(dark.contains(".brand-CE{--accent:#94c6f5;"), "{dark}");
        // Paper is white, whatever the screen was.
        assert!(print.contains("--ground:#ffffff;--paper:#ffffff;"), "{print}");
    }

    #[test]
    fn text_on_accent_is_color_with_best_contrast() {
        let palette = theme().light;
        assert_eq!(palette.shades(color("#14524f")).on_accent, color("#ffffff"));
        assert_eq!(palette.shades(color("#ffd166")).on_accent, color("#101615"));
    }
}
