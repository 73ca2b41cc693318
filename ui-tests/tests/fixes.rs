//! Checks that the remedies in the error index of the guide compile: all repaired programs are compiled as one program.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::{WORKSPACE, check_as_trybuild_does, said};

/// An entry of the index that shows a program.
struct Entry {
    /// The case, such as `macro/entry/generic`.
    case: String,
    /// The lines of its remedy, each with its action: keep, remove or add.
    remedy: Vec<String>,
}

#[test]
fn remedies_compile() {
    let mut program = String::from("#![allow(warnings)]\n\n");
    for entry in entries() {
        let name = entry.case.replace('/', "_");
        let _ = writeln!(program, "mod {name} {{\n{}}}\n", entry.repaired());
    }
    fs::write(WORKSPACE.join("remedies/src/lib.rs"), program).unwrap();
    let checked = check_as_trybuild_does(&WORKSPACE, "remedies");
    assert!(checked.status.success(), "{}", said(&checked));
}

impl Entry {
    /// Returns the program of the case with the remedy applied.
    fn repaired(&self) -> String {
        let source = format!("tests/{}.rs", self.case);
        let source = fs::read_to_string(manifest().join(source)).unwrap();
        let mut rest = source.lines();
        let mut repaired = Vec::new();
        for line in &self.remedy {
            let (what, line) = line.split_at_checked(1).unwrap_or((" ", ""));
            if what != "+" {
                let found = rest.by_ref().find(|other| {
                    let found = *other == line;
                    if !found || what == " " {
                        repaired.push(*other);
                    }
                    found
                });
                assert!(found.is_some(), "{} has no line `{line}`", self.case);
            } else {
                repaired.push(line);
            }
        }
        repaired.extend(rest);
        repaired.join("\n") + "\n"
    }
}

fn manifest() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the entries of all pages, in page order.
fn entries() -> Vec<Entry> {
    let pages = manifest().join("../guide/src/reference/errors");
    let mut pages: Vec<PathBuf> = fs::read_dir(pages)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    pages.sort();
    let texts = pages.iter().map(|page| fs::read_to_string(page).unwrap());
    let entries: Vec<Entry> = texts
        .flat_map(|text| text.split("\n## ").skip(1).map(entry).collect::<Vec<_>>())
        .collect();
    assert!(entries.len() > 100, "{} entries", entries.len());
    entries
}

/// Parses one section of a page.
fn entry(text: &str) -> Entry {
    let (_, program) = text.split_once("<!-- code: ../ui-tests/tests/").unwrap();
    let (case, _) = program.split_once(".rs").unwrap();
    let (_, remedy) = text.split_once("```diff\n").unwrap();
    let (remedy, _) = remedy.split_once("\n```").unwrap();
    Entry {
        case: case.to_owned(),
        remedy: remedy.lines().map(str::to_owned).collect(),
    }
}
