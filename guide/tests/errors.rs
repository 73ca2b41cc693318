//! Everything that the compiler says about a mistake is on a page of the error index, with the program, the reason and
//! the remedy.
//!
//! That the remedies compile is a test of `ui-tests`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where a page finds the cases.
const CASES: &str = "../../ui-tests/tests/";

/// Which page has the cases of a folder, the longest name first.
const PAGES: [(&str, &str); 28] = [
    ("macro/gen_server/item", "errors_block.md"),
    ("macro/gen_server/init", "errors_init.md"),
    ("macro/gen_server/terminate", "errors_init.md"),
    ("macro/gen_server/args", "errors_arguments.md"),
    ("macro/gen_server/cast", "errors_casts.md"),
    ("macro/gen_server/info", "errors_infos.md"),
    ("macro/gen_server/context", "errors_infos.md"),
    ("macro/gen_server/continue_with", "errors_arguments.md"),
    ("macro/gen_server/remote", "errors_remote.md"),
    ("macro/gen_server", "errors_calls.md"),
    ("macro/supervisor/child", "errors_child.md"),
    ("macro/state_machine/rules", "errors_rules.md"),
    ("macro/state_machine/events", "errors_rules.md"),
    ("compiler/caller", "errors_calls.md"),
    ("compiler/handles", "errors_infos.md"),
    ("compiler/init", "errors_init.md"),
    ("compiler/item", "errors_block.md"),
    ("compiler/returns", "errors_casts.md"),
    ("compiler/send", "errors_send.md"),
    ("supervisor", "errors_supervisor.md"),
    ("state_machine", "errors_machine.md"),
    ("message", "errors_message.md"),
    ("compiler/protocol", "errors_protocol_servers.md"),
    ("protocol", "errors_protocol.md"),
    ("entry", "errors_entry.md"),
    ("wire", "errors_wire.md"),
    ("remote", "errors_remote.md"),
    ("rpc", "errors_rpc.md"),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pages of the index, by name, without the one that lists them.
fn pages() -> BTreeMap<String, String> {
    let entries = fs::read_dir(source()).expect("the pages are there");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let named = paths.filter_map(|path| {
        let name = path.file_name()?.to_str()?.to_owned();
        name.starts_with("errors_").then(|| (name, read(&path)))
    });
    named.collect()
}

/// The cases in `text` whose file with this ending is included, without the ending.
fn included<'a>(text: &'a str, ending: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().filter_map(move |line| {
        let inside = line.strip_prefix("{{#include ")?.strip_suffix("}}")?;
        let path = inside.split(':').next()?.strip_prefix(CASES)?;
        path.strip_suffix(ending)
    })
}

/// The cases of `ui-tests`.
fn cases() -> BTreeSet<String> {
    fn collect(folder: &Path, within: &str, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("the folder exists") {
            let path = entry.expect("the folder can be read").path();
            let name = path.file_stem().and_then(|name| name.to_str());
            let name = format!("{within}/{}", name.expect("names are text"));
            if path.is_dir() {
                collect(&path, &name, found);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "stderr")
            {
                found.insert(name);
            }
        }
    }
    let mut found = BTreeSet::new();
    for folder in ["macro", "compiler"] {
        collect(&source().join(CASES).join(folder), folder, &mut found);
    }
    found
}

/// What is to be added to the index for a case, and where.
fn to_add(case: &str) -> String {
    if case.ends_with("/many_errors") {
        return format!(
            "to the block `The other macros do the same:` of guide/src/errors.md:\n\n{{{{#include {CASES}{case}.stderr}}}}\n"
        );
    }
    let of_folder = |(folder, _): &&(&str, &str)| case.contains(folder);
    let folder = case.split('/').nth(1).expect("a case is in a folder");
    let page = PAGES.iter().find(of_folder);
    let page = page.map_or_else(|| format!("errors_{folder}.md"), |(_, page)| (*page).into());
    let file = source().join(CASES).join(case);
    let program = read(&file.with_extension("rs"));
    let is_head = |line: &&str| line.starts_with("//") || line.starts_with("#![");
    let first = program.lines().take_while(is_head).count() + 1;
    let place = read(&file.with_extension("stderr"));
    let place = place.lines().find(|line| line.contains("--> "));
    let number = place.and_then(|place| place.rsplit(':').nth(1)?.parse::<usize>().ok());
    let line = number.and_then(|number| program.lines().nth(number.checked_sub(1)?));
    let line = line.unwrap_or_default();
    let remedy = program.lines().next().unwrap_or_default();
    format!(
        "to guide/src/{page}, and its heading to the list in guide/src/errors.md:\n\n\
         ## The mistake in a few words\n\n\
         ```rust\n{{{{#include {CASES}{case}.rs:{first}:}}}}\n```\n\n\
         ```text\n{{{{#include {CASES}{case}.stderr}}}}\n```\n\n\
         Why it cannot be, in one sentence or two.\n\n\
         ```diff\n-{line}\n+{line}    {remedy}\n```\n\n\
         or, if an entry there tells of the same mistake, to its block `The same mistake elsewhere:`\n\n\
         {{{{#include {CASES}{case}.stderr}}}}\n"
    )
}

#[test]
fn every_case_is_in_the_index_once() {
    let list = read(&source().join("errors.md"));
    let pages = pages();
    let shown: Vec<&str> = pages
        .values()
        .chain([&list])
        .flat_map(|text| included(text, ".stderr"))
        .collect();
    let cases = cases();
    assert!(cases.len() > 200, "{} cases", cases.len());
    let missing = cases.iter().filter(|case| !shown.contains(&case.as_str()));
    let missing: Vec<_> = missing.map(|case| to_add(case)).collect();
    assert!(missing.is_empty(), "add\n\n{}", missing.join("\n"));
    let gone = shown.iter().filter(|case| !cases.contains(**case));
    let gone: Vec<_> = gone.collect();
    assert!(gone.is_empty(), "the index names what is gone: {gone:#?}");
    let mut once = BTreeSet::new();
    let twice: Vec<_> = shown.iter().filter(|case| !once.insert(**case)).collect();
    assert!(twice.is_empty(), "the index has these twice: {twice:#?}");
}

#[test]
fn every_entry_has_a_program_its_message_a_reason_and_a_remedy() {
    for (page, text) in pages() {
        for entry in text.split("\n## ").skip(1) {
            let heading = entry.lines().next().unwrap_or_default();
            let program = included(entry, ".rs").collect::<Vec<_>>();
            let message = included(entry, ".stderr").next();
            assert_eq!(program.len(), 1, "{page}: `{heading}` shows one program");
            assert_eq!(message, program.first().copied(), "{page}: `{heading}`");
            let order = ["```rust\n", "```text\n", "```diff\n"].map(|fence| entry.find(fence));
            assert!(
                order.is_sorted() && order[0].is_some(),
                "{page}: `{heading}` has a program, the message, the reason and then the remedy"
            );
            let reason = entry.split("```\n").nth(2).unwrap_or_default();
            let reason = reason.split("```").next().unwrap_or_default().trim();
            assert!(
                reason.ends_with('.') && reason.split_whitespace().count() >= 3,
                "{page}: `{heading}` says why, and not `{reason}`"
            );
        }
    }
}

#[test]
fn the_index_lists_each_of_its_entries() {
    let list = read(&source().join("errors.md"));
    for (page, text) in pages() {
        for heading in text.lines().filter_map(|line| line.strip_prefix("## ")) {
            assert!(
                list.contains(&format!("[{heading}]({page}#")),
                "errors.md does not list `{heading}` of {page}"
            );
        }
    }
}
