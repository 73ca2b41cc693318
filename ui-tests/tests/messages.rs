//! What a message may look like: one error per mistake, at tokens of the user, without a generated
//! name; and every mistake of the list has a case.

#![allow(
    clippy::unwrap_used,
    reason = "a file of this package that cannot be read fails the test"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A case and what the compiler says to it.
struct Case {
    name: String,
    source: String,
    stderr: String,
}

/// The numbers of the list that are no mistakes at compile time.
const NO_CASE: [u32; 1] = [37];

#[test]
fn every_mistake_has_a_case() {
    let covered: BTreeSet<u32> = cases().iter().filter_map(Case::number).collect();
    let missing: Vec<u32> = (1..=64)
        .filter(|number| !covered.contains(number) && !NO_CASE.contains(number))
        .collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn a_mistake_is_one_error() {
    for case in cases() {
        let found = case.errors().len();
        match case.declared() {
            Some("many") => assert!(found > 1, "{} needs no exception", case.name),
            Some(number) => assert_eq!(found.to_string(), number, "{}", case.name),
            None => assert_eq!(found, 1, "{}", case.name),
        }
    }
}

#[test]
fn errors_point_at_what_the_user_wrote() {
    for case in cases()
        .iter()
        .filter(|case| case.declared() != Some("many"))
    {
        for (line, column) in case.errors().into_iter().take(1) {
            let text = case.source.lines().nth(line - 1).unwrap();
            let options = text.find('(').unwrap_or(usize::MAX);
            let ours = [
                "#[gen_server",
                "#[state_machine",
                "#[supervisor",
                "#[derive",
                "#[wire",
            ];
            let at_attribute = ours.iter().any(|ours| text.starts_with(ours)) && column <= options;
            assert!(!at_attribute, "{} is reported at the attribute", case.name);
        }
    }
}

#[test]
fn messages_show_no_generated_name() {
    for case in cases() {
        let said = case.stderr.lines().filter(|line| !quotes_source(line));
        for line in said {
            let shown = shows_generated_name(line) && !case.source.contains("__");
            assert!(!shown, "{}: {line}", case.name);
        }
    }
}

/// Tells whether a line has a word with two underscores, and not only underlining.
fn shows_generated_name(line: &str) -> bool {
    line.split("__")
        .skip(1)
        .any(|after| after.starts_with(|next: char| next.is_alphabetic()))
}

/// Tells whether a line shows a source file and not the compiler's words.
fn quotes_source(line: &str) -> bool {
    let number = line.split_once('|').map(|(number, _)| number.trim());
    number.is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

impl Case {
    /// The number in `// dsl #25: ..`.
    fn number(&self) -> Option<u32> {
        let after = self.source.strip_prefix("// dsl #")?;
        after.split(':').next()?.parse().ok()
    }

    /// The number in `// errors: 2`.
    fn declared(&self) -> Option<&str> {
        self.source
            .lines()
            .find_map(|line| line.strip_prefix("// errors: "))
    }

    /// Where the errors point at: line and column.
    fn errors(&self) -> Vec<(usize, usize)> {
        let mut errors = Vec::new();
        let mut lines = self.stderr.lines();
        while let Some(line) = lines.next() {
            if !line.starts_with("error") {
                continue;
            }
            let place = lines.find_map(|line| line.trim_start().strip_prefix("--> "));
            let mut numbers = place
                .unwrap_or_default()
                .rsplit(':')
                .map_while(|text| text.parse().ok());
            if let (Some(column), Some(line)) = (numbers.next(), numbers.next()) {
                errors.push((line, column));
            }
        }
        errors
    }
}

/// All cases, in the order of their names.
fn cases() -> Vec<Case> {
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
