//! The files that `ARCHITECTURE.md` names exist, in the folder that it names them for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The heading of the list of the modules of `ambit`; each item begins with its folders.
const AMBIT: &str = "## `ambit/src`";
/// The heading of the list of the modules of `ambit/src/otp`; each item begins with its folder.
const OTP: &str = "## The modules of `otp/`";
/// The heading of the table of the modules of `ambit-dist`; the first cell of each row has its folders.
const DIST: &str = "## `ambit-dist/src`";

/// The folders that the paths of the other sections begin at.
const ROOTS: [&str; 4] = ["", "ambit/src", "ambit-dist/src", "ambit-macros/src"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Returns the paths of all files and folders below `folder`, relative to it and without extensions.
fn modules(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let below = path.strip_prefix(folder).unwrap();
            found.insert(below.with_extension(""));
            if path.is_dir() {
                open.push(path);
            }
        }
    }
    found
}

/// Returns the names of files in a text: code in backticks that is a path, a word, or several of them in braces.
fn names(text: &str) -> Vec<String> {
    let text = text.replace("feature `remote`", "");
    let codes = text.split('`').skip(1).step_by(2);
    let is_name = |code: &&str| {
        let mut letters = code.chars();
        letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_/{},".contains(c))
    };
    let names = codes.filter(is_name);
    names
        .flat_map(|name| spread(name.trim_end_matches('/')))
        .collect()
}

/// Spreads `a/{b,c}` to `a/b` and `a/c`.
fn spread(name: &str) -> Vec<String> {
    let Some((before, rest)) = name.split_once('{') else {
        return vec![name.to_owned()];
    };
    let (options, after) = rest.split_once('}').expect("a closing brace");
    let spread_option = |option: &str| spread(&format!("{before}{option}{after}"));
    options.split(',').flat_map(spread_option).collect()
}

/// Returns the section that begins with a heading, without the heading.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let begin = text
        .find(heading)
        .unwrap_or_else(|| panic!("no section {heading}"));
    let text = &text[begin..];
    let text = &text[text.find('\n').unwrap()..];
    &text[..text.find("\n## ").unwrap_or(text.len())]
}

/// Returns the items of a list, without those that are indented.
fn items(section: &str) -> impl Iterator<Item = &str> {
    let list = section.split("\n- ").skip(1);
    list.map(|item| item.split("\n\n").next().unwrap())
}

/// Returns the names of an entry that are neither below one of its folders nor at the root.
fn missing_below(folders: &[String], entry: &str, modules: &BTreeSet<PathBuf>) -> Vec<String> {
    let is_there = |name: &String| {
        let name = Path::new(name);
        modules.contains(name)
            || folders.iter().any(|folder| {
                let mut below = modules.iter().filter(|module| module.starts_with(folder));
                below.any(|module| module.ends_with(name))
            })
    };
    let mut missing = names(entry);
    missing.retain(|name| !is_there(name));
    missing
}

#[test]
fn the_modules_that_the_architecture_lists_exist() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let ambit = modules(&root().join("ambit/src"));
    let dist = modules(&root().join("ambit-dist/src"));
    let mut missing = Vec::new();
    let mut seen = 0;
    for item in items(section(&text, AMBIT)) {
        let head = item.split(". ").next().unwrap();
        missing.extend(missing_below(&names(head), item, &ambit));
        seen += 1;
    }
    for item in items(section(&text, OTP)) {
        let folder = format!("otp/{}", names(item)[0]);
        missing.extend(missing_below(&[folder], item, &ambit));
        seen += 1;
    }
    let rows = section(&text, DIST).lines();
    for row in rows.filter(|row| row.starts_with("| `")) {
        let first = row.split('|').nth(1).unwrap();
        missing.extend(missing_below(&names(first), row, &dist));
        seen += 1;
    }
    assert!(seen > 30, "the lists were not found: {seen}");
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn the_paths_that_the_architecture_follows_exist() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let lists = [AMBIT, OTP, DIST].map(|heading| section(&text, heading));
    let text = lists
        .iter()
        .fold(text.clone(), |text, list| text.replace(list, ""));
    let exists = |name: &String| {
        ROOTS.iter().any(|from| {
            let path = root().join(from).join(name);
            path.exists() || path.with_extension("rs").exists()
        })
    };
    let mut paths = names(&text);
    paths.retain(|name| name.contains('/'));
    assert!(
        paths.len() > 100,
        "the paths were not found: {}",
        paths.len()
    );
    paths.retain(|name| !exists(name));
    assert_eq!(paths, Vec::<String>::new());
}

#[test]
fn a_module_that_is_gone_is_missing() {
    let modules = modules(&root().join("ambit/src"));
    let entry = "**3**: `process/`. `cell` with `{relation,renamed}`, and `CallError`";
    assert_eq!(
        missing_below(&names("`process/`"), entry, &modules),
        ["renamed"]
    );
    let folder = ["retry".to_owned()];
    assert_eq!(missing_below(&folder, "`cell`", &modules), ["cell"]);
}
