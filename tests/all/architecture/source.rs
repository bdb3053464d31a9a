//! What a source file declares and what it mentions, read from its tokens. Parts under `#[cfg(test)]` are left out.

use std::{collections::BTreeSet, iter::Peekable};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree, token_stream::IntoIter};

/// A module: a file, or a `mod name { … }` inside of one.
#[derive(Debug, Default)]
pub struct Module {
    /// The modules it declares in files of their own.
    pub children: BTreeSet<String>,
    /// The modules it holds inside of its own file.
    pub inline: Vec<(String, Module)>,
    /// The names of the items it defines.
    pub items: BTreeSet<String>,
    pub imports: Vec<Import>,
    /// The paths of more than one segment in its code.
    pub paths: BTreeSet<Vec<String>>,
    /// The names that stand alone in its code, imports not counted.
    pub names: BTreeSet<String>,
}

/// One name of a `use` item.
#[derive(Debug)]
pub struct Import {
    pub path: Vec<String>,
    /// The name in this module; none for `*`.
    pub name: Option<String>,
    /// Whether it has a visibility, so that other modules can import it from here.
    pub reexport: bool,
}

type Tokens = Peekable<IntoIter>;

impl Module {
    /// # Panics
    /// If `text` is not made of Rust's tokens.
    pub fn read(text: &str) -> Self {
        let mut module = Self::default();
        module.items_of(text.parse::<TokenStream>().expect("tokens of Rust"));
        module
    }

    fn items_of(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut reexport = false;
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(mark) if mark.as_char() == '#' => self.attribute(&mut tokens),
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    match word.as_str() {
                        "pub" => {
                            group(&mut tokens, Delimiter::Parenthesis);
                            reexport = true;
                            continue;
                        }
                        "use" => self.imports_of(&mut tokens, &mut Vec::new(), reexport),
                        "mod" => self.module(&mut tokens),
                        "struct" | "enum" | "union" | "trait" | "type" | "const" | "static" | "fn" => {
                            // Not yet the name in `const fn name`.
                            if let Some(TokenTree::Ident(name)) = tokens.peek() {
                                self.items.insert(name.to_string());
                            }
                        }
                        "macro_rules" => {
                            tokens.next();
                            if let Some(TokenTree::Ident(name)) = tokens.next() {
                                self.items.insert(name.to_string());
                            }
                        }
                        _ => self.word(word, &mut tokens),
                    }
                }
                TokenTree::Group(group) => self.code(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            reexport = false;
        }
    }

    /// A `mod` with a body is read as a module of this file.
    fn module(&mut self, tokens: &mut Tokens) {
        let Some(TokenTree::Ident(name)) = tokens.next() else { return };
        match group(tokens, Delimiter::Brace) {
            Some(body) => {
                let mut inner = Self::default();
                inner.items_of(body.stream());
                self.inline.push((name.to_string(), inner));
            }
            None => {
                self.children.insert(name.to_string());
            }
        }
    }

    /// The body of an item: paths, names and the imports of functions.
    fn code(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(mark) if mark.as_char() == '#' => self.attribute(&mut tokens),
                // A field or a method is no name of this module.
                TokenTree::Punct(mark) if mark.as_char() == '.' => {
                    tokens.next_if(|next| matches!(next, TokenTree::Ident(_)));
                }
                TokenTree::Ident(word) if word == "use" => {
                    self.imports_of(&mut tokens, &mut Vec::new(), false)
                }
                TokenTree::Ident(word) => self.word(word.to_string(), &mut tokens),
                TokenTree::Group(group) => self.code(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// Reads an attribute, and with `#[cfg(test)]` skips the item below.
    fn attribute(&mut self, tokens: &mut Tokens) {
        let Some(attribute) = group(tokens, Delimiter::Bracket) else { return };
        if attribute.stream().to_string().replace(' ', "") != "cfg(test)" {
            return self.code(attribute.stream());
        }
        let mut importing = false;
        for token in tokens {
            match token {
                TokenTree::Ident(word) if word == "use" => importing = true,
                TokenTree::Punct(mark) if mark.as_char() == ';' => return,
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !importing => return,
                _ => {}
            }
        }
    }

    /// A name, and the path it begins.
    fn word(&mut self, first: String, tokens: &mut Tokens) {
        let mut path = vec![first];
        while separated(tokens) {
            let Some(TokenTree::Ident(next)) = tokens.next_if(|next| matches!(next, TokenTree::Ident(_)))
            else {
                break;
            };
            path.push(next.to_string());
        }
        match path.len() {
            1 => self.names.extend(path),
            _ => {
                self.paths.insert(path);
            }
        }
    }

    /// The tree of a `use`, below `before`, up to its `;`, its `,` or its end.
    fn imports_of(&mut self, tokens: &mut Tokens, before: &mut Vec<String>, reexport: bool) {
        let above = before.len();
        let mut name = None;
        loop {
            match tokens.next() {
                Some(TokenTree::Ident(word)) if word == "as" => {
                    name = tokens.next().map(|name| name.to_string());
                }
                Some(TokenTree::Ident(word)) => before.push(word.to_string()),
                Some(TokenTree::Punct(mark)) if mark.as_char() == ':' => {}
                Some(TokenTree::Punct(mark)) if mark.as_char() == '*' => {
                    self.imports.push(Import { path: before.clone(), name: None, reexport });
                    before.truncate(above);
                }
                Some(TokenTree::Group(group)) => {
                    let mut inner = group.stream().into_iter().peekable();
                    while inner.peek().is_some() {
                        self.imports_of(&mut inner, before, reexport);
                    }
                    before.truncate(above);
                }
                // `,`, `;` or the end.
                _ => break,
            }
        }
        if before.len() > above {
            if before.last().is_some_and(|last| last == "self") && before.len() > 1 {
                before.pop();
            }
            let name = name.or_else(|| before.last().cloned());
            self.imports.push(Import { path: before.clone(), name, reexport });
        }
        before.truncate(above);
    }
}

/// The group that comes next, if it is one of these.
fn group(tokens: &mut Tokens, delimiter: Delimiter) -> Option<Group> {
    // The mark of an inner attribute, `#![…]`.
    tokens.next_if(|next| {
        delimiter == Delimiter::Bracket && matches!(next, TokenTree::Punct(mark) if mark.as_char() == '!')
    });
    match tokens.next_if(|next| matches!(next, TokenTree::Group(group) if group.delimiter() == delimiter)) {
        Some(TokenTree::Group(group)) => Some(group),
        _ => None,
    }
}

/// Reads over `::`.
fn separated(tokens: &mut Tokens) -> bool {
    let colon = |next: &TokenTree| matches!(next, TokenTree::Punct(mark) if mark.as_char() == ':');
    // A single colon stands before a type, and a second one is never by itself.
    let joined = |next: &TokenTree| matches!(next, TokenTree::Punct(mark) if mark.as_char() == ':' && mark.spacing() == proc_macro2::Spacing::Joint);
    tokens.next_if(joined).is_some() && tokens.next_if(colon).is_some()
}
