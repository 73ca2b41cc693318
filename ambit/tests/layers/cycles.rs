//! No files import each other in a cycle: each file can be read, and understood, before those that use it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::imports::Imports;

/// Returns the sets of files that reach each other, each with at least two files.
fn cycles(imports: &Imports) -> Vec<BTreeSet<usize>> {
    let count = imports.files.len();
    let mut direct = vec![Vec::new(); count];
    for (from, to) in imports.taken.keys() {
        direct[*from].push(*to);
    }
    let reached: Vec<_> = (0..count).map(|start| reach(&direct, start)).collect();
    let mut found: Vec<BTreeSet<_>> = Vec::new();
    for file in 0..count {
        let is_with = |other: &&usize| reached[**other].contains(&file);
        found.push(reached[file].iter().filter(is_with).copied().collect());
    }
    found.retain(|files| files.len() > 1);
    found.sort();
    found.dedup();
    found
}

/// Returns the files that `start` imports, and those that they import.
fn reach(direct: &[Vec<usize>], start: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(file) = open.pop() {
        open.extend(direct[file].iter().filter(|other| reached.insert(**other)));
    }
    reached
}

fn describe(imports: &Imports, cycle: &BTreeSet<usize>) -> String {
    let mut text = format!("{} files in a cycle:\n", cycle.len());
    for ((from, to), names) in &imports.taken {
        if cycle.contains(from) && cycle.contains(to) {
            let (from, to) = (imports.files[*from].display(), imports.files[*to].display());
            let names: Vec<_> = names.iter().map(|name| &**name).collect();
            writeln!(text, "  {from} takes from {to}: {}", names.join(", ")).unwrap();
        }
    }
    text
}

/// Asserts that no files but `left` are in a cycle, and that each of those still is.
#[track_caller]
fn assert_cycles(folder: &str, left: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder);
    let imports = Imports::of(&folder);
    assert!(imports.files.len() > 50, "the sources were not found");
    let unresolved: Vec<_> = imports.unresolved.iter().cloned().collect();
    assert!(
        unresolved.is_empty(),
        "not resolved:\n{}",
        unresolved.join("\n")
    );
    let found = cycles(&imports);
    let described: Vec<_> = found
        .iter()
        .map(|cycle| describe(&imports, cycle))
        .collect();
    let files: BTreeSet<_> = found
        .iter()
        .flatten()
        .map(|file| &*imports.files[*file])
        .collect();
    let left: BTreeSet<_> = left.iter().map(Path::new).collect();
    let (new, mended) = (&files - &left, &left - &files);
    assert!(
        new.is_empty(),
        "in a cycle: {new:?}\n{}",
        described.join("\n")
    );
    assert!(
        mended.is_empty(),
        "in no cycle any more, take them off the list: {mended:?}"
    );
}

#[test]
fn the_files_of_ambit_form_no_cycle() {
    assert_cycles("ambit", &[]);
}

#[test]
fn the_files_of_ambit_dist_form_no_cycle() {
    assert_cycles("ambit-dist", &[]);
}

#[test]
fn the_files_of_ambit_macros_form_no_cycle() {
    assert_cycles("ambit-macros", &[]);
}

/// Returns what the files of a crate take from each other, and how many cycles they form.
fn imports_of(name: &str, files: &[(&str, &str)]) -> (Vec<String>, usize) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    for (file, text) in files {
        let path = folder.join("src").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let imports = Imports::of(&folder);
    let name = |file: usize| imports.files[file].display();
    let taken = imports.taken.iter().flat_map(|((from, to), names)| {
        let taken = names.iter().map(move |item| (*from, *to, item));
        taken.map(|(from, to, item)| format!("{} {} {item}", name(from), name(to)))
    });
    (taken.collect(), cycles(&imports).len())
}

#[test]
fn groups_reexports_and_code_after_tests_are_seen() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\npub use b::c::Inner;\n"),
        (
            "a.rs",
            "#[cfg(test)]\nuse crate::b::Untested;\nuse crate::{b::{self, Other}, Inner};\nfn f() { b::c::g() }\n",
        ),
        (
            "b.rs",
            "pub mod c;\npub struct Other;\npub struct Untested;\n",
        ),
        ("b/c.rs", "pub struct Inner;\npub fn g() {}\n"),
    ];
    let (taken, cycles) = imports_of("groups", &files);
    let wanted = [
        "lib.rs b/c.rs Inner",
        "a.rs b.rs Other",
        "a.rs b/c.rs Inner",
        "a.rs b/c.rs g",
    ];
    assert_eq!(taken, wanted);
    assert_eq!(cycles, 0);
}

#[test]
fn a_module_and_its_child_can_form_a_cycle_and_a_declaration_is_no_import() {
    let lib = ("lib.rs", "mod parent;\n");
    let child = (
        "parent/child.rs",
        "use super::Item;\npub fn make() -> Item { Item }\n",
    );
    let declared = ("parent.rs", "mod child;\npub struct Item;\n");
    assert_eq!(imports_of("declared", &[lib, child, declared]).1, 0);
    let used = (
        "parent.rs",
        "mod child;\npub struct Item;\nfn f() { child::make(); }\n",
    );
    assert_eq!(imports_of("used", &[lib, child, used]).1, 1);
}
