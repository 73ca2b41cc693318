//! What a test may do to a network in memory.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// How slowly a node reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// At most so many bytes of a stream at once.
    pub bytes: usize,
    /// And then nothing for so long.
    pub every: Duration,
}

/// What is wrong with one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing gets through, and after the idle time the connection is given up. The number tells one cut from the
    /// next.
    Cut(u64),
    /// Everything waits.
    Held,
}

/// Which directions have a fault.
#[derive(Debug, Default)]
pub(super) struct Faults {
    ways: BTreeMap<(SocketAddr, SocketAddr), Fault>,
    cuts: u64,
}

impl Faults {
    /// A new cut from one address to another.
    pub(super) fn cut(&mut self, from: SocketAddr, to: SocketAddr) -> Fault {
        self.cuts += 1;
        let fault = Fault::Cut(self.cuts);
        self.ways.insert((from, to), fault);
        fault
    }

    pub(super) fn hold(&mut self, from: SocketAddr, to: SocketAddr) {
        self.ways.insert((from, to), Fault::Held);
    }

    pub(super) fn mend(&mut self, from: SocketAddr, to: SocketAddr) {
        self.ways.remove(&(from, to));
    }

    pub(super) fn of(&self, from: SocketAddr, to: SocketAddr) -> Option<Fault> {
        self.ways.get(&(from, to)).copied()
    }

    /// Whether either direction between the two has a fault.
    pub(super) fn between(&self, one: SocketAddr, other: SocketAddr) -> bool {
        self.of(one, other).is_some() || self.of(other, one).is_some()
    }
}

/// How slowly each node reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Paces(Arc<Mutex<BTreeMap<SocketAddr, Pace>>>);

impl Paces {
    pub(super) fn of(&self, reader: SocketAddr) -> Option<Pace> {
        self.0.lock().get(&reader).copied()
    }

    pub(super) fn set(&self, reader: SocketAddr, pace: Option<Pace>) {
        let mut paces = self.0.lock();
        match pace {
            Some(pace) => paces.insert(reader, pace),
            None => paces.remove(&reader),
        };
    }
}

/// Rings when a fault is mended.
pub(super) type Mended = Arc<Notify>;
