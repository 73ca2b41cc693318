//! The modules of a crate, read from its sources: what each defines, imports and names. Test code is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::buffer::{Cursor, TokenBuffer};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Field, ImplItem, Item, ItemMacro, ItemMod, Local, Macro, Meta, StmtMacro, Token,
    UseTree, Variant, VisRestricted,
};

/// A path as its segments: `crate::a::b`.
pub(super) type Segments = Vec<String>;

/// The index of a file in [`Crate::files`], and of a module in [`Crate::modules`].
pub(super) type FileIndex = usize;
pub(super) type ModuleIndex = usize;

/// A crate: its files, relative to the folder of its root, and its modules; the first of each is the root.
#[derive(Default)]
pub(super) struct Crate {
    pub(super) files: Vec<PathBuf>,
    pub(super) modules: Vec<Module>,
    /// The name that the crate gives itself by `extern crate self as`.
    pub(super) alias: Option<String>,
    /// The macros of `macro_rules!`, which `#[macro_use]` makes visible without a path.
    pub(super) macros: BTreeMap<String, FileIndex>,
}

/// A module: a file, or an inline `mod` inside of one.
#[derive(Default)]
pub(super) struct Module {
    pub(super) file: FileIndex,
    pub(super) parent: Option<ModuleIndex>,
    pub(super) children: BTreeMap<String, ModuleIndex>,
    /// The files that define an item of this module; more than one for an item that depends on a feature.
    pub(super) items: BTreeMap<String, BTreeSet<FileIndex>>,
    /// The imports by the name they bind, and those that end in `*`.
    pub(super) uses: BTreeMap<String, Vec<Segments>>,
    pub(super) globs: Vec<Segments>,
    /// The words in macros of which some may be the names of items: those called in place of an item, and definitions.
    pub(super) generated: BTreeSet<String>,
    /// The paths in the code, without those of imports.
    pub(super) paths: BTreeSet<Segments>,
    /// The macros that the module calls without a path.
    pub(super) macros: BTreeSet<String>,
}

impl Crate {
    /// Reads the crate whose root is `root`: `src/lib.rs`.
    pub(super) fn read(root: &Path) -> Self {
        let mut read = Self::default();
        let folder = root.parent().unwrap();
        read.file(root, folder, folder, None);
        read
    }

    /// Reads a file, whose child modules are in `folder`.
    fn file(
        &mut self,
        path: &Path,
        folder: &Path,
        root: &Path,
        parent: Option<ModuleIndex>,
    ) -> ModuleIndex {
        let text = fs::read_to_string(path).unwrap();
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        self.files
            .push(path.strip_prefix(root).unwrap().to_path_buf());
        let module = self.module(self.files.len() - 1, parent);
        let (folder, root) = (folder.to_path_buf(), root.to_path_buf());
        let mut reader = Reader {
            read: self,
            module,
            folder,
            root,
        };
        reader.visit_file(&parsed);
        module
    }

    fn module(&mut self, file: FileIndex, parent: Option<ModuleIndex>) -> ModuleIndex {
        self.modules.push(Module {
            file,
            parent,
            ..Module::default()
        });
        self.modules.len() - 1
    }
}

/// Collects what one module contains.
struct Reader<'a> {
    read: &'a mut Crate,
    module: ModuleIndex,
    /// Where the files of child modules are.
    folder: PathBuf,
    /// Where the file of the crate's root is.
    root: PathBuf,
}

impl Reader<'_> {
    fn here(&mut self) -> &mut Module {
        &mut self.read.modules[self.module]
    }

    fn define(&mut self, module: ModuleIndex, name: &str) {
        let file = self.here().file;
        let items = &mut self.read.modules[module].items;
        items.entry(name.to_owned()).or_default().insert(file);
    }

    fn child(&mut self, item: &ItemMod) {
        let name = item.ident.to_string();
        let folder = self.folder.join(&name);
        let (module, file) = (self.module, self.here().file);
        let known = self.here().children.get(&name).copied();
        let child = if let Some((_, items)) = &item.content {
            let child = known.unwrap_or_else(|| self.read.module(file, Some(module)));
            let root = self.root.clone();
            let mut reader = Reader {
                read: &mut *self.read,
                module: child,
                folder,
                root,
            };
            items.iter().for_each(|item| reader.visit_item(item));
            child
        } else {
            let path = folder.with_extension("rs");
            self.read.file(&path, &folder, &self.root, Some(module))
        };
        self.here().children.insert(name, child);
    }

    fn import(&mut self, prefix: &[String], tree: &UseTree) {
        let with = |last: &syn::Ident| {
            let last = Some(last.to_string()).filter(|last| last != "self");
            prefix.iter().cloned().chain(last).collect::<Segments>()
        };
        let (name, path) = match tree {
            UseTree::Path(tree) => return self.import(&with(&tree.ident), &tree.tree),
            UseTree::Group(tree) => {
                return tree.items.iter().for_each(|tree| self.import(prefix, tree));
            }
            UseTree::Glob(_) => return self.here().globs.push(prefix.to_vec()),
            UseTree::Name(tree) => (None, with(&tree.ident)),
            UseTree::Rename(tree) => (Some(tree.rename.to_string()), with(&tree.ident)),
        };
        let name = name.or_else(|| path.last().cloned()).unwrap();
        self.here().uses.entry(name).or_default().push(path);
    }

    /// Collects a `macro_rules!`, or the items that stand in the input of another macro.
    fn item_macro(&mut self, item: &ItemMacro) {
        if let Some(name) = &item.ident {
            let (file, name) = (self.here().file, name.to_string());
            let is_exported = item.attrs.iter().any(|a| a.path().is_ident("macro_export"));
            let module = if is_exported { 0 } else { self.module };
            self.define(module, &name);
            self.read.macros.insert(name, file);
        }
        let words = flat(&TokenBuffer::new2(item.mac.tokens.clone()));
        let words = words.into_iter().filter(|word| is_word(word));
        self.here().generated.extend(words);
        visit::visit_item_macro(self, item);
    }

    /// Collects the paths of tokens that syn does not parse: the input of macros and attributes.
    fn tokens(&mut self, tokens: &[String]) {
        let mut rest = tokens;
        while let [first, after @ ..] = rest {
            rest = after;
            let mut path = vec![first.clone()];
            while let [a, b, next, after @ ..] = rest
                && (a, b) == (&":".to_owned(), &":".to_owned())
                && is_word(next)
            {
                path.push(next.clone());
                rest = after;
            }
            if is_word(first) && path.len() > 1 {
                self.here().paths.insert(path);
            } else if let Some(named) = first.strip_prefix("\"crate::") {
                // A function that serde is given by its path.
                let named = named.trim_end_matches('"').split("::");
                let path = ["crate"].into_iter().chain(named).map(str::to_owned);
                self.here().paths.insert(path.collect());
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attrs, name) = match item {
            Item::Const(item) => (&item.attrs, Some(&item.ident)),
            Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            Item::Static(item) => (&item.attrs, Some(&item.ident)),
            Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            Item::Type(item) => (&item.attrs, Some(&item.ident)),
            Item::Union(item) => (&item.attrs, Some(&item.ident)),
            Item::Impl(item) => (&item.attrs, None),
            Item::Macro(item) => (&item.attrs, None),
            Item::Mod(item) => (&item.attrs, None),
            Item::Use(item) => (&item.attrs, None),
            Item::ExternCrate(item) => (&item.attrs, None),
            _ => return,
        };
        if is_for_tests(attrs) {
            return;
        }
        if let Some(name) = name {
            self.define(self.module, &name.to_string());
        }
        match item {
            Item::Mod(item) => self.child(item),
            Item::Use(item) if item.leading_colon.is_none() => self.import(&[], &item.tree),
            Item::ExternCrate(item) if item.ident == "self" => {
                let alias = item.rename.as_ref().map(|(_, name)| name.to_string());
                self.read.alias = alias;
            }
            Item::Use(_) | Item::ExternCrate(_) => {}
            Item::Macro(item) => self.item_macro(item),
            item => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attrs = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            ImplItem::Macro(item) => &item.attrs,
            _ => return,
        };
        if !is_for_tests(attrs) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast Field) {
        if !is_for_tests(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_variant(&mut self, variant: &'ast Variant) {
        if !is_for_tests(&variant.attrs) {
            visit::visit_variant(self, variant);
        }
    }

    fn visit_stmt_macro(&mut self, statement: &'ast StmtMacro) {
        if !is_for_tests(&statement.attrs) {
            visit::visit_stmt_macro(self, statement);
        }
    }

    fn visit_local(&mut self, local: &'ast Local) {
        if !is_for_tests(&local.attrs) {
            visit::visit_local(self, local);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter().map(|part| part.ident.to_string());
            let segments = segments.collect();
            self.here().paths.insert(segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let name = call.path.segments.last().map(|part| part.ident.to_string());
        self.visit_path(&call.path);
        if let (1, Some(name)) = (call.path.segments.len(), &name) {
            self.here().macros.insert(name.clone());
        }
        // What is quoted is code of another crate.
        if !name.is_some_and(|name| name.contains("quote")) {
            self.tokens(&flat(&TokenBuffer::new2(call.tokens.clone())));
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let (false, Meta::List(list)) = (attribute.path().is_ident("doc"), &attribute.meta) {
            self.tokens(&flat(&TokenBuffer::new2(list.tokens.clone())));
        }
    }

    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
}

/// Returns true if an item with these attributes exists only under `cfg(test)`.
fn is_for_tests(attrs: &[Attribute]) -> bool {
    let mut conditions = attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    conditions.any(|attr| {
        attr.parse_args()
            .is_ok_and(|condition| needs_test(&condition))
    })
}

fn needs_test(condition: &Meta) -> bool {
    let Meta::List(list) = condition else {
        return condition.path().is_ident("test");
    };
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    parts.is_ok_and(|parts| match () {
        () if list.path.is_ident("all") => parts.iter().any(needs_test),
        () if list.path.is_ident("any") => parts.iter().all(needs_test),
        () => false,
    })
}

/// Returns the tokens in their order, without regard to groups.
fn flat(tokens: &TokenBuffer) -> Vec<String> {
    fn collect(mut rest: Cursor<'_>, found: &mut Vec<String>) {
        while !rest.eof() {
            rest = if let Some((inner, _, _, after)) = rest.any_group() {
                found.push("(".to_owned());
                collect(inner, found);
                found.push(")".to_owned());
                after
            } else if let Some((word, after)) = rest.ident() {
                found.push(word.to_string());
                after
            } else if let Some((literal, after)) = rest.literal() {
                found.push(literal.to_string());
                after
            } else if let Some((sign, after)) = rest.punct() {
                found.push(sign.as_char().to_string());
                after
            } else if let Some((_, after)) = rest.lifetime() {
                after
            } else {
                return;
            };
        }
    }
    let mut found = Vec::new();
    collect(tokens.begin(), &mut found);
    found
}

fn is_word(token: &str) -> bool {
    let mut chars = token.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}
