//! The faults of a run, and a handle to inject them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

/// A fault, or the end of one. The strings are names of hosts in the simulation.
///
/// ```
/// use std::time::Duration;
/// use ambit_dist::sim::{Fault, Sim, sometimes};
///
/// let mut sim = Sim::new(7);
/// sim.host("db", |host| async move {
///     sometimes!(host.incarnation() == 2, "the database restarts");
/// });
/// sim.at(Duration::from_secs(1), Fault::Bounce("db".into()));
/// sim.limit(Duration::from_secs(2));
/// let outcome = sim.run().unwrap();
/// assert_eq!(outcome.sometimes["the database restarts"], 1);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// Loses each datagram with this probability, from 0 to 1. Replaces the previous rate.
    Loss(f64),
    /// Duplicates each datagram with this probability, from 0 to 1. Replaces the previous rate.
    Duplicates(f64),
    /// Drops all datagrams between two hosts, in both directions.
    Partition(String, String),
    /// Drops all datagrams from the first host to the second.
    Cut(String, String),
    /// Removes every partition and cut between two hosts.
    Heal(String, String),
    /// Removes every partition, cut and hold, and resets loss and duplication to the rates of the [`Sim`](super::Sim).
    /// Latencies and clocks keep their changes, and crashed hosts stay down.
    HealAll,
    /// Holds all datagrams between two hosts until [`Release`](Self::Release) or [`HealAll`](Self::HealAll).
    Hold(String, String),
    /// Delivers the held datagrams between two hosts, and ends the hold.
    Release(String, String),
    /// Crashes the host: its tasks are dropped, and its peers are not notified. It stays down until
    /// [`Bounce`](Self::Bounce).
    Crash(String),
    /// Restarts the host with a new incarnation; a running host crashes first.
    Bounce(String),
    /// Sets the maximum latency between two hosts. It must not be below the minimum of
    /// [`Sim::latency`](super::Sim::latency).
    Latency(String, String, Duration),
    /// Sets the wall clock of the host ahead of the virtual time by this many milliseconds, or behind it if the number
    /// is negative. A later skew replaces an earlier one.
    Skew(String, i64),
}

impl Fault {
    /// Returns the hosts that the fault refers to.
    pub(crate) fn hosts(&self) -> Vec<&str> {
        match self {
            Self::Loss(_) | Self::Duplicates(_) | Self::HealAll => vec![],
            Self::Partition(a, b)
            | Self::Cut(a, b)
            | Self::Heal(a, b)
            | Self::Hold(a, b)
            | Self::Release(a, b)
            | Self::Latency(a, b, _) => vec![a, b],
            Self::Crash(host) | Self::Bounce(host) | Self::Skew(host, _) => vec![host],
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loss(rate) => write!(f, "loses {rate} of all datagrams"),
            Self::Duplicates(rate) => write!(f, "duplicates {rate} of all datagrams"),
            Self::Partition(a, b) => write!(f, "separates {a} and {b}"),
            Self::Cut(from, to) => write!(f, "drops all datagrams from {from} to {to}"),
            Self::Heal(a, b) => write!(f, "reconnects {a} and {b}"),
            Self::HealAll => f.write_str("is healed"),
            Self::Hold(a, b) => write!(f, "holds all datagrams between {a} and {b}"),
            Self::Release(a, b) => write!(f, "releases the held datagrams between {a} and {b}"),
            Self::Crash(host) => write!(f, "crashes {host}"),
            Self::Bounce(host) => write!(f, "bounces {host}"),
            Self::Latency(a, b, most) => write!(f, "needs up to {most:?} between {a} and {b}"),
            Self::Skew(host, by) => write!(f, "sets the wall clock of {host} off by {by} ms"),
        }
    }
}

/// A handle that injects faults from inside a run. Faults are applied in order, at the next tick of the network.
///
/// A fault that names an unknown host, or the same host twice, fails the run with
/// [`Cause::BadFault`](crate::sim::Cause::BadFault); so does crashing or bouncing a client.
///
/// ```
/// use std::time::Duration;
/// use ambit_dist::sim::{Fault, Sim};
///
/// let mut sim = Sim::new(7);
/// sim.host("db", |_| async {});
/// sim.client("web", |host| async move {
///     host.faults().bounce("db");
///     tokio::time::sleep(Duration::from_secs(1)).await;
/// });
/// let outcome = sim.run().unwrap();
/// let faults: Vec<_> = outcome.faults.into_iter().map(|(_, fault)| fault).collect();
/// assert_eq!(faults, [Fault::Bounce("db".into())]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<VecDeque<Fault>>>);

impl Faults {
    /// Injects this fault.
    pub fn inject(&self, fault: Fault) {
        self.0.lock().push_back(fault);
    }

    /// Drops all datagrams between two hosts, in both directions.
    pub fn partition(&self, a: &str, b: &str) {
        self.inject(Fault::Partition(a.into(), b.into()));
    }

    /// Drops all datagrams from one host to another.
    pub fn cut(&self, from: &str, to: &str) {
        self.inject(Fault::Cut(from.into(), to.into()));
    }

    /// Loses each datagram with this probability, from 0 to 1. Replaces the previous rate.
    pub fn loss(&self, rate: f64) {
        self.inject(Fault::Loss(rate));
    }

    /// Sets the wall clock of a host ahead of the virtual time by this many milliseconds, or behind it if the number is
    /// negative.
    pub fn skew(&self, host: &str, millis: i64) {
        self.inject(Fault::Skew(host.into(), millis));
    }

    /// Removes every partition and cut between two hosts.
    pub fn heal(&self, a: &str, b: &str) {
        self.inject(Fault::Heal(a.into(), b.into()));
    }

    /// Removes every partition, cut and hold, and resets loss and duplication; see [`Fault::HealAll`].
    pub fn heal_all(&self) {
        self.inject(Fault::HealAll);
    }

    /// Crashes a host, which stays down until it is [bounced](Self::bounce).
    pub fn crash(&self, host: &str) {
        self.inject(Fault::Crash(host.into()));
    }

    /// Restarts a host with a new incarnation; a running host crashes first.
    pub fn bounce(&self, host: &str) {
        self.inject(Fault::Bounce(host.into()));
    }

    /// Holds all datagrams between two hosts until they are [released](Self::release).
    pub fn hold(&self, a: &str, b: &str) {
        self.inject(Fault::Hold(a.into(), b.into()));
    }

    /// Delivers the held datagrams between two hosts, and ends the hold.
    pub fn release(&self, a: &str, b: &str) {
        self.inject(Fault::Release(a.into(), b.into()));
    }

    pub(crate) fn next(&self) -> Option<Fault> {
        self.0.lock().pop_front()
    }
}
