//! Compiles the legal programs of this package again: in edition 2021, with `ambit` renamed, and with all groups of
//! clippy's lints. `tests/legal.rs` compiles and runs them in edition 2024 without the rename.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::workspace::{WORKSPACE, cargo, said};

/// The attributes that are counted as one program each.
const PROGRAMS: [&str; 4] = [
    "#[gen_server",
    "#[state_machine",
    "#[supervisor",
    "#[protocol",
];

/// The attributes and derives whose expansions are checked.
const MACROS: [&str; 8] = [
    "gen_server",
    "state_machine",
    "supervisor",
    "protocol",
    "derive(Message)",
    "rpc",
    "wire",
    "test",
];

/// All lints except those that no generated code can satisfy: one treats each item next to a test as a test, another
/// requires alphabetical order.
const LINTS: [&str; 10] = [
    "-Wclippy::pedantic",
    "-Wclippy::nursery",
    "-Wclippy::cargo",
    "-Wclippy::restriction",
    "-Aclippy::blanket_clippy_restriction_lints",
    "-Aclippy::tests_outside_test_module",
    "-Aclippy::arbitrary_source_item_ordering",
    "-Wmissing_docs",
    "-Wunused_qualifications",
    "-Wunused_results",
];

#[test]
#[ignore = "builds a project of its own: `just projects`, and CI"]
fn legal_programs_compile_in_another_edition_and_under_another_name() {
    let sources = WORKSPACE.join("corpus/src");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let listed = fs::read_to_string(sources.join("lib.rs")).unwrap();
    let modules = listed
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let mut programs = 0;
    for module in modules {
        programs += copied(&tests, &sources, &format!("{module}.rs"));
        programs += copied_folder(&tests, &sources, module);
    }
    assert!(programs >= 80, "{programs} programs");
    let has_clippy = cargo(&["clippy", "--version"]).status.success();
    let tool = if has_clippy { "clippy" } else { "check" };
    let mut arguments = vec![tool, "-p", "corpus", "--tests", "--message-format=json"];
    if has_clippy {
        arguments.extend(["--", "--cap-lints=warn"]);
        arguments.extend(LINTS);
    }
    let checked = cargo(&arguments);
    let output = String::from_utf8_lossy(&checked.stdout);
    let messages = output
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let messages: Vec<Value> = messages.map(|message| message["message"].clone()).collect();
    let errors = messages
        .iter()
        .filter(|message| message["level"] == "error");
    let errors: Vec<_> = errors
        .filter_map(|error| error["rendered"].as_str())
        .collect();
    assert!(
        checked.status.success() && errors.is_empty(),
        "{}{}",
        errors.concat(),
        said(&checked)
    );
    let linted = messages.iter().filter(|message| is_of_ours(message));
    let linted: BTreeSet<_> = linted
        .filter_map(|message| message["rendered"].as_str())
        .collect();
    assert!(linted.is_empty(), "{}", Vec::from_iter(linted).concat());
    // The programs themselves violate some of the lints, so this proves that the lints are active.
    let all = messages
        .iter()
        .filter(|message| message["level"] == "warning")
        .count();
    assert!(all > 100 || !has_clippy, "{all} warnings");
}

/// Returns true if a lint fired in the expansion of a macro of this library.
fn is_of_ours(message: &Value) -> bool {
    let Some(spans) = message["spans"].as_array() else {
        return false;
    };
    let is_ours = |span: &&Value| {
        let expansion = |span: &Value| Some(span["expansion"].clone()).filter(Value::is_object);
        let mut calls = std::iter::successors(expansion(span), |call| expansion(&call["span"]));
        calls.any(|call| {
            call["macro_decl_name"]
                .as_str()
                .is_some_and(is_macro_of_ours)
        })
    };
    let mut primary = spans.iter().filter(|span| span["is_primary"] == true);
    message["code"]["code"].is_string() && primary.any(|span| is_ours(&span))
}

fn is_macro_of_ours(name: &str) -> bool {
    let name = name.trim_start_matches("#[").trim_end_matches(']');
    let last = name.rsplit("::").next().unwrap_or_default();
    name.contains("::ambit::") || MACROS.contains(&last)
}

/// Copies all files of a folder, if there is one, and returns the number of programs in them.
fn copied_folder(from: &Path, to: &Path, folder: &str) -> usize {
    let files = fs::read_dir(from.join(folder)).into_iter().flatten();
    let copied = files.map(|file| {
        let file = file.unwrap();
        let name = format!("{folder}/{}", file.file_name().to_str().unwrap());
        match file.file_type().unwrap().is_dir() {
            true => copied_folder(from, to, &name),
            false => copied(from, to, &name),
        }
    });
    copied.sum()
}

/// Copies a file, and returns the number of programs in it.
fn copied(from: &Path, to: &Path, name: &str) -> usize {
    let text = fs::read_to_string(from.join(name)).unwrap();
    let file = to.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    // An unchanged file keeps its modification time, and is not compiled again.
    if fs::read_to_string(&file).ok().as_deref() != Some(text.as_str()) {
        fs::write(&file, &text).unwrap();
    }
    PROGRAMS
        .map(|attribute| text.matches(attribute).count())
        .iter()
        .sum()
}
