//! Parses a case and the compiler's output for it.

use std::path::{Path, PathBuf};

/// A case and the compiler's output for it.
pub(crate) struct Case {
    /// The path below `tests`.
    pub(crate) name: String,
    pub(crate) source: String,
    /// The compiler's output, from the `.stderr` file.
    pub(crate) stderr: String,
}

/// One error of a case.
pub(crate) struct Message {
    /// The text after `error:` or `error[E0277]:`.
    pub(crate) headline: String,
    /// The location of the error: file, line and column, both counted from one.
    pub(crate) place: Option<(String, usize, usize)>,
    /// The compiler's output, without the lines that quote a file.
    pub(crate) said: Vec<String>,
}

impl Case {
    /// Returns the first line, which contains the remedy.
    pub(crate) fn fix(&self) -> &str {
        let first = self.source.lines().next().unwrap_or_default();
        let fix = first.strip_prefix("// ").unwrap_or_default();
        match fix.strip_prefix("dsl #") {
            Some(numbered) => numbered.split_once(": ").map_or("", |(_, fix)| fix),
            None => fix,
        }
    }

    /// Returns the number in `// dsl #25: ..`.
    pub(crate) fn number(&self) -> Option<u32> {
        let after = self.source.strip_prefix("// dsl #")?;
        after.split(':').next()?.parse().ok()
    }

    /// Returns the number in `// errors: 2`, or `many`.
    pub(crate) fn declared(&self) -> Option<&str> {
        let mut lines = self.source.lines();
        lines.find_map(|line| line.strip_prefix("// errors: "))
    }

    /// Returns the errors, in the order of the compiler's output.
    pub(crate) fn messages(&self) -> Vec<Message> {
        let mut messages: Vec<Message> = Vec::new();
        for line in self.stderr.lines() {
            if let Some(headline) = headline(line) {
                messages.push(Message {
                    headline: headline.to_owned(),
                    place: None,
                    said: vec![headline.to_owned()],
                });
                continue;
            }
            let Some(message) = messages.last_mut() else {
                continue;
            };
            if let Some(place) = line.trim_start().strip_prefix("--> ") {
                message.place = message.place.take().or_else(|| parts(place));
            }
            if !quotes_source(line) {
                message.said.push(line.to_owned());
            }
        }
        messages
    }
}

/// Returns the pieces in backticks.
pub(crate) fn quoted(text: &str) -> Vec<&str> {
    let mut pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        // The last backtick starts no piece.
        pieces.pop();
    }
    pieces.into_iter().skip(1).step_by(2).collect()
}

fn headline(line: &str) -> Option<&str> {
    let after = line.strip_prefix("error")?;
    let after = match after.strip_prefix('[') {
        Some(code) => code.split_once(']')?.1,
        None => after,
    };
    after.strip_prefix(": ")
}

/// `tests/macro/x.rs:9:12`
fn parts(place: &str) -> Option<(String, usize, usize)> {
    let (place, column) = place.rsplit_once(':')?;
    let (file, line) = place.rsplit_once(':')?;
    Some((file.to_owned(), line.parse().ok()?, column.parse().ok()?))
}

/// Returns true if a line quotes a source file instead of the compiler's message.
fn quotes_source(line: &str) -> bool {
    let number = line.split_once('|').map(|(number, _)| number.trim());
    number.is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

/// Returns all cases, in the order of their names.
pub(crate) fn all() -> Vec<Case> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut sources = Vec::new();
    for folder in ["macro", "compiler"] {
        collect(&tests.join(folder), &mut sources);
    }
    sources.sort();
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let case = |path: PathBuf| Case {
        name: path.strip_prefix(&tests).unwrap().display().to_string(),
        source: read(&path),
        stderr: read(&path.with_extension("stderr")),
    };
    sources.into_iter().map(case).collect()
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
}
