//! A reader who types what a page shows ends with the files of its chapter: each line that a chapter adds to the
//! chapter before is in a block of its page.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The lines of a file that a reader has, and whether the page shows each.
type Lines = Vec<(String, bool)>;

fn folder(chapter: usize) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/chapter_{chapter:02}"))
}

/// The page of a chapter: `src/learn/03_testing.md`.
fn page(chapter: usize) -> String {
    let learn = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/learn");
    let start = format!("{chapter:02}_");
    let mut entries = fs::read_dir(learn).unwrap().map(|entry| entry.unwrap());
    let found = entries.find(|entry| entry.file_name().to_string_lossy().starts_with(&start));
    fs::read_to_string(found.unwrap().path()).unwrap()
}

/// The sources that the blocks of a page name: a file of this chapter, and an anchor or nothing.
fn shown(chapter: usize) -> BTreeSet<(String, String)> {
    let start = format!("gavel/src/chapter_{chapter:02}/");
    let page = page(chapter);
    let markers = page.lines().filter_map(|line| {
        let marker = line.strip_prefix("<!-- code: ")?;
        marker.strip_suffix(" -->")
    });
    let sources = markers.flat_map(|marker| marker.split(", "));
    let own = sources.filter_map(|source| source.strip_prefix(&start));
    own.map(|source| source.split_once(':').unwrap_or((source, "")))
        .map(|(file, anchor)| (file.to_owned(), anchor.to_owned()))
        .collect()
}

/// Reads a file of a chapter as the reader has it: without the lines of anchors, and without `run` below a program.
fn read(path: &Path, shown: &BTreeSet<(String, String)>) -> Lines {
    let file = path.file_name().unwrap().to_string_lossy().into_owned();
    // The same lines in several files: the page shows them once, and names the files.
    let in_each = shown.iter().any(|(_, anchor)| anchor == "in_each");
    let is_shown = |anchor: &str| {
        shown.contains(&(file.clone(), anchor.to_owned())) || (in_each && anchor == "in_each")
    };
    let mut open = BTreeSet::new();
    let mut lines = Vec::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        if let Some((_, anchor)) = line.split_once("// ANCHOR: ") {
            open.insert(anchor.to_owned());
        } else if let Some((_, anchor)) = line.split_once("// ANCHOR_END: ") {
            open.remove(anchor);
            if anchor == "program" {
                break;
            }
        } else {
            let shown = is_shown("") || open.iter().any(|anchor| is_shown(anchor));
            lines.push((line.to_owned(), shown));
        }
    }
    lines
}

fn files(chapter: usize) -> BTreeMap<String, Lines> {
    let shown = if chapter == 0 {
        BTreeSet::new()
    } else {
        shown(chapter)
    };
    let Ok(entries) = fs::read_dir(folder(chapter)) else {
        return BTreeMap::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let sources = paths.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    sources
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                read(&path, &shown),
            )
        })
        .collect()
}

/// The lines of `new` that are neither shown nor, in this order, in `old`.
fn unexplained<'a>(old: &Lines, new: &'a Lines) -> Vec<&'a str> {
    let mut rest = &old[..];
    let mut missing = Vec::new();
    let hidden = new
        .iter()
        .filter(|(line, shown)| !shown && !line.trim().is_empty());
    for (line, _) in hidden {
        match rest.iter().position(|(old, _)| old == line) {
            Some(place) => rest = &rest[place + 1..],
            None => missing.push(line.as_str()),
        }
    }
    missing
}

#[test]
fn every_line_that_a_chapter_adds_is_on_its_page() {
    let mut missing = Vec::new();
    for chapter in 1..=12 {
        let before = files(chapter - 1);
        for (file, lines) in files(chapter) {
            let none = Vec::new();
            let old = before.get(&file).unwrap_or(&none);
            let hidden = unexplained(old, &lines).into_iter();
            missing.extend(hidden.map(|line| format!("chapter {chapter}, {file}: {line}")));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn a_line_that_is_not_shown_is_found() {
    let line = |text: &str, shown| (text.to_owned(), shown);
    let old = vec![line("a", true), line("b", true), line("c", true)];
    let new = vec![line("a", false), line("x", true), line("c", false)];
    assert!(unexplained(&old, &new).is_empty());
    let new = vec![line("a", false), line("x", false), line("c", false)];
    assert_eq!(unexplained(&old, &new), ["x"]);
    let new = vec![line("c", false), line("a", false)];
    assert_eq!(unexplained(&old, &new), ["a"]);
}
