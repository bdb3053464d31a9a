//! The state of a mail.

/// The state of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum State {
    /// Not to be sent before NRG's answer.
    Held,
    /// To be sent, or to be retried.
    Waiting,
    /// The relay took it.
    Sent,
    /// Refused, or given up after a day.
    Dead,
}

impl State {
    /// Every state.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word in database, list and metrics, which [`str::parse`] reads.
    pub fn word(self) -> &'static str {
        self.into()
    }
}
