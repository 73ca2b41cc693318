//! Renders the page from the template, the cases and the tests.

use std::fmt::Write;

use crate::conformance_page::cases::{Area, Case, Contract, Kind};
use crate::conformance_page::names::{self, Named};

pub(crate) fn render(contract: &Contract, tests: &[Named], template: &str) -> String {
    let points = points(template);
    let areas: Vec<_> = contract
        .areas
        .iter()
        .map(|area| chapter(area, tests, &points))
        .collect();
    let mut page = template
        .replace("{summary}", &summary(contract))
        .replace("{cases}", &areas.join("\n\n"))
        .replace("{later}", &later(contract));
    for n in 1..=99 {
        let deviation = format!("D{n}");
        let of_it = |case: &&Case| match n {
            7 if case.has(&Kind::Types) => true,
            _ => case.deviations().any(|id| id == deviation),
        };
        let ids: Vec<_> = contract
            .cases()
            .filter(of_it)
            .map(|case| case.id.as_str())
            .collect();
        page = page.replace(&format!("{{{deviation}}}"), &ids.join(", "));
    }
    page
}

/// Returns the ids under "Smaller points": those before the colon of each item.
fn points(template: &str) -> Vec<&str> {
    let items = template.lines().filter_map(|line| line.strip_prefix("- "));
    let heads = items.filter_map(|item| item.split(": ").next());
    heads.flat_map(names::mentioned).collect()
}

fn summary(contract: &Contract) -> String {
    let mut table = String::from(
        "| area | cases | passed | in part | deviation | not applicable | open | by a library |\n|---|---|---|---|---|---|---|---|",
    );
    for area in &contract.areas {
        let of = |class: Class| {
            area.cases
                .iter()
                .filter(|case| Class::of(case) == class)
                .count()
        };
        let name = &area.name;
        let all = area.cases.len();
        write!(table, "\n| [{name}](#{}) | {all} |", name.to_lowercase()).unwrap();
        for class in [
            Class::Passed,
            Class::Part,
            Class::Deviation,
            Class::Types,
            Class::Open,
            Class::Library,
        ] {
            write!(table, " {} |", of(class)).unwrap();
        }
    }
    table
}

/// The column of the summary in which a case is counted.
#[derive(PartialEq, Eq)]
enum Class {
    Passed,
    Part,
    Deviation,
    Types,
    Open,
    Library,
}

impl Class {
    fn of(case: &Case) -> Self {
        match case {
            _ if case.has(&Kind::Open) => Self::Open,
            _ if case.has(&Kind::Library) => Self::Library,
            _ if case.has(&Kind::Types) => Self::Types,
            _ if case.deviates() => Self::Deviation,
            _ if case.has(&Kind::Part) => Self::Part,
            _ => Self::Passed,
        }
    }
}

fn chapter(area: &Area, tests: &[Named], points: &[&str]) -> String {
    let mut text = format!(
        "## {}\n\n| case | what | from | status | tests |\n|---|---|---|---|---|",
        area.name
    );
    for case in &area.cases {
        let from: Vec<_> = case
            .from
            .iter()
            .filter_map(|suite| suite.split(':').next())
            .collect();
        let (id, title, from) = (&case.id, &case.title, from.join(", "));
        let status = status(case, points.contains(&id.as_str()));
        write!(
            text,
            "\n| {id} | {title} | {from} | {status} | {} |",
            shown_by(case, tests)
        )
        .unwrap();
    }
    text
}

fn status(case: &Case, has_point: bool) -> String {
    let mut parts: Vec<String> = Vec::new();
    let without = [Kind::Types, Kind::Library, Kind::Open];
    if !case.deviates() && !without.iter().any(|kind| case.has(kind)) {
        let part = if case.has(&Kind::Part) {
            " in part"
        } else {
            ""
        };
        parts.push(format!("passed{part}"));
    }
    parts.extend(case.notes.iter().map(|note| match &note.kind {
        Kind::Part => format!("left out: {}", note.text),
        Kind::Deviation(id) => format!("deviation [{id}](#deviations): {}", note.text),
        Kind::Types => format!("not applicable: {}", note.text),
        Kind::Library => format!("covered by {}", note.text),
        Kind::Open => format!("open: {}", note.text),
    }));
    if has_point {
        parts.push("see the [smaller points](#smaller-points)".to_owned());
    }
    parts.join("; ")
}

/// Lists the tests of a case, by file.
fn shown_by(case: &Case, tests: &[Named]) -> String {
    let own: Vec<_> = tests
        .iter()
        .filter(|test| test.ids.contains(&case.id))
        .collect();
    let files = own
        .chunk_by(|one, other| one.file == other.file)
        .map(|tests| {
            let file = &tests[0].file;
            let short = file.strip_prefix("ambit/tests/").unwrap_or(file);
            let names: Vec<_> = tests
                .iter()
                .map(|test| format!("`{}`", test.name))
                .collect();
            format!("[{short}](../{file}): {}", names.join(", "))
        });
    files.collect::<Vec<_>>().join("; ")
}

fn later(contract: &Contract) -> String {
    let mut table = String::from("| area | cases |\n|---|---|");
    for area in &contract.later {
        write!(table, "\n| {} | {} |", area.name, area.ids).unwrap();
    }
    table
}
