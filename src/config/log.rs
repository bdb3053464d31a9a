//! `[log]`: the format and the level of the log.

use tracing::Level;

use super::section::Section;

/// The log.
pub struct Log {
    /// The format of a line.
    pub format: LogFormat,
    /// The least severe events that are logged.
    pub level: Level,
}

/// The format of a line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A JSON object, for programs.
    Json,
    /// Text, for people.
    Text,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Log> {
    let format = section.parse("format", "json or text", |text| match text {
        "json" => Some(LogFormat::Json),
        "text" => Some(LogFormat::Text),
        _ => None,
    });
    let level = section.parse("level", "error, warn, info, debug or trace", |text| match text {
        "error" => Some(Level::ERROR),
        "warn" => Some(Level::WARN),
        "info" => Some(Level::INFO),
        "debug" => Some(Level::DEBUG),
        "trace" => Some(Level::TRACE),
        _ => None,
    });
    Some(Log { format: format?, level: level? })
}
