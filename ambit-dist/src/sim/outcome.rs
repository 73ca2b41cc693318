//! Results of runs.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::fault::Fault;
use super::trace::{TraceEvent, TraceHash};

/// The result of a successful run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The seed of the run.
    pub seed: u64,
    /// The hash of the whole trace, equal in every run of one seed.
    pub trace: TraceHash,
    /// The virtual time of the run.
    pub time: Duration,
    /// The number of datagrams sent.
    pub datagrams: u64,
    /// The number of datagrams lost by the network.
    pub lost: u64,
    /// The injected faults with their times.
    pub faults: Vec<(Duration, Fault)>,
    /// The names of [`sometimes!`](super::sometimes), each with the number of times it was true.
    pub sometimes: BTreeMap<&'static str, u64>,
    /// All events, if they were [kept](super::Sim::keep_events).
    pub events: Vec<TraceEvent>,
}

/// The cause of a failed run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// An [`always!`](super::always) was false.
    #[error("`{name}` must always hold and does not{}{detail}", if detail.is_empty() { "" } else { ": " })]
    Always {
        /// The name of the assertion.
        name: &'static str,
        /// The details of the assertion.
        detail: String,
    },
    /// The code of a host or client panicked or returned an error.
    #[error("host `{host}` failed: {text}")]
    Host {
        /// The name of the host.
        host: String,
        /// The error or panic text.
        text: String,
    },
    /// The limit of virtual time was reached before these clients were done.
    #[error("not done after {limit:?} of virtual time: {}; check what they wait for, or raise `Sim::limit`", clients.join(", "))]
    TooLong {
        /// The limit.
        limit: Duration,
        /// The clients that were not done.
        clients: Vec<String>,
    },
    /// A fault was invalid.
    #[error("the fault \"the network {fault}\" is invalid: {why}")]
    BadFault {
        /// The fault.
        fault: String,
        /// The reason why it is invalid.
        why: &'static str,
    },
    /// The second run of a seed differed from the first.
    #[error(
        "two runs of one seed differ, so something does not derive from the seed (a real clock, a hash map's order, an unbiased `select!`, a thread): {divergence}"
    )]
    NotTheSame {
        /// The first difference.
        divergence: String,
    },
}

/// The error of a failed run. Its text shows how to reproduce the run.
#[derive(Clone)]
#[non_exhaustive]
pub struct SimError {
    /// The seed of the run.
    pub seed: u64,
    /// The command for reproducing the run.
    pub reproduce: String,
    /// The time since the start of the run.
    pub at: Duration,
    /// The host of the failure; empty for the network.
    pub host: String,
    /// The cause of the failure.
    pub cause: Cause,
    /// The last events, oldest first.
    pub last: Vec<TraceEvent>,
}

impl fmt::Display for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}, {:.3} s", self.seed, self.at.as_secs_f64())?;
        if !self.host.is_empty() {
            write!(f, ", host `{}`", self.host)?;
        }
        write!(f, ": {}\n  reproduce with: {}", self.cause, self.reproduce)?;
        if !self.last.is_empty() {
            f.write_str("\n  last events:")?;
        }
        self.last
            .iter()
            .try_for_each(|event| write!(f, "\n  {event}"))
    }
}

/// Prints the same as `Display`, because a test that returns this error prints it by `Debug`.
impl fmt::Debug for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for SimError {}
