//! `[log]`: how the server tells what it does.

use tracing::Level;

use super::section::Section;

/// The log.
pub struct Log {
    /// How a line is written.
    pub format: LogFormat,
    /// The least important events that are written.
    pub level: Level,
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, for programs.
    Json,
    /// For people.
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
