//! Measures ambit and its rivals in turns; see `--help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    benches::measure()
}
