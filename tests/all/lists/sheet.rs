//! The style sheets and the classes of the templates.

use std::{collections::BTreeSet, fs, path::Path};

use nrg_enroll::fields::Brand;

use super::{text, variants::variants};
use crate::support::World;

/// The names behind `.` in the selectors of a sheet.
fn selected(sheet: &str) -> BTreeSet<String> {
    let mut selectors = String::new();
    let mut comment = false;
    let mut rest = sheet;
    // Declarations stand in the innermost braces, comments anywhere.
    while let Some(letter) = rest.chars().next() {
        if rest.starts_with("/*") || rest.starts_with("*/") {
            comment = rest.starts_with("/*");
            rest = &rest[2..];
            continue;
        }
        if !comment {
            selectors.push(letter);
        }
        rest = &rest[letter.len_utf8()..];
    }
    let parts = selectors.split('{').map(|part| part.rsplit(['}', ';']).next().unwrap());
    parts.flat_map(names).collect()
}

/// The names behind each `.`.
fn names(text: &str) -> impl Iterator<Item = String> {
    text.split('.').skip(1).filter_map(|after| {
        let name: String =
            after.chars().take_while(|letter| letter.is_alphanumeric() || "-_".contains(*letter)).collect();
        name.starts_with(|first: char| first.is_ascii_alphabetic()).then_some(name)
    })
}

/// The files below `folder` that end so, by their paths.
fn files(folder: &str, extension: &str) -> Vec<String> {
    fn below(folder: &Path, extension: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("node_modules") {
                below(&path, extension, found);
            } else if path.extension().is_some_and(|found| found == extension) {
                let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                found.push(name.to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), extension, &mut found);
    found
}

/// The classes a template writes out; those it computes are left out.
fn written(template: &str) -> BTreeSet<String> {
    let mut classes = BTreeSet::new();
    for class in template.split("class=\"").skip(1) {
        let mut class = class.split('"').next().unwrap().to_owned();
        for (open, close) in [("{%", "%}"), ("{{", "}}")] {
            while let (Some(from), Some(to)) = (class.find(open), class.find(close)) {
                // What is computed, with the beginning of the name before it.
                let before =
                    if open == "{{" { class[..from].rfind(' ').map_or(0, |space| space + 1) } else { from };
                class.replace_range(before..to + 2, " ");
            }
        }
        classes.extend(class.split_whitespace().map(str::to_owned));
    }
    classes
}

#[test]
fn every_class_of_a_template_has_a_style_or_a_use() {
    let sheet = selected(&text("static/style.css"));
    let report = selected(&text("src/report/report.css"));
    let desk: BTreeSet<String> = selected(&text("src/desk/desk.css")).union(&sheet).cloned().collect();
    let mut hooks: String = text("static/enroll.js");
    files("tests/all", "rs")
        .iter()
        .chain(&files("tests/browser", "mjs"))
        .for_each(|file| hooks.push_str(&text(file)));
    let hooks: BTreeSet<String> = names(&hooks).collect();
    for template in files("templates", "html") {
        let sheet = match template.split('/').nth(1) {
            Some("report") => &report,
            Some("desk") => &desk,
            _ => &sheet,
        };
        for class in written(&text(&template)) {
            assert!(
                sheet.contains(&class) || hooks.contains(&class),
                "{template}: nothing styles or selects .{class}"
            );
        }
    }
}

#[test]
fn every_class_of_the_style_sheet_is_used() {
    let mut users = text("static/enroll.js");
    files("templates", "html").iter().chain(&files("src", "rs")).for_each(|file| users.push_str(&text(file)));
    // A class that is computed begins with one of these.
    let computed = ["compare-"];
    assert!(users.contains("compare-{{"));
    let words: BTreeSet<&str> =
        users.split(|letter: char| !(letter.is_alphanumeric() || letter == '-' || letter == '_')).collect();
    for sheet in ["static/style.css", "src/report/report.css", "src/desk/desk.css"] {
        for class in selected(&text(sheet)) {
            let used =
                words.contains(class.as_str()) || computed.iter().any(|begin| class.starts_with(begin));
            assert!(used, "{sheet}: nothing has the class {class}");
        }
    }
}

#[tokio::test]
async fn every_brand_has_its_class_in_the_style_sheet() {
    let world = World::new().await;
    let browser = world.browser();
    let sheet = browser.get("/").await.attributes("link[rel=stylesheet]", "href").remove(0);
    let sheet = browser.get(&sheet).await.body;
    for brand in Brand::ALL {
        assert!(sheet.contains(&format!(".brand-{}{{", brand.id())), "{}", brand.id());
    }
}

#[test]
fn every_document_of_identity_hides_the_fields_of_the_others() {
    let sheet = text("static/style.css");
    let template = text("templates/step/identity.html");
    let documents = variants("Document");
    for document in &documents {
        let word = match document.as_str() {
            "Ssn" => "ssn",
            "DriverLicense" => "licence",
            "None" => "none",
            other => panic!("no word of the form for {other}"),
        };
        for field in ["if-ssn", "if-licence"].into_iter().filter(|field| *field != format!("if-{word}")) {
            let rule = sheet
                .lines()
                .find(|line| line.contains(&format!("value=\"{word}\"")) && line.contains(field));
            assert!(rule.is_some(), "{word} shows .{field}");
            assert!(template.contains(field), "{field}");
        }
    }
}

#[test]
fn selectors_and_classes_are_read_from_text() {
    let sheet = "/* .no { } */ .a.b:hover > c:not(.d), .e-f { width: .5rem } @media (min-width: 1.5rem) { .g { top: 0; left: .1em } }";
    assert_eq!(selected(sheet), ["a", "b", "d", "e-f", "g"].map(str::to_owned).into());
    let template = r#"<p class="a{% if x %} b{% endif %} brand-{{ id }} c"> <b class="{{ width }}">"#;
    assert_eq!(written(template), ["a", "b", "c"].map(str::to_owned).into());
}
