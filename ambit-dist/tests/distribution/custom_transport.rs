//! A custom transport whose code calls the node.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use ambit_dist::Node;
use ambit_dist::transport::{
    BoxFuture, Closed, Connection, Dial, DialError, Incoming, MemoryTransport, ReceiveHalf,
    SendHalf, Transport, TransportStats,
};
use ambit_dist::wire::CloseCode;

use super::support::Net;

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

struct CallingTransport(MemoryTransport, Arc<NodeCaller>);

struct CallingConnection(Box<dyn Connection>, Arc<NodeCaller>);

impl std::fmt::Debug for CallingTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for CallingConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Drop for CallingConnection {
    fn drop(&mut self) {
        self.1.call();
    }
}

impl Transport for CallingTransport {
    fn local_addr(&self) -> SocketAddr {
        self.0.local_addr()
    }

    fn dial(&self, dial: Dial) -> BoxFuture<'static, Result<Box<dyn Connection>, DialError>> {
        let (dialling, caller) = (self.0.dial(dial), self.1.clone());
        Box::pin(async move {
            let connection = CallingConnection(dialling.await?, caller);
            Ok(Box::new(connection) as Box<dyn Connection>)
        })
    }

    fn accept(&self) -> BoxFuture<'_, Option<Incoming>> {
        self.0.accept()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.0.close()
    }
}

type BothHalves = (Box<dyn SendHalf>, Box<dyn ReceiveHalf>);

impl Connection for CallingConnection {
    fn peer_certificate(&self) -> Option<rustls::pki_types::CertificateDer<'static>> {
        self.0.peer_certificate()
    }

    fn is_trusted(&self) -> bool {
        self.0.is_trusted()
    }

    fn remote_addr(&self) -> SocketAddr {
        self.1.call();
        self.0.remote_addr()
    }

    fn open_uni(&self) -> BoxFuture<'_, Result<Box<dyn SendHalf>, Closed>> {
        self.0.open_uni()
    }

    fn accept_uni(&self) -> BoxFuture<'_, Result<Box<dyn ReceiveHalf>, Closed>> {
        self.0.accept_uni()
    }

    fn open_bi(&self) -> BoxFuture<'_, Result<BothHalves, Closed>> {
        self.0.open_bi()
    }

    fn accept_bi(&self) -> BoxFuture<'_, Result<BothHalves, Closed>> {
        self.0.accept_bi()
    }

    fn close(&self, code: CloseCode, text: &str) {
        self.0.close(code, text);
    }

    fn closed(&self) -> BoxFuture<'_, Closed> {
        self.0.closed()
    }

    fn stats(&self) -> TransportStats {
        self.1.call();
        self.0.stats()
    }
}

#[tokio::test(start_paused = true)]
async fn the_code_of_a_transport_may_ask_the_node_for_its_peers() {
    let net = Net::new();
    let caller = Arc::new(NodeCaller::default());
    let transport = CallingTransport(net.0.bind(Net::at("a")).unwrap(), caller.clone());
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
