//! `docs/experience-controls.md` names the tests that show each point of the pages: here, that each of them exists.

use std::path::Path;

/// Everything below `folder` that ends in one of `endings`, as one text.
fn sources(folder: &Path, endings: &[&str]) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "node_modules") {
                all.push_str(&sources(&path, endings));
            }
        } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
            all.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
    all
}

/// What stands between each pair of `mark`s.
fn between(text: &str, mark: char) -> Vec<&str> {
    text.split(mark).skip(1).step_by(2).collect()
}

#[test]
fn every_test_named_in_experience_table_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rust = sources(&root.join("src"), &[".rs"]) + &sources(&root.join("tests/all"), &[".rs"]);
    let browser = sources(&root.join("tests/browser"), &[".test.mjs", ".checks.mjs"]);
    let page = include_str!("../../docs/experience-controls.md");
    let mut points = 0;
    for section in page.split("\n## ").skip(1) {
        points += 1;
        let (number, held_by) = section.split_once('\n').unwrap();
        assert_eq!(number, format!("C{points}"));
        let (paths, titles) = (between(held_by, '`'), between(held_by, '"'));
        assert!(paths.len() + titles.len() > 0, "{number} is held by nothing");
        for path in paths {
            let name = path.rsplit("::").next().unwrap();
            assert!(rust.contains(&format!("fn {name}(")), "{number}: there is no test {path}");
        }
        for title in titles {
            assert!(
                ["test", "check"].iter().any(|call| browser.contains(&format!("{call}(\"{title}\""))),
                "{number}: there is no browser test {title:?}"
            );
        }
    }
    assert_eq!(points, 50);
}
