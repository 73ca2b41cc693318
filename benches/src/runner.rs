//! The rounds: in each, every column runs once, so that a ratio compares what ran at about the same time.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::cell;
use crate::erlang::Erlang;
use crate::options::Options;
use crate::outcome::{Column, Outcome};
use crate::progress::Progress;
use crate::rows::{Id, Row, Sample, Size, Work};

/// The programs that run workloads.
pub(crate) struct Programs {
    own: PathBuf,
    /// Why there is none, if there is none.
    counting: Result<PathBuf, String>,
    pub(crate) erlang: Result<Erlang, String>,
}

impl Programs {
    pub(crate) fn find(options: &Options) -> Result<Self, String> {
        let own = std::env::current_exe();
        let own = own.map_err(|error| format!("cannot find this program: {error}"))?;
        let rows = options.rows();
        let counting = if rows.iter().any(|row| row.counted) {
            build_counting(&own)
        } else {
            Err("not needed".to_owned())
        };
        let erlang = if options.peers.contains(&Id::Erlang) {
            Erlang::prepare(&options.out.join("erlang"))
        } else {
            Err("not asked for".to_owned())
        };
        let programs = Self {
            own,
            counting,
            erlang,
        };
        programs.warn(options);
        Ok(programs)
    }

    /// Says what cannot be measured here.
    fn warn(&self, options: &Options) {
        if cfg!(debug_assertions) {
            eprintln!("NOT OPTIMIZED: the figures mean nothing; run it with --release");
        }
        if let Err(error) = &self.counting
            && options.rows().iter().any(|row| row.counted)
        {
            eprintln!("SKIPPED: allocations and bytes; {error}");
        }
        if let Err(error) = &self.erlang
            && options.peers.contains(&Id::Erlang)
        {
            eprintln!("SKIPPED: erlang; {error}");
        }
    }

    fn command(&self, row: &Row, id: Id, operations: u64) -> Result<Command, String> {
        match row.work(id) {
            Some(Work::Erlang(function)) => {
                let erlang = self.erlang.as_ref().map_err(String::clone)?;
                Ok(erlang.command(function, operations))
            }
            Some(Work::Rust(_)) => {
                let program = if row.counted {
                    self.counting.as_ref().map_err(String::clone)?
                } else {
                    &self.own
                };
                let mut command = Command::new(program);
                command.args([cell::COMMAND, row.key, &id.key(), &operations.to_string()]);
                command.env_remove("RUST_BACKTRACE").env_remove("RUST_LOG");
                Ok(command)
            }
            None => Err("no such cell".to_owned()),
        }
    }

    /// Whether the column can be run here.
    fn has(&self, row: &Row, id: Id) -> bool {
        match row.work(id) {
            Some(Work::Erlang(_)) => self.erlang.is_ok(),
            Some(Work::Rust(_)) => !row.counted || self.counting.is_ok() && !id.workload().1,
            None => false,
        }
    }
}

/// Counting would cost time in every other row, so it is done by a program of its own, which `cargo run` does not build.
fn build_counting(own: &std::path::Path) -> Result<PathBuf, String> {
    let program = own.with_file_name(format!("counted{}", std::env::consts::EXE_SUFFIX));
    let Some(cargo) = std::env::var_os("CARGO") else {
        let there = program.is_file().then_some(program);
        return there
            .ok_or_else(|| "run this with `cargo run`, or build all of it first".to_owned());
    };
    eprintln!("building the program that counts allocations");
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "-p", "benches", "--bin", "counted"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    match command.status() {
        Ok(status) if status.success() => Ok(program),
        _ => Err("cannot build the program that counts them".to_owned()),
    }
}

/// Runs all rows; `done` is told after each what there is so far.
pub(crate) fn run(
    options: &Options,
    programs: &Programs,
    mut done: impl FnMut(&[Outcome]) -> Result<(), String>,
) -> Result<Vec<Outcome>, String> {
    let rows = options.rows();
    let progress = Progress::new(rows.len());
    let mut outcomes = Vec::new();
    for row in rows {
        progress.begin(row);
        let outcome = run_row(row, options, programs, &progress);
        progress.end(&outcome);
        outcomes.push(outcome);
        done(&outcomes)?;
    }
    Ok(outcomes)
}

/// How long a run may take before it is given up.
const PATIENCE: Duration = Duration::from_secs(60);
const QUICK_PATIENCE: Duration = Duration::from_secs(15);

fn run_row(
    row: &'static Row,
    options: &Options,
    programs: &Programs,
    progress: &Progress,
) -> Outcome {
    let patience = if options.quick {
        QUICK_PATIENCE
    } else {
        PATIENCE
    };
    let wanted = options.peers.iter().copied().chain([Id::Off, Id::On]);
    let ids = wanted.filter(|id| programs.has(row, *id));
    let warm_up = |id| {
        progress.at(id, "warm-up");
        let size = size_for(row, id, options, programs, patience);
        let failure = size.as_ref().err().cloned();
        Column {
            id,
            operations: size.unwrap_or(0),
            rounds: Vec::new(),
            failure,
        }
    };
    let mut columns: Vec<Column> = ids.map(warm_up).collect();
    let rounds = options.rounds_of(row);
    for round in 0..rounds {
        // Nobody always runs after the same one.
        let count = columns.len();
        for turn in 0..count {
            let column = &mut columns[(turn + round) % count];
            if column.failure.is_some() {
                column.rounds.push(None);
                continue;
            }
            progress.at(column.id, &format!("round {} of {rounds}", round + 1));
            let sample = sample(programs, row, column.id, column.operations, patience);
            column.failure = sample.as_ref().err().cloned();
            column.rounds.push(sample.ok().map(|sample| sample.figures));
        }
    }
    Outcome { row, columns }
}

/// How many operations a run is to have; finds out by running it, which is the round that warms up.
fn size_for(
    row: &Row,
    id: Id,
    options: &Options,
    programs: &Programs,
    patience: Duration,
) -> Result<u64, String> {
    match row.size {
        Size::Fixed { full, quick } if row.counted => Ok(if options.quick { quick } else { full }),
        Size::Fixed { full, quick } => {
            let took = sample(programs, row, id, quick, patience)?.took;
            let size = if options.quick { quick } else { full };
            let will_take = took.mul_f64(size as f64 / quick as f64);
            if will_take * 2 > patience {
                return Err(format!(
                    "too slow: {quick} took {:.1} s",
                    took.as_secs_f64()
                ));
            }
            Ok(size)
        }
        Size::Adapted => {
            let target = Duration::from_millis(if options.quick { 20 } else { 120 });
            let target = target.max(row.at_least);
            // A virtual machine takes long to start: it is better asked for too much than three times.
            let is_erlang = matches!(row.work(id), Some(Work::Erlang(_)));
            let mut operations: u64 = if is_erlang { 10_000 } else { 256 };
            for _ in 0..8 {
                let took = sample(programs, row, id, operations, patience)?.took;
                let factor = target.as_secs_f64() / took.as_secs_f64().max(1e-9);
                let grown = (operations as f64 * factor.clamp(0.02, 50.0)) as u64;
                operations = grown.max(16);
                if factor < 4.0 {
                    break;
                }
            }
            Ok(operations)
        }
    }
}

fn sample(
    programs: &Programs,
    row: &Row,
    id: Id,
    operations: u64,
    patience: Duration,
) -> Result<Sample, String> {
    let mut command = programs.command(row, id, operations)?;
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.stdin(Stdio::null()).spawn();
    let mut child = child.map_err(|error| format!("cannot be run: {error}"))?;
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let ended = wait(&mut child, patience)?;
    let text = |thread: thread::JoinHandle<String>| thread.join().unwrap_or_default();
    let (stdout, stderr) = (text(stdout), text(stderr));
    let sample = cell::parse(&stdout).filter(|sample| sample.figures.len() == row.figures.len());
    match sample {
        Some(sample) if ended => Ok(sample),
        _ => {
            let lines = stderr.lines().filter(|line| !line.trim().is_empty());
            let said: Vec<&str> = lines.take(2).collect();
            Err(format!("failed: {}", said.join(" ")))
        }
    }
}

fn collect(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut stream) = stream {
            // What was read so far is all there is to report.
            let _ = stream.read_to_string(&mut text);
        }
        text
    })
}

/// Waits for the end of a run, or ends it; whether it ended well.
fn wait(child: &mut Child, patience: Duration) -> Result<bool, String> {
    let began = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) if began.elapsed() > patience => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("timed out after {} s", patience.as_secs()));
            }
            Ok(None) => {
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(20));
            }
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    }
}
