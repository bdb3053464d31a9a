//! The variants of an enum, read from the sources: also where they have fields, and so no derived list.

use std::{fs, path::Path};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The names of the variants of the one enum of `src` that has this name. The sandbox, which shares nothing with the
/// client, has its own.
#[track_caller]
pub fn variants(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    search(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), name, &mut found);
    assert_eq!(found.len(), 1, "enums named {name}");
    let variants = found.remove(0);
    assert!(variants.len() > 1, "{name} has {variants:?}");
    variants
}

fn search(folder: &Path, name: &str, found: &mut Vec<Vec<String>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("sandbox") {
            search(&path, name, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            if text.contains(&format!("enum {name}")) {
                found.extend(declared(text.parse().unwrap(), name));
            }
        }
    }
}

/// The variants of the enums of this name outside of blocks and modules.
fn declared(tokens: TokenStream, name: &str) -> Vec<Vec<String>> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let begins = tokens.windows(2).enumerate().filter(|(_, two)| {
        matches!(two, [TokenTree::Ident(word), TokenTree::Ident(named)] if word == "enum" && named == name)
    });
    let body = |(at, _): (usize, _)| {
        tokens[at..].iter().find_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
            _ => None,
        })
    };
    begins.filter_map(body).map(names).collect()
}

/// The first names between commas, attributes left out.
fn names(body: TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    let mut expected = true;
    for token in body {
        match token {
            TokenTree::Ident(name) if expected => {
                names.push(name.to_string());
                expected = false;
            }
            TokenTree::Punct(mark) if mark.as_char() == ',' => expected = true,
            _ => {}
        }
    }
    names
}

/// `StartDate` as `start-date`.
pub fn kebab(name: &str) -> String {
    separated(name, '-')
}

/// `NoId` as `no_id`.
pub fn snake(name: &str) -> String {
    separated(name, '_')
}

fn separated(name: &str, by: char) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(by);
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// The name of the variant that a value is printed as.
pub fn variant(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.chars().take_while(|letter| letter.is_alphanumeric()).collect()
}

#[test]
fn variants_are_read_with_and_without_fields() {
    let text = "#[derive(Debug)] pub enum A<'a> { /// One, with a comma.\n One, #[serde(rename = \"x, y\")] Two(&'a str, u8), Three { a: u8, b: u8 }, Four = 4 } enum B { Other }";
    assert_eq!(declared(text.parse().unwrap(), "A"), [["One", "Two", "Three", "Four"].map(str::to_owned)]);
    assert_eq!(declared(text.parse().unwrap(), "C"), Vec::<Vec<String>>::new());
    assert_eq!([kebab("StartDate"), snake("NoId"), snake("Other")], ["start-date", "no_id", "other"]);
    assert_eq!([variant(&Some(1)), variant(&"text".parse::<u8>().is_err())], ["Some", "true"]);
}
