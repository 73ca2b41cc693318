//! Reads a web access log and prints who came, what they asked for and what they got.
#![forbid(unsafe_code)]

mod args;
mod batch;
mod client;
mod counter;
mod family;
mod faults;
mod feeder;
mod figures;
mod json;
mod line;
mod progress;
mod report;
mod run;
mod source;
mod time;

use std::io::{self, Write};
use std::process::ExitCode;

use args::{ArgsError, Command};
use run::RunError;

/// Exit status for a command line or a log that cannot be used.
const UNUSABLE: u8 = 2;

/// Why there is nothing on standard output.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
enum Failure {
    Args(#[from] ArgsError),
    Run(#[from] RunError),
}

#[ambit::main]
async fn main() -> ExitCode {
    match answer().await {
        Ok(text) => print(&text),
        Err(failure) => {
            progress::write(&format!("metrics: {failure}\n"));
            failure.status()
        }
    }
}

/// Returns what belongs on standard output.
async fn answer() -> Result<String, Failure> {
    let args = match args::parse(std::env::args_os().skip(1))? {
        Command::Help => return Ok(args::HELP.into()),
        Command::Run(args) => args,
    };
    let report = run::run(&args).await?;
    Ok(if args.json {
        json::json(&report) + "\n"
    } else {
        report.to_string()
    })
}

impl Failure {
    fn status(&self) -> ExitCode {
        match self {
            Self::Args(_) | Self::Run(RunError::Source(_)) => ExitCode::from(UNUSABLE),
            Self::Run(_) => ExitCode::FAILURE,
        }
    }
}

/// A reader that has seen enough, such as `head`, is no error.
fn print(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            progress::write(&format!("metrics: cannot write the result: {error}\n"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}
