//! Measures ambit and its rivals in turns; `--help` says how.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    benches::measure()
}
