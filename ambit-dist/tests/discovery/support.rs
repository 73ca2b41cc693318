//! Sources that a test controls, and waiting for peers.

use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::Node;
use ambit_dist::discovery::{Discovery, DiscoveryError, NextCandidates};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// What a source returns next.
pub(crate) type Item = Result<Vec<SocketAddr>, DiscoveryError>;

/// A source that a test feeds.
pub(crate) struct Fed(mpsc::UnboundedReceiver<Item>);

/// Returns a source, and the sender that feeds it.
pub(crate) fn fed() -> (mpsc::UnboundedSender<Item>, Fed) {
    let (send, receive) = mpsc::unbounded_channel();
    (send, Fed(receive))
}

impl Discovery for Fed {
    fn next(&mut self) -> NextCandidates<'_> {
        Box::pin(self.0.recv())
    }

    fn description(&self) -> String {
        "a test".to_owned()
    }
}

pub(crate) fn names(node: &Node) -> Vec<String> {
    let peers = node.peers().into_iter();
    peers.map(|peer| peer.id.name.to_string()).collect()
}

/// Waits until the node has these peers, for at most a minute.
pub(crate) async fn await_peers(node: &Node, peers: &[&str]) {
    let mut events = node.events();
    let seen = timeout(Duration::from_secs(60), async {
        while names(node) != peers {
            events.next().await.expect("a node that runs");
        }
    });
    let found = seen.await;
    assert!(
        found.is_ok(),
        "{} has {:?}, not {peers:?}",
        node.name(),
        names(node)
    );
}
