//! The theme as custom properties, for the head of the stylesheet.

use std::fmt::Write as _;

use super::{
    color::Color,
    palette::{Palette, Scheme, Shades, Theme},
};

impl Theme {
    /// The custom properties that `static/style.css` uses. The accent of a brand applies inside `.brand-<id>`.
    pub fn sheet(&self) -> String {
        let dark = self.scheme(Scheme::Dark);
        let paper = Palette { ground: Color(255, 255, 255), paper: Color(255, 255, 255), ..self.light };
        format!(
            ":root{{color-scheme:light dark}}{}@media screen and (prefers-color-scheme:dark){{{dark}}}\
             @media print{{:root{{{}}}}}",
            self.scheme(Scheme::Light),
            colors(&paper),
        )
    }

    fn scheme(&self, scheme: Scheme) -> String {
        let palette = self.palette(scheme);
        let mut sheet = format!(":root{{{}{}}}", colors(&palette), shades(&palette.shades(palette.accent)));
        for brand in self.accents.keys() {
            let shades = shades(&palette.shades(self.accent(Some(*brand), scheme)));
            // Writing to a string cannot fail.
            let _ = write!(sheet, ".brand-{}{{{shades}}}", brand.id());
        }
        sheet
    }
}

fn colors(palette: &Palette) -> String {
    let Palette { ground, paper, ink, soft, edge, wrong, .. } = palette;
    let (line, wrong_ground) = (palette.line(), palette.wrong_ground());
    format!(
        "--ground:{ground};--paper:{paper};--ink:{ink};--soft:{soft};--edge:{edge};--line:{line};\
         --wrong:{wrong};--wrong-ground:{wrong_ground};"
    )
}

fn shades(shades: &Shades) -> String {
    let Shades { accent, tint, hover, on_accent } = shades;
    format!("--accent:{accent};--tint:{tint};--hover:{hover};--on-accent:{on_accent}")
}
