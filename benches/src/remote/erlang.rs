//! The distribution of Erlang/OTP, where it is installed: the shared setup of all runs.

mod cluster;
mod nodes;

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub(crate) use self::nodes::run;
use super::pair;

/// The modules: one with two nodes, and one with three.
const SOURCES: [(&str, &str); 2] = [
    ("remote.erl", include_str!("../../erlang/remote.erl")),
    ("cluster.erl", include_str!("../../erlang/cluster.erl")),
];

/// The environment variable with the folder of the compiled modules.
const BEAM: &str = "AMBIT_BENCH_BEAM";
/// The environment variable with the port of `epmd`, which Erlang itself reads.
const PORT: &str = "ERL_EPMD_PORT";

/// A separate port mapper, on its own port, and the compiled modules; both are removed on drop.
pub(crate) struct Erlang {
    pub(crate) version: String,
    /// True if nodes can use TLS here.
    pub(crate) has_tls: bool,
    mapper: Child,
    port: u16,
    beam: PathBuf,
}

impl Erlang {
    pub(crate) fn prepare() -> Result<Self, String> {
        const ASK: &str = "io:format(\"~ts~w\", [erlang:system_info(system_version), code:which(ssl) =/= non_existing]), halt().";
        let said = output(Command::new("erl").args(["-noshell", "-noinput", "-eval", ASK]))
            .map_err(|error| format!("Erlang/OTP is not here ({error}); install erlang-base"))?;
        let (version, has_tls) = said.rsplit_once('\n').unwrap_or((&said, "false"));
        let beam = std::env::temp_dir().join(format!("ambit-bench-{}", std::process::id()));
        compile(&beam)?;
        let port = free_port().map_err(|error| error.to_string())?;
        let mut command = Command::new("epmd");
        command.args(["-port", &port.to_string(), "-address", "127.0.0.1"]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mapper = command.stderr(Stdio::null()).spawn();
        let mapper = mapper.map_err(|error| format!("epmd cannot be started: {error}"))?;
        Ok(Self {
            version: version.trim().to_owned(),
            has_tls: has_tls == "true",
            mapper,
            port,
            beam,
        })
    }

    /// Passes all this to a run.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.env(PORT, self.port.to_string());
        command.env(BEAM, &self.beam);
    }
}

impl Drop for Erlang {
    fn drop(&mut self) {
        pair::end(&mut self.mapper);
        // An error only leaves a folder among the temporary files.
        let _ = std::fs::remove_dir_all(&self.beam);
    }
}

fn compile(dir: &Path) -> Result<(), String> {
    std::fs::create_dir_all(dir).map_err(|error| error.to_string())?;
    for (name, text) in SOURCES {
        let source = dir.join(name);
        std::fs::write(&source, text).map_err(|error| error.to_string())?;
        output(Command::new("erlc").arg("-o").arg(dir).arg(&source))?;
    }
    Ok(())
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
