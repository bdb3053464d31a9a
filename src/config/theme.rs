//! `[theme]`: the affiliate's colors and logo. The accents of brands are in `[brands.RE]` and the other brands.

use std::collections::BTreeMap;

use super::section::Section;
use crate::theme::{Accent, Color, Logo, Palette, Scheme, Theme};

/// What [`Color::parse`] accepts.
const COLOR: &str = "a color written #rrggbb";
/// What [`logo`] accepts.
const LOGO: &str = "the path of an SVG, PNG or WebP file of at most 64 kB";
const MAX_LOGO_BYTES: usize = 64 * 1024;

/// The theme, without the accents of brands.
pub(super) fn read(section: &mut Section<'_>) -> Option<Theme> {
    let logo_file = section.file("logo", LOGO, logo);
    let logo_dark = section.file("logo_dark", LOGO, logo);
    let light = section.section(Scheme::Light.key(), palette);
    let dark = section.section(Scheme::Dark.key(), palette);
    Some(Theme {
        light: light?,
        dark: dark?,
        accents: BTreeMap::new(),
        logo: logo_file?,
        logo_dark: logo_dark?,
    })
}

/// A brand's own accent; `Some(None)` if both colors are blank: then the theme's accent is used.
pub(super) fn accent(section: &mut Section<'_>) -> Option<Option<Accent>> {
    let light = section.optional(Scheme::Light.key(), COLOR, Color::parse);
    let dark = section.optional(Scheme::Dark.key(), COLOR, Color::parse);
    match (light?, dark?) {
        (Some(light), Some(dark)) => Some(Some(Accent { light, dark })),
        (None, None) => Some(None),
        (None, Some(_)) => section.missing(Scheme::Light.key()),
        (Some(_), None) => section.missing(Scheme::Dark.key()),
    }
}

/// Adds a problem for every pair of colors with too low a contrast.
pub(super) fn check(root: &mut Section<'_>, theme: &Theme) {
    for fault in theme.faults() {
        let scheme = fault.scheme.key();
        let key = match fault.brand {
            Some(brand) => format!("brands.{}.accent.{scheme}", brand.id()),
            None => format!("theme.{scheme}"),
        };
        root.contrast(&key, fault);
    }
}

fn palette(section: &mut Section<'_>) -> Option<Palette> {
    let mut color = |key| section.parse(key, COLOR, Color::parse);
    let (accent, ground, paper) = (color("accent"), color("ground"), color("paper"));
    let (ink, soft, edge, wrong) = (color("ink"), color("soft"), color("edge"), color("wrong"));
    Some(Palette {
        accent: accent?,
        ground: ground?,
        paper: paper?,
        ink: ink?,
        soft: soft?,
        edge: edge?,
        wrong: wrong?,
    })
}

/// The logo in `bytes`. Its type is detected from the content, whatever the file is called.
fn logo(bytes: Vec<u8>) -> Option<Logo> {
    let head = bytes.get(..bytes.len().min(256)).unwrap_or_default();
    let holds = |part: &[u8]| head.windows(part.len()).any(|window| window == part);
    let extension = match head {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        _ if holds(b"<svg") => "svg",
        _ => return None,
    };
    (bytes.len() <= MAX_LOGO_BYTES).then_some(Logo { extension, bytes })
}
