//! The reading of sources, tested on programs of a few lines.

use std::collections::BTreeMap;

use super::tree::{Tree, circles};

/// A program of these files, `src/` and `.rs` left out, and its arrows.
fn arrows(files: &[(&str, &str)]) -> Vec<String> {
    let files: BTreeMap<_, _> =
        files.iter().map(|(name, text)| (format!("src/{name}.rs"), (*text).to_owned())).collect();
    let short = |file: &str| file.strip_prefix("src/").unwrap().strip_suffix(".rs").unwrap().to_owned();
    let arrows = Tree::new("house", &files).arrows();
    arrows.keys().map(|(from, to)| format!("{} {}", short(from), short(to))).collect()
}

#[test]
fn resolver_finds_the_file_that_defines_an_item() {
    // Two rooms: `a` looks for something, and `b` is a facade with two files.
    let b = "mod c; mod d; pub use c::C; pub use d::*; pub struct B; pub mod e { pub struct E; }";
    let c = "pub struct C; pub(crate) fn help() {}";
    let d = "pub enum D { One } pub use self::D as Other; macro_rules! m { () => {} } pub(crate) use m;";
    for (a, expected) in [
        // Items, by `use` and by path.
        ("use crate::b::B;", &["a b/mod"][..]),
        ("use crate::b::C;", &["a b/c"]),
        ("use crate::b::{B, C as Own, c::help};", &["a b/c", "a b/mod"]),
        ("fn f() -> crate::b::C { todo!() }", &["a b/c"]),
        ("use super::b::{self, C};", &["a b/c"]),
        ("fn f() { use crate::b::C; }", &["a b/c"]),
        ("#[derive(crate::b::C)] struct X;", &["a b/c"]),
        ("macro_rules! x { () => { $crate::b::C } }", &["a b/c"]),
        // Through a module that is imported, renamed or re-exported.
        ("use crate::b; fn f(it: b::C) {}", &["a b/c"]),
        ("use crate::b as x; fn f(it: &x::c::C) {}", &["a b/c"]),
        ("pub use crate::b::c; fn f() { c::help() }", &["a b/c"]),
        ("use crate::b::e::E;", &["a b/mod"]),
        // Through `*`, in the facade and here.
        ("use crate::b::D;", &["a b/d"]),
        ("fn f() { let it = crate::b::D::One; }", &["a b/d"]),
        ("use crate::b::{Other, m};", &["a b/d"]),
        ("use crate::b::*;", &["a b/mod"]),
        ("use crate::b::*; fn f(it: C) {}", &["a b/c", "a b/mod"]),
        // What a macro has made is where it is asked for.
        ("use crate::b::c::Made;", &["a b/c"]),
        // No arrow: a module alone, a re-export, another library, a name of one's own, a field, a test.
        ("use crate::b;", &[]),
        ("pub use crate::b::C;", &[]),
        ("pub(crate) use crate::b::{C, D};", &[]),
        ("use std::{b, fmt}; fn f() { b::C; serde::C }", &[]),
        ("struct C; fn f(c: C) -> C { self.b.C }", &[]),
        ("#[cfg(test)] use crate::b::{B, C}; #[cfg(test)] mod t { use crate::b::C; } struct X;", &[]),
        ("#[cfg(test)] fn f() -> crate::b::C {} fn g() -> crate::b::B {}", &["a b/mod"]),
        ("// use crate::b::C;\n/// [`crate::b::C`]\nconst X: &str = \"crate::b::C\";", &[]),
        // A re-export that is used here as well.
        ("pub use crate::b::C; fn f(it: C) {}", &["a b/c"]),
        ("pub use crate::b::C; fn f() { C::new() }", &["a b/c"]),
    ] {
        let files = [("lib", "pub mod a; pub mod b;"), ("a", a), ("b/mod", b), ("b/c", c), ("b/d", d)];
        assert_eq!(arrows(&files), expected, "{a}");
    }
}

#[test]
fn resolver_sees_children_siblings_and_the_program() {
    for (files, expected) in [
        // The facade needs its child where it uses it, the child the facade where it asks for its own items.
        (
            &[("lib", "mod a;"), ("a/mod", "mod b; pub use b::B; pub struct A;"), ("a/b", "use super::A;")][..],
            &["a/b a/mod"][..],
        ),
        (
            &[("lib", "mod a;"), ("a/mod", "mod b; use b::B; struct A;"), ("a/b", "pub struct B;")],
            &["a/mod a/b"],
        ),
        // A child reads over its parent's imports.
        (
            &[
                ("lib", "mod a; mod c;"),
                ("a/mod", "mod b; use crate::c::C; fn f(it: C) {}"),
                ("a/b", "use super::C;"),
                ("c", "pub struct C;"),
            ],
            &["a/b c", "a/mod c"],
        ),
        (
            &[
                ("lib", "mod a;"),
                ("a", "mod b; mod c;"),
                ("a/b", "use super::c::C;"),
                ("a/c", "pub struct C;"),
            ],
            &["a/b a/c"],
        ),
        // The program is another crate.
        (
            &[("lib", "pub mod a;"), ("a", "pub struct A;"), ("main", "use house::a::A; fn main() {}")],
            &["main a"],
        ),
        (&[("lib", "pub mod a;"), ("a", "fn f() { main::b() }"), ("main", "fn main() {}")], &[]),
        // A file that only tests declare is not read.
        (&[("lib", "#[cfg(test)] mod a; mod b;"), ("a", "use crate::b::B;"), ("b", "pub struct B;")], &[]),
        // Re-exports that lead round end.
        (
            &[
                ("lib", "mod a; mod b;"),
                ("a", "pub use crate::b::X;"),
                ("b", "pub use crate::a::X; fn f(it: X) {}"),
            ],
            &[],
        ),
    ] {
        assert_eq!(arrows(files), expected, "{files:?}");
    }
}

#[test]
fn circles_are_the_files_that_reach_each_other() {
    for (arrows, expected) in [
        (&["a b", "b c", "a c"][..], &[][..]),
        (&["a b", "b a"], &["a b"]),
        (&["a b", "b c", "c a", "c d", "d e", "e d", "f a"], &["a b c", "d e"]),
    ] {
        let arrows = arrows.iter().map(|arrow| {
            let (from, to) = arrow.split_once(' ').unwrap();
            ((from.to_owned(), to.to_owned()), String::new())
        });
        let arrows = arrows.collect();
        let found =
            circles(&arrows).into_iter().map(|circle| circle.into_iter().collect::<Vec<_>>().join(" "));
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
}
