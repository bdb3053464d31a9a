//! README.md and `docs/`: the references are what the program says, the links lead somewhere, and every alert has its
//! section.
//!
//! `ENROLL_WRITE_REFERENCE=1 cargo test --test all documents` writes the references anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

use nrg_enroll::{config, sandbox::Sandbox};

use crate::{
    observability::metrics_after_an_enrollment,
    supply::{notices, sbom},
};

/// Checks that `docs/reference/NAME` is `text`, or writes it where that is asked for.
#[track_caller]
fn reference(name: &str, text: &str) {
    let path = root().join("docs/reference").join(name);
    if std::env::var_os("ENROLL_WRITE_REFERENCE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "docs/reference/{name} is out of date: ENROLL_WRITE_REFERENCE=1 cargo test --test all documents"
    );
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The head of a reference.
pub fn generated(title: &str, by: &str) -> String {
    format!(
        "# {title}\n\nGenerated from {by}.\nDo not edit by hand: [testing](../testing.md#references) says how it is written.\n"
    )
}

#[test]
fn settings_reference_matches_the_program() {
    reference("settings.md", &config::reference());
}

#[test]
fn sandbox_inputs_reference_matches_the_program() {
    let rows: String = Sandbox::inputs()
        .iter()
        .map(|input| format!("| {} | `{}` | {} |\n", input.field, input.value, input.outcome))
        .collect();
    let page = generated("Sandbox inputs", "the tables in `src/sandbox/inputs.rs`")
        + "\nThe demo and `nrg-enroll sandbox` take these. Anything else sensible succeeds. Type only invented persons: an SSN\n\
           must begin with 9, an e-mail address must be at example.com, .org or .net, and a phone number must contain 555.\n\
           \n| Field | Value | What happens |\n| --- | --- | --- |\n"
        + &rows;
    reference("sandbox-inputs.md", &page);
}

#[test]
fn cli_reference_matches_the_program() {
    let mut page = generated("Command line", "the program's own `--help`");
    help(&[], &mut page);
    reference("cli.md", &page);
}

/// Adds the help of the command `path`, and then that of its subcommands.
fn help(path: &[&str], page: &mut String) {
    let program = env!("CARGO_BIN_EXE_nrg-enroll");
    let output = Command::new(program).args(path).arg("--help").output().unwrap();
    assert!(output.status.success(), "{path:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let title = [&["nrg-enroll"], path].concat().join(" ");
    *page += &format!("\n## {title}\n\n```text\n{}\n```\n", lines.join("\n").trim_end());
    let commands = lines.iter().skip_while(|line| **line != "Commands:").skip(1);
    for line in commands.take_while(|line| !line.is_empty()) {
        // What a command is for may be wrapped; its name stands two spaces in.
        let name = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '));
        if let Some(name) = name.and_then(|rest| rest.split(' ').next()).filter(|name| *name != "help") {
            help(&[path, &[name]].concat(), page);
        }
    }
}

#[tokio::test]
async fn metrics_reference_matches_the_program() {
    let metrics = metrics_after_an_enrollment().await;
    let mut page = generated("Metrics", "what the server prints at `/metrics` on the admin listener")
        + "\nNo label ever holds personal data, an address, a token or an id. A histogram is printed as `_bucket` (with the\n\
           label `le`), `_sum` and `_count`. What to look at: [operations](../operations.md#admin-listener).\n";
    for described in metrics.split("# HELP ").skip(1) {
        let (name, rest) = described.split_once(' ').unwrap();
        let (means, rest) = rest.split_once('\n').unwrap();
        let kind = rest.strip_prefix(&format!("# TYPE {name} ")).unwrap().lines().next().unwrap();
        assert!(["counter", "gauge", "histogram"].contains(&kind), "{name} is a {kind}");
        let samples = rest.lines().filter(|line| !line.starts_with('#'));
        let labels: BTreeSet<String> = samples
            .filter_map(|line| line.split_once('{')?.1.split_once('}'))
            .flat_map(|(labels, _)| labels.split(','))
            .filter_map(|label| label.split_once('='))
            .filter(|(label, _)| *label != "le")
            .map(|(label, _)| format!("`{label}`"))
            .collect();
        let labels = labels.into_iter().collect::<Vec<_>>().join(", ");
        let labels = if labels.is_empty() { labels } else { format!(" Labels: {labels}.") };
        page += &format!("\n## {name}\n\n{}\n\nType: {kind}.{labels}\n", means.trim_end());
    }
    reference("metrics.md", &page);
}

#[test]
fn third_party_notices_match_the_program() {
    reference("third-party-notices.md", &notices::page());
}

#[test]
fn list_of_parts_matches_the_program() {
    reference("sbom.cdx.json", &sbom::file());
}

#[test]
fn each_alert_has_its_section_and_names_it() {
    let rules = include_str!("../../deploy/alerts.yaml");
    let operations = include_str!("../../docs/operations.md");
    let section = operations.split("\n## Alerts\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let explained: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let mut alerts = Vec::new();
    for rule in rules.split("- alert: ").skip(1) {
        let name = rule.lines().next().unwrap();
        let runbook = format!("runbook: docs/operations.md#{}\n", name.to_lowercase());
        assert!(rule.contains(&runbook), "{name} does not name its section");
        alerts.push(name);
    }
    let (alerts, explained) = (BTreeSet::from_iter(alerts), BTreeSet::from_iter(explained));
    assert_eq!(alerts, explained);
}

/// README.md, SECURITY.md and the pages of `docs/`, by path.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut paths = vec![root().join("README.md"), root().join("SECURITY.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "md") {
                paths.push(path);
            }
        }
    }
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// The lines of a page outside of fences.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    page.split("\n```").step_by(2).flat_map(str::lines)
}

/// The fragment by which a heading is linked to, as GitHub makes it.
fn fragment(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_link_between_the_pages_leads_somewhere() {
    let pages = pages();
    assert!(pages.len() > 20, "{}", pages.len());
    let mut lost = Vec::new();
    for (path, page) in &pages {
        let text: String = prose(page).collect::<Vec<_>>().join("\n");
        let inline = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let defined =
            text.lines().filter(|line| line.starts_with('[')).filter_map(|line| line.split("]: ").nth(1));
        for link in inline.chain(defined).filter(|link| !link.contains("://")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let Ok(target) = target.canonicalize() else {
                lost.push(format!("{}: {link}", path.display()));
                continue;
            };
            let found = heading.is_empty()
                || pages.iter().any(|(path, page)| {
                    path.canonicalize().unwrap() == target
                        && prose(page).any(|line| {
                            line.starts_with('#') && fragment(line.trim_start_matches('#').trim()) == heading
                        })
                });
            if !found {
                lost.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn lines_hold_120_characters_and_the_readme_150_lines() {
    let pages = pages();
    let long: Vec<String> = pages
        .iter()
        .flat_map(|(path, page)| prose(page).map(move |line| (path, line)))
        .filter(|(_, line)| line.chars().count() > 120)
        .map(|(path, line)| format!("{}: {line}", path.display()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
    assert!(pages[&root().join("README.md")].lines().count() <= 150);
}

/// The tables of the migrations, with their columns.
fn tables() -> BTreeMap<String, BTreeSet<String>> {
    let mut files: Vec<_> = std::fs::read_dir(root().join("migrations/sqlite")).unwrap().collect();
    files.sort_by_key(|file| file.as_ref().unwrap().path());
    let mut tables = BTreeMap::<String, BTreeSet<String>>::new();
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let bare: Vec<&str> = text.lines().map(|line| line.split("--").next().unwrap()).collect();
        for statement in bare.join(" ").split(';') {
            let words: Vec<&str> = statement.split_whitespace().collect();
            match words.as_slice() {
                ["CREATE", "TABLE", name, ..] => {
                    let body = statement.split_once('(').unwrap().1;
                    let mut depth = 0;
                    let parts = body.split(|sign| {
                        depth += i32::from(sign == '(') - i32::from(sign == ')');
                        sign == ',' && depth == 0
                    });
                    let first = parts.filter_map(|part| part.split_whitespace().next().map(str::to_owned));
                    let keys = ["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"];
                    let columns = first.filter(|word| !keys.contains(&word.as_str())).collect();
                    tables.insert((*name).to_owned(), columns);
                }
                ["ALTER", "TABLE", name, "ADD", "COLUMN", column, ..] => {
                    tables.get_mut(*name).unwrap().insert((*column).to_owned());
                }
                ["ALTER", "TABLE", name, "RENAME", "TO", new] => {
                    let columns = tables.remove(*name).unwrap();
                    tables.insert((*new).to_owned(), columns);
                }
                ["DROP", "TABLE", name] => drop(tables.remove(*name).unwrap()),
                _ => {}
            }
        }
    }
    tables
}

#[test]
fn data_inventory_lists_every_column_of_every_table() {
    let page = include_str!("../../docs/privacy.md");
    let quoted =
        |text: &str| -> BTreeSet<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let inventory = page.split("\n## The data inventory\n").nth(1).unwrap();
    let mut listed = BTreeSet::new();
    let tables = tables();
    assert!(tables["submissions"].contains("facts") && !tables.contains_key("postbacks_new"));
    for section in inventory.split("\n### ").skip(1) {
        let (heading, body) = section.split_once('\n').unwrap();
        if heading == "No personal data" {
            listed.extend(quoted(body));
            continue;
        }
        let first_cells = body.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').next());
        let columns: BTreeSet<String> = first_cells.flat_map(quoted).collect();
        let of_tables: BTreeSet<String> =
            quoted(heading).iter().flat_map(|name| tables[name].clone()).collect();
        assert_eq!(columns, of_tables, "{heading}");
        listed.extend(quoted(heading));
    }
    assert_eq!(listed, tables.keys().cloned().collect());
}
