//! How a run ended.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::fault::Fault;
use super::trace::{TraceEvent, TraceHash};

/// A run that went as it should.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// What it was made from.
    pub seed: u64,
    /// What everything that happened comes to: the same each time for one seed.
    pub trace: TraceHash,
    /// How much virtual time passed.
    pub time: Duration,
    /// How many datagrams were sent.
    pub datagrams: u64,
    /// How many of them the network lost.
    pub lost: u64,
    /// The faults, each with its time.
    pub faults: Vec<(Duration, Fault)>,
    /// The names of [`sometimes!`](super::sometimes), each with how often it was true.
    pub sometimes: BTreeMap<&'static str, u64>,
    /// Everything that happened, if it was [kept](super::Sim::keep_events).
    pub events: Vec<TraceEvent>,
}

/// Why a run did not go as it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// An [`always!`](super::always) was false.
    #[error("`{name}` must always hold and does not{}{detail}", if detail.is_empty() { "" } else { ": " })]
    Always {
        /// Its name.
        name: &'static str,
        /// What was said about it.
        detail: String,
    },
    /// The code of a host or client panicked or ended with an error.
    #[error("host `{host}` failed: {text}")]
    Host {
        /// Which one.
        host: String,
        /// With what.
        text: String,
    },
    /// The virtual time was up before these clients were done.
    #[error("not done after {limit:?} of virtual time: {}; does it wait for something that cannot come? `Sim::limit` sets the time", clients.join(", "))]
    TooLong {
        /// How long it may take.
        limit: Duration,
        /// Who was still at work.
        clients: Vec<String>,
    },
    /// A fault that cannot be.
    #[error("the fault \"the network {fault}\" cannot be: {why}")]
    BadFault {
        /// Which one.
        fault: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The same seed went another way the second time.
    #[error(
        "two runs of one seed differ, so something is not made from the seed (a real clock, a hash map's order, an unbiased `select!`, a thread): {parting}"
    )]
    NotTheSame {
        /// Where they part.
        parting: String,
    },
}

/// A run that did not go as it should. Its text says how to run it again.
#[derive(Clone)]
#[non_exhaustive]
pub struct SimError {
    /// What it was made from.
    pub seed: u64,
    /// How to run it again.
    pub reproduce: String,
    /// When, since the run began.
    pub at: Duration,
    /// On which host; empty: on none.
    pub host: String,
    /// Why.
    pub cause: Cause,
    /// What happened last, oldest first.
    pub last: Vec<TraceEvent>,
}

impl fmt::Display for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}, {:.3} s", self.seed, self.at.as_secs_f64())?;
        if !self.host.is_empty() {
            write!(f, ", host `{}`", self.host)?;
        }
        write!(f, ": {}\n  once more: {}", self.cause, self.reproduce)?;
        if !self.last.is_empty() {
            f.write_str("\n  what happened last:")?;
        }
        self.last
            .iter()
            .try_for_each(|event| write!(f, "\n  {event}"))
    }
}

/// As `Display`, because a test that returns it prints it by `Debug`.
impl fmt::Debug for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for SimError {}
