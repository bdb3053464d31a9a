//! What counts can be divided by.

use clap::ValueEnum;

/// The value where a journey has no brand yet, or its link had no such parameter. A link that says this is counted with
/// those.
pub const NONE: &str = "(none)";
/// The value for what has no place of its own on a day.
pub const OTHER: &str = "(other)";
/// The value of what a release before this one counted without it.
pub const UNKNOWN: &str = "(unknown)";

/// What counts can be divided by. The names are those in addresses and answers.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    ValueEnum,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum By {
    /// Days in Texas.
    Day,
    /// Hours of the day in Texas, from 00 to 23.
    Hour,
    /// Sites of this server.
    Site,
    /// Brands; none before a plan is chosen.
    Brand,
    /// Languages of the pages.
    Language,
    /// Values of `sub1` in the links.
    Sub1,
    /// Values of `sub2` in the links.
    Sub2,
    /// Values of `sub3` in the links.
    Sub3,
    /// Values of `sub4` in the links.
    Sub4,
    /// Values of `sub5` in the links.
    Sub5,
    /// Values of `sub6` in the links.
    Sub6,
    /// Values of `sub7` in the links.
    Sub7,
    /// Values of `sub8` in the links.
    Sub8,
    /// Values of `sub9` in the links.
    Sub9,
    /// Values of `sub10` in the links.
    Sub10,
    /// Values of `utm_source` in the links.
    UtmSource,
    /// Values of `utm_campaign` in the links.
    UtmCampaign,
}

impl By {
    /// Everything that counts can be divided by.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name, in addresses, tables and answers.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The name of the link's parameter that it is, if it is one.
    pub fn parameter(self) -> Option<&'static str> {
        (!matches!(self, Self::Day | Self::Hour | Self::Site | Self::Brand | Self::Language))
            .then(|| self.word())
    }

    /// Whether its values follow one another in time.
    pub fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Hour)
    }
}
