//! Settings in the environment: their names, and the environment of this process.

/// Begins the name of every setting in the environment.
pub(super) const PREFIX: &str = "ENROLL__";

/// The environment name of `key`: `ENROLL__SERVER__LISTEN` of `server.listen`.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('.', "__"))
}

/// The names and values of this process's environment.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn environment() -> impl Iterator<Item = (String, String)> {
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    std::env::vars_os().map(move |(name, value)| (text(name), text(value)))
}
