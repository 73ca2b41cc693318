//! The Erlang side: writes the scripts, runs `erl` on them and reads the events.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io, process};

use crate::script::Script;
use crate::trace::{Event, parse};

const RUNNER: &str = include_str!("../erlang/runner.erl");

/// The number of scripts that run at the same time.
const BATCH: usize = 300;

/// The delay of a step, in milliseconds, beyond which a run proves nothing about restart windows.
const TOO_LATE: u32 = 200;

/// Added by the runner if a request that had to arrive during a start came too late.
const MISSED: u32 = 100_000;

/// The number of attempts for a script that was too late.
const ATTEMPTS: usize = 6;

/// A compiled runner.
pub struct Erlang {
    folder: PathBuf,
}

impl Erlang {
    /// Compiles the runner.
    ///
    /// # Errors
    /// If the runner cannot be compiled, usually because `erlc` is not installed.
    pub fn find() -> io::Result<Self> {
        let folder = env::temp_dir().join(format!("otp-compare-{}", process::id()));
        fs::create_dir_all(&folder)?;
        let erlang = Self { folder };
        let source = erlang.folder.join("runner.erl");
        fs::write(&source, RUNNER)?;
        succeed(
            Command::new("erlc")
                .arg("-o")
                .arg(&erlang.folder)
                .arg(source),
        )?;
        Ok(erlang)
    }

    /// Returns the release of OTP.
    ///
    /// # Errors
    /// If `erl` does not run.
    pub fn release(&self) -> io::Result<String> {
        let code = "io:put_chars(erlang:system_info(otp_release)), halt(0).";
        succeed(Command::new("erl").args(["-noshell", "-eval", code]))
    }

    /// Runs the scripts, many at the same time, and returns the events of each.
    ///
    /// # Errors
    /// If `erl` failed; `TimedOut` if this machine is too slow for the times of a script.
    pub fn run(&self, scripts: &[Script]) -> io::Result<Vec<Vec<Event>>> {
        let mut all = Vec::new();
        for batch in scripts.chunks(BATCH) {
            all.extend(self.batch(batch)?);
        }
        Ok(all)
    }

    fn batch(&self, scripts: &[Script]) -> io::Result<Vec<Vec<Event>>> {
        let mut events: Vec<Option<Vec<Event>>> = scripts.iter().map(|_| None).collect();
        for _ in 0..ATTEMPTS {
            let open: Vec<usize> = (0..scripts.len())
                .filter(|at| events[*at].is_none())
                .collect();
            if open.is_empty() {
                break;
            }
            let input: Vec<&Script> = open.iter().map(|at| &scripts[*at]).collect();
            for (at, (_, late, seen)) in open.iter().zip(self.once(&input)?) {
                let in_time = late <= TOO_LATE || !scripts[*at].expires && late < MISSED;
                events[*at] = in_time.then_some(seen);
            }
        }
        let all: Option<Vec<_>> = events.into_iter().collect();
        all.ok_or_else(|| {
            let text = "this machine is too busy to keep the times of the scripts";
            io::Error::new(io::ErrorKind::TimedOut, text)
        })
    }

    fn once(&self, scripts: &[&Script]) -> io::Result<Vec<(u64, u32, Vec<Event>)>> {
        let (input, output) = (self.folder.join("scripts"), self.folder.join("traces"));
        let texts: Vec<String> = scripts.iter().map(|script| script.to_string()).collect();
        fs::write(&input, texts.join("\n"))?;
        let mut erl = Command::new("erl");
        erl.arg("-noshell").arg("-pa").arg(&self.folder);
        erl.args(["-run", "runner", "main"])
            .arg(&input)
            .arg(&output);
        succeed(&mut erl)?;
        let runs = parse(&fs::read_to_string(output)?).map_err(io::Error::other)?;
        if runs.len() == scripts.len() {
            Ok(runs)
        } else {
            Err(io::Error::other("erl did not run all scripts"))
        }
    }
}

impl Drop for Erlang {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

/// Removes the folder; an error only leaves temporary files behind.
fn remove(folder: &Path) {
    fs::remove_dir_all(folder).ok();
}

fn succeed(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(format!(
        "{command:?}: {}\n{text}{error}",
        output.status
    )))
}
