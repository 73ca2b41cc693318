//! Running a program.

use std::process::Command;

/// Runs a program without arguments, which must succeed, and returns its output.
pub(crate) fn output(program: &str) -> String {
    let output = Command::new(program).output().expect("cargo has built it");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}
