//! What can go wrong, and who says so.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

/// Something that goes wrong, or is well again. Hosts are named as they were given to the simulator.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// Each datagram is lost with this probability, from 0 to 1.
    Loss(f64),
    /// Each datagram arrives twice with this probability, from 0 to 1.
    Duplicates(f64),
    /// Nothing passes between the two any more, in either direction.
    Partition(String, String),
    /// Nothing passes from the first to the second any more.
    Cut(String, String),
    /// Takes every partition and cut between the two back.
    Heal(String, String),
    /// Takes every partition, cut and hold back, and the loss and the duplicates.
    HealAll,
    /// What the two send each other stays on its way until [`Release`](Self::Release).
    Hold(String, String),
    /// What was held arrives at once.
    Release(String, String),
    /// The host ends without a word: its tasks are dropped, its peers hear nothing.
    Crash(String),
    /// The host begins anew, with a new life; one that still runs ends without a word first.
    Bounce(String),
    /// The longest time that a datagram between the two is under way.
    Latency(String, String, Duration),
    /// The host's wall clock is so many milliseconds ahead, or behind if negative.
    Skew(String, i64),
}

impl Fault {
    /// The hosts it names.
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
            Self::Duplicates(rate) => write!(f, "doubles {rate} of all datagrams"),
            Self::Partition(a, b) => write!(f, "parts {a} and {b}"),
            Self::Cut(from, to) => write!(f, "cuts the way from {from} to {to}"),
            Self::Heal(a, b) => write!(f, "joins {a} and {b}"),
            Self::HealAll => f.write_str("is whole again"),
            Self::Hold(a, b) => write!(f, "holds what {a} and {b} send each other"),
            Self::Release(a, b) => write!(f, "releases what it held between {a} and {b}"),
            Self::Crash(host) => write!(f, "crashes {host}"),
            Self::Bounce(host) => write!(f, "bounces {host}"),
            Self::Latency(a, b, most) => write!(f, "needs up to {most:?} between {a} and {b}"),
            Self::Skew(host, by) => write!(f, "sets the wall clock of {host} off by {by} ms"),
        }
    }
}

/// Injects faults from inside a run. Each comes with the next tick of the network, in the order given.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<VecDeque<Fault>>>);

impl Faults {
    /// Injects any fault.
    pub fn inject(&self, fault: Fault) {
        self.0.lock().push_back(fault);
    }

    /// Lets nothing pass between two hosts.
    pub fn partition(&self, a: &str, b: &str) {
        self.inject(Fault::Partition(a.into(), b.into()));
    }

    /// Lets nothing pass from one host to another.
    pub fn cut(&self, from: &str, to: &str) {
        self.inject(Fault::Cut(from.into(), to.into()));
    }

    /// Loses each datagram with this probability, from 0 to 1.
    pub fn loss(&self, rate: f64) {
        self.inject(Fault::Loss(rate));
    }

    /// Sets the wall clock of a host off by so many milliseconds.
    pub fn skew(&self, host: &str, millis: i64) {
        self.inject(Fault::Skew(host.into(), millis));
    }

    /// Takes partitions and cuts between two hosts back.
    pub fn heal(&self, a: &str, b: &str) {
        self.inject(Fault::Heal(a.into(), b.into()));
    }

    /// Takes all back that was done to the network.
    pub fn heal_all(&self) {
        self.inject(Fault::HealAll);
    }

    /// Ends a host without a word.
    pub fn crash(&self, host: &str) {
        self.inject(Fault::Crash(host.into()));
    }

    /// Begins a host anew.
    pub fn bounce(&self, host: &str) {
        self.inject(Fault::Bounce(host.into()));
    }

    /// Keeps what two hosts send each other.
    pub fn hold(&self, a: &str, b: &str) {
        self.inject(Fault::Hold(a.into(), b.into()));
    }

    /// Lets what was kept arrive.
    pub fn release(&self, a: &str, b: &str) {
        self.inject(Fault::Release(a.into(), b.into()));
    }

    pub(crate) fn next(&self) -> Option<Fault> {
        self.0.lock().pop_front()
    }
}
