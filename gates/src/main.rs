//! Measures the cost of a message and of an idle server, and fails if it exceeds the recorded one.
#![forbid(unsafe_code)]

mod bytes;
mod callgrind;
#[cfg(test)]
mod coverage;
mod heap;
mod limits;
mod options;
mod probe;
mod profile;
mod raw;
mod report;
mod servers;
mod work;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use self::limits::Limits;
use self::options::{Options, USAGE};
use self::probe::{Figure, Probe};
use self::work::Threads;

fn main() -> ExitCode {
    let options = match Options::parse(env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error}\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    match obey(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the command, and returns true on success.
fn obey(options: Options) -> Result<bool, String> {
    let program = env::current_exe().map_err(|error| format!("this program: {error}"))?;
    match options {
        Options::Gate { only, update } => return gate(&program, &only, update),
        Options::Annotate { work, inclusive } => profile::print(&program, work, inclusive)?,
        Options::Run { work, count } => drop(work::run(work, Threads::One, count)),
        Options::Probe(name) => {
            let probe = Probe::all().into_iter().find(|probe| probe.name() == name);
            let probe = probe.ok_or_else(|| format!("`{name}` is not measured"))?;
            for Figure { name, value } in probe.here() {
                println!("{name} {value}");
            }
        }
    }
    Ok(true)
}

fn gate(program: &Path, only: &str, update: bool) -> Result<bool, String> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("limits.txt");
    let mut limits = Limits::parse(&fs::read_to_string(&file).unwrap_or_default())?;
    let counting = callgrind::is_here();
    let measured = measure(program, only, counting, &limits)?;
    if !counting {
        println!(
            "\nskipped: INSTRUCTIONS WERE NOT COUNTED, because there is no valgrind (apt-get install valgrind)"
        );
    }
    if update {
        limits.update(&measured);
        fs::write(&file, limits.text()).map_err(|error| format!("{}: {error}", limits::FILE))?;
        println!("\n{} is written", limits::FILE);
        return Ok(true);
    }
    println!();
    let mut well = report::verdicts(&limits, &measured, program);
    if only.is_empty() && counting {
        for name in limits.left_over(&measured) {
            println!("failed: {name} is in {} and is not measured", limits::FILE);
            well = false;
        }
    }
    println!(
        "{}",
        if well {
            "nothing is worse than recorded"
        } else {
            "not as recorded"
        }
    );
    Ok(well)
}

/// Measures the probes with the prefix `only`, and prints each result at once; the hand-written actor comes first.
fn measure(
    program: &Path,
    only: &str,
    counting: bool,
    limits: &Limits,
) -> Result<Vec<Figure>, String> {
    let possible = |probe: &Probe| counting || !matches!(probe, Probe::Instructions(_));
    let wanted = |probe: &Probe| probe.name().starts_with(only) && *probe != probe.raw();
    let probes: Vec<Probe> = Probe::all().into_iter().filter(possible).collect();
    let mut by_hand: Vec<(Probe, Vec<Figure>)> = Vec::new();
    let mut measured = Vec::new();
    report::head();
    for probe in probes.into_iter().filter(wanted) {
        let raw = probe.raw();
        if by_hand.iter().all(|(known, _)| *known != raw) {
            by_hand.push((raw, raw.measure(program)?));
        }
        let known = by_hand.iter().find(|(known, _)| *known == raw);
        for figure in probe.measure(program)? {
            let raw = known.and_then(|(raw, figures)| same_stage(&figure, probe, *raw, figures));
            report::row(&figure, limits.of(&figure.name), raw);
            measured.push(figure);
        }
    }
    Ok(measured)
}

/// Returns the figure of the hand-written actor that corresponds to this one.
fn same_stage(figure: &Figure, probe: Probe, raw: Probe, figures: &[Figure]) -> Option<f64> {
    let stage = figure.name.strip_prefix(&probe.name())?;
    let name = raw.name() + stage;
    let beside = figures.iter().find(|figure| figure.name == name)?;
    Some(beside.value)
}
