//! The tests of the workspace that are named after cases.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders that are searched for tests.
const FOLDERS: &[&str] = &[
    "ambit/src",
    "ambit/tests",
    "ambit-dist/src",
    "ambit-dist/tests",
    "examples",
    "larger-examples",
    "guide",
];

/// The prefixes of the numbered ids; the ids of the appendix are an `X` and a number.
const AREAS: &[&str] = &[
    "PROC", "LINK", "MON", "TIM", "GS", "SUP", "DYN", "PART", "REG", "PG", "GLOB", "PUB", "PRES",
    "CHAN", "TASK", "AGENT", "APP", "DIST", "POOL", "SWIM", "ELEC",
];

/// A function that is named after cases.
pub(crate) struct Named {
    pub(crate) name: String,
    /// The ids that its name begins with.
    pub(crate) ids: Vec<String>,
    /// The path relative to the workspace root.
    pub(crate) file: String,
    /// True if it is a test that is not ignored, in a file that is compiled.
    pub(crate) runs: bool,
}

/// Returns all of them, in the order of files and lines.
pub(crate) fn in_workspace(root: &Path) -> Vec<Named> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        sources(&root.join(folder), &mut files);
    }
    files.sort();
    let texts: Vec<_> = files
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let mut found = Vec::new();
    for (file, text) in files.iter().zip(&texts) {
        let inside = file.strip_prefix(root).unwrap().iter();
        let inside: Vec<_> = inside.map(|part| part.to_str().unwrap()).collect();
        in_source(text, &inside.join("/"), &mut found);
    }
    let modules = texts.iter().flat_map(|text| modules(text)).collect();
    for test in &mut found {
        test.runs &= is_compiled(&test.file, &modules);
    }
    found
}

/// Returns the modules that a file declares and that are files of their own.
fn modules(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.trim().rsplit_once("mod ")?.1.strip_suffix(';'))
}

/// Returns true if the file is the root of a test binary, or a module of another file.
fn is_compiled(file: &str, modules: &BTreeSet<&str>) -> bool {
    let mut parts = file.trim_end_matches(".rs").rsplit('/');
    let (stem, folder) = (parts.next().unwrap(), parts.next().unwrap());
    stem == "main" || folder == "tests" || modules.contains(stem)
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// Collects the functions of one file; a function is a test if the attributes directly above it say so.
pub(crate) fn in_source(text: &str, file: &str, found: &mut Vec<Named>) {
    let mut attributes = String::new();
    for line in text.lines().map(str::trim) {
        let open = attributes.matches('[').count() > attributes.matches(']').count();
        if open || line.starts_with("#[") {
            attributes.push_str(line);
            continue;
        }
        if line.starts_with("//") {
            continue;
        }
        if let Some(name) = function(line) {
            let ids = ids(name);
            if !ids.is_empty() {
                let test = attributes.contains("#[test]") || attributes.contains("::test");
                found.push(Named {
                    name: name.to_owned(),
                    ids,
                    file: file.to_owned(),
                    runs: test && !attributes.contains("#[ignore"),
                });
            }
        }
        attributes.clear();
    }
}

/// Returns the name of the function that starts on this line.
fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    line.strip_prefix("fn ")?.split(['(', '<']).next()
}

/// Returns the ids that a name begins with: `sup_07_..`, `x34_..`; several are joined, `sup_07_x34_..` or shorter
/// `sup_07_08_..`.
pub(crate) fn ids(name: &str) -> Vec<String> {
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = name.split('_').peekable();
    let mut ids = Vec::new();
    while let Some(part) = parts.next() {
        let area = part.to_uppercase();
        if part.strip_prefix('x').is_some_and(|rest| number(&rest)) {
            ids.push(area);
        } else if AREAS.contains(&area.as_str()) && parts.peek().is_some_and(number) {
            while let Some(n) = parts.next_if(number) {
                ids.push(format!("{area}-{n}"));
            }
        } else {
            break;
        }
    }
    ids
}

/// Returns the ids that a text mentions.
pub(crate) fn mentioned(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|word| ids(&word.to_lowercase().replace('-', "_")) == [*word])
        .collect()
}
