//! Shared code of the multi-node examples: each of their nodes is a process of its own, which the program starts by
//! running itself again.
#![forbid(unsafe_code)]

use std::env;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use ambit::process::ExitReason;
use ambit_dist::{Cookie, Timeouts};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// The environment variable with the cookie. Arguments are visible to all users of a machine, the environment is not.
const COOKIE: &str = "EXAMPLE_COOKIE";

/// Another process of this program, running another node. It is killed on drop.
#[derive(Debug)]
pub struct Other {
    name: String,
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Other {
    /// Starts it as the node `name`, with the address to listen on or to connect to.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub fn start(name: &str, address: SocketAddr, cookie: &Cookie) -> io::Result<Self> {
        Self::start_with(name, address, &[], cookie)
    }

    /// Like [`start`](Self::start), with more arguments.
    ///
    /// # Errors
    /// Like [`start`](Self::start).
    pub fn start_with(
        name: &str,
        address: SocketAddr,
        more: &[&str],
        cookie: &Cookie,
    ) -> io::Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .args([name, &address.to_string()])
            .args(more)
            .env(COOKIE, cookie.reveal().as_str())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take();
        let output = output.ok_or_else(|| io::Error::other("its output is not piped"))?;
        Ok(Self {
            name: name.to_owned(),
            process,
            lines: BufReader::new(output).lines(),
        })
    }

    /// Returns the next line of its output.
    ///
    /// # Errors
    /// If it has ended.
    pub async fn line(&mut self) -> io::Result<String> {
        let line = self.lines.next_line().await?;
        line.ok_or_else(|| io::Error::other(format!("{} has ended", self.name)))
    }

    /// Returns its listening address, which is the first line of its output.
    ///
    /// # Errors
    /// If it has ended, or the line is not an address.
    pub async fn address(&mut self) -> io::Result<SocketAddr> {
        self.line().await?.parse().map_err(io::Error::other)
    }

    /// Prints its output, each line with its name, up to the line `last`, which is not printed.
    ///
    /// # Errors
    /// If it ends before.
    pub async fn relay(&mut self, last: &str) -> io::Result<()> {
        loop {
            let line = self.line().await?;
            if line == last {
                return Ok(());
            }
            println!("{}: {line}", self.name);
        }
    }

    /// Kills it without a graceful shutdown, as a power failure would.
    ///
    /// # Errors
    /// If it cannot be killed.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.process.kill().await
    }
}

/// Returns short timeouts: a killed process is detected by missing heartbeats, here after two seconds. Of two nodes the
/// one with the longer interval decides, so all use the same.
#[must_use]
pub fn impatient() -> Timeouts {
    let often = Duration::from_millis(400);
    Timeouts::default().heartbeat(often).missed(5)
}

/// Returns the name and address this process was started with; `None` for the first process.
///
/// # Errors
/// If the address is invalid.
pub fn role() -> Result<Option<(String, SocketAddr)>, Box<dyn Error>> {
    if env::var_os(COOKIE).is_none() {
        return Ok(None);
    }
    let mut args = env::args().skip(1);
    match (args.next(), args.next()) {
        (Some(name), Some(address)) => Ok(Some((name, address.parse()?))),
        _ => Ok(None),
    }
}

/// Returns the cookie of the first process.
///
/// # Errors
/// If this process was not started by another one.
pub fn cookie() -> Result<String, env::VarError> {
    env::var(COOKIE)
}

/// Waits until the process that started this one has ended: its end closes the input, to which nothing is written.
///
/// # Errors
/// If the input cannot be read.
pub async fn first_has_ended() -> io::Result<()> {
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}

/// Formats an exit reason, without the location of a panic.
#[must_use]
pub fn why(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(report) => report.message().to_owned(),
        other => other.to_string(),
    }
}
