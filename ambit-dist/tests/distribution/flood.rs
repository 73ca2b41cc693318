//! Connections that arrive faster than the node handles them.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};

use ambit_dist::transport::{
    BoxFuture, Closed, Connection, Dial, DialError, Incoming, MemoryTransport, ReadError,
    ReceiveHalf, SendHalf, Transport, TransportStats, WriteError,
};
use ambit_dist::wire::CloseCode;
use ambit_dist::{Admission, Node};
use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::distribution::support::Net;
use crate::hostile::hello::Hello;
use crate::hostile::stranger::raw;

/// The number of connections of the flood.
const ALL: u32 = 20_000;
/// The number of connections at the same time: as many as a node lets wait.
const AT_ONCE: usize = 256;

/// A transport at which connections arrive, each from its own address and with a hello, as fast as the node ends them.
struct FloodedTransport {
    own: MemoryTransport,
    arrived: Arc<AtomicU32>,
    at_once: Arc<Semaphore>,
}

impl fmt::Debug for FloodedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.own.fmt(f)
    }
}

impl Transport for FloodedTransport {
    fn local_addr(&self) -> SocketAddr {
        self.own.local_addr()
    }

    fn dial(&self, dial: Dial) -> BoxFuture<'static, Result<Box<dyn Connection>, DialError>> {
        self.own.dial(dial)
    }

    fn accept(&self) -> BoxFuture<'_, Option<Incoming>> {
        Box::pin(async {
            if self.arrived.load(Ordering::Relaxed) >= ALL {
                return self.own.accept().await;
            }
            let permit = self.at_once.clone().acquire_owned().await.unwrap();
            let number = self.arrived.fetch_add(1, Ordering::Relaxed);
            let [_, high, middle, low] = number.to_be_bytes();
            let from = SocketAddr::from(([172, high, middle, low], 1));
            let connection = FloodConnection {
                from,
                _permit: permit,
            };
            Some(Incoming::new(from, async move {
                Ok(Box::new(connection) as Box<dyn Connection>)
            }))
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.own.close()
    }
}

/// A connection with one stream, which carries a hello.
#[derive(Debug)]
struct FloodConnection {
    from: SocketAddr,
    _permit: OwnedSemaphorePermit,
}

type BothHalves = (Box<dyn SendHalf>, Box<dyn ReceiveHalf>);

impl Connection for FloodConnection {
    fn peer_certificate(&self) -> Option<rustls::pki_types::CertificateDer<'static>> {
        None
    }

    fn is_trusted(&self) -> bool {
        true
    }

    fn remote_addr(&self) -> SocketAddr {
        self.from
    }

    fn open_uni(&self) -> BoxFuture<'_, Result<Box<dyn SendHalf>, Closed>> {
        Box::pin(std::future::pending())
    }

    fn accept_uni(&self) -> BoxFuture<'_, Result<Box<dyn ReceiveHalf>, Closed>> {
        Box::pin(std::future::pending())
    }

    fn open_bi(&self) -> BoxFuture<'_, Result<BothHalves, Closed>> {
        Box::pin(std::future::pending())
    }

    fn accept_bi(&self) -> BoxFuture<'_, Result<BothHalves, Closed>> {
        let mut first = vec![1];
        first.extend_from_slice(&raw(0x40, 0, &Hello::of("flood").bytes()));
        let halves: BothHalves = (Box::new(Sink), Box::new(Once(Some(first.into()))));
        Box::pin(async move { Ok(halves) })
    }

    fn close(&self, _code: CloseCode, _text: &str) {}

    fn closed(&self) -> BoxFuture<'_, Closed> {
        Box::pin(std::future::pending())
    }

    fn stats(&self) -> TransportStats {
        TransportStats::default()
    }
}

/// Discards everything.
#[derive(Debug)]
struct Sink;

impl SendHalf for Sink {
    fn poll_write(
        &mut self,
        _: &mut Context<'_>,
        bytes: &mut Bytes,
    ) -> Poll<Result<(), WriteError>> {
        bytes.clear();
        Poll::Ready(Ok(()))
    }

    fn set_priority(&self, _: i32) {}

    fn finish(&mut self) {}

    fn reset(&mut self, _: CloseCode) {}
}

/// Yields one chunk.
#[derive(Debug)]
struct Once(Option<Bytes>);

impl ReceiveHalf for Once {
    fn poll_read(&mut self, _: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>> {
        match self.0.take() {
            Some(chunk) => Poll::Ready(Ok(Some(chunk))),
            None => Poll::Pending,
        }
    }

    fn stop(&mut self, _: CloseCode) {}
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_connections_does_not_keep_requests_from_the_node() {
    let net = Net::new();
    let arrived = Arc::new(AtomicU32::new(0));
    let transport = FloodedTransport {
        own: net.0.bind(Net::at("a")).unwrap(),
        arrived: arrived.clone(),
        at_once: Arc::new(Semaphore::new(AT_ONCE)),
    };
    let a = Node::builder("a").transport(transport).seed(7);
    let a = a.admit(|_| Admission::refuse("not now"));
    let a = a.start().await.unwrap();
    while arrived.load(Ordering::Relaxed) < 1_000 {
        tokio::task::yield_now().await;
    }
    let mut arrivals = Vec::new();
    for _ in 0..3 {
        let before = arrived.load(Ordering::Relaxed);
        assert!(!a.refuse("nobody").await);
        arrivals.push(arrived.load(Ordering::Relaxed) - before);
    }
    assert!(
        arrivals
            .iter()
            .all(|arrived| *arrived <= 2 * AT_ONCE as u32),
        "connections that arrived during a request: {arrivals:?}"
    );
}
