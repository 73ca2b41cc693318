//! Runs random supervision trees on Erlang/OTP and on ambit and compares what happens.
#![forbid(unsafe_code)]

mod options;

use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use otp_compare::compare::{PERMITTED, explain, first_difference};
use otp_compare::coverage::Coverage;
use otp_compare::erlang::Erlang;
use otp_compare::script::{Script, generate};
use otp_compare::shrink::shrink;
use otp_compare::trace::{Trace, canonical};
use otp_compare::{on_ambit, record};

use self::options::{Options, USAGE};

/// So many differences are shrunk and printed; one change mostly makes many.
const SHOWN: usize = 3;

/// Shrinking takes no longer, and then one round.
const PATIENCE: Duration = Duration::from_secs(180);

/// So often a script may be run on Erlang until it is the same.
const RUNS: usize = 4;

/// So many scripts are run before the next line is printed.
const BATCH: usize = 300;

fn main() -> ExitCode {
    let options = match Options::parse(env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error}\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    if options.print {
        print(&options);
        return ExitCode::SUCCESS;
    }
    match compare(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn scripts(options: &Options) -> impl Iterator<Item = Script> {
    (options.seed..options.seed.saturating_add(options.scripts)).map(generate)
}

fn print(options: &Options) {
    for script in scripts(options) {
        println!("{script}\n{}\n", on_ambit(&script).join("\n"));
    }
}

/// Whether all scripts do the same on both sides.
fn compare(options: &Options) -> io::Result<bool> {
    if options.replay {
        return replay(options);
    }
    match Erlang::find().and_then(|erlang| Ok((erlang.release()?, erlang))) {
        Ok((release, erlang)) => live(options, &release, &erlang),
        Err(error) => {
            println!(
                "skipped: Erlang/OTP does not run here ({error}), so NOTHING WAS COMPARED WITH IT;"
            );
            println!("skipped: the traces that were recorded from it are replayed instead");
            replay(options)
        }
    }
}

/// What all scripts together came to.
struct Tally {
    began: Instant,
    coverage: Coverage,
    different: Vec<(Script, usize)>,
}

impl Tally {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            coverage: Coverage::default(),
            different: Vec::new(),
        }
    }

    fn add(&mut self, script: Script, expected: &Trace) {
        self.coverage.add(&script, expected);
        if let Some(at) = first_difference(expected, &on_ambit(&script)) {
            self.different.push((script, at));
        }
    }

    fn print(&self, with: &str) -> bool {
        println!("{}", self.coverage);
        for permitted in PERMITTED {
            println!("permitted, by {}: {}", permitted.deviation, permitted.what);
        }
        let (all, different) = (self.coverage.scripts, self.different.len());
        let seconds = self.began.elapsed().as_secs_f64();
        let permitted = PERMITTED.len();
        println!(
            "{} of {all} scripts do on ambit what they do {with}, {permitted} differences are permitted, {seconds:.1} s",
            all - different
        );
        different == 0 && all > 0
    }
}

fn live(options: &Options, release: &str, erlang: &Erlang) -> io::Result<bool> {
    println!(
        "comparing with Erlang/OTP {release}, seeds from {}",
        options.seed
    );
    let all: Vec<Script> = scripts(options).collect();
    let (mut tally, mut traces) = (Tally::new(), Vec::new());
    for batch in all.chunks(BATCH) {
        let runs = run_until_equal(erlang, batch)?;
        for (script, trace) in batch.iter().zip(runs) {
            tally.add(script.clone(), &trace);
            traces.push(trace);
        }
        println!(
            "{} scripts, {} different",
            tally.coverage.scripts,
            tally.different.len()
        );
    }
    if options.record {
        fs::write(
            record::PLACE,
            record::write(release, all.iter().zip(&traces)),
        )?;
    }
    for (script, at) in tally.different.iter().take(SHOWN) {
        show(script, *at, erlang)?;
    }
    Ok(tally.print(&format!("on Erlang/OTP {release}")))
}

/// What the scripts do on Erlang. One that is different is run again: on a busy machine Erlang is not always on time.
fn run_until_equal(erlang: &Erlang, scripts: &[Script]) -> io::Result<Vec<Trace>> {
    let mut traces = traces(erlang, scripts)?;
    for _ in 1..RUNS {
        let differs = |at: &usize| is_different(&scripts[*at], &traces[*at]);
        let again: Vec<usize> = (0..scripts.len()).filter(differs).collect();
        if again.is_empty() {
            break;
        }
        println!("{} are run again", again.len());
        let some: Vec<Script> = again.iter().map(|at| scripts[*at].clone()).collect();
        for (at, trace) in again.into_iter().zip(self::traces(erlang, &some)?) {
            traces[at] = trace;
        }
    }
    Ok(traces)
}

fn traces(erlang: &Erlang, scripts: &[Script]) -> io::Result<Vec<Trace>> {
    let runs = erlang.run(scripts)?;
    Ok(scripts
        .iter()
        .zip(runs)
        .map(|(script, events)| canonical(script, &events))
        .collect())
}

/// Shrinks a script and prints what is left of it.
fn show(script: &Script, at: usize, erlang: &Erlang) -> io::Result<()> {
    println!(
        "script {} is different after step {at}; shrinking",
        script.seed
    );
    let began = Instant::now();
    let mut differs = |scripts: &[Script]| {
        if began.elapsed() > PATIENCE {
            return Ok(vec![false; scripts.len()]);
        }
        let both = scripts.iter().zip(traces(erlang, scripts)?);
        Ok(both
            .map(|(script, trace)| is_different(script, &trace))
            .collect())
    };
    let small = shrink(script, at, &mut differs)?;
    let expected = run_until_equal(erlang, std::slice::from_ref(&small))?.remove(0);
    let got = on_ambit(&small);
    match first_difference(&expected, &got) {
        Some(at) => println!("{}", explain(&small, &expected, &got, at)),
        None => println!(
            "script {}: the difference does not show each time",
            script.seed
        ),
    }
    Ok(())
}

fn is_different(script: &Script, expected: &Trace) -> bool {
    first_difference(expected, &on_ambit(script)).is_some()
}

fn replay(options: &Options) -> io::Result<bool> {
    let recorded = record::read(record::RECORDED).map_err(io::Error::other)?;
    let seeds = options.seed..options.seed.saturating_add(options.scripts);
    let mut tally = Tally::new();
    for (_, run) in recorded.range(seeds) {
        let before = tally.different.len();
        tally.add(run.script.clone(), &run.trace);
        if let Some((script, at)) = tally.different.get(before).filter(|_| before < SHOWN) {
            println!("{}", explain(script, &run.trace, &on_ambit(script), *at));
        }
    }
    Ok(tally.print("as recorded"))
}
