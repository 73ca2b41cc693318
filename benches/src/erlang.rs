//! Erlang/OTP, where it is installed.

use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = include_str!("../erlang/bench.erl");

/// The options of its virtual machine: as many schedulers as our runtimes have workers, and capacity for a million
/// processes.
pub(crate) const FLAGS: [&str; 4] = ["+S", "2:2", "+P", "2000000"];

pub(crate) struct Erlang {
    pub(crate) version: String,
    beam: PathBuf,
}

impl Erlang {
    /// Compiles the workloads into `dir`.
    pub(crate) fn prepare(dir: &Path) -> Result<Self, String> {
        let version = output(Command::new("erl").args([
            "-noshell",
            "-noinput",
            "-eval",
            "io:put_chars(erlang:system_info(system_version)), halt().",
        ]))
        .map_err(|error| format!("Erlang/OTP is not here ({error}); install erlang-base"))?;
        std::fs::create_dir_all(dir).map_err(|error| error.to_string())?;
        let source = dir.join("bench.erl");
        std::fs::write(&source, SOURCE).map_err(|error| error.to_string())?;
        output(Command::new("erlc").arg("-o").arg(dir).arg(&source))?;
        Ok(Self {
            version: version.trim().to_owned(),
            beam: dir.to_owned(),
        })
    }

    pub(crate) fn command(&self, function: &str, operations: u64) -> Command {
        let mut command = Command::new("erl");
        command.args(FLAGS).args(["-noshell", "-noinput", "-pa"]);
        command.arg(&self.beam).args(["-s", "bench", "main"]);
        command.args(["-extra", function, &operations.to_string()]);
        command
    }
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
