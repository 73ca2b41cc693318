//! Every compile error of `ui-tests` is explained in the error index, with the program, the reason and the remedy.
//!
//! That the remedies compile is a test of `ui-tests`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::blocks::{self, Block};
use crate::error_index::{Entry, entries, pages};
use crate::files::{guide, read};

/// Where a marker finds the cases.
const CASES: &str = "../ui-tests/tests/";

/// Which page has the cases of a folder, the longest name first.
const PAGES: [(&str, &str); 28] = [
    ("macro/gen_server/item", "block.md"),
    ("macro/gen_server/init", "init.md"),
    ("macro/gen_server/terminate", "init.md"),
    ("macro/gen_server/args", "arguments.md"),
    ("macro/gen_server/cast", "casts.md"),
    ("macro/gen_server/info", "infos.md"),
    ("macro/gen_server/context", "infos.md"),
    ("macro/gen_server/continue_with", "arguments.md"),
    ("macro/gen_server/remote", "remote.md"),
    ("macro/gen_server", "calls.md"),
    ("macro/supervisor/child", "child.md"),
    ("macro/state_machine/rules", "rules.md"),
    ("macro/state_machine/events", "rules.md"),
    ("compiler/caller", "calls.md"),
    ("compiler/handles", "infos.md"),
    ("compiler/init", "init.md"),
    ("compiler/item", "block.md"),
    ("compiler/returns", "casts.md"),
    ("compiler/send", "send.md"),
    ("supervisor", "supervisor.md"),
    ("state_machine", "machine.md"),
    ("message", "message.md"),
    ("compiler/protocol", "protocol_servers.md"),
    ("protocol", "protocol.md"),
    ("entry", "entry.md"),
    ("wire", "wire.md"),
    ("remote", "remote.md"),
    ("rpc", "rpc.md"),
];

/// The cases whose file with this ending the blocks show, without the ending.
fn cases_in(blocks: &[Block<'_>], ending: &str) -> Vec<String> {
    let markers = blocks.iter().filter_map(|block| block.marker);
    let sources = markers.flat_map(|marker| marker.split(", "));
    let case = |source: &str| {
        let path = source.split(':').next()?.strip_prefix(CASES)?;
        path.strip_suffix(ending).map(str::to_owned)
    };
    sources.filter_map(case).collect()
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
        collect(&guide().join(CASES).join(folder), folder, &mut found);
    }
    found
}

/// The lines to add to the index for a case, and the page for them.
fn to_add(case: &str) -> String {
    let other = format!("<!-- code: {CASES}{case}.stderr -->");
    if case.ends_with("/many_errors") {
        return format!(
            "to `The other macros do the same:` of guide/src/reference/errors.md:\n\n{other}\n"
        );
    }
    let of_folder = |(folder, _): &&(&str, &str)| case.contains(folder);
    let folder = case.split('/').nth(1).expect("a case is in a folder");
    let page = PAGES.iter().find(of_folder);
    let page = page.map_or_else(|| format!("{folder}.md"), |(_, page)| (*page).into());
    let file = guide().join(CASES).join(case);
    let program = read(&file.with_extension("rs"));
    let is_head = |line: &&str| line.starts_with("//") || line.starts_with("#![");
    let first = program.lines().take_while(is_head).count() + 1;
    let output = read(&file.with_extension("stderr"));
    let place = output.lines().find(|line| line.contains("--> "));
    let number = place.and_then(|place| place.rsplit(':').nth(1)?.parse::<usize>().ok());
    let line = number.and_then(|number| program.lines().nth(number.checked_sub(1)?));
    let line = line.unwrap_or_default();
    let remedy = program.lines().next().unwrap_or_default();
    format!(
        "to guide/src/reference/errors/{page}:\n\n\
         ## The mistake in a few words\n\n\
         <!-- code: {CASES}{case}.rs:{first}: -->\n\n\
         {other}\n\n\
         The reason, in one sentence or two.\n\n\
         ```diff\n-{line}\n+{line}    {remedy}\n```\n\n\
         or, if an entry of that page explains the same mistake, to its block `The same mistake elsewhere:`\n\n\
         {other}\n"
    )
}

#[test]
fn every_case_is_in_the_index_once() {
    let index = read(&guide().join("src/reference/errors.md"));
    let texts = pages().into_iter().map(|(_, text)| text).chain([index]);
    let shown: Vec<String> = texts
        .flat_map(|text| cases_in(&blocks::blocks(&text), ".stderr"))
        .collect();
    let cases = cases();
    assert!(cases.len() > 200, "{} cases", cases.len());
    let missing = cases.iter().filter(|case| !shown.contains(case));
    let missing: Vec<_> = missing.map(|case| to_add(case)).collect();
    assert!(
        missing.is_empty(),
        "add\n\n{}\nthen `just guide` writes the blocks",
        missing.join("\n")
    );
    let gone: Vec<_> = shown.iter().filter(|case| !cases.contains(*case)).collect();
    assert!(
        gone.is_empty(),
        "the index explains cases that do not exist: {gone:#?}"
    );
    let mut once = BTreeSet::new();
    let twice: Vec<_> = shown.iter().filter(|case| !once.insert(*case)).collect();
    assert!(
        twice.is_empty(),
        "the index explains these twice: {twice:#?}"
    );
}

#[test]
fn every_entry_has_a_program_its_message_a_reason_and_a_remedy() {
    let entries = entries();
    assert!(entries.len() > 200, "{} entries", entries.len());
    for entry in entries {
        let Entry {
            page,
            heading,
            text,
        } = &entry;
        let blocks = blocks::blocks(text);
        let languages = blocks.iter().map(|block| block.language).take(3);
        assert!(
            languages.eq(["rust", "text", "diff"]),
            "{page}: `{heading}` has a program, the message, the reason and then the remedy"
        );
        let program = cases_in(&blocks, ".rs");
        let message = cases_in(&blocks, ".stderr");
        assert_eq!(program.len(), 1, "{page}: `{heading}` shows one program");
        assert_eq!(message.first(), program.first(), "{page}: `{heading}`");
        let reason = text
            .lines()
            .take(blocks[2].line - 1)
            .skip(blocks[1].line + blocks[1].lines.len() + 1);
        let reason = reason.collect::<Vec<_>>().join(" ");
        let reason = reason.trim();
        assert!(
            reason.ends_with('.') && reason.split_whitespace().count() >= 3,
            "{page}: `{heading}` gives a reason, not `{reason}`"
        );
    }
}

#[test]
fn the_index_lists_each_of_its_pages() {
    let index = read(&guide().join("src/reference/errors.md"));
    for (page, _) in pages() {
        assert!(
            index.contains(&format!("](errors/{page})")),
            "errors.md does not list {page}"
        );
    }
}
