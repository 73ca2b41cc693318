//! The programs that run workloads, and one run of them.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::cell;
use crate::erlang::Erlang;
use crate::options::Options;
use crate::rows::{Id, Row, Sample, Work};

/// The programs that run workloads.
pub(crate) struct Programs {
    own: PathBuf,
    /// The counting program, or the reason why there is none.
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

    /// Prints the measurements that are not possible here.
    fn warn(&self, options: &Options) {
        if cfg!(debug_assertions) {
            eprintln!("NOT OPTIMIZED: the figures mean nothing; run it with --release");
        }
        let is_missing = |id: &Id| id.is_rival() && *id != Id::Erlang && !cfg!(feature = "rivals");
        if options.peers.iter().any(is_missing) {
            eprintln!("SKIPPED: the rivals; build it with the feature `rivals`");
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

    /// Returns true if the column can run here.
    pub(crate) fn has(&self, row: &Row, id: Id) -> bool {
        match row.work(id) {
            Some(Work::Erlang(_)) => self.erlang.is_ok(),
            Some(Work::Rust(_)) => !row.counted || self.counting.is_ok() && !id.workload().1,
            None => false,
        }
    }

    /// Runs a cell and parses its output; kills it on a timeout.
    pub(crate) fn sample(
        &self,
        row: &Row,
        id: Id,
        operations: u64,
        patience: Duration,
    ) -> Result<Sample, String> {
        let mut command = self.command(row, id, operations)?;
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.stdin(Stdio::null()).spawn();
        let mut child = child.map_err(|error| format!("cannot be run: {error}"))?;
        let stdout = collect(child.stdout.take());
        let stderr = collect(child.stderr.take());
        let ended = wait(&mut child, patience)?;
        let text = |thread: thread::JoinHandle<String>| thread.join().unwrap_or_default();
        let (stdout, stderr) = (text(stdout), text(stderr));
        let sample =
            cell::parse(&stdout).filter(|sample| sample.figures.len() == row.figures.len());
        match sample {
            Some(sample) if ended => Ok(sample),
            _ => {
                let lines = stderr.lines().filter(|line| !line.trim().is_empty());
                let said: Vec<&str> = lines.take(2).collect();
                Err(format!("failed: {}", said.join(" ")))
            }
        }
    }
}

/// Builds the counting program. It is separate, because counting would slow down every other row, and `cargo run` does
/// not build it.
fn build_counting(own: &std::path::Path) -> Result<PathBuf, String> {
    let program = own.with_file_name(format!("counted{}", std::env::consts::EXE_SUFFIX));
    let Some(cargo) = std::env::var_os("CARGO") else {
        let there = program.is_file().then_some(program);
        return there
            .ok_or_else(|| "run this with `cargo run`, or build all of it first".to_owned());
    };
    eprintln!("building the program that counts allocations");
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--bin", "counted", "--manifest-path"]);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    match command.status() {
        Ok(status) if status.success() => Ok(program),
        _ => Err("cannot build the program that counts them".to_owned()),
    }
}

pub(crate) fn collect(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut stream) = stream {
            // On an error, the report contains the text that was read so far.
            let _ = stream.read_to_string(&mut text);
        }
        text
    })
}

/// Waits for the end of a run, or kills it; returns true if it succeeded.
pub(crate) fn wait(child: &mut Child, patience: Duration) -> Result<bool, String> {
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
