//! Which file of a crate takes which names from which other file.
//!
//! A path leads to the file that defines what it names, also through `pub use`. A `mod x;` alone, and an import of a
//! module without one of its items, take nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::modules::{Crate, FileIndex, ModuleIndex};

/// The names that one file takes from another, by the indices of both.
type Taken = BTreeMap<(FileIndex, FileIndex), BTreeSet<String>>;

/// The files of a crate, relative to `src`, and what they take from each other.
pub(super) struct Imports {
    pub(super) files: Vec<PathBuf>,
    pub(super) taken: Taken,
    /// The paths from `crate`, `self` or `super` that lead nowhere: these names were not understood.
    pub(super) unresolved: BTreeSet<String>,
}

/// What a name can be.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Module(ModuleIndex),
    Item {
        file: FileIndex,
        name: String,
    },
    /// Something of another crate, or a name that only the code around it knows.
    Elsewhere,
}

/// Where a function has the name of a module, a path goes on in the module.
fn modules_if_any(found: BTreeSet<Found>) -> BTreeSet<Found> {
    let is_module = |found: &Found| matches!(found, Found::Module(_));
    let any = found.iter().any(is_module);
    found
        .into_iter()
        .filter(|found| !any || is_module(found))
        .collect()
}

impl Imports {
    /// Reads the sources of the crate in `folder`.
    pub(super) fn of(folder: &Path) -> Self {
        let read = Crate::read(&folder.join("src/lib.rs"));
        let mut taken = Taken::new();
        let mut unresolved = BTreeSet::new();
        for (index, module) in read.modules.iter().enumerate() {
            let mut take = |file, name| {
                if file != module.file {
                    taken.entry((module.file, file)).or_default().insert(name);
                }
            };
            let imported = module.uses.values().flatten().chain(&module.globs);
            let imported = imported.map(|path| (path, true));
            for (path, is_import) in imported.chain(module.paths.iter().map(|path| (path, false))) {
                let mut found = Search::new(&read).resolve(index, path);
                if found.is_empty() {
                    let file = read.files[module.file].display();
                    unresolved.insert(format!("{file}: {}", path.join("::")));
                }
                if is_import {
                    found = modules_if_any(found);
                }
                for found in found {
                    if let Found::Item { file, name } = found {
                        take(file, name);
                    }
                }
            }
            for name in &module.macros {
                let is_found = !Search::new(&read).lookup(index, name).is_empty();
                if let (false, Some(file)) = (is_found, read.macros.get(name)) {
                    take(*file, format!("{name}!"));
                }
            }
        }
        Self {
            files: read.files,
            taken,
            unresolved,
        }
    }
}

/// One search for what a path names.
struct Search<'a> {
    read: &'a Crate,
    /// The names that are being looked up, so that imports of each other end.
    open: BTreeSet<(ModuleIndex, String)>,
}

impl<'a> Search<'a> {
    fn new(read: &'a Crate) -> Self {
        let open = BTreeSet::new();
        Self { read, open }
    }

    fn resolve(&mut self, module: ModuleIndex, path: &[String]) -> BTreeSet<Found> {
        let [first, rest @ ..] = path else {
            return BTreeSet::new();
        };
        let mut found = match &**first {
            name if self.is_root(name) => BTreeSet::from([Found::Module(0)]),
            "self" => BTreeSet::from([Found::Module(module)]),
            "super" => self.parent(module),
            name => self.lookup(module, name),
        };
        if found.is_empty() && !["crate", "self", "super"].contains(&&**first) {
            return BTreeSet::from([Found::Elsewhere]);
        }
        for segment in rest {
            found = self.step(modules_if_any(found), segment);
        }
        found
    }

    /// Goes on in each module; what belongs to an item stays with the item.
    fn step(&mut self, found: BTreeSet<Found>, segment: &str) -> BTreeSet<Found> {
        let next = found.into_iter().flat_map(|found| match found {
            Found::Module(module) if segment == "super" => self.parent(module),
            Found::Module(module) => self.lookup(module, segment),
            found => BTreeSet::from([found]),
        });
        next.collect()
    }

    fn is_root(&self, name: &str) -> bool {
        name == "crate" || self.read.alias.as_deref() == Some(name)
    }

    fn parent(&self, module: ModuleIndex) -> BTreeSet<Found> {
        let parent = self.read.modules[module].parent;
        parent.map(Found::Module).into_iter().collect()
    }

    /// Looks a name up in a module: its children, its items, its imports.
    fn lookup(&mut self, module: ModuleIndex, name: &str) -> BTreeSet<Found> {
        let open = (module, name.to_owned());
        if !self.open.insert(open.clone()) {
            return BTreeSet::new();
        }
        let here = &self.read.modules[module];
        let mut found: BTreeSet<_> = here
            .children
            .get(name)
            .copied()
            .map(Found::Module)
            .into_iter()
            .collect();
        let items = here.items.get(name).into_iter().flatten();
        found.extend(items.map(|file| Found::Item {
            file: *file,
            name: name.to_owned(),
        }));
        for path in here.uses.get(name).into_iter().flatten() {
            found.extend(self.resolve(module, path));
        }
        if found.is_empty() {
            for path in &here.globs {
                let modules = modules_if_any(self.resolve(module, path));
                found.extend(self.step(modules, name));
            }
        }
        if found.is_empty() && here.generated.contains(name) {
            found.insert(Found::Item {
                file: here.file,
                name: name.to_owned(),
            });
        }
        self.open.remove(&open);
        found
    }
}
