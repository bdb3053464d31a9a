//! A link as a QR code, for the camera of a phone, to be drawn as SVG.

use std::fmt::Write;

use qrcode::{Color, EcLevel};
use zeroize::Zeroizing;

/// The light margin on each side, in modules: readers need it to find the code (ISO/IEC 18004).
const MARGIN: usize = 4;

/// A QR code in units of its modules.
pub(super) struct QrCode {
    /// How wide and high it is with its margin.
    pub size: usize,
    /// The dark modules as data of an SVG path: a horizontal line of width one for each run, in the middle of its row.
    /// Wiped when dropped, since the link may be a secret.
    pub dark: Zeroizing<String>,
}

impl QrCode {
    /// The QR code of `text`. `None`: it is longer than one can hold, some 2,300 bytes.
    pub(super) fn of(text: &str) -> Option<Self> {
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let mut dark = Zeroizing::new(String::new());
        for (y, row) in code.to_colors().chunks(code.width()).enumerate() {
            let mut x = MARGIN;
            for run in row.chunk_by(|one, next| one == next) {
                if run.first() == Some(&Color::Dark) {
                    let _ = write!(dark, "M{x} {}.5h{}", y + MARGIN, run.len());
                }
                x += run.len();
            }
        }
        Some(Self { size: code.width() + 2 * MARGIN, dark })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qr_code_begins_with_its_finder_pattern_inside_the_margin() {
        let code = QrCode::of("https://enroll.example.com/resume?code=7KLM-23XY-ZPQ9&lang=en").unwrap();
        assert_eq!(code.size, 33 + 8);
        let rows: Vec<&str> = code.dark.split('M').skip(1).collect();
        assert_eq!(rows[0], "4 4.5h7");
        assert!(rows.iter().all(|run| {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, length) = rest.split_once(".5h").unwrap();
            let [x, y, length] = [x, y, length].map(|number| number.parse::<usize>().unwrap());
            x >= MARGIN && y >= MARGIN && x + length <= code.size - MARGIN && y < code.size - MARGIN
        }));
    }

    #[test]
    fn text_longer_than_a_qr_code_has_none() {
        assert!(QrCode::of(&"x".repeat(2300)).is_some());
        assert!(QrCode::of(&"x".repeat(2400)).is_none());
    }
}
