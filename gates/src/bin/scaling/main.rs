//! Checks how the cost of each operation that maintains a set grows with the set: compares the instructions of `n`
//! operations and of `4n`. An operation whose instructions grow by more than [`LIMIT`] fails; see "Cost" in
//! CONTRIBUTING.
#![forbid(unsafe_code)]

mod callgrind;
mod case;
mod cases;
mod options;
mod report;
mod run;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use self::case::Case;
use self::options::{Options, USAGE};
use self::report::Verdict;

/// The maximum growth for four times as many operations. Logarithmic time per operation stays below it.
const LIMIT: f64 = 5.0;

fn main() -> ExitCode {
    let options = match Options::parse(env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error}\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    match obey(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the command, and returns true on success.
fn obey(options: &Options) -> Result<bool, String> {
    let mut cases = cases::all();
    cases.retain(|case| options.selects(case.name));
    match options {
        Options::List => cases.iter().for_each(|case| println!("{}", case.name)),
        Options::Part { sizes, .. } => return run::all(&cases, sizes).map(|()| true),
        Options::Suite { jobs, .. } => return suite(&cases, *jobs),
    }
    Ok(true)
}

fn suite(cases: &[Case], jobs: usize) -> Result<bool, String> {
    if !callgrind::is_here() {
        println!(
            "\nskipped: NO INSTRUCTIONS WERE COUNTED, because there is no valgrind (apt-get install valgrind)"
        );
        return Ok(true);
    }
    let program = env::current_exe().map_err(|error| format!("this program: {error}"))?;
    measure(&program, cases, jobs)
}

/// Counts, prints the table and the failures; returns true if there are none.
fn measure(program: &Path, cases: &[Case], jobs: usize) -> Result<bool, String> {
    let counted = callgrind::count(program, cases, jobs)?;
    let verdicts: Vec<Verdict<'_>> = cases
        .iter()
        .zip(counted)
        .map(|(case, [small, large])| Verdict { case, small, large })
        .collect();
    Ok(report::print(&verdicts))
}
