//! Where a case is played: two nodes, each with a system of its own, on three kinds of network.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::Duration;

use ambit::System;
use ambit_dist::sim::Host;
use ambit_dist::transport::{Memory, Pace};
use ambit_dist::{Limits, Node, NodeBuilder, NodeEvent, NodeEvents, NodeId, Reconnect};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::conformance::actors;
pub(crate) use crate::conformance::played::{everywhere, everywhere_within, in_virtual_time};
use crate::conformance::played::{in_network, loopback_life, on_loopback, quiet, runtime};
pub(crate) use crate::conformance::waiting::{in_process, soon, until, until_some};

/// Where the node `far` listens in the simulation.
pub(crate) const PORT: u16 = 9_000;

/// The other node, in its present life.
#[derive(Clone, Debug)]
pub(crate) struct Far {
    pub(crate) node: Node,
    pub(crate) system: System,
}

impl Far {
    pub(crate) async fn begin(builder: NodeBuilder, system: System, limits: Limits) -> Self {
        let builder = builder.system(system.clone()).limits(limits);
        let node = builder.reconnect(Reconnect::Never).start().await.unwrap();
        actors::expose(&node);
        Self { node, system }
    }

    /// Does `what` there: what it spawns lives there.
    pub(crate) fn within<T>(&self, what: impl FnOnce() -> T) -> T {
        self.system.within(what)
    }
}

pub(crate) enum Network {
    /// Real time. The other node has a runtime of its own, so that it can end without a word.
    Quic {
        cookie: String,
        other: RefCell<Option<Runtime>>,
    },
    /// Virtual time. The number is that of the other node's life.
    Memory(Memory, Cell<u64>),
    /// Virtual time, and real QUIC between simulated hosts.
    Simulated(Host),
}

/// Two nodes that are connected: `near`, where the case is played, and `far`.
pub(crate) struct Stage {
    pub(crate) near: Node,
    far: watch::Receiver<Option<Far>>,
    next: watch::Sender<Option<Far>>,
    network: Network,
    limits: Limits,
}

impl Stage {
    pub(crate) async fn new(
        near: NodeBuilder,
        far: Far,
        network: Network,
        limits: &Limits,
    ) -> Self {
        let near = near.limits(limits.clone());
        let near = near.reconnect(Reconnect::Never).start().await.unwrap();
        actors::expose(&near);
        let (next, far) = watch::channel(Some(far));
        let stage = Self {
            near,
            far,
            next,
            network,
            limits: limits.clone(),
        };
        stage.connect().await;
        stage
    }

    /// Learns of later lives of the other node from its host.
    pub(crate) fn told_by(mut self, next: watch::Sender<Option<Far>>) -> Self {
        self.far = next.subscribe();
        self.next = next;
        self
    }

    /// The other node.
    pub(crate) fn far(&self) -> Far {
        self.far.borrow().clone().unwrap()
    }

    /// Where the other node is.
    pub(crate) fn address(&self) -> SocketAddr {
        match &self.network {
            Network::Simulated(host) => host.address_of("far", PORT),
            Network::Quic { .. } | Network::Memory(..) => self.far().node.local_addr(),
        }
    }

    /// Connects the two: both have noticed.
    pub(crate) async fn connect(&self) {
        let far = self.far().node;
        let connected = match &self.network {
            // A later life has the address of the one before, which this node may believe to be there still.
            Network::Simulated(host) => soon(far.connect(host.address_of("near", PORT))).await,
            Network::Quic { .. } | Network::Memory(..) => {
                soon(self.near.connect(self.address())).await
            }
        };
        connected.unwrap();
        until("both are connected", || {
            let peer = self.near.peer("far");
            peer.is_some_and(|peer| peer.id == *far.id()) && far.peer("near").is_some()
        })
        .await;
    }

    /// Ends the connection: on loopback by parting, elsewhere because nothing gets through any more. Both have noticed.
    pub(crate) async fn lose(&self) {
        let far = self.far().node;
        let (mut near_hears, mut far_hears) = (self.near.events(), far.events());
        match &self.network {
            Network::Quic { .. } => assert!(self.near.disconnect("far").await),
            Network::Memory(..) | Network::Simulated(_) => self.part(),
        }
        let down = |event: &NodeEvent| matches!(event, NodeEvent::Down { .. });
        event(&mut near_hears, down).await;
        event(&mut far_hears, down).await;
    }

    /// Lets nothing through any more; nobody has noticed.
    pub(crate) fn part(&self) {
        self.part_from(&self.near);
    }

    /// As [`part`](Self::part), for [another](Self::another) node in place of the near one, whose host it shares.
    pub(crate) fn part_from(&self, near: &Node) {
        let far = self.far().node;
        match &self.network {
            Network::Quic { .. } => panic!("nothing parts nodes on loopback"),
            Network::Memory(memory, _) => memory.cut(near.local_addr(), far.local_addr()),
            Network::Simulated(host) => host.faults().partition("near", "far"),
        }
    }

    /// Lets no more than 32 MiB a second through where nothing else would take time.
    pub(crate) fn narrow(&self) {
        if let Network::Memory(memory, _) = &self.network {
            let (bytes, every) = (64 << 10, Duration::from_millis(2));
            for reader in [self.near.local_addr(), self.far().node.local_addr()] {
                memory.slow(reader, Some(Pace { bytes, every }));
            }
        }
    }

    /// One more node beside the near one, which knows nobody and has settings of its own.
    pub(crate) async fn another(
        &self,
        name: &str,
        set: impl FnOnce(NodeBuilder) -> NodeBuilder,
    ) -> Node {
        let builder = match &self.network {
            Network::Quic { cookie, .. } => on_loopback(name, cookie),
            Network::Memory(memory, _) => in_network(memory, name, 1),
            Network::Simulated(host) => host.node_in("ambit", name, 0),
        };
        let builder = builder.system(quiet());
        let node = set(builder.reconnect(Reconnect::Never)).start();
        let node = node.await.unwrap();
        actors::expose(&node);
        node
    }

    /// Takes back what [`lose`](Self::lose) and [`part`](Self::part) did, and connects the two.
    pub(crate) async fn find(&self) {
        self.mend();
        self.connect().await;
    }

    /// Takes back what [`lose`](Self::lose) and [`part`](Self::part) did; it connects nobody.
    pub(crate) fn mend(&self) {
        self.mend_for(&self.near);
    }

    /// As [`mend`](Self::mend), for [another](Self::another) node in place of the near one.
    pub(crate) fn mend_for(&self, near: &Node) {
        match &self.network {
            Network::Quic { .. } => {}
            Network::Memory(memory, _) => {
                memory.mend(near.local_addr(), self.far().node.local_addr());
            }
            Network::Simulated(host) => host.faults().heal("near", "far"),
        }
    }

    /// The other node ends without a word, and begins another life under its name; nobody has told this one.
    pub(crate) async fn crash(&self) -> NodeId {
        let (before, address) = {
            let far = self.far();
            (far.node.id().clone(), far.node.local_addr())
        };
        match &self.network {
            Network::Quic { cookie, other } => {
                let runtime = runtime();
                let begun = runtime.spawn(loopback_life(cookie.clone(), self.limits.clone()));
                if let Some(ended) = other.replace(Some(runtime)) {
                    ended.shutdown_background();
                }
                self.next.send_replace(Some(begun.await.unwrap()));
            }
            Network::Memory(memory, life) => {
                memory.cut(self.near.local_addr(), address);
                life.set(life.get() + 1);
                let builder = in_network(memory, "far", life.get());
                let far = Far::begin(builder, quiet(), self.limits.clone()).await;
                self.next.send_replace(Some(far));
            }
            Network::Simulated(host) => {
                // What holds on to the node of an ended host holds on to its port; without it the node leaves, of which nobody
                // is to hear. A fault comes with the next tick of the network.
                host.faults().partition("near", "far");
                tokio::time::sleep(Duration::from_millis(2)).await;
                self.next.send_replace(None);
                let mut lives = self.far.clone();
                host.faults().bounce("far");
                host.faults().heal("near", "far");
                soon(lives.wait_for(Option::is_some)).await.unwrap();
            }
        }
        before
    }

    /// [`crash`](Self::crash), and the two are connected again.
    pub(crate) async fn restart(&self) -> NodeId {
        let before = self.crash().await;
        self.connect().await;
        before
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Network::Quic { other, .. } = &self.network
            && let Some(other) = other.take()
        {
            other.shutdown_background();
        }
    }
}

async fn event(events: &mut NodeEvents, is: impl Fn(&NodeEvent) -> bool) -> NodeEvent {
    loop {
        let event = soon(events.next()).await.expect("a node that runs");
        if is(&event) {
            return event;
        }
    }
}
