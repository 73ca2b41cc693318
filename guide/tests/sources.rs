//! A source of a block: a file, some of its lines, or the part between two `ANCHOR` comments.

use std::fs;
use std::path::PathBuf;

use crate::files::guide;

/// `code/server.rs`, `code/server.rs:3:`, `code/server.rs:3:9` or `code/server.rs:anchor`, relative to `guide`.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    part: Part,
}

enum Part {
    Whole,
    /// The first line, counted from 1, and the last one.
    Lines(usize, usize),
    Anchor(String),
}

impl Source {
    pub(crate) fn parse(name: &str) -> Self {
        let (path, part) = name.split_once(':').unwrap_or((name, ""));
        Self {
            path: guide().join(path),
            part: Part::parse(part),
        }
    }

    pub(crate) fn anchor(&self) -> Option<&str> {
        match &self.part {
            Part::Anchor(anchor) => Some(anchor),
            _ => None,
        }
    }

    /// The code that a page shows: without anchors, without common indentation and without empty lines around it.
    pub(crate) fn code(&self) -> Result<String, String> {
        let path = self.path.display();
        let text = fs::read_to_string(&self.path).map_err(|error| format!("{path}: {error}"))?;
        let lines: Vec<&str> = text.lines().collect();
        let part = match &self.part {
            Part::Whole => &lines[..],
            Part::Lines(first, last) => lines
                .get(first - 1..(*last).min(lines.len()))
                .ok_or_else(|| format!("{path} has {} lines", lines.len()))?,
            Part::Anchor(name) => between(&lines, name).ok_or_else(|| {
                format!("{path}: needs `ANCHOR: {name}` and `ANCHOR_END: {name}` once")
            })?,
        };
        let part: Vec<&str> = part
            .iter()
            .copied()
            .filter(|line| mark(line).is_none())
            .collect();
        let code = dedent(&part);
        if code.is_empty() {
            return Err(format!("{path}: the part is empty"));
        }
        Ok(code)
    }
}

impl Part {
    fn parse(part: &str) -> Self {
        let (first, last) = part.split_once(':').unwrap_or((part, part));
        if part.is_empty() {
            return Self::Whole;
        }
        match first.parse() {
            Ok(first) => Self::Lines(first, last.parse().unwrap_or(usize::MAX)),
            Err(_) => Self::Anchor(part.to_owned()),
        }
    }
}

/// `ANCHOR` or `ANCHOR_END` and the name, if the line is such a comment.
pub(crate) fn mark(line: &str) -> Option<(&str, &str)> {
    let comment = line.trim();
    let comment = ["//", "#", "%"]
        .iter()
        .find_map(|start| comment.strip_prefix(start))?;
    let (word, name) = comment.trim().split_once(": ")?;
    (word == "ANCHOR" || word == "ANCHOR_END").then_some((word, name))
}

fn between<'a, 'b>(lines: &'b [&'a str], name: &str) -> Option<&'b [&'a str]> {
    let only = |word| {
        let mut found = lines.iter().enumerate();
        let mut found = found
            .by_ref()
            .filter(|(_, line)| mark(line) == Some((word, name)));
        let first = found.next()?.0;
        found.next().is_none().then_some(first)
    };
    lines.get(only("ANCHOR")? + 1..only("ANCHOR_END")?)
}

fn dedent(lines: &[&str]) -> String {
    let indented = lines.iter().filter(|line| !line.trim().is_empty());
    let common = indented
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .min()
        .unwrap_or_default();
    let lines = lines
        .iter()
        .map(|line| line.get(common..).unwrap_or_default().trim_end());
    let text = lines.collect::<Vec<_>>().join("\n");
    text.trim_matches('\n').to_owned()
}
