//! Runs random supervision trees on Erlang/OTP and on ambit and compares the traces.
#![forbid(unsafe_code)]

mod options;

use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use otp_compare::both::{self, Both};
use otp_compare::compare::{PERMITTED, Permitted};
use otp_compare::coverage::Coverage;
use otp_compare::erlang::Erlang;
use otp_compare::script::{Script, generate};
use otp_compare::{on_ambit, record};

use self::options::{Mode, Options, USAGE};

/// The number of differences that are shrunk and printed; one bug usually causes many.
const SHOWN: usize = 3;

/// The time limit for shrinking one script, after which one more round may finish.
const PATIENCE: Duration = Duration::from_secs(180);

/// The number of scripts between two progress lines.
const BATCH: usize = 300;

fn main() -> ExitCode {
    let options = match Options::parse(env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error}\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    if options.mode == Mode::Print {
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

/// Returns true if all scripts have the same trace on both sides.
fn compare(options: &Options) -> io::Result<bool> {
    if options.mode == Mode::Replay {
        return replay(options);
    }
    let erlang = Erlang::find().and_then(|erlang| Ok((erlang.release()?, erlang)));
    let why = match erlang {
        Ok((release, erlang)) => match live(options, &release, &erlang) {
            Err(error) if error.kind() == io::ErrorKind::TimedOut => error.to_string(),
            compared => return compared,
        },
        Err(error) => format!("Erlang/OTP does not run here ({error})"),
    };
    if options.mode == Mode::Record {
        let text =
            format!("{why}, so nothing was recorded; `just otp --record` installs Erlang/OTP");
        return Err(io::Error::other(text));
    }
    println!("skipped: {why}, so NOT EVERYTHING WAS COMPARED WITH IT;");
    println!("skipped: the traces that were recorded from it are replayed instead");
    replay(options)
}

/// The totals of all scripts.
struct Tally {
    began: Instant,
    coverage: Coverage,
    different: Vec<Both>,
}

impl Tally {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            coverage: Coverage::default(),
            different: Vec::new(),
        }
    }

    fn add(&mut self, both: &Both) {
        self.coverage.add(&both.script, &both.erlang);
        if both.difference().is_some() {
            self.different.push(both.clone());
        }
    }

    fn print(&self, with: &str) -> bool {
        println!("{}", self.coverage);
        for Permitted { deviation, what } in PERMITTED {
            println!("permitted, by {deviation}: {what}");
        }
        let (all, different) = (self.coverage.scripts, self.different.len());
        let (same, seconds) = (all - different, self.began.elapsed().as_secs());
        println!("{same} of {all} scripts do on ambit what they do {with}, {seconds} s");
        different == 0 && all > 0
    }
}

fn live(options: &Options, release: &str, erlang: &Erlang) -> io::Result<bool> {
    let first = options.seed;
    println!("comparing with Erlang/OTP {release}, seeds from {first}");
    let scripts: Vec<Script> = scripts(options).collect();
    let (mut tally, mut all) = (Tally::new(), Vec::new());
    for batch in scripts.chunks(BATCH) {
        let again = |times| println!("{times} are different and run again");
        for both in both::run(erlang, batch, again)? {
            tally.add(&both);
            all.push(both);
        }
        let (done, different) = (all.len(), tally.different.len());
        println!("{done} scripts, {different} different");
    }
    if options.mode == Mode::Record {
        let traces = all.iter().map(|both| (&both.script, &both.erlang));
        fs::write(record::PLACE, record::write(release, traces))?;
    }
    for both in tally.different.iter().take(SHOWN) {
        println!("script {} is different; shrinking", both.script.seed);
        let small = both::shrunk(erlang, both, PATIENCE)?;
        println!("{}", small.explain().unwrap_or_default());
    }
    Ok(tally.print(&format!("on Erlang/OTP {release}")))
}

fn replay(options: &Options) -> io::Result<bool> {
    let recorded = record::read(record::RECORDED).map_err(io::Error::other)?;
    let seeds = options.seed..options.seed.saturating_add(options.scripts);
    if recorded.range(seeds.clone()).next().is_none() {
        let known = |seed: Option<&u64>| seed.map_or_else(|| "none".into(), u64::to_string);
        let (first, last) = (known(recorded.keys().next()), known(recorded.keys().last()));
        return Err(io::Error::other(format!(
            "no script of the seeds {seeds:?} is recorded; recorded are {first} to {last}"
        )));
    }
    let mut tally = Tally::new();
    for (_, run) in recorded.range(seeds) {
        tally.add(&Both::new(run.script.clone(), run.trace.clone()));
    }
    for both in tally.different.iter().take(SHOWN) {
        println!("{}", both.explain().unwrap_or_default());
    }
    Ok(tally.print("as recorded"))
}
