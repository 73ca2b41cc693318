//! The run that this thread is in the middle of: what its code may ask and tell from anywhere, without a handle.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::{Handle, Id};

use super::dice::Dice;
use super::network::{Fate, Network};
use super::outcome::Cause;
use super::trace::{Trace, TraceEvent, What};
use crate::remote::own::Own;

thread_local! {
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

/// A run in the middle.
pub(crate) struct Stage {
    pub(crate) network: Network,
    /// What TLS takes from chance.
    pub(crate) secrets: Dice,
    pub(crate) trace: Trace,
    /// The first thing that must not be.
    pub(crate) failed: Option<(TraceEvent, Cause)>,
    pub(crate) sometimes: BTreeMap<&'static str, u64>,
    pub(crate) datagrams: u64,
    pub(crate) lost: u64,
    /// The nodes of the run and where they run, for a look at what they keep at its end.
    nodes: Vec<(Id, Weak<Own>)>,
    /// How much longer the run may take, because of that.
    pub(crate) grace: Duration,
    addresses: BTreeMap<IpAddr, Arc<str>>,
    runtimes: Vec<(Id, Arc<str>)>,
    skews: BTreeMap<String, i64>,
    /// The time while no host runs.
    between: Option<Duration>,
    nobody: Arc<str>,
}

impl Stage {
    pub(crate) fn new(
        network: Network,
        secrets: Dice,
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
            nobody: "".into(),
        }
    }

    pub(crate) fn add_host(&mut self, name: &Arc<str>, address: IpAddr) {
        self.addresses.insert(address, name.clone());
    }

    /// `Some` while the simulator itself acts, `None` while the hosts run.
    pub(crate) fn set_between(&mut self, now: Option<Duration>) {
        self.between = now;
    }

    pub(crate) fn address_of(&self, host: &str) -> Option<IpAddr> {
        self.addresses
            .iter()
            .find(|(_, name)| &***name == host)
            .map(|(address, _)| *address)
    }

    /// A life of a host begins in this runtime.
    pub(crate) fn begins(&mut self, host: &Arc<str>, life: u32, runtime: Id) {
        self.runtimes.retain(|(_, known)| known != host);
        self.runtimes.push((runtime, host.clone()));
        self.tell(What::Began { life });
    }

    /// A host has crashed.
    pub(crate) fn ends(&mut self, host: &str) {
        self.runtimes.retain(|(_, known)| **known != *host);
    }

    /// A node has been made here.
    pub(crate) fn adds_node(&mut self, node: Weak<Own>) {
        if let Ok(runtime) = Handle::try_current() {
            self.nodes.push((runtime.id(), node));
        }
    }

    /// The nodes whose hosts run.
    pub(crate) fn running_nodes(&mut self) -> Vec<Weak<Own>> {
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

    /// The virtual time since the run began.
    pub(crate) fn now(&self) -> Duration {
        self.between
            .or_else(turmoil::sim_elapsed)
            .unwrap_or_default()
    }

    fn host(&self) -> Arc<str> {
        let current = Handle::try_current().ok().map(|handle| handle.id());
        let known = self.runtimes.iter().find(|(id, _)| Some(*id) == current);
        known.map_or_else(|| self.nobody.clone(), |(_, host)| host.clone())
    }

    pub(crate) fn event(&self, what: What) -> TraceEvent {
        TraceEvent {
            at: self.now(),
            host: self.host(),
            what,
        }
    }

    /// Writes down what happens here and now.
    pub(crate) fn tell(&mut self, what: What) {
        let event = self.event(what);
        self.trace.push(event);
    }

    /// Ends the run, unless something else already does.
    pub(crate) fn fail(&mut self, cause: Cause) {
        let event = self.event(What::Note(cause.to_string()));
        self.failed.get_or_insert((event, cause));
    }

    /// Whether and how often a datagram from this host is to be sent; it is written down.
    pub(crate) fn send(&mut self, to: IpAddr, size: usize, sum: u32) -> Fate {
        let from = self.host();
        let to = self.addresses.get(&to).unwrap_or(&self.nobody).clone();
        let fate = self.network.fate(&from, &to);
        self.datagrams += 1;
        self.lost += u64::from(fate == Fate::Lost);
        self.tell(match fate {
            Fate::Lost => What::Lost { to, size, sum },
            Fate::Once | Fate::Twice => What::Sent { to, size, sum },
        });
        fate
    }

    pub(crate) fn received(&mut self, from: IpAddr, size: usize, sum: u32) {
        let from = self.addresses.get(&from).unwrap_or(&self.nobody).clone();
        self.tell(What::Received { from, size, sum });
    }
}

/// Looks at the run this thread is in, if it is in one.
pub(crate) fn with<T>(look: impl FnOnce(&mut Stage) -> T) -> Option<T> {
    STAGE
        .try_with(|stage| stage.borrow_mut().as_mut().map(look))
        .ok()
        .flatten()
}

/// A run that is on this thread's stage until it leaves.
pub(crate) struct OnStage(());

/// Puts a run on this thread's stage.
pub(crate) fn enter(stage: Stage) -> OnStage {
    let before = STAGE.with(|current| current.replace(Some(stage)));
    assert!(before.is_none(), "a run cannot begin inside another one");
    OnStage(())
}

impl OnStage {
    pub(crate) fn leave(self) -> Stage {
        let stage = STAGE.with(RefCell::take);
        stage.unwrap_or_else(|| unreachable!("it is on the stage while this lives"))
    }
}

impl Drop for OnStage {
    fn drop(&mut self) {
        drop(STAGE.with(RefCell::take));
    }
}
