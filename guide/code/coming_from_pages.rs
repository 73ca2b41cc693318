//! The pages "Coming from": what they say of their programs and of the table of the benchmarks, and what the programs
//! in Erlang and Elixir print. Those in Rust are run by `benches/tests/ported.rs`, which has their libraries.

use std::path::{Path, PathBuf};
use std::process::Command;

const TABLE: &str = include_str!("../../docs/benchmarks/table.md");
const OUTPUT: &str = include_str!("coming_from/erlang.txt");

const KAMEO: &str = include_str!("../src/coming_from/kameo.md");
const RACTOR: &str = include_str!("../src/coming_from/ractor.md");
const ACTIX: &str = include_str!("../src/coming_from/actix.md");

/// The number of lines between the anchors of a program.
fn lines(program: &str) -> usize {
    let begin = program
        .lines()
        .position(|line| line.starts_with("// ANCHOR: "));
    let end = program
        .lines()
        .position(|line| line.starts_with("// ANCHOR_END: "));
    match (begin, end) {
        (Some(begin), Some(end)) => end - begin - 1,
        _ => panic!("no anchors"),
    }
}

#[track_caller]
fn counts(page: &str, library: &str, before: &str, after: &str) {
    let before = format!("The {library} version has {} lines", lines(before));
    let after = format!("The ambit version has {} lines", lines(after));
    assert!(page.contains(&before), "the page should say: {before}");
    assert!(page.contains(&after), "the page should say: {after}");
}

#[test]
fn the_pages_count_the_lines_of_their_programs() {
    counts(
        KAMEO,
        "kameo",
        include_str!("coming_from/kameo_before.rs"),
        include_str!("coming_from/kameo_after.rs"),
    );
    counts(
        RACTOR,
        "ractor",
        include_str!("coming_from/ractor_before.rs"),
        include_str!("coming_from/ractor_after.rs"),
    );
    counts(
        ACTIX,
        "actix",
        include_str!("coming_from/actix_before.rs"),
        include_str!("coming_from/actix_after.rs"),
    );
}

/// The figure in a row and a column of the published table, without its ratio.
fn figure(row: &str, column: &str) -> f64 {
    let head = TABLE.lines().find(|line| line.starts_with("| workload"));
    let head = head.expect("the table has a head");
    let column = head.split('|').position(|cell| cell.trim() == column);
    let line = TABLE
        .lines()
        .find(|line| line.starts_with(&format!("| {row},")));
    let line = line.unwrap_or_else(|| panic!("no row `{row}`"));
    let cell = line.split('|').nth(column.expect("the column exists"));
    let number = cell.and_then(|cell| cell.split_whitespace().next());
    let number = number.unwrap_or_default().replace(',', "");
    number
        .parse()
        .unwrap_or_else(|_| panic!("`{number}` is not a number"))
}

fn kilobytes(column: &str) -> String {
    let bytes = figure("bytes per idle server", column);
    format!("{:.1} KB", bytes / 1000.0)
}

#[test]
fn the_pages_agree_with_the_table_of_the_benchmarks() {
    for (page, column) in [(KAMEO, "kameo"), (RACTOR, "ractor")] {
        let [own, theirs] = [kilobytes("ambit"), kilobytes(column)];
        assert!(
            page.contains(&own) && page.contains(&theirs),
            "{own}, {theirs}"
        );
    }
    let [own, theirs] = ["ambit", "actix"].map(|column| figure("cast, 4 → 1", column));
    let said = format!("{theirs} ns against {own} ns");
    assert!(ACTIX.contains(&said), "the page should say: {said}");
    for row in ["start + init + stop", "ring of 1,000", "skynet"] {
        assert!(figure(row, "actix") < figure(row, "ambit"), "{row}");
    }
}

fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("code/coming_from")
        .join(name)
}

/// What a command prints, or `None` if it is not installed.
fn output(command: &mut Command) -> Option<String> {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!(
                "skipped: {} is not installed",
                command.get_program().display()
            );
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_program_in_erlang_prints_the_same() {
    let folder = std::env::temp_dir().join(format!("guide-erlang-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let sources = ["lamp.erl", "lamp_sup.erl"].map(program);
    let compiled = output(Command::new("erlc").arg("-o").arg(&folder).args(sources));
    let printed = compiled.and_then(|_| {
        // Its logger writes crash reports to standard output.
        let run = [
            "-noshell",
            "-kernel",
            "logger_level",
            "emergency",
            "-s",
            "lamp_sup",
            "main",
        ];
        let mut command = Command::new("erl");
        output(
            command
                .args(run)
                .args(["-s", "init", "stop", "-pa"])
                .arg(&folder),
        )
    });
    std::fs::remove_dir_all(&folder).expect("it was made");
    if let Some(printed) = printed {
        assert_eq!(printed, OUTPUT);
    }
}

#[test]
fn the_program_in_elixir_prints_the_same() {
    if let Some(printed) = output(Command::new("elixir").arg(program("lamp.exs"))) {
        assert_eq!(printed, OUTPUT);
    }
}
