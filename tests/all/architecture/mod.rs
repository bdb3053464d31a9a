//! How the files of `src` lie: no circle, no arrow up the map in `src/lib.rs`, none too long.

mod resolver;
pub mod source;
mod tree;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use tree::{Arrows, Tree, circles};

/// Files of `src` that may be longer than [`LINES`], and why.
const LONG: [(&str, &str); 5] = [
    ("src/config/tests.rs", "one table: the rules of the settings, and the key that each problem names"),
    ("src/journey/tests.rs", "one table: the positions of a journey, and the persons that other tests share"),
    ("src/postback/tests.rs", "one table: what may happen to a postback"),
    ("src/sandbox/inputs.rs", "one table: the inputs of the sandbox, and what each leads to"),
    ("src/sandbox/tests.rs", "one table: the inputs of the sandbox, and the answer to each"),
];

/// The most lines of a file.
const LINES: usize = 400;

/// The most lines of a file of `web`.
const LINES_OF_WEB: usize = 300;

/// The repository: as cargo says it at run time, so that one binary can look at another work tree.
fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).into()
}

/// The files of Rust below `src`, by their paths.
fn sources() -> BTreeMap<String, String> {
    fn below(folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap();
                found.insert(name.to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    below(&root().join("src"), &mut found);
    found
}

fn arrows() -> Arrows {
    let arrows = Tree::new("nrg_enroll", &sources()).arrows();
    assert!(arrows.len() > 300, "only {} arrows were found", arrows.len());
    arrows
}

/// The room of a file. The roots of library and program have none: they declare and use all others.
fn room(file: &str) -> Option<&str> {
    let room = file.strip_prefix("src/").unwrap().split(['/', '.']).next().unwrap();
    (!["lib", "main"].contains(&room)).then_some(room)
}

/// The map in `src/lib.rs`, from top to bottom: each line names rooms and, behind two spaces, says what they are.
fn map() -> Vec<Vec<String>> {
    let root = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let documented = root.lines().map_while(|line| line.strip_prefix("//!"));
    let map = documented.skip_while(|line| line.trim() != "```text").skip(1);
    let rooms = |line: &str| {
        let mut parts: Vec<_> = line.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect();
        assert!(
            parts.pop().is_some_and(|what| what.contains(' ')),
            "the map does not say what this is: {line}"
        );
        parts.into_iter().map(str::to_owned).collect()
    };
    map.take_while(|line| line.trim() != "```").map(rooms).collect()
}

#[test]
fn files_form_no_circle() {
    let arrows = arrows();
    let circles = circles(&arrows).into_iter().map(|circle| {
        let within =
            |(from, to): &&(String, String)| circle.contains(from.as_str()) && circle.contains(to.as_str());
        let lines = arrows
            .keys()
            .filter(within)
            .map(|arrow| format!("\n  {} → {}: {}", arrow.0, arrow.1, arrows[arrow]));
        format!("\n{circle:?}{}", lines.collect::<String>())
    });
    let circles: Vec<_> = circles.collect();
    assert!(circles.is_empty(), "{}", circles.concat());
}

#[test]
fn arrows_between_rooms_run_down_the_map() {
    let map = map();
    let place = |room: &str| map.iter().position(|line| line.iter().any(|name| name == room));
    let up: String = arrows()
        .iter()
        .filter_map(|((from, to), why)| {
            let (above, below) = (room(from)?, room(to)?);
            (above != below && place(above) >= place(below)).then(|| format!("\n  {from} → {to}: {why}"))
        })
        .collect();
    assert!(up.is_empty(), "{up}");
}

#[test]
fn map_names_every_room_once() {
    let map: Vec<String> = map().into_iter().flatten().collect();
    let sources = sources();
    let tree = Tree::new("nrg_enroll", &sources);
    let rooms: BTreeSet<_> = tree.files().into_iter().filter_map(room).map(str::to_owned).collect();
    assert_eq!(map.iter().cloned().collect::<BTreeSet<_>>(), rooms);
    assert_eq!(map.len(), rooms.len());
}

#[test]
fn files_are_short() {
    let exempt: BTreeMap<_, _> = LONG.into();
    let mut long = BTreeSet::new();
    let mut found = Vec::new();
    for (file, text) in sources() {
        let most = if file.starts_with("src/web/") { LINES_OF_WEB } else { LINES };
        let lines = text.lines().count();
        if lines > most {
            long.insert(file.clone());
            if !exempt.contains_key(file.as_str()) {
                found.push(format!("\n  {file} has {lines} lines"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.concat());
    for (file, reason) in LONG {
        assert!(long.contains(file) && !reason.is_empty(), "{file} is short: it needs no exception");
    }
}
