//! SPDX expressions: the licenses that a crate may be used under.

use std::collections::{BTreeSet, VecDeque};

#[test]
fn license_expression_is_evaluated_by_its_operators() {
    let allowed: BTreeSet<String> =
        ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for (expression, used) in [
        ("MIT", Some(&["MIT"][..])),
        ("GPL-3.0", None),
        ("MIT OR GPL-3.0", Some(&["MIT"])),
        ("MIT/GPL-3.0", Some(&["MIT"])),
        ("ISC OR MIT", Some(&["MIT"])),
        ("MIT AND GPL-3.0", None),
        ("GPL-3.0 OR MIT AND ISC", Some(&["ISC", "MIT"])),
        ("(GPL-3.0 OR MIT) AND ISC", Some(&["ISC", "MIT"])),
        ("(GPL-3.0 OR MIT) AND GPL-3.0", None),
        ("Apache-2.0 WITH LLVM-exception", Some(&["Apache-2.0 WITH LLVM-exception"])),
        ("Apache-2.0", None),
        ("", None),
    ] {
        let used = used.map(|used| used.iter().map(|license| (*license).to_owned()).collect());
        assert_eq!(choice(expression, &allowed), used, "{expression}");
    }
}

/// The licenses under which a crate with this SPDX expression is used: `MIT` where that is enough, as it asks for least. None
/// if no choice of licenses is all in `allowed`.
pub fn choice(expression: &str, allowed: &BTreeSet<String>) -> Option<BTreeSet<String>> {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace(" WITH ", "\u{0}WITH\u{0}");
    let tokens: Vec<String> = spaced
        .split(' ')
        .filter(|token| !token.is_empty())
        .map(|token| token.replace('\u{0}', " "))
        .collect();
    let mut rest = tokens.iter().map(String::as_str).collect::<VecDeque<_>>();
    any_of(&mut rest, allowed).filter(|_| rest.is_empty())
}

fn took(rest: &mut VecDeque<&str>, word: &str) -> bool {
    rest.pop_front_if(|next| *next == word).is_some()
}

/// What is read of an expression: the licenses chosen, if any can be.
type Choice = Option<BTreeSet<String>>;

fn any_of(rest: &mut VecDeque<&str>, allowed: &BTreeSet<String>) -> Choice {
    let mut choices = vec![all_of(rest, allowed)];
    while took(rest, "OR") {
        choices.push(all_of(rest, allowed));
    }
    let mut choices: Vec<_> = choices.into_iter().flatten().collect();
    choices.sort_by_key(|licenses| !licenses.contains("MIT"));
    choices.into_iter().next()
}

fn all_of(rest: &mut VecDeque<&str>, allowed: &BTreeSet<String>) -> Choice {
    let mut choice = one(rest, allowed);
    while took(rest, "AND") {
        let more = one(rest, allowed);
        choice = choice.zip(more).map(|(one, other)| &one | &other);
    }
    choice
}

fn one(rest: &mut VecDeque<&str>, allowed: &BTreeSet<String>) -> Choice {
    match rest.pop_front()? {
        "(" => {
            let choice = any_of(rest, allowed);
            choice.filter(|_| took(rest, ")"))
        }
        license => allowed.contains(license).then(|| BTreeSet::from([license.to_owned()])),
    }
}
