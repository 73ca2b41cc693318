//! Measures the compile time of a handler: `cargo check` of 50 servers with ten handlers each, alternating with the
//! same code by hand and with an empty crate, whose time is subtracted. Dependencies are built before.
#![forbid(unsafe_code)]

mod crates;
mod options;
mod turns;

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use self::crates::{HANDLERS, Kind};
use self::options::{Options, USAGE};

fn main() -> ExitCode {
    let options = match Options::parse(env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error}\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    match measure(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the costs, and returns true if they are within the limit.
fn measure(options: &Options) -> Result<bool, String> {
    let workspace = crates::write()?;
    let times = turns::take(&workspace, options.turns)?;
    let per_handler = |kind: Kind| {
        let all = times[kind as usize].saturating_sub(times[Kind::Empty as usize]);
        milliseconds(all) / f64::from(HANDLERS)
    };
    let by_hand = per_handler(Kind::ByHand);
    println!(
        "{:<32}{:>12}{:>10}{:>8}",
        "", "ms/handler", "by hand", "lines"
    );
    for kind in [Kind::Methods, Kind::ByHand, Kind::Ambit] {
        let cost = per_handler(kind);
        println!(
            "{:<32}{cost:>12.2}{:>9.2}x{:>8.1}",
            kind.text(),
            cost / by_hand,
            crates::written(kind),
        );
    }
    // A ratio, because milliseconds depend on the machine and its load.
    let (ratio, limit) = (per_handler(Kind::Ambit) / by_hand, options.fail_above);
    if let Some(limit) = limit.filter(|limit| ratio > *limit) {
        println!(
            "\nfailed: a handler costs {ratio:.2} times as much as by hand, more than {limit:.2}"
        );
        return Ok(false);
    }
    Ok(true)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
