//! The setting of a case: two nodes with separate systems, on three kinds of network.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::Duration;

use ambit::system::System;
use ambit_dist::sim::Host;
use ambit_dist::transport::{Memory, ReadRate};
use ambit_dist::{Limits, Node, NodeBuilder, NodeEvent, NodeEvents, NodeId, Reconnect};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::conformance::actors;
pub(crate) use crate::conformance::played::{everywhere, everywhere_within, in_virtual_time};
use crate::conformance::played::{in_network, loopback_life, on_loopback, quiet, runtime};
pub(crate) use crate::conformance::waiting::{in_process, soon, until, until_some};

/// The port of the node `far` in the simulation.
pub(crate) const PORT: u16 = 9_000;

/// The other node in its current incarnation.
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

    /// Runs `what` in the other system, which owns the processes it spawns.
    pub(crate) fn within<T>(&self, what: impl FnOnce() -> T) -> T {
        self.system.within(what)
    }
}

pub(crate) enum Network {
    /// Real time. The other node has its own runtime, so that it can end without closing its connections.
    Quic {
        cookie: String,
        other: RefCell<Option<Runtime>>,
    },
    /// Virtual time. The number is that of the other node's incarnation.
    Memory(Memory, Cell<u64>),
    /// Virtual time, and real QUIC between simulated hosts.
    Simulated(Host),
}

/// Two connected nodes: `near`, which runs the case, and `far`.
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

    /// Receives later incarnations of the other node from its host.
    pub(crate) fn told_by(mut self, next: watch::Sender<Option<Far>>) -> Self {
        self.far = next.subscribe();
        self.next = next;
        self
    }

    /// Returns the other node.
    pub(crate) fn far(&self) -> Far {
        self.far.borrow().clone().unwrap()
    }

    /// Returns the address of the other node.
    pub(crate) fn address(&self) -> SocketAddr {
        match &self.network {
            Network::Simulated(host) => host.address_of("far", PORT),
            Network::Quic { .. } | Network::Memory(..) => self.far().node.local_addr(),
        }
    }

    /// Connects the nodes, and waits for the events of both.
    pub(crate) async fn connect(&self) {
        let far = self.far().node;
        let connected = match &self.network {
            // A restarted node has the same address, at which this node may still assume the old one.
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

    /// Loses the connection: by a disconnect on loopback, otherwise by a cut. Waits for the events of both nodes.
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

    /// Cuts the network without waiting for the nodes to detect it.
    pub(crate) fn part(&self) {
        self.part_from(&self.near);
    }

    /// Works like [`part`](Self::part), for [another](Self::another) node on the host of the near one.
    pub(crate) fn part_from(&self, near: &Node) {
        let far = self.far().node;
        match &self.network {
            Network::Quic { .. } => panic!("nothing parts nodes on loopback"),
            Network::Memory(memory, _) => memory.cut(near.local_addr(), far.local_addr()),
            Network::Simulated(host) => host.faults().partition("near", "far"),
        }
    }

    /// Limits the rate to 32 MiB a second on the network in memory, where transfers would otherwise take no time.
    pub(crate) fn narrow(&self) {
        if let Network::Memory(memory, _) = &self.network {
            let (bytes, every) = (64 << 10, Duration::from_millis(2));
            for reader in [self.near.local_addr(), self.far().node.local_addr()] {
                memory.slow(reader, Some(ReadRate { bytes, every }));
            }
        }
    }

    /// Starts another node next to the near one, unconnected and with its own settings.
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

    /// Reverts [`lose`](Self::lose) and [`part`](Self::part), and connects the nodes.
    pub(crate) async fn find(&self) {
        self.heal();
        self.connect().await;
    }

    /// Reverts [`lose`](Self::lose) and [`part`](Self::part) without connecting the nodes.
    pub(crate) fn heal(&self) {
        self.heal_for(&self.near);
    }

    /// Works like [`heal`](Self::heal), for [another](Self::another) node on the host of the near one.
    pub(crate) fn heal_for(&self, near: &Node) {
        match &self.network {
            Network::Quic { .. } => {}
            Network::Memory(memory, _) => {
                memory.heal(near.local_addr(), self.far().node.local_addr());
            }
            Network::Simulated(host) => host.faults().heal("near", "far"),
        }
    }

    /// Crashes and restarts the other node under its name, without a notification of this one.
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
            Network::Memory(memory, incarnation) => {
                memory.cut(self.near.local_addr(), address);
                incarnation.set(incarnation.get() + 1);
                let builder = in_network(memory, "far", incarnation.get());
                let far = Far::begin(builder, quiet(), self.limits.clone()).await;
                self.next.send_replace(Some(far));
            }
            Network::Simulated(host) => {
                // A reference to the node of an ended host keeps its port. Dropping the last one makes the node leave, so
                // the hosts are partitioned first. A fault applies at the next tick of the network.
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

    /// Works like [`crash`](Self::crash), and connects the nodes again.
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
