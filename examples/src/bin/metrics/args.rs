//! The command line, which `clap` reads. An error becomes one line.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Parser;

use crate::Job;
use crate::ledger::Ledger;
use crate::parser::Starts;

/// Reads a web access log in Combined Log Format and prints what happened.
#[derive(Debug, Parser)]
#[command(name = "metrics", args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Count the lines of any number of TCP connections, and print the table each second until Ctrl-C.
    Serve(ServeArgs),
    /// Send a log to `metrics serve`, and wait until it is counted.
    Send(SendArgs),
}

/// The options of a run over one log.
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// The log to read; `-` is standard input [default: a built-in sample]
    #[arg(num_args = 0..=1)]
    pub(crate) file: Option<PathBuf>,
    /// Feed the log N times, as one stream
    #[arg(long, value_name = "N", default_value = "1", value_parser = number::<NonZeroU64>)]
    pub(crate) repeat: NonZeroU64,
    /// Kill a client's server every N lines; the totals do not change
    #[arg(long, value_name = "N", value_parser = number::<NonZeroU64>)]
    pub(crate) chaos: Option<NonZeroU64>,
    /// Spread the clients over several machines: listen for members, which `metrics serve --join` starts
    #[arg(long, value_name = "ADDRESS", value_parser = address, conflicts_with = "chaos")]
    pub(crate) cluster: Option<String>,
    /// Begin when the cluster has N members, this one included
    #[arg(long, value_name = "N", default_value = "1", requires = "cluster", value_parser = number::<NonZeroUsize>)]
    pub(crate) members: NonZeroUsize,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// The options of the service.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// The host and the port to listen on
    #[arg(value_parser = address, required_unless_present = "join")]
    pub(crate) address: Option<String>,
    /// Join the cluster of `metrics --cluster ADDRESS` instead, and count its share of the clients
    #[arg(long, value_name = "ADDRESS", value_parser = address, conflicts_with_all = ["address", "idle", "mailbox", "json"])]
    pub(crate) join: Option<String>,
    /// With --join: where the other members reach this one [default: any port of this machine]
    #[arg(long, value_name = "ADDRESS", value_parser = address, requires = "join", conflicts_with = "address")]
    pub(crate) cluster: Option<String>,
    /// How long the server of a client is kept without work
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = number::<NonZeroU64>)]
    pub(crate) idle: NonZeroU64,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// The options of a producer.
#[derive(Debug, clap::Args)]
pub(crate) struct SendArgs {
    /// The address of the service
    #[arg(value_parser = address)]
    pub(crate) address: String,
    /// The log to send; `-` is standard input
    pub(crate) file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// How many messages may wait at one server
    #[arg(long, value_name = "N", default_value = "1024", value_parser = number::<NonZeroUsize>)]
    pub(crate) mailbox: NonZeroUsize,
    /// Print one JSON object instead of the table
    #[arg(long)]
    pub(crate) json: bool,
}

impl Common {
    /// Returns a job without counts.
    pub(crate) fn job(&self, chaos: Option<NonZeroU64>, idle: Option<Duration>) -> Job {
        Job {
            mailbox: self.mailbox.get(),
            chaos,
            idle,
            starts: Starts::default(),
            ledger: Ledger::new(),
            reader: None,
        }
    }
}

fn number<N: FromStr>(text: &str) -> Result<N, &'static str> {
    text.parse().map_err(|_| "write a whole number from 1 up")
}

fn address(text: &str) -> Result<String, &'static str> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(text.into()),
        _ => Err("write a host and a port, as in 127.0.0.1:7000"),
    }
}

/// Returns the first paragraph of an error as one line, without the usage that follows it.
pub(crate) fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let paragraph = text.lines().take_while(|line| !line.is_empty());
    let words: Vec<_> = paragraph.flat_map(str::split_whitespace).collect();
    let line = words.join(" ");
    let cause = line.trim_start_matches("error: ");
    format!("{cause}; `metrics --help` shows the options")
}
