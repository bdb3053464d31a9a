//! What can be wrong with the settings of a target.

/// What is wrong with an address or a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidTarget {
    /// Not https, or not on this machine where it should be.
    Address,
    /// An address of a private network.
    Private,
    /// Braces where none may be, or around a name that is no [`Field`](super::Field).
    Placeholder,
    /// Not JSON.
    Json,
    /// Not the name of a header with a value, or of one that is not the settings' to set.
    Header,
}
