//! Nodes in memory, on a clock that is paused while any task runs.

use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::transport::Memory;
use ambit_dist::{DownReason, Node, NodeBuilder, NodeEvent, NodeEvents, NodeId};

/// A network in memory. The address of a node is derived from its name.
pub(crate) struct Net(pub(crate) Memory);

impl Net {
    pub(crate) fn new() -> Self {
        Self(Memory::new())
    }

    /// Returns the address of a node.
    pub(crate) fn at(name: &str) -> SocketAddr {
        let last = name.bytes().last().unwrap();
        SocketAddr::from(([10, 0, 0, last], 9000))
    }

    /// Returns the builder of a node.
    pub(crate) fn builder(&self, name: &str) -> NodeBuilder {
        let transport = self.0.bind(Self::at(name)).unwrap();
        Node::builder(name).transport(transport).seed(7)
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
