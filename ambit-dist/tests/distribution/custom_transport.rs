//! A custom transport whose code calls the node.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use ambit_dist::Node;

use super::support::Net;
use crate::support::wrapped_transport::{WrappedTransport, Wrapper};

/// Calls the node from code of the transport.
#[derive(Default)]
struct NodeCaller {
    node: OnceLock<Node>,
    calls: AtomicUsize,
    /// The number of calls that waited for the code that made them.
    blocked: AtomicUsize,
}

impl NodeCaller {
    fn call(&self) {
        let Some(node) = self.node.get().cloned() else {
            return;
        };
        self.calls.fetch_add(1, Ordering::SeqCst);
        let (done, answer) = mpsc::channel();
        thread::spawn(move || {
            assert!(node.peer("nobody").is_none());
            done.send(()).ok();
        });
        if answer.recv_timeout(Duration::from_secs(10)).is_err() {
            self.blocked.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Returns the number of calls and of blocked ones since the last time.
    fn take(&self) -> (usize, usize) {
        let take = |count: &AtomicUsize| count.swap(0, Ordering::SeqCst);
        (take(&self.calls), take(&self.blocked))
    }
}

impl Wrapper for NodeCaller {
    fn called(&self) {
        self.call();
    }
}

#[tokio::test(start_paused = true)]
async fn the_code_of_a_transport_may_ask_the_node_for_its_peers() {
    let net = Net::new();
    let caller = Arc::new(NodeCaller::default());
    let transport = WrappedTransport(net.0.bind(Net::at("a")).unwrap(), caller.clone());
    let a = Node::builder("a").transport(transport).seed(7);
    let a = a.start().await.unwrap();
    let b = net.node("b").await;
    a.connect(b.local_addr()).await.unwrap();
    assert!(caller.node.set(a.clone()).is_ok());
    assert_eq!(a.peers().len(), 1);
    assert_eq!(caller.take(), (2, 0), "the calls of `peers`");
    assert!(a.peer("b").is_some());
    assert_eq!(caller.take(), (2, 0), "the calls of `peer`");
    assert!(a.disconnect("b").await);
    let mut calls = caller.take();
    while calls.0 == 0 {
        // The session ends in the background.
        tokio::task::yield_now().await;
        calls = caller.take();
    }
    assert_eq!(calls, (1, 0), "the drop of the connection");
}
