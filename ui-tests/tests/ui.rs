//! The mistakes that must not compile, one file each. `TRYBUILD=overwrite` writes the `.stderr`
//! files; `tests/messages.rs` says what they may look like.
//!
//! No case that compiles stands among them: trybuild then checks all of a function with one call of
//! cargo. What must compile is in `tests/legal.rs`, and what needs a workspace of its own beside it.

#![allow(
    clippy::unwrap_used,
    reason = "a file that cannot be read or written fails the test"
)]

mod corpus;
mod fixes;
mod template;
mod workspace;

use std::process::Command;

/// The compiler whose words `tests/compiler` quotes.
const PINNED: &str = "rustc 1.95.";

/// Messages that the macros write themselves: the same on every toolchain.
#[test]
fn macro_errors() {
    trybuild::TestCases::new().compile_fail("tests/macro/**/*.rs");
}

/// Messages in the compiler's words, which differ from release to release.
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
