//! The communication between two processes: ambit's nodes, raw connections and other libraries, measured in turns.
//!
//! Each run of a workload consists of two processes on one loopback. This program starts the near one, which starts and
//! ends the far one; the far one also ends when the near one has ended. The workloads are written once, over
//! [`system::System`]; Erlang has its own in a module. The rows of a cluster have two far processes.

mod about;
mod ambit;
mod cluster;
mod erlang;
mod far;
mod frames;
mod json;
#[cfg(feature = "kameo-remote")]
mod kameo;
mod link;
mod near;
mod options;
mod pair;
mod pki;
mod programs;
mod quic;
#[cfg(feature = "ractor-cluster")]
mod ractor;
mod rounds;
mod rows;
mod system;
mod table;
mod tcp;
mod workloads;

use std::path::Path;
use std::process::ExitCode;

use self::about::About;
use self::cluster::member;
use self::options::{Command, Options};
use self::programs::Programs;
use self::rounds::Outcome;

/// The measuring program: parses the options, runs the rounds, writes the report; or acts as one of the two processes
/// of a run.
pub fn measure() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        [near::COMMAND, system, row, operations] => near::main(system, row, operations),
        [far::COMMAND, system] => far::main(system),
        [member::COMMAND, name, entries] => member::main(name, entries, None),
        [member::COMMAND, name, entries, seed] => member::main(name, entries, Some(seed)),
        #[cfg(feature = "kameo-remote")]
        [kameo::COMMAND, seeds @ ..] => kameo::peer(seeds),
        words => controlled(words),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("remote: {error}");
            ExitCode::FAILURE
        }
    }
}

fn controlled(words: &[&str]) -> Result<(), String> {
    match options::parse(words)? {
        Command::Help => print!("{}", options::HELP),
        Command::List => print!("{}", options::list()),
        Command::Run(options) => run(&options)?,
    }
    Ok(())
}

fn run(options: &Options) -> Result<(), String> {
    if cfg!(debug_assertions) {
        eprintln!("NOT OPTIMIZED: the figures mean nothing; run it with --release");
    }
    let programs = Programs::find(options)?;
    let about = About::now(options, &programs);
    let outcomes = rounds::run(options, &programs)?;
    println!("{}", table::report(&about, &outcomes));
    if let Some(path) = &options.json {
        save(path, &json::of(&about, &outcomes))?;
    }
    let failed = |outcome: &Outcome| {
        outcome
            .columns
            .iter()
            .any(|column| column.failure.is_some())
    };
    if outcomes.iter().any(failed) {
        return Err("not everything could be measured; the report says what".to_owned());
    }
    Ok(())
}

fn save(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
