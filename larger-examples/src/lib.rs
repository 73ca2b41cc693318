//! What the examples of several nodes share: each of their nodes is a process of its own, which the program starts by
//! running itself once more.
#![forbid(unsafe_code)]

use std::env;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use ambit::ExitReason;
use ambit_dist::{Cookie, Timeouts};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Arguments are seen by all users of a machine, the environment is not.
const COOKIE: &str = "EXAMPLE_COOKIE";

/// This program once more, as another node. It ends when this is dropped.
#[derive(Debug)]
pub struct Other {
    name: String,
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Other {
    /// Starts it as the node `name`, with an address: the one to listen on, or the one to connect to.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start(name: &str, address: SocketAddr, cookie: &Cookie) -> io::Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .args([name, &address.to_string()])
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

    /// The next line that it writes.
    ///
    /// # Errors
    /// It has ended.
    pub async fn line(&mut self) -> io::Result<String> {
        let line = self.lines.next_line().await?;
        line.ok_or_else(|| io::Error::other(format!("{} has ended", self.name)))
    }

    /// Where it listens, which is the first thing that a node here says.
    ///
    /// # Errors
    /// It has ended, or said something else.
    pub async fn address(&mut self) -> io::Result<SocketAddr> {
        self.line().await?.parse().map_err(io::Error::other)
    }

    /// Prints what it writes, its name in front, up to the line `last`, which is not printed.
    ///
    /// # Errors
    /// It has ended before.
    pub async fn relay(&mut self, last: &str) -> io::Result<()> {
        loop {
            let line = self.line().await?;
            if line == last {
                return Ok(());
            }
            println!("{}: {line}", self.name);
        }
    }

    /// Ends it as a power cut would: it has no time for a last word.
    ///
    /// # Errors
    /// It cannot be ended.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.process.kill().await
    }
}

/// A killed process says nothing: that it is gone shows in silence, here in two seconds of it. Of two nodes the one that asks less
/// often decides, so all have the same.
#[must_use]
pub fn impatient() -> Timeouts {
    let often = Duration::from_millis(400);
    Timeouts::default().heartbeat(often).missed(5)
}

/// What this program was started as, if it is not the first: its name and its address.
///
/// # Errors
/// There is no such address.
pub fn role() -> Result<Option<(String, SocketAddr)>, Box<dyn Error>> {
    let mut args = env::args().skip(1);
    match (args.next(), args.next()) {
        (Some(name), Some(address)) => Ok(Some((name, address.parse()?))),
        _ => Ok(None),
    }
}

/// The cookie that the first process has made.
///
/// # Errors
/// This process was not started by another one.
pub fn cookie() -> Result<String, env::VarError> {
    env::var(COOKIE)
}

/// Waits until the process that started this one has ended, however it ends: nothing is ever written there.
///
/// # Errors
/// The input cannot be read.
pub async fn first_has_ended() -> io::Result<()> {
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}

/// Why a process has ended, without the place of a panic.
#[must_use]
pub fn why(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(report) => report.message().to_owned(),
        other => other.to_string(),
    }
}
