//! Measures what lies between two processes, ambit's nodes and others; `--help` says how.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    benches::measure_remote()
}
