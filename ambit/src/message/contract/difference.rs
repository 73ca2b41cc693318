//! The lines in which two contracts differ: the output of a failed test.

use std::collections::{BTreeMap, BTreeSet};

use crate::message::contract::Contract;

/// Returns the lines that only one of them has, marked with `-` and `+`, each below the lines that contain it.
pub(super) fn difference(old: &Contract, new: &Contract) -> Vec<String> {
    let (old, new) = (old.to_string(), new.to_string());
    let (old, new) = (sections(&old), sections(&new));
    let names: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
    let mut shown = Vec::new();
    for name in names {
        let none = Vec::new();
        let one = old.get(name).unwrap_or(&none);
        let other = new.get(name).unwrap_or(&none);
        if one != other {
            section(one, other, &mut shown);
        }
    }
    shown
}

/// A line, and the lines above that contain it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line<'a> {
    above: Vec<&'a str>,
    text: &'a str,
}

/// Returns the lines of each protocol and type, by the line that names it, without its version.
fn sections(text: &str) -> BTreeMap<&str, Vec<Line<'_>>> {
    let mut sections: BTreeMap<&str, Vec<Line<'_>>> = BTreeMap::new();
    let mut name = "";
    let mut above: Vec<&str> = Vec::new();
    let lines = text.lines();
    for text in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let indent = text.len() - text.trim_start_matches(' ').len();
        above.truncate(indent / 2);
        if indent == 0 {
            name = text.split(" version ").next().unwrap_or(text);
        }
        let line = Line {
            above: above.clone(),
            text,
        };
        above.push(text);
        sections.entry(name).or_default().push(line);
    }
    sections
}

fn section<'a>(old: &[Line<'a>], new: &[Line<'a>], shown: &mut Vec<String>) {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (keys(old), keys(new));
    // The same lines in another order: all of them are shown.
    let moved = before == after;
    let gone = old
        .iter()
        .filter(|line| moved || !after.contains(&key(line)))
        .map(|line| ('-', line));
    let added = new
        .iter()
        .filter(|line| moved || !before.contains(&key(line)))
        .map(|line| ('+', line));
    let mut last: Vec<&str> = Vec::new();
    for (mark, line) in gone.chain(added) {
        let above = line.above.iter();
        for (depth, text) in above.enumerate() {
            if last.get(depth) != Some(text) {
                shown.push(format!("  {text}"));
                last.truncate(depth);
                last.push(text);
            }
        }
        shown.push(format!("{mark} {}", line.text));
        last.truncate(line.above.len());
        last.push(line.text);
    }
}

/// Returns the key of a line: a new version does not make the lines below it new.
fn key<'a>(line: &Line<'a>) -> (Option<&'a str>, &'a str) {
    let inside = line.above.iter().skip(1).copied();
    (inside.last(), line.text)
}

fn keys<'a>(lines: &[Line<'a>]) -> BTreeSet<(Option<&'a str>, &'a str)> {
    lines.iter().map(key).collect()
}
