//! Reads a web access log and prints who came, what they asked for and what they got.

mod args;
mod faults;
mod figures;
mod json;
mod line;
mod progress;
mod report;
mod source;
mod tally;
mod time;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use args::Command;

/// Exit status for a command line or a log that cannot be used.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    match answer() {
        Ok(text) => print(&text),
        Err(error) => {
            eprintln!("metrics: {error}");
            ExitCode::from(UNUSABLE)
        }
    }
}

/// Returns what belongs on standard output.
fn answer() -> Result<String, Box<dyn Error>> {
    let args = match args::parse(std::env::args_os().skip(1))? {
        Command::Help => return Ok(args::HELP.into()),
        Command::Run(args) => args,
    };
    let report = tally::run(&args)?;
    Ok(if args.json {
        json::json(&report) + "\n"
    } else {
        report.to_string()
    })
}

/// A reader that has seen enough, such as `head`, is no error.
fn print(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("metrics: cannot write the result: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}
