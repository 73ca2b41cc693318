//! Measures ambit and its rivals in turns on the same workloads: `cargo run --release --manifest-path
//! benches/Cargo.toml`.
//!
//! Each run of a workload is a process of its own, so that it has a fresh runtime and heap and can be killed when it
//! hangs. This program starts the runs, in rounds, and makes a table of their results.
#![forbid(unsafe_code)]

mod cell;
mod chart;
mod erlang;
mod json;
mod latch;
mod memory;
mod options;
mod outcome;
mod peers;
mod programs;
mod progress;
#[cfg(feature = "remote")]
mod remote;
mod rows;
mod runner;
mod runtime;
mod settings;
mod stats;
mod table;
mod verdict;
mod workload;

use std::io;
use std::path::Path;
use std::process::ExitCode;

pub use crate::memory::{Allocated, Measure};
use crate::options::{Command, Options};
use crate::outcome::Outcome;
#[cfg(feature = "remote")]
pub use crate::remote::measure as measure_remote;
use crate::rows::{COUNTED, PRICE, ROWS};
use crate::settings::About;
use crate::verdict::Verdict;

/// The measuring program: parses the options, runs the rounds, writes the report.
pub fn measure() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments
        .first()
        .is_some_and(|first| first == cell::COMMAND)
    {
        return cell::main(&arguments[1..], &[ROWS, PRICE]);
    }
    match options::parse(&arguments) {
        Ok(Command::Help) => {
            print!("{}", options::HELP);
            ExitCode::SUCCESS
        }
        Ok(Command::List) => {
            print!("{}", options::list());
            ExitCode::SUCCESS
        }
        Ok(Command::Run(options)) => report(&options),
        Err(error) => complain(&error),
    }
}

/// The counting program: runs one workload and prints its allocations.
pub fn count(measure: Measure) -> ExitCode {
    memory::count_with(measure);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    cell::main(arguments.get(1..).unwrap_or_default(), &[COUNTED])
}

fn complain(error: &str) -> ExitCode {
    eprintln!("benches: {error}");
    ExitCode::FAILURE
}

fn report(options: &Options) -> ExitCode {
    match run(options) {
        Ok(verdict) if verdict.is_far_off() => {
            complain("a row of ambit is too far from what it must be")
        }
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

/// Measures, and writes the report after each row, so that an interrupted run keeps the rows so far.
fn run(options: &Options) -> Result<Verdict, String> {
    let programs = programs::Programs::find(options)?;
    let about = About::now(options, &programs);
    let outcomes = runner::run(options, &programs, |outcomes| {
        let verdict = verdict::judge(outcomes, options.fail_above);
        write(options, &about, outcomes, &verdict)
    })?;
    let verdict = verdict::judge(&outcomes, options.fail_above);
    println!("{}", table::report(&about, &outcomes, &verdict));
    eprintln!("written to {}", options.out.display());
    Ok(verdict)
}

/// Writes the report, the figures and the charts.
fn write(
    options: &Options,
    about: &About,
    outcomes: &[Outcome],
    verdict: &Verdict,
) -> Result<(), String> {
    let charts = options.out.join("charts");
    std::fs::create_dir_all(&charts).map_err(|error| cannot_write(&charts, &error))?;
    let report = table::report(about, outcomes, verdict);
    save(&options.out.join("results.md"), &report)?;
    let json = options.out.join("results.json");
    let json = options.json.as_ref().unwrap_or(&json);
    save(json, &json::of(about, outcomes, verdict))?;
    let pictures = outcomes.iter().flat_map(chart::of);
    for (name, svg) in pictures {
        save(&charts.join(name), &svg)?;
    }
    Ok(())
}

fn save(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
