//! Ordinary builds contain nothing of the test kit, which pauses clocks and injects faults, and the first build in the
//! README contains only what `metrics` needs.

use std::collections::BTreeSet;
use std::process::Command;

/// Returns the crates that `cargo build` in the root with these arguments would build, each with its features.
fn crates(args: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--edges", "no-dev", "--prefix", "none"])
        .args(["--format", "{lib} {f}", "--offline", "--color", "never"])
        .args(args)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("cargo runs this test");
    assert!(output.status.success(), "{output:?}");
    let crates = String::from_utf8_lossy(&output.stdout);
    let lines = crates.lines().map(|line| line.trim_end_matches(" (*)"));
    lines
        // `examples` itself is not a library, so its line has no name.
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

/// Returns the features of `ambit` that `cargo build` with these arguments would enable.
fn features(args: &[&str]) -> Vec<String> {
    let crates = crates(args);
    let words = crates.iter().map(|line| line.split_once(' '));
    let ambit = words.flatten().find(|(name, _)| *name == "ambit");
    let (_, features) = ambit.expect("examples depend on it");
    features.split([',', ' ']).map(str::to_owned).collect()
}

#[track_caller]
fn assert_test_kit(is_in: bool, args: &[&str]) {
    let features = features(args);
    let test_kit = features.iter().any(|name| name == "test");
    assert_eq!(test_kit, is_in, "{features:?}");
}

#[test]
fn metrics_is_built_without_the_test_kit() {
    assert_test_kit(false, &["--package", "examples"]);
}

/// In the root, `cargo run --bin metrics` unifies the features of all members.
#[test]
fn no_member_enables_the_test_kit() {
    assert_test_kit(false, &["--workspace"]);
}

/// Guards the two tests above: they would always pass if cargo printed features differently.
#[test]
fn the_test_kit_is_seen_where_it_is_enabled() {
    assert_test_kit(true, &["--package", "examples", "--features", "ambit/test"]);
}

/// Cargo builds a program with the unified features of all members in which it looks for the program.
#[test]
fn the_first_command_builds_only_what_metrics_needs() {
    let first = crates(&[]);
    let needed = crates(&["--package", "examples"]);
    // The empty default feature of a member itself.
    let named = |crates: &BTreeSet<String>| -> BTreeSet<_> {
        let lines = crates.iter().map(|line| line.replace("default,", ""));
        lines.collect()
    };
    assert_eq!(named(&first), named(&needed));
    let own = crates(&["--package", "ambit", "--features", "signal"]);
    let name = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
    let own: BTreeSet<_> = own.iter().map(name).collect();
    let more: Vec<_> = first
        .iter()
        .map(name)
        .filter(|name| !own.contains(name))
        .collect();
    // Connections, and the crates that read the command line and the log, and print the report.
    let expected = [
        "anstyle",
        "bytes",
        "clap",
        "clap_builder",
        "clap_derive",
        "clap_lex",
        "comfy_table",
        "console",
        "heck",
        "indicatif",
        "itoa",
        "jiff",
        "jiff_core",
        "memchr",
        "portable_atomic",
        "serde",
        "serde_core",
        "serde_derive",
        "serde_json",
        "socket2",
        "tokio_macros",
        "unicode_segmentation",
        "unicode_width",
        "unit_prefix",
        "zmij",
    ];
    assert_eq!(more, expected, "beside ambit");
}
