//! The results and errors of runs.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::fault::Fault;
use super::trace::{TraceEvent, TraceHash};

/// The result of a successful run.
///
/// ```
/// use ambit_dist::sim::{Sim, sometimes};
///
/// let mut sim = Sim::new(7);
/// sim.client("web", |host| async move {
///     sometimes!(host.lost() > 0, "a datagram is lost");
/// });
/// let outcome = sim.run().unwrap();
/// assert_eq!((outcome.seed, outcome.datagrams, outcome.lost), (7, 0, 0));
/// assert_eq!(outcome.sometimes["a datagram is lost"], 0);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The seed of the run.
    pub seed: u64,
    /// The hash of the whole trace. All runs of one seed have the same hash.
    pub trace: TraceHash,
    /// The duration of the run in virtual time.
    pub time: Duration,
    /// The number of datagrams sent.
    pub datagrams: u64,
    /// The number of datagrams lost by the network.
    pub lost: u64,
    /// The injected faults, each with the virtual time at which it was applied.
    pub faults: Vec<(Duration, Fault)>,
    /// The name of each [`sometimes!`](super::sometimes), with the number of times that its condition was true.
    pub sometimes: BTreeMap<&'static str, u64>,
    /// The events of the run, at most the first two million; empty unless [`keep_events`](super::Sim::keep_events) is
    /// set.
    pub events: Vec<TraceEvent>,
}

/// The cause of a failed run.
///
/// ```
/// use std::time::Duration;
/// use ambit_dist::sim::{Cause, Sim};
///
/// let mut sim = Sim::new(7);
/// sim.client("web", |_| std::future::pending::<()>());
/// sim.limit(Duration::from_secs(1));
/// let cause = sim.run().unwrap_err().cause;
/// assert_eq!(cause, Cause::TooLong { limit: Duration::from_secs(1), clients: vec!["web".to_owned()] });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The condition of an [`always!`](super::always) was false.
    #[error("`{name}` must always hold and does not{}{detail}", if detail.is_empty() { "" } else { ": " })]
    Always {
        /// The name of the assertion.
        name: &'static str,
        /// The formatted details of the assertion; empty if it has none.
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
    /// The virtual time reached the limit before these clients were done.
    #[error("not done after {limit:?} of virtual time: {}; check what they wait for, or raise `Sim::limit`", clients.join(", "))]
    TooLong {
        /// The limit.
        limit: Duration,
        /// The clients that were not done.
        clients: Vec<String>,
    },
    /// A fault could not be applied, for example because it names an unknown host.
    #[error("the fault \"the network {fault}\" is invalid: {why}")]
    BadFault {
        /// The description of the fault.
        fault: String,
        /// The reason why the fault is invalid.
        why: &'static str,
    },
    /// The second run of a seed differed from the first.
    #[error(
        "two runs of one seed differ, so something does not derive from the seed (a real clock, a hash map's order, an unbiased `select!`, a thread): {divergence}"
    )]
    NotTheSame {
        /// A description of the first difference.
        divergence: String,
    },
}

/// The error of a failed run. Its `Display` output shows how to reproduce the run.
///
/// ```
/// use ambit_dist::sim::{Sim, always, note};
///
/// let mut sim = Sim::new(7);
/// sim.client("web", |host| async move {
///     note!("asks for the price");
///     always!(host.lost() > 0, "a datagram is lost");
/// });
/// let error = sim.run().unwrap_err();
/// assert_eq!((error.seed, &*error.host), (7, "web"));
/// let report = error.to_string();
/// assert!(report.contains("reproduce with: `Sim::new(7)`") && report.contains("asks for the price"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct SimError {
    /// The seed of the run.
    pub seed: u64,
    /// The command that reproduces the run.
    pub reproduce: String,
    /// The virtual time of the failure, since the start of the run.
    pub at: Duration,
    /// The host on which the run failed; empty if the failure belongs to no host.
    pub host: String,
    /// The cause of the failure.
    pub cause: Cause,
    /// The last events before the failure, oldest first.
    pub last: Vec<TraceEvent>,
    /// The hash of the trace up to the failure. All runs of one seed fail with the same hash.
    pub trace: TraceHash,
    /// The events of the run, at most the first two million; empty unless [`keep_events`](super::Sim::keep_events) is
    /// set, as [`replay`](super::replay) does.
    pub events: Vec<TraceEvent>,
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
