//! Measures clusters of many nodes in virtual time: `just scale`, `just scale 50 100`, `just scale --seed 7 --check`.
//!
//! Clusters up to [`MAX_QUIC`] nodes are measured over QUIC on the simulated network, and all of them over the
//! in-memory transport. `--quic N` changes the limit.

#![allow(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the measurement is about tokio's clock and the time it takes, and its figures are small"
)]

mod counted;
mod measure;
mod memory;
mod quic;
mod report;

use std::alloc::System;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use self::measure::{Measured, Plan, SEEDS};
use self::report::Row;

/// The default for the maximum number of nodes over QUIC.
const MAX_QUIC: usize = 20;
const CRASHES: usize = 9;
const IDLE: Duration = Duration::from_secs(60);

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Returns the number of bytes that the program has allocated and not freed.
fn heap() -> usize {
    let now = ALLOCATOR.stats();
    now.bytes_allocated.saturating_sub(now.bytes_deallocated)
}

struct Options {
    sizes: Vec<usize>,
    seed: u64,
    max_quic: usize,
    check: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        sizes: Vec::new(),
        seed: 1,
        max_quic: MAX_QUIC,
        check: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let wrong = |text: &str| format!("`{text}` is not a number");
        match argument.as_str() {
            "--check" => options.check = true,
            "--seed" | "--quic" => {
                let value = arguments.next().unwrap_or_default();
                let number: u64 = value.parse().map_err(|_| wrong(&value))?;
                match argument.as_str() {
                    "--seed" => options.seed = number,
                    _ => options.max_quic = usize::try_from(number).unwrap_or(usize::MAX),
                }
            }
            size => options.sizes.push(size.parse().map_err(|_| wrong(size))?),
        }
    }
    if options.sizes.is_empty() {
        options.sizes = vec![5, 20, 50, 100];
    }
    if options.sizes.iter().any(|size| *size <= SEEDS) {
        return Err(format!("a cluster needs more than {SEEDS} nodes here"));
    }
    Ok(options)
}

type Run = fn(Plan, fn() -> usize) -> Result<Measured, String>;

fn rows(options: &Options) -> Result<Vec<Row>, String> {
    let quic = options
        .sizes
        .iter()
        .filter(|size| **size <= options.max_quic);
    let quic = quic.map(|size| ("QUIC", *size, quic::run as Run));
    let memory = options.sizes.iter();
    let memory = memory.map(|size| ("memory", *size, memory::run as Run));
    let mut rows = Vec::new();
    for (transport, nodes, run) in quic.chain(memory) {
        let plan = Plan {
            nodes,
            crashes: CRASHES,
            idle: IDLE,
            seed: options.seed,
        };
        let start = Instant::now();
        let measured = run(plan, heap);
        let measured =
            measured.map_err(|text| format!("{nodes} nodes over {transport}: {text}"))?;
        let row = Row {
            transport,
            nodes,
            measured,
            took: start.elapsed(),
        };
        report::print(&row);
        rows.push(row);
    }
    Ok(rows)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(text) => {
            eprintln!("{text}");
            return ExitCode::from(2);
        }
    };
    report::print_header();
    let missed = match rows(&options) {
        Ok(rows) => report::missed(&rows),
        Err(text) => vec![text],
    };
    for text in &missed {
        eprintln!("missed: {text}");
    }
    match options.check && !missed.is_empty() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}
