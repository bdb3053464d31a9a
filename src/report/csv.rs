//! The report as CSV: a line for each number.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use super::{Group, Report};

/// Writes `report` to `out`.
///
/// # Errors
/// It cannot be written.
pub fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    let by = report.query.by.iter().map(|by| by.word());
    let by: Vec<_> = if report.query.by.is_empty() { vec!["group"] } else { by.collect() };
    csv.write_record(by.iter().copied().chain(["event", "name", "count"]))?;
    let all = [Group { names: vec![String::new()], numbers: report.all.clone() }];
    let groups = if report.query.by.is_empty() { &all } else { &report.groups[..] };
    for Group { names, numbers } in groups {
        for (event, name, count) in numbers.all() {
            let group = names.iter().map(|name| no_formula(name));
            csv.write_record(
                group
                    .chain([event.into(), name.into(), count.to_string().into()])
                    .map(|cell| cell.as_bytes().to_vec()),
            )?;
        }
    }
    csv.flush()
}

/// The text of a link as a cell that no spreadsheet takes for a formula.
pub fn no_formula(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}").into() } else { cell.into() }
}
