//! Names of sites, targets and partners.

/// What [`is_name`] accepts.
pub(crate) const NAMED: &str = "a name of lower-case letters, digits and _, at most 32, a letter first";

/// Whether `name` is a valid name for a site, target or partner in settings, ledger and metrics.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() <= 32 && name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(plain)
}
