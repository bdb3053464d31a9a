//! How the pages look, as an affiliate sets it: colors for light and dark screens, an accent for each
//! brand, a logo. Pure: settings in, a stylesheet of custom properties out.
//!
//! Shades that follow from a color (what lies under a chosen answer, what is written on a button) are
//! computed here, so that every pair a page can show is known at the start and its contrast checked.

mod color;
mod contrast;
mod sheet;

use std::collections::BTreeMap;

use crate::fields::Brand;

pub use color::Color;
pub use contrast::Fault;

/// Everything an affiliate sets about the looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// For screens that are light, and for print.
    pub light: Palette,
    /// For screens that are dark.
    pub dark: Palette,
    /// The accents of brands that have one of their own.
    pub accents: BTreeMap<Brand, Accent>,
    /// Stands in the header beside or instead of the name.
    pub logo: Option<Logo>,
    /// The same for dark screens.
    pub logo_dark: Option<Logo>,
}

/// The colors of one kind of screen, named by their use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Buttons, links, what is chosen.
    pub accent: Color,
    /// Behind everything.
    pub ground: Color,
    /// Under forms and cards.
    pub paper: Color,
    /// Text, and the ring around what has the focus.
    pub ink: Color,
    /// Text of less weight.
    pub soft: Color,
    /// The border of what can be typed into.
    pub edge: Color,
    /// What has to be mended.
    pub wrong: Color,
}

/// A brand's accent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Accent {
    pub light: Color,
    pub dark: Color,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// `svg`, `png` or `webp`.
    pub extension: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    /// Its key in the settings.
    pub fn key(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Theme {
    fn palette(&self, scheme: Scheme) -> Palette {
        match scheme {
            Scheme::Light => self.light,
            Scheme::Dark => self.dark,
        }
    }

    /// The accent of `brand`, or the affiliate's own.
    fn accent(&self, brand: Option<Brand>, scheme: Scheme) -> Color {
        let own = brand.and_then(|brand| self.accents.get(&brand)).map(|accent| match scheme {
            Scheme::Light => accent.light,
            Scheme::Dark => accent.dark,
        });
        own.unwrap_or(self.palette(scheme).accent)
    }
}

/// The shades that follow from an accent on a palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shades {
    accent: Color,
    /// Under what is chosen or has to be noticed.
    tint: Color,
    /// The accent under a pointer.
    hover: Color,
    /// Written on the accent.
    on_accent: Color,
}

impl Palette {
    fn shades(&self, accent: Color) -> Shades {
        let (white, black) = (Color(255, 255, 255), Color(16, 22, 21));
        let on_accent = if white.contrast(accent) >= black.contrast(accent) { white } else { black };
        Shades {
            accent,
            tint: self.paper.mix(accent, 8),
            // Away from what is written on it, so that hovering never costs contrast.
            hover: accent.mix(if on_accent == white { black } else { white }, 16),
            on_accent,
        }
    }

    /// Hair lines.
    fn line(&self) -> Color {
        self.paper.mix(self.ink, 15)
    }

    /// Under the summary of what has to be mended.
    fn wrong_ground(&self) -> Color {
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
