//! Consistency rules between the cases, the tests and the template.

use std::collections::BTreeSet;

use crate::conformance_page::cases::{Case, Contract, Kind};
use crate::conformance_page::names::{self, Named};

/// Returns all violations, each as one line with its remedy.
pub(crate) fn problems(contract: &Contract, tests: &[Named], template: &str) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in contract.cases() {
        if !known.insert(case.id.as_str()) {
            wrong.push(format!("{} is in cases.txt twice", case.id));
        }
        wrong.extend(problem_of_case(case, tests));
        let unknown = case
            .deviations()
            .filter(|id| !template.contains(&format!("| {id} |")));
        wrong.extend(unknown.map(|id| format!("{}: there is no {id} in template.md", case.id)));
    }
    for test in tests {
        let unknown = test.ids.iter().filter(|id| !known.contains(id.as_str()));
        wrong.extend(
            unknown.map(|id| format!("`{}` in {}: {id} is not in cases.txt", test.name, test.file)),
        );
        if !test.runs {
            let (name, file) = (&test.name, &test.file);
            wrong.push(format!(
                "`{name}` in {file} is named after a case, but is no test that runs: no attribute, ignored, or a file without its `mod`"
            ));
        }
    }
    let unknown = names::mentioned(template)
        .into_iter()
        .filter(|id| !known.contains(id));
    wrong.extend(unknown.map(|id| format!("template.md: {id} is not in cases.txt")));
    wrong
}

/// Returns the cases whose library has another version in the lock file.
pub(crate) fn outdated(contract: &Contract, lock: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for case in contract.cases() {
        let notes = case.notes.iter();
        for note in notes.filter(|note| note.kind == Kind::Library) {
            let (library, _) = note.text.split_once(": ").unwrap_or((&note.text, ""));
            let (name, version) = library.split_once(' ').unwrap_or((library, ""));
            let package = format!("name = \"{name}\"\nversion = \"{version}\"\n");
            if !lock.contains(&package) {
                wrong.push(format!(
                    "{}: Cargo.lock has no `{library}`; compare the tests of its version",
                    case.id
                ));
            }
        }
    }
    wrong
}

fn problem_of_case(case: &Case, tests: &[Named]) -> Option<String> {
    let id = &case.id;
    let test = tests.iter().find(|test| test.ids.contains(id));
    let part = case.has(&Kind::Part);
    let marks = [Kind::Types, Kind::Library, Kind::Open];
    let without = marks.iter().any(|mark| case.has(mark));
    match test {
        _ if part && without => Some(format!(
            "{id} cannot be `part` and `open`, `types` or `library`: say it all in `part`"
        )),
        _ if case.from.is_empty() => Some(format!("{id} does not say where it is from")),
        Some(test) if without => Some(format!(
            "{id} is marked open, not applicable or covered by a library, but `{}` in {} passes it: \
             remove the mark, or let `part` say what the test leaves out",
            test.name, test.file
        )),
        None if !without => Some(format!(
            "{id} has no test: write one whose name begins with it, \
             or mark it `open`, `types` or `library` in cases.txt"
        )),
        _ => None,
    }
}
