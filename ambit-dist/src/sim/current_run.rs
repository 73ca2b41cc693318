//! The run that is current on this thread, accessible without a handle.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::{Handle, Id};

use super::leftovers::CheckedNode;
use super::network::{Fate, Network};
use super::outcome::Cause;
use super::rng::SimRng;
use super::trace::{Trace, TraceEvent, TraceHash, TraceKind};

thread_local! {
    static CURRENT: RefCell<Option<CurrentRun>> = const { RefCell::new(None) };
}

/// The failure of a run, with the trace up to it: what follows before the run stops is of no interest.
pub(crate) struct Failure {
    pub(crate) event: TraceEvent,
    pub(crate) cause: Cause,
    pub(crate) last: Vec<TraceEvent>,
    pub(crate) trace: TraceHash,
}

/// The state of a run.
pub(crate) struct CurrentRun {
    pub(crate) network: Network,
    /// The random source of TLS.
    pub(crate) secrets: SimRng,
    pub(crate) trace: Trace,
    /// The first failure of the run.
    pub(crate) failed: Option<Failure>,
    pub(crate) sometimes: BTreeMap<&'static str, u64>,
    pub(crate) datagrams: u64,
    pub(crate) lost: u64,
    /// The nodes of the run with their runtimes, for the check at its end.
    nodes: Vec<(Id, Weak<dyn CheckedNode>)>,
    /// The extra virtual time granted for this check.
    pub(crate) grace: Duration,
    addresses: BTreeMap<IpAddr, Arc<str>>,
    runtimes: Vec<(Id, Arc<str>)>,
    skews: BTreeMap<String, i64>,
    /// The time while no host runs.
    between: Option<Duration>,
    unknown: Arc<str>,
}

impl CurrentRun {
    pub(crate) fn new(
        network: Network,
        secrets: SimRng,
        keep: bool,
        promised: &BTreeSet<&'static str>,
    ) -> Self {
        Self {
            network,
            secrets,
            trace: Trace::new(keep),
            failed: None,
            sometimes: promised.iter().map(|name| (*name, 0)).collect(),
            datagrams: 0,
            lost: 0,
            nodes: Vec::new(),
            grace: Duration::ZERO,
            addresses: BTreeMap::new(),
            runtimes: Vec::new(),
            skews: BTreeMap::new(),
            between: Some(Duration::ZERO),
            unknown: "".into(),
        }
    }

    pub(crate) fn add_host(&mut self, name: &Arc<str>, address: IpAddr) {
        self.addresses.insert(address, name.clone());
    }

    /// Sets the time: `Some` while the simulator itself acts, `None` while the hosts run.
    pub(crate) fn set_between(&mut self, now: Option<Duration>) {
        self.between = now;
    }

    pub(crate) fn address_of(&self, host: &str) -> Option<IpAddr> {
        self.addresses
            .iter()
            .find(|(_, name)| &***name == host)
            .map(|(address, _)| *address)
    }

    /// Records the start of a host's incarnation in this runtime.
    pub(crate) fn begins(&mut self, host: &Arc<str>, incarnation: u32, runtime: Id) {
        self.runtimes.retain(|(_, known)| known != host);
        self.runtimes.push((runtime, host.clone()));
        self.record(TraceKind::Began { incarnation });
    }

    /// Records the crash of a host.
    pub(crate) fn ends(&mut self, host: &str) {
        self.runtimes.retain(|(_, known)| **known != *host);
    }

    /// Records a new node of the current host.
    pub(crate) fn adds_node(&mut self, node: Weak<dyn CheckedNode>) {
        if let Ok(runtime) = Handle::try_current() {
            self.nodes.push((runtime.id(), node));
        }
    }

    /// Records that a client is done: nothing runs on its host any more, so its nodes cannot release anything.
    pub(crate) fn is_done(&mut self, client: &str) {
        let runtimes = &self.runtimes;
        let known = runtimes.iter().find(|(_, host)| **host == *client);
        if let Some((done, _)) = known {
            self.nodes.retain(|(own, _)| own != done);
        }
    }

    /// Returns the nodes whose hosts run.
    pub(crate) fn running_nodes(&mut self) -> Vec<Weak<dyn CheckedNode>> {
        let runtimes = &self.runtimes;
        self.nodes
            .retain(|(own, _)| runtimes.iter().any(|(runtime, _)| runtime == own));
        self.nodes.iter().map(|(_, node)| node.clone()).collect()
    }

    pub(crate) fn set_skew(&mut self, host: &str, millis: i64) {
        self.skews.insert(host.into(), millis);
    }

    pub(crate) fn skew(&self, host: &str) -> i64 {
        self.skews.get(host).copied().unwrap_or(0)
    }

    /// Returns the virtual time since the start of the run.
    pub(crate) fn now(&self) -> Duration {
        self.between
            .or_else(turmoil::sim_elapsed)
            .unwrap_or_default()
    }

    fn host(&self) -> Arc<str> {
        let current = Handle::try_current().ok().map(|handle| handle.id());
        let known = self.runtimes.iter().find(|(id, _)| Some(*id) == current);
        known.map_or_else(|| self.unknown.clone(), |(_, host)| host.clone())
    }

    pub(crate) fn event(&self, what: TraceKind) -> TraceEvent {
        TraceEvent {
            at: self.now(),
            host: self.host(),
            what,
        }
    }

    /// Adds an event at the current time and host to the trace.
    pub(crate) fn record(&mut self, what: TraceKind) {
        let event = self.event(what);
        self.trace.push(event);
    }

    /// Fails the run, unless it has already failed.
    pub(crate) fn fail(&mut self, cause: Cause) {
        if self.failed.is_none() {
            self.failed = Some(Failure {
                event: self.event(TraceKind::Note(cause.to_string())),
                cause,
                last: self.trace.last(),
                trace: self.trace.hash(),
            });
        }
    }

    /// Decides the fate of a datagram from the current host, and adds it to the trace.
    pub(crate) fn send(&mut self, to: IpAddr, size: usize, sum: u32) -> Fate {
        let from = self.host();
        let to = self.addresses.get(&to).unwrap_or(&self.unknown).clone();
        let fate = self.network.fate(&from, &to);
        self.datagrams += 1;
        self.lost += u64::from(fate == Fate::Lost);
        self.record(match fate {
            Fate::Lost => TraceKind::Lost { to, size, sum },
            Fate::Once | Fate::Twice => TraceKind::Sent { to, size, sum },
        });
        fate
    }

    pub(crate) fn received(&mut self, from: IpAddr, size: usize, sum: u32) {
        let from = self.addresses.get(&from).unwrap_or(&self.unknown).clone();
        self.record(TraceKind::Received { from, size, sum });
    }
}

/// Accesses the current run of this thread, if there is one.
pub(crate) fn with<T>(look: impl FnOnce(&mut CurrentRun) -> T) -> Option<T> {
    CURRENT
        .try_with(|run| run.borrow_mut().as_mut().map(look))
        .ok()
        .flatten()
}

/// Keeps a run current on this thread until it leaves.
pub(crate) struct CurrentRunGuard(());

/// Makes a run current on this thread.
pub(crate) fn enter(run: CurrentRun) -> CurrentRunGuard {
    let before = CURRENT.with(|current| current.replace(Some(run)));
    assert!(before.is_none(), "a run cannot begin inside another one");
    CurrentRunGuard(())
}

impl CurrentRunGuard {
    pub(crate) fn leave(self) -> CurrentRun {
        let run = CURRENT.with(RefCell::take);
        run.unwrap_or_else(|| unreachable!("the run is current while its guard exists"))
    }
}

impl Drop for CurrentRunGuard {
    fn drop(&mut self) {
        drop(CURRENT.with(RefCell::take));
    }
}
