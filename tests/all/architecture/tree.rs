//! The modules of a program, and which file needs which: an import is followed through re-exports to the file that
//! defines the item.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Import, Module};

/// Files that need others, each with one path that says so.
pub type Arrows = BTreeMap<(String, String), String>;

type Path = Vec<String>;

/// What a path leads to.
enum Target {
    Module(Path),
    /// An item, and the module that defines it.
    Item(Path),
}

/// All modules by their paths, each with its file. The root has the empty path.
pub struct Tree {
    modules: BTreeMap<Path, (String, Module)>,
    name: String,
}

impl Tree {
    /// The library `name` and its program: `files` are the texts by their paths, with `src/lib.rs` and perhaps
    /// `src/main.rs`. A file that only tests need is not part of it.
    pub fn new(name: &str, files: &BTreeMap<String, String>) -> Self {
        let mut tree = Self { modules: BTreeMap::new(), name: name.to_owned() };
        tree.read(Vec::new(), "src/lib.rs", files);
        if files.contains_key("src/main.rs") {
            tree.read(vec!["main".to_owned()], "src/main.rs", files);
        }
        tree
    }

    fn read(&mut self, path: Path, file: &str, files: &BTreeMap<String, String>) {
        let module = Module::read(&files[file]);
        for child in &module.children {
            let below = [&path[..], std::slice::from_ref(child)].concat();
            let place = format!("src/{}", below.join("/"));
            let file = [format!("{place}.rs"), format!("{place}/mod.rs")];
            let file = file.iter().find(|file| files.contains_key(*file));
            self.read(below, file.unwrap_or_else(|| panic!("no file for {place}")), files);
        }
        self.insert(path, file, module);
    }

    fn insert(&mut self, path: Path, file: &str, mut module: Module) {
        for (name, inner) in std::mem::take(&mut module.inline) {
            self.insert([&path[..], &[name]].concat(), file, inner);
        }
        self.modules.insert(path, (file.to_owned(), module));
    }

    /// The files of the program, without those that only tests need.
    pub fn files(&self) -> BTreeSet<&str> {
        self.modules.values().map(|(file, _)| file.as_str()).collect()
    }

    /// Which file needs which. A module that declares or re-exports what is in another does not need it by that.
    pub fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for (path, (file, module)) in &self.modules {
            let mut needs = |target: Option<Target>, why: &Path| {
                let Some(Target::Item(definer)) = target else { return };
                let other = &self.modules[&definer].0;
                if other != file {
                    arrows.entry((file.clone(), other.clone())).or_insert_with(|| why.join("::"));
                }
            };
            for import in &module.imports {
                match &import.name {
                    Some(name) if import.reexport && !module.names.contains(name) => {}
                    Some(_) => needs(self.resolve(path, &import.path), &import.path),
                    None if import.reexport => {}
                    None => {
                        let all = self.resolve(path, &import.path);
                        let all = all.map(|target| match target {
                            Target::Module(path) | Target::Item(path) => Target::Item(path),
                        });
                        needs(all, &import.path);
                    }
                }
            }
            let alone = module.names.iter().map(|name| vec![name.clone()]);
            for mentioned in module.paths.iter().cloned().chain(alone) {
                needs(self.resolve(path, &mentioned), &mentioned);
            }
        }
        arrows
    }

    /// What `path` means in the module at `from`; none where it is of another library, or a local name.
    fn resolve(&self, from: &[String], path: &[String]) -> Option<Target> {
        self.resolve_within(from, path, 16)
    }

    /// `depth` ends the search where imports lead round.
    fn resolve_within(&self, from: &[String], path: &[String], depth: usize) -> Option<Target> {
        let depth = depth.checked_sub(1)?;
        let mut from = from.to_vec();
        let mut rest = path;
        let mut rooted = false;
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "crate" => from.clear(),
                name if name == self.name && !rooted => from.clear(),
                "self" => {}
                "super" => {
                    from.pop()?;
                }
                _ => break,
            }
            (rooted, rest) = (true, others);
        }
        let Some((name, others)) = rest.split_first() else { return Some(Target::Module(from)) };
        match self.find(&from, name, others.is_empty(), depth) {
            Some(Target::Module(module)) if others.is_empty() => Some(Target::Module(module)),
            Some(Target::Module(module)) => {
                let others = [&["self".to_owned()], others].concat();
                self.resolve_within(&module, &others, depth)
            }
            Some(Target::Item(module)) => Some(Target::Item(module)),
            // A name nobody declares is made by a macro there; or it is of another library, re-exported.
            None if rooted && !self.imports(&from, name) => Some(Target::Item(from)),
            None => None,
        }
    }

    fn imports(&self, from: &[String], name: &str) -> bool {
        self.modules[from].1.imports.iter().any(|import| import.name.as_deref() == Some(name))
    }

    /// What `name` means in the module at `from`, if that module or one it re-exports whole declares it.
    fn find(&self, from: &[String], name: &str, last: bool, depth: usize) -> Option<Target> {
        let module = &self.modules[from].1;
        let item = module.items.contains(name);
        let below = [from, &[name.to_owned()]].concat();
        // `main` is another crate.
        if !(last && item) && self.modules.contains_key(&below) && below != ["main"] {
            return Some(Target::Module(below));
        }
        if item {
            return Some(Target::Item(from.to_vec()));
        }
        let named = |import: &&Import| import.name.as_deref() == Some(name);
        if let Some(import) = module.imports.iter().find(named) {
            return self.resolve_within(from, &import.path, depth);
        }
        let globs = module.imports.iter().filter(|import| import.name.is_none());
        globs.into_iter().find_map(|glob| match self.resolve_within(from, &glob.path, depth) {
            Some(Target::Module(whole)) if whole != from => {
                self.find(&whole, name, last, depth.checked_sub(1)?)
            }
            _ => None,
        })
    }
}

/// The sets of files that need each other, directly or through others.
pub fn circles(arrows: &Arrows) -> Vec<BTreeSet<&str>> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in arrows.keys() {
        next.entry(from).or_default().push(to);
    }
    let reached = |from: &str| {
        let mut seen = BTreeSet::new();
        let mut open = next.get(from).cloned().unwrap_or_default();
        while let Some(file) = open.pop() {
            if seen.insert(file) {
                open.extend(next.get(file).into_iter().flatten());
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> = next.keys().map(|file| (*file, reached(file))).collect();
    let round = reached.iter().filter(|(file, reached)| reached.contains(*file)).map(|(file, all)| {
        all.iter()
            .filter(|other| reached.get(**other).is_some_and(|back| back.contains(file)))
            .copied()
            .collect()
    });
    round.collect::<BTreeSet<_>>().into_iter().collect()
}
