//! Reads a web access log and prints the clients, the routes and the statuses.
#![forbid(unsafe_code)]

mod account;
mod args;
mod batch;
mod chaos;
mod client;
mod counter;
mod delivery;
mod family;
mod faults;
mod feeder;
mod figures;
mod intake;
mod json;
mod ledger;
mod line;
mod parser;
mod producer;
mod progress;
mod report;
mod run;
mod send;
mod serve;
mod sheet;
mod source;
mod time;
mod tree;

use std::io::{self, Write};
use std::process::ExitCode;

use args::{ArgsError, Command};
use run::RunError;
use send::SendError;

/// The exit status for an unusable command line, log or address.
const UNUSABLE: u8 = 2;

/// The reason for an empty standard output.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
enum Failure {
    Args(#[from] ArgsError),
    Run(#[from] RunError),
    Send(#[from] SendError),
}

// Parsers crash by design, and the report counts them.
#[ambit::main(stderr_reports = false)]
async fn main() -> ExitCode {
    match answer().await {
        Ok(text) => print(&text),
        Err(failure) => {
            progress::write(&format!("metrics: {failure}\n"));
            failure.status()
        }
    }
}

/// Returns the final text for standard output.
async fn answer() -> Result<String, Failure> {
    Ok(match args::parse(std::env::args_os().skip(1))? {
        Command::Help => args::HELP.into(),
        Command::Run(args) => {
            let report = run::run(&args).await?;
            if args.json {
                json::json(&report) + "\n"
            } else {
                report.to_string()
            }
        }
        Command::Serve(args) => serve::serve(&args).await?,
        Command::Send(args) => send::send(&args).await?,
    })
}

impl Failure {
    fn status(&self) -> ExitCode {
        match self {
            Self::Args(_)
            | Self::Run(RunError::Source(_) | RunError::Listen(..))
            | Self::Send(SendError::Source(_) | SendError::Connect(..)) => ExitCode::from(UNUSABLE),
            Self::Run(_) | Self::Send(_) => ExitCode::FAILURE,
        }
    }
}

/// Prints to standard output; a reader that has closed the pipe, such as `head`, is not an error.
fn print(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            progress::write(&format!("metrics: cannot write the result: {error}\n"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}
