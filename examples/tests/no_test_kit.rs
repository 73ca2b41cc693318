//! What is built for use contains nothing of the test kit, which pauses clocks and injects faults.

use std::process::Command;

/// The features of `ambit` that `cargo build` with these arguments would enable.
fn features(args: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--edges", "no-dev", "--prefix", "none"])
        .args(["--format", "{lib} {f}", "--offline", "--color", "never"])
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs this test");
    assert!(output.status.success(), "{output:?}");
    let crates = String::from_utf8_lossy(&output.stdout);
    let words = crates.lines().map(|line| line.split_once(' '));
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

/// In the root, `cargo run --bin metrics` unites the features of all members.
#[test]
fn no_member_enables_the_test_kit() {
    assert_test_kit(false, &["--workspace"]);
}

/// Without this, the two above would pass for ever should cargo print features in another way.
#[test]
fn the_test_kit_is_seen_where_it_is_enabled() {
    assert_test_kit(true, &["--package", "examples", "--features", "ambit/test"]);
}
