//! Programs that must not compile, one mistake per file. `TRYBUILD=overwrite` writes the `.stderr`
//! files; `tests/messages.rs` checks their content.
//!
//! No case among them compiles, so trybuild checks all cases of a function with one call of cargo.
//! Programs that must compile are in `tests/legal.rs`; tests that need a separate workspace use `workspace.rs`.

#![allow(
    clippy::unwrap_used,
    reason = "a file that cannot be read or written fails the test"
)]

mod corpus;
mod fixes;
mod template;
mod tutorial;
mod workspace;

use std::process::Command;

/// The compiler release whose messages `tests/compiler` contains.
const PINNED: &str = "rustc 1.95.";

/// Messages of the macros themselves, which are the same on every toolchain.
#[test]
fn macro_errors() {
    trybuild::TestCases::new().compile_fail("tests/macro/**/*.rs");
}

/// Messages of the compiler, which differ from release to release.
#[test]
fn compiler_errors() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().unwrap();
    if !version.stdout.starts_with(PINNED.as_bytes()) {
        eprintln!("skipped: the messages are those of {PINNED}x");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/compiler/**/*.rs");
}
