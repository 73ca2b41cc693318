//! Tests editor support for the macros: hover, completion, go to definition and rename in rust-analyzer work for the
//! items of a block, even while the block is unfinished.
//!
//! The test runs if rust-analyzer is installed; `just rust-analyzer` installs it. `RUST_ANALYZER` names another
//! program.

#![allow(
    clippy::unwrap_used,
    reason = "a server that does not answer fails the test"
)]

#[path = "rust_analyzer/client.rs"]
mod client;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::client::Client;

const FIXTURE: &str = include_str!("rust_analyzer/fixture.rs");

#[test]
fn editors_see_through_the_macros() {
    let program = std::env::var("RUST_ANALYZER").unwrap_or_else(|_| "rust-analyzer".into());
    if !answers(&program) {
        return skipped("rust-analyzer is not installed; `just rust-analyzer` does it");
    }
    let folder = fixture();
    let options = json!({
        "cargo": { "targetDir": target().join("rust-analyzer") },
        "checkOnSave": false,
        "cachePriming": { "enable": false },
    });
    let mut editor = match Client::start(&program, &folder, &options) {
        Ok(editor) => editor,
        Err(problem) if problem.contains("sysroot") => {
            return skipped(&format!(
                "it has no source of the standard library; `just rust-analyzer` fetches it\n{problem}"
            ));
        }
        Err(problem) => panic!("{problem}"),
    };
    handles_are_explained(&mut editor);
    handles_lead_to_the_method(&mut editor);
    renaming_a_method_renames_its_calls(&mut editor);
    half_typed_bodies_complete(&mut editor);
    a_signature_without_body_costs_no_other_method(&mut editor);
    a_half_typed_second_block_costs_the_first_nothing(&mut editor);
    a_mistake_is_one_diagnostic(&mut editor);
    markers_complete_and_are_explained(&mut editor);
}

fn handles_are_explained(editor: &mut Client) {
    let get = editor.hover("counter.g^et()");
    assert_contains(&get, "Call<'_, Counter, u64>");
    assert_contains(&get, "The current value.");
    let answer = editor.hover("let ans^wer");
    assert_contains(&answer, "Result<u64, CallError>");
    let sent = editor.hover("let se^nt");
    assert_contains(&sent, "Result<(), CastError>");
    let opened = editor.hover("let ope^ned");
    assert_contains(&opened, "Result<bool, CallError>");
    let child = editor.hover("let chi^ld");
    assert_contains(&child, "CounterSubject");
    let child = editor.hover("app.coun^ter()");
    assert_contains(&child, "The only counter.");
    assert_contains(&editor.hover("kv.fi^nd("), "The value of a name.");
    let found = editor.hover("let fou^nd");
    assert_contains(&found, "Result<Option<u64>, CallError>");
    let started = editor.hover("let star^ted");
    assert_contains(&started, "Result<KvSubject, StartError>");
}

fn handles_lead_to_the_method(editor: &mut Client) {
    for (place, method) in [
        ("counter.g^et()", "pub fn get(&self) -> u64 {"),
        ("counter.a^dd(1)", "pub fn add(&mut self, by: u64) {"),
        (
            "door.unl^ock(7)",
            "pub fn unlock(&mut self, code: u32) -> (DoorUnlockTo, bool) {",
        ),
        (
            "app.coun^ter()",
            "pub fn counter(&self) -> ChildSpec<Counter> {",
        ),
        ("kv.fi^nd(", "fn find(&self, key: String) -> Option<u64>;"),
    ] {
        let found = editor.definition(place);
        assert!(
            found.iter().any(|line| line == method),
            "{place}: {found:?}"
        );
    }
}

fn renaming_a_method_renames_its_calls(editor: &mut Client) {
    assert_eq!(editor.rename("pub fn g^et", "current"), 2);
    assert_eq!(editor.rename("counter.a^dd(1)", "plus"), 2);
}

fn half_typed_bodies_complete(editor: &mut Client) {
    editor.change(&FIXTURE.replace("self.value += by;", "self.value += by; self.va"));
    offers(editor, "self.va^\n", &["value"]);
    editor.change(&FIXTURE.replace("self.value += by;", "if self."));
    offers(editor, "if self.^\n", &["value", "get", "add"]);
    offers(editor, "counter.g^et()", &["get", "add"]);
    editor.change(&FIXTURE.replace("DoorUnlockTo::Stay", "DoorUnlockTo::"));
    offers(editor, "(DoorUnlockTo::^,", &["Open", "Stay"]);
    editor.change(FIXTURE);
}

fn a_signature_without_body_costs_no_other_method(editor: &mut Client) {
    for unfinished in [
        "#[call]\n    pub fn half(&self) ->",
        "#[call]\n    pub fn",
        "#[call]",
    ] {
        let add = "    /// Adds `by`.";
        editor.change(&FIXTURE.replace(add, &format!("    {unfinished}\n\n{add}")));
        offers(editor, "counter.g^et()", &["get", "add", "stop"]);
        assert_contains(&editor.hover("counter.g^et()"), "The current value.");
    }
    let child = "    /// The only counter.";
    let unfinished = "    #[child]\n    fn other(&self) ->";
    editor.change(&FIXTURE.replace(child, &format!("{unfinished}\n\n{child}")));
    offers(editor, "app.coun^ter()", &["counter"]);
    let put = "    /// Gives a name a value.";
    for unfinished in [
        "#[call]\n    fn all(&self, wanted: )",
        "#[call]\n    fn all(&self) ->",
        "#[call]",
    ] {
        editor.change(&FIXTURE.replace(put, &format!("    {unfinished}\n\n{put}")));
        offers(editor, "kv.fi^nd(", &["find", "put"]);
    }
    editor.change(FIXTURE);
}

fn a_half_typed_second_block_costs_the_first_nothing(editor: &mut Client) {
    let door = "/// A door.";
    for unfinished in [
        "",
        "    #[cast]",
        "    #[cast]\n    pub fn",
        "    #[call]\n    pub fn more(&self",
    ] {
        let block = format!("#[gen_server]\nimpl Counter {{\n{unfinished}\n}}\n\n{door}");
        editor.change(&FIXTURE.replace(door, &block));
        offers(editor, "counter.g^et()", &["get", "add", "stop"]);
    }
    editor.change(FIXTURE);
}

/// Checks the diagnostics of the macros. Those of the compiler come from a separate run, with the same text as in the
/// terminal.
fn a_mistake_is_one_diagnostic(editor: &mut Client) {
    assert_eq!(editor.errors(), Vec::<String>::new());
    for (right, wrong, says) in [
        (
            "#[gen_server]\nimpl Counter",
            "#[gen_server(mailbx = 5)]\nimpl Counter",
            "mailbox",
        ),
        (
            "#[cast]\n    pub fn add",
            "#[cast(timeout = 5)]\n    pub fn add",
            "timeout",
        ),
        (
            "    /// Adds `by`.",
            "    #[call]\n    pub fn named(&self, name: &str) {}\n\n    /// Adds `by`.",
            "String",
        ),
        (
            "#[init]\n    pub fn new(value",
            "#[init]\n    #[call]\n    pub fn new(value",
            "#[init]",
        ),
        (
            "#[init]\n    pub fn new(value",
            "#[init(timeout = 5)]\n    pub fn new(value",
            "start timeout",
        ),
        (
            "#[cast]\n    pub fn add",
            "#[cast(tag = \"plus\")]\n    pub fn add",
            "remote",
        ),
        (
            "    /// Adds `by`.",
            "    #[info]\n    pub fn noted(&mut self, note: &String) {}\n\n    /// Adds `by`.",
            "owned",
        ),
        (
            "/// A door.",
            "pub struct Silent;\n\n#[gen_server]\nimpl Silent {\n    pub fn get(&self) {}\n}\n\n/// A door.",
            "has a role",
        ),
        (
            "#[child]\n    pub fn counter(&self)",
            "#[child(restart = Sometimes)]\n    pub fn counter(&self)",
            "restart",
        ),
    ] {
        assert!(FIXTURE.contains(right), "{right}");
        editor.change(&FIXTURE.replace(right, wrong));
        let errors = editor.errors();
        assert!(
            errors.len() == 1 && errors[0].contains(says),
            "{wrong}: {errors:?}"
        );
    }
    editor.change(FIXTURE);
}

fn markers_complete_and_are_explained(editor: &mut Client) {
    let call = editor.hover("#[ca^ll]");
    assert_contains(&call, "handles a request");
    let child = editor.hover("#[chi^ld]");
    assert_contains(&child, "describes a child");
    editor.change(&FIXTURE.replacen("#[call]", "#[ca]", 1));
    offers(editor, "#[ca^]", &["call", "cast"]);
    editor.change(FIXTURE);
}

#[track_caller]
fn assert_contains(text: &str, part: &str) {
    assert!(text.contains(part), "no `{part}` in {text:?}");
}

#[track_caller]
fn offers(editor: &mut Client, place: &str, words: &[&str]) {
    let offered = editor.completions(place);
    for word in words {
        assert!(
            offered.iter().any(|other| other == word),
            "no `{word}` at `{place}`, but {offered:?}"
        );
    }
}

/// Prints the reason directly, because the harness hides the output of a test that passes.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// Returns true if the program runs: rustup installs a proxy even for a component that is missing.
fn answers(program: &str) -> bool {
    let version = Command::new(program).arg("--version").output();
    version.is_ok_and(|version| version.status.success())
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Writes the crate that the editor opens, and returns its path.
fn fixture() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = target().join("editor");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let ambit = workspace.join("ambit");
    let manifest = format!(
        "[package]\nname = \"fixture\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nambit = {{ path = {ambit:?} }}\n\n[workspace]\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    // Use the versions that are already downloaded.
    std::fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    std::fs::write(folder.join("src/main.rs"), FIXTURE).unwrap();
    folder
}
