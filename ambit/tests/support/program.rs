//! Tests that look at a whole program: one test of this binary, run again in a process of its own.

use std::env;
use std::process::Command;

const RUN: &str = "AMBIT_TEST_PROGRAM";

/// Whether this is that process.
pub(crate) fn is_run() -> bool {
    env::var_os(RUN).is_some()
}

/// Runs a test as a program, `path` in the module `module`: its exit status and what it has written to stderr.
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
