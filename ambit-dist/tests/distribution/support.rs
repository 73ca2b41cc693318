//! Nodes in memory, on a clock that is paused while any task runs.
//!
//! If `AMBIT_TEST_NETWORK` is `quic`, they are nodes over QUIC on loopback, and the clock runs.

use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::transport::Memory;
use ambit_dist::{DownReason, Node, NodeBuilder, NodeEvent, NodeEvents, NodeId};

use crate::support::loopback::{self, Loopback};

/// A network. The address of a node is derived from its name.
pub(crate) struct Net(pub(crate) Memory, Option<Loopback>);

impl Net {
    /// Returns a network in memory, or one of loopback addresses if the environment asks for QUIC.
    pub(crate) fn new() -> Self {
        Self(Memory::new(), Loopback::requested())
    }

    /// Returns a network in memory also if the environment asks for QUIC: for tests whose clock must not run, or run fast.
    pub(crate) fn in_memory() -> Self {
        Self(Memory::new(), None)
    }

    /// Returns the address of a node.
    pub(crate) fn at(name: &str) -> SocketAddr {
        let last = name.bytes().last().unwrap();
        match loopback::address(last) {
            Some(address) => address,
            None => SocketAddr::from(([10, 0, 0, last], 9000)),
        }
    }

    /// Returns the builder of a node.
    pub(crate) fn builder(&self, name: &str) -> NodeBuilder {
        if let Some(loopback) = &self.1 {
            return loopback.builder(name, Self::at(name));
        }
        let transport = self.0.bind(Self::at(name)).unwrap();
        Node::builder(name).transport(transport).seed(7)
    }

    /// Returns whether the clock runs.
    pub(crate) fn is_over_quic(&self) -> bool {
        self.1.is_some()
    }

    /// Returns the time within which something happens that waits for no timeout. On a running clock it is longer, but
    /// shorter than the time in which a loss is noticed.
    pub(crate) fn at_once(&self) -> Duration {
        Duration::from_secs(if self.is_over_quic() { 3 } else { 1 })
    }

    /// Blocks all data between the addresses of two nodes.
    pub(crate) fn cut(&self, one: SocketAddr, other: SocketAddr) {
        match &self.1 {
            Some(loopback) => loopback.cut(one, other),
            None => self.0.cut(one, other),
        }
    }

    /// Delays all data from the address of one node to that of another.
    pub(crate) fn hold(&self, from: SocketAddr, to: SocketAddr) {
        match &self.1 {
            Some(loopback) => loopback.block(from, to),
            None => self.0.hold(from, to),
        }
    }

    /// Ends all faults between the addresses of two nodes.
    pub(crate) fn heal(&self, one: SocketAddr, other: SocketAddr) {
        match &self.1 {
            Some(loopback) => loopback.heal(one, other),
            None => self.0.heal(one, other),
        }
    }

    pub(crate) async fn node(&self, name: &str) -> Node {
        self.builder(name).start().await.unwrap()
    }

    /// Returns two nodes, `a` connected to `b`.
    pub(crate) async fn pair(&self) -> (Node, Node) {
        let (a, b) = (self.node("a").await, self.node("b").await);
        let mut events = b.events();
        a.connect(b.local_addr()).await.unwrap();
        up(&mut events).await;
        (a, b)
    }
}

/// Returns the next event, within a minute.
pub(crate) async fn next(events: &mut NodeEvents) -> NodeEvent {
    let next = tokio::time::timeout(Duration::from_secs(60), events.next());
    next.await.expect("an event").expect("a node that runs")
}

/// Returns the next node that connects.
pub(crate) async fn up(events: &mut NodeEvents) -> NodeId {
    match next(events).await {
        NodeEvent::Up { node } => node,
        other => panic!("{other:?} instead of an up"),
    }
}

/// Returns the reason for the next loss.
pub(crate) async fn down(events: &mut NodeEvents) -> DownReason {
    match next(events).await {
        NodeEvent::Down { reason, .. } => reason,
        other => panic!("{other:?} instead of a down"),
    }
}
