//! A color, its contrast to another (WCAG 2), and mixtures.

use std::fmt;

/// Red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

impl Color {
    /// Parses `#rrggbb`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self(part(0)?, part(2)?, part(4)?))
    }

    /// The contrast to `other`, from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// This color mixed with `percent` of `other`.
    pub fn mix(self, other: Self, percent: u8) -> Self {
        let share = f64::from(percent) / 100.0;
        // The value lies between two bytes, so the cast is exact.
        let part = |one: u8, two: u8| (f64::from(one) * (1.0 - share) + f64::from(two) * share).round() as u8;
        Self(part(self.0, other.0), part(self.1, other.1), part(self.2, other.2))
    }

    /// Relative luminance.
    fn luminance(self) -> f64 {
        let part = |byte: u8| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(self.0) + 0.7152 * part(self.1) + 0.0722 * part(self.2)
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn color_is_parsed_and_written_back_or_refused() {
        for (text, read) in [
            ("#14524f", Some(Color(20, 82, 79))),
            ("#FFFFFF", Some(Color(255, 255, 255))),
            ("14524f", None),
            ("#145", None),
            ("#14524", None),
            ("#gg0000", None),
            ("#\u{e9}4524", None),
            ("", None),
        ] {
            assert_eq!(Color::parse(text), read, "{text}");
        }
        assert_eq!(Color(20, 82, 79).to_string(), "#14524f");
    }

    #[test]
    fn contrast_ratio_follows_wcag() {
        let (black, white) = (Color(0, 0, 0), Color(255, 255, 255));
        assert!((black.contrast(white) - 21.0).abs() < 0.001);
        assert!((white.contrast(white) - 1.0).abs() < 0.001);
        // The lightest grey that holds 4.5:1 on white.
        assert!(Color(118, 118, 118).contrast(white) >= 4.5);
        assert!(Color(119, 119, 119).contrast(white) < 4.5);
    }

    #[test]
    fn color_mix_lies_between_its_two_colors() {
        let (black, white) = (Color(0, 0, 0), Color(255, 255, 255));
        assert_eq!(black.mix(white, 0), black);
        assert_eq!(black.mix(white, 100), white);
        assert_eq!(black.mix(white, 50), Color(128, 128, 128));
    }
}
