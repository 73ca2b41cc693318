//! Tests of a whole program: they run one test of this binary in a separate process.

use std::env;
use std::process::Command;

const RUN: &str = "AMBIT_TEST_PROGRAM";

/// Returns true in that process.
pub(crate) fn is_run() -> bool {
    env::var_os(RUN).is_some()
}

/// Runs the test `path` of the module `module` as a program; returns its exit status and its stderr.
pub(crate) fn run(module: &str, path: &str) -> (Option<i32>, String) {
    let inside = module.split_once("::").map_or("", |(_, inside)| inside);
    let path = format!("{inside}::{path}");
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", &path, "--nocapture", "--test-threads", "1"])
        .env(RUN, "1")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    let ran = String::from_utf8_lossy(&output.stdout).contains("running 1 test");
    assert!(ran, "there is no test `{path}`");
    (output.status.code(), printed)
}
