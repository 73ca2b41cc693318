//! Measures the communication between two processes, with ambit's nodes and others; see `--help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    benches::measure_remote()
}
