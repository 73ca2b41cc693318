//! ambit and its rivals measured in turns on the same workloads: `cargo run --release -p benches`.
//!
//! Each run of a workload is a process of its own, so that it has a fresh runtime and heap and can be stopped when it
//! hangs. The program here starts them, in rounds, and makes a table of what they say.
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
mod progress;
mod rows;
mod runner;
mod runtime;
mod settings;
mod stats;
mod table;
mod verdict;
mod workload;

use std::process::ExitCode;

pub use crate::memory::{Allocated, Measure};
use crate::options::{Command, Options};

/// The program that measures: reads the options, runs the rounds, writes the report.
pub fn measure() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments
        .first()
        .is_some_and(|first| first == cell::COMMAND)
    {
        return cell::main(&arguments[1..]);
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

/// The program whose allocations are counted: runs one workload and says what it counted.
pub fn count(measure: Measure) -> ExitCode {
    memory::count_with(measure);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    cell::main(arguments.get(1..).unwrap_or_default())
}

fn complain(error: &str) -> ExitCode {
    eprintln!("benches: {error}");
    ExitCode::FAILURE
}

fn report(options: &Options) -> ExitCode {
    let programs = match runner::Programs::find(options) {
        Ok(programs) => programs,
        Err(error) => return complain(&error),
    };
    let about = settings::About::now(options, &programs);
    let outcomes = runner::run(options, &programs);
    let verdict = verdict::judge(&outcomes, options.fail_above);
    println!("{}", table::report(&about, &outcomes, &verdict));
    if let Err(error) = write(options, &about, &outcomes, &verdict) {
        return complain(&error);
    }
    if verdict.is_far_off() {
        return complain("a row of ambit is too far from what it must be");
    }
    ExitCode::SUCCESS
}

/// Writes the report, the figures and the pictures.
fn write(
    options: &Options,
    about: &settings::About,
    outcomes: &[outcome::Outcome],
    verdict: &verdict::Verdict,
) -> Result<(), String> {
    let failed =
        |path: &std::path::Path, error| format!("cannot write {}: {error}", path.display());
    let save = |path: std::path::PathBuf, text: String| {
        std::fs::write(&path, text).map_err(|error| failed(&path, error))
    };
    let charts = options.out.join("charts");
    std::fs::create_dir_all(&charts).map_err(|error| failed(&charts, error))?;
    let json = options.json.clone();
    let json = json.unwrap_or_else(|| options.out.join("results.json"));
    save(json, json::of(about, outcomes, verdict))?;
    save(
        options.out.join("results.md"),
        table::report(about, outcomes, verdict),
    )?;
    for outcome in outcomes {
        for (name, svg) in chart::of(outcome) {
            save(charts.join(name), svg)?;
        }
    }
    eprintln!("written to {}", options.out.display());
    Ok(())
}
