//! How commands print: tables for people, a line of JSON a record for programs.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;

/// Prints `text` and a line break to standard output.
///
/// # Errors
/// As [`text`].
pub fn line(line: &str) -> io::Result<()> {
    text(&format!("{line}\n"))
}

/// Prints `text` to standard output as it is.
///
/// # Errors
/// It cannot be written, for another reason than a reader that has closed the output.
pub fn text(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if is_closed(&error) => Ok(()),
        written => written,
    }
}

/// Whether the reader of the output has closed it, as `head` does: it has read enough, and the command succeeded.
pub fn is_closed(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
}

/// Prints one record as a line of JSON.
pub fn json_line(out: &mut impl Write, record: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    writeln!(out)
}

/// Prints a table: each column is as wide as its widest cell.
pub fn table<'a>(
    out: &mut impl Write,
    head: impl AsRef<[&'a str]>,
    rows: Vec<impl AsRef<[String]>>,
) -> io::Result<()> {
    let head: Vec<String> = head.as_ref().iter().map(|cell| (*cell).to_owned()).collect();
    let all = || std::iter::once(&head[..]).chain(rows.iter().map(AsRef::as_ref));
    let mut widths = vec![0; head.len()];
    for row in all() {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in all() {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// The text with control characters replaced by blanks, so that typed text cannot forge a line of output.
pub fn in_a_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The cell of an absent value.
pub fn dash() -> String {
    "-".to_owned()
}

/// The value, or a dash.
pub fn or_dash(value: Option<&str>) -> String {
    value.map_or_else(dash, str::to_owned)
}
