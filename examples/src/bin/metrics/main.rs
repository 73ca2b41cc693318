//! Reads a web access log and prints the clients, the routes and the statuses.
//!
//! ```text
//! Service (metrics serve)
//! ├── metrics: Metrics (the whole tree of a plain run)
//! │   ├── clients    one `Client` per client of the log: restarted after a crash
//! │   ├── counters   one `Counter` per route and per status
//! │   ├── parsers    `Parser`: crashes at each malformed line, and is restarted
//! │   └── feeder     `Feeder`: numbers the lines and sends them to the servers above
//! ├── producers      one process per TCP connection
//! └── acceptor       accepts the connections
//! ```
//!
//! With `--cluster`, the servers of the clients run on several machines; see [`cluster`].
//!
//! The path of a line: `source` → `intake` → `parser` → `feeder` → `client` and `counter`; `report` merges the results.
#![forbid(unsafe_code)]

mod args;
mod chaos;
mod client;
mod cluster;
mod counter;
mod delivery;
mod family;
mod feeder;
mod framer;
mod intake;
mod ledger;
mod line;
mod parser;
mod producer;
mod report;
mod run;
mod send;
mod serve;
mod source;

use std::error::Error;
use std::io::{self, Write};
use std::num::NonZeroU64;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::PartitionSupervisor;
use clap::Parser as _;
use tokio::net::TcpListener;

use crate::args::{Args, Command};
use crate::cluster::Reader;
use crate::feeder::Feeder;
use crate::ledger::Ledger;
use crate::parser::{Parser, Starts};

/// The number of parsers. One stream uses one of them.
const PARSERS: usize = 2;
/// More restarts than can happen. A limit would be one on the input: a log full of malformed lines is read to its end.
/// The window is short, because a supervisor keeps the restarts within it in memory.
const UNLIMITED: (u32, Duration) = (u32::MAX, Duration::from_millis(1));

/// Counts lines.
///
/// Two kinds of servers are expected to crash, and their supervisors restart them: parsers, with one crash per
/// malformed line, and clients' servers, with one per kill. All others hold state that exists nowhere else, so this
/// tree restarts nothing: when one of its own children ends, it stops the others in reverse start order, and ends.
struct Metrics(Job);

/// The settings and handles that the servers of a run share.
#[derive(Debug, Clone)]
struct Job {
    /// The mailbox capacity of a server.
    mailbox: usize,
    /// The number of lines after which a client's server is killed.
    chaos: Option<NonZeroU64>,
    /// How long an idle client's server is kept; `None`: as long as the tree runs.
    idle: Option<Duration>,
    starts: Starts,
    ledger: Ledger,
    /// The cluster on which clients are spread; `None`: they are here.
    reader: Option<Reader>,
}

#[supervisor(restarts = 0)]
impl Metrics {
    #[child]
    fn clients(&self) -> ChildSpec<DynamicSupervisor> {
        let (restarts, time) = match self.0.chaos {
            Some(_) => UNLIMITED,
            None => (3, Duration::from_secs(5)),
        };
        let builder = DynamicSupervisor::builder();
        builder.restarts(restarts, time).child_spec()
    }

    #[child]
    fn counters(&self) -> ChildSpec<DynamicSupervisor> {
        let builder = DynamicSupervisor::builder();
        builder.restarts(0, Duration::from_secs(5)).child_spec()
    }

    #[child]
    fn parsers(&self) -> ChildSpec<PartitionSupervisor<Parser>> {
        let (starts, (restarts, time)) = (self.0.starts.clone(), UNLIMITED);
        let builder = PartitionSupervisor::builder(move |_| Parser::child_spec(starts.clone()));
        let builder = builder.partitions(PARSERS).restarts(restarts, time);
        builder.child_spec()
    }

    #[child]
    fn feeder(&self, tree: &MetricsSubject) -> ChildSpec<Feeder> {
        Feeder::child_spec(tree.clone(), self.0.clone())
    }
}

/// Counts the lines of producers that connect to a port.
struct Service {
    job: Job,
    listener: Arc<TcpListener>,
}

#[supervisor(restarts = 0)]
impl Service {
    #[child]
    fn metrics(&self) -> ChildSpec<Metrics> {
        let job = self.job.clone();
        Metrics::child_spec(move || Metrics(job.clone()))
    }

    #[child]
    fn producers(&self) -> ChildSpec<DynamicSupervisor> {
        DynamicSupervisor::child_spec()
    }

    #[child]
    fn acceptor(&self, service: &ServiceSubject) -> ChildSpec<Task<()>> {
        let (listener, service) = (self.listener.clone(), service.clone());
        ChildSpec::task("acceptor", move || {
            producer::accept(listener.clone(), service.clone())
        })
    }
}

/// The reason for an empty standard output.
enum Failure {
    /// The command line, the log or the address cannot be used.
    Unusable(String),
    Other(Box<dyn Error + Send + Sync>),
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

// Parsers crash by design, and the report counts them.
#[ambit::main(stderr_reports = false)]
async fn main() -> ExitCode {
    let (text, status) = match answer().await.and_then(|text| print(&text)) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Unusable(text)) => (text, ExitCode::from(2)),
        Err(Failure::Other(error)) => (error.to_string(), ExitCode::FAILURE),
    };
    // An error on standard error does not change the exit status.
    writeln!(io::stderr(), "metrics: {text}").ok();
    status
}

/// Returns the final text for standard output.
async fn answer() -> Result<String, Failure> {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(help) if !help.use_stderr() => return Ok(help.to_string()),
        Err(error) => return Err(Failure::Unusable(args::one_line(&error))),
    };
    match args.command {
        None => run::run(args.run).await,
        Some(Command::Serve(args)) => match (&args.join, args.address.clone()) {
            (Some(first), _) => cluster::join(first, args.cluster.as_deref()).await,
            (None, address) => serve::serve(args, &address.unwrap_or_default()).await,
        },
        Some(Command::Send(args)) => send::send(args).await,
    }
}

/// Prints to standard output; a reader that has closed the pipe, such as `head`, is not an error.
fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Other(
            format!("cannot write the result: {error}").into(),
        )),
        _ => Ok(()),
    }
}
