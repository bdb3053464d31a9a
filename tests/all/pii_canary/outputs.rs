//! What the server left: pages, headers and addresses, files, rows, its log and its memory.

use super::{search::Search, secrets::Secret};
use crate::support::Seen;

/// A place that was searched, and what is in it.
pub struct Output {
    pub place: String,
    pub bytes: Vec<u8>,
}

/// What a browser, its history, and a proxy could keep.
pub fn of_browser(seen: &[Seen]) -> Vec<Output> {
    let mut outputs = Vec::new();
    for Seen { asked, head, body, .. } in seen {
        let path =
            asked.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
        outputs.push(Output { place: "address".into(), bytes: asked.clone().into() });
        for line in head.lines() {
            let name = line.split(':').next().unwrap_or_default();
            let place = if name == "location" { format!("location of {path}") } else { name.to_owned() };
            outputs.push(Output { place, bytes: line.into() });
        }
        outputs.push(Output { place: path, bytes: body.clone().into() });
    }
    outputs
}

pub fn files(folder: &std::path::Path) -> Vec<Output> {
    let mut outputs = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let place = if name == "log" { "log" } else { "database" };
        outputs.push(Output { place: place.into(), bytes: std::fs::read(&path).unwrap() });
    }
    outputs
}

/// Every row of every table, as text and its bytes in hexadecimal.
pub async fn rows(store: &str) -> Vec<Output> {
    let pool = sqlx::PgPool::connect(store).await.unwrap();
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut outputs = Vec::new();
    for (table,) in tables {
        let sql = format!("SELECT row_to_json(t)::text FROM \"{table}\" t");
        let rows: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap();
        outputs.extend(rows.into_iter().map(|(row,)| Output { place: "database".into(), bytes: row.into() }));
    }
    outputs
}

/// The log as programs read it: one object a line, in UTC, nothing else.
pub fn is_a_log(log: &[u8]) {
    let text = std::str::from_utf8(log).unwrap();
    let mut requests = 0;
    for line in text.lines() {
        let line: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("not a line of the log: {line}"));
        assert!(line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{line}");
        assert!(!line.to_string().contains('\u{1b}'), "{line}");
        if line["message"] == "request" {
            assert_eq!(line["span"]["request_id"].as_str().map(str::len), Some(16), "{line}");
            assert!(!line["path"].as_str().unwrap().contains('?'), "{line}");
            requests += 1;
        }
    }
    assert!(requests > 100, "{requests} requests");
}

/// A value in the memory of the process.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Found<'s> {
    pub kind: &'static str,
    pub value: &'s str,
    /// What stands around it, from which whoever holds it can be told.
    #[allow(dead_code, reason = "part of what a failed test prints")]
    pub around: String,
}

/// Every place in the memory of the process where a value is.
#[cfg(target_os = "linux")]
pub fn in_memory(pid: u32, secrets: &[Secret]) -> Result<Vec<Found<'_>>, std::io::Error> {
    use std::os::unix::fs::FileExt;

    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let memory = std::fs::File::open(format!("/proc/{pid}/mem"))?;
    let search = Search::new(secrets.iter().map(|secret| secret.value.as_str()));
    let mut found = Vec::new();
    for line in
        maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|rights| rights.starts_with("rw")))
    {
        let (from, to) = line.split(' ').next().unwrap_or_default().split_once('-').unwrap_or_default();
        let (Ok(from), Ok(to)) = (u64::from_str_radix(from, 16), u64::from_str_radix(to, 16)) else {
            continue;
        };
        // A page at a time: one that was never touched is all zeros, and there are many.
        const PAGE: usize = 1 << 16;
        let mut bytes = vec![0; PAGE + 64];
        for start in (from..to).step_by(PAGE) {
            let length = usize::try_from(to - start).unwrap().min(bytes.len());
            if memory.read_exact_at(&mut bytes[..length], start).is_ok()
                && bytes[..length].iter().any(|byte| *byte != 0)
            {
                for (number, at) in search.places(&bytes[..length]) {
                    let Secret { kind, value } = &secrets[number];
                    let around = &bytes[at.saturating_sub(64)..length.min(at + 64)];
                    let around = around.escape_ascii().to_string().replace("\\x00", "");
                    found.push(Found { kind, value, around });
                }
            }
        }
    }
    Ok(found)
}
