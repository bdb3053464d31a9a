//! The contrast of all pairs of colors that pages show.

use std::fmt;

use super::{
    color::Color,
    palette::{Scheme, Theme},
};
use crate::fields::Brand;

/// The least contrast of text (WCAG 1.4.3).
const TEXT: f64 = 4.5;
/// The least contrast of the border of a control (WCAG 1.4.11).
const BORDER: f64 = 3.0;

/// A pair of colors with too little contrast.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The color scheme.
    pub scheme: Scheme,
    /// The brand whose accent is part of the pair; none if both colors are the affiliate's.
    pub brand: Option<Brand>,
    /// The foreground and the background.
    pub pair: [&'static str; 2],
    contrast: f64,
    needed: f64,
}

impl Theme {
    /// All pairs with too little contrast. The focus ring is `ink` on `ground` or `paper`.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for &scheme in Scheme::ALL {
            let palette = self.palette(scheme);
            let own = palette.shades(palette.accent);
            let mut check = |brand, needed: f64, one: (&'static str, Color), two: (&'static str, Color)| {
                let contrast = one.1.contrast(two.1);
                if contrast < needed {
                    faults.push(Fault { scheme, brand, pair: [one.0, two.0], contrast, needed });
                }
            };
            let (ground, paper) = (("ground", palette.ground), ("paper", palette.paper));
            for text in [("ink", palette.ink), ("soft", palette.soft), ("wrong", palette.wrong)] {
                check(None, TEXT, text, ground);
                check(None, TEXT, text, paper);
            }
            for text in [("ink", palette.ink), ("wrong", palette.wrong)] {
                check(None, TEXT, text, ("the tint of wrong", palette.wrong_ground()));
            }
            check(None, BORDER, ("edge", palette.edge), ground);
            check(None, BORDER, ("edge", palette.edge), paper);
            let own = std::iter::once((None, own));
            let brands = self.accents.keys().map(|brand| {
                let accent = self.accent(Some(*brand), scheme);
                (Some(*brand), palette.shades(accent))
            });
            for (brand, shades) in own.chain(brands) {
                let accent = ("accent", shades.accent);
                let tint = ("the tint of accent", shades.tint);
                check(brand, TEXT, accent, ground);
                check(brand, TEXT, accent, paper);
                check(brand, TEXT, accent, tint);
                check(brand, TEXT, ("ink", palette.ink), tint);
                check(brand, TEXT, ("soft", palette.soft), tint);
                check(brand, TEXT, ("what is written on it", shades.on_accent), accent);
            }
        }
        faults
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded down: 4.46 is not 4.5.
        let contrast = (self.contrast * 10.0).floor() / 10.0;
        let [over, under] = self.pair;
        write!(f, "{over} on {under} has a contrast of {contrast:.1}:1 and needs {:.1}:1", self.needed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{
        Accent,
        tests::{color, theme},
    };

    #[test]
    fn theme_pair_below_contrast_minimum_is_named() {
        assert_eq!(theme().faults(), []);
        let grey = color("#949494"); // 3.03:1 on white
        for (change, pairs) in [
            (
                (|theme, grey| theme.light.soft = grey) as fn(&mut Theme, Color),
                &[["soft", "ground"], ["soft", "paper"], ["soft", "the tint of accent"]][..],
            ),
            (|theme, grey| theme.light.edge = grey, &[]),
            (|theme, _| theme.light.edge = Color(200, 200, 200), &[["edge", "ground"], ["edge", "paper"]]),
            (
                |theme, grey| theme.light.wrong = grey,
                &[["wrong", "ground"], ["wrong", "paper"], ["wrong", "the tint of wrong"]],
            ),
            (
                |theme, grey| theme.light.accent = grey,
                &[["accent", "ground"], ["accent", "paper"], ["accent", "the tint of accent"]],
            ),
        ] {
            let mut theme = theme();
            change(&mut theme, grey);
            let found: Vec<_> = theme.faults().iter().map(|fault| fault.pair).collect();
            assert_eq!(found, pairs);
        }
    }

    #[test]
    fn brand_accent_contrast_fault_names_brand_and_scheme() {
        let mut theme = theme();
        let yellow = color("#ffd166");
        theme.accents.insert(Brand::Cirro, Accent { light: yellow, dark: yellow });
        let faults = theme.faults();
        assert!(faults.iter().all(|fault| fault.brand == Some(Brand::Cirro)), "{faults:?}");
        assert!(faults.iter().all(|fault| fault.scheme == Scheme::Light), "{faults:?}");
        assert_eq!(faults[0].to_string(), "accent on ground has a contrast of 1.4:1 and needs 4.5:1");
    }
}
