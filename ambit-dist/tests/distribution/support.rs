//! Nodes in memory, on a clock that stands still while anybody works.

use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::transport::Memory;
use ambit_dist::{DownReason, Node, NodeBuilder, NodeEvent, NodeEvents, NodeId};

/// A network in memory. Nodes are at the address of their name.
pub(crate) struct Net(pub(crate) Memory);

impl Net {
    pub(crate) fn new() -> Self {
        Self(Memory::new())
    }

    /// Where a node of this name is.
    pub(crate) fn at(name: &str) -> SocketAddr {
        let last = name.bytes().last().unwrap();
        SocketAddr::from(([10, 0, 0, last], 9000))
    }

    /// A node that is not started yet.
    pub(crate) fn builder(&self, name: &str) -> NodeBuilder {
        let transport = self.0.bind(Self::at(name)).unwrap();
        Node::builder(name).transport(transport).seed(7)
    }

    pub(crate) async fn node(&self, name: &str) -> Node {
        self.builder(name).start().await.unwrap()
    }

    /// Two nodes, `a` connected to `b`.
    pub(crate) async fn pair(&self) -> (Node, Node) {
        let (a, b) = (self.node("a").await, self.node("b").await);
        let mut events = b.events();
        a.connect(b.local_addr()).await.unwrap();
        up(&mut events).await;
        (a, b)
    }
}

/// The next event, within a minute.
pub(crate) async fn next(events: &mut NodeEvents) -> NodeEvent {
    let next = tokio::time::timeout(Duration::from_secs(60), events.next());
    next.await.expect("an event").expect("a node that runs")
}

/// The node that comes next.
pub(crate) async fn up(events: &mut NodeEvents) -> NodeId {
    match next(events).await {
        NodeEvent::Up { node } => node,
        other => panic!("{other:?} in place of an up"),
    }
}

/// Why the next node goes.
pub(crate) async fn down(events: &mut NodeEvents) -> DownReason {
    match next(events).await {
        NodeEvent::Down { reason, .. } => reason,
        other => panic!("{other:?} in place of a down"),
    }
}
