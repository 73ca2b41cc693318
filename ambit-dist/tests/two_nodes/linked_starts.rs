//! A linked start whose answer arrives, and whose link is lost with the session.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;
use ambit_dist::transport::{
    BoxFuture, Closed, Connection, Dial, DialError, Incoming, Memory, MemoryTransport, ReadError,
    ReceiveHalf, SendHalf, Transport, TransportStats,
};
use ambit_dist::wire::{CloseCode, Kind};
use ambit_dist::{Node, Reconnect};
use bytes::Bytes;
use tokio::time::timeout;

use crate::names::support::until;
use crate::two_nodes::messages::Counter;

/// The streams that deliver nothing: one that the other node opened, by its number, or all of them.
#[derive(Debug, Default)]
struct Holding {
    stream: AtomicUsize,
    is_all: AtomicBool,
    /// The number of streams that the other node has opened.
    opened: AtomicUsize,
}

type Held = Arc<Holding>;

#[derive(Debug)]
struct HoldingTransport(MemoryTransport, Held);

#[derive(Debug)]
struct HoldingConnection(Box<dyn Connection>, Held);

#[derive(Debug)]
struct HoldingReceive(Box<dyn ReceiveHalf>, usize, Held);

impl Transport for HoldingTransport {
    fn local_addr(&self) -> SocketAddr {
        self.0.local_addr()
    }

    fn dial(&self, dial: Dial) -> BoxFuture<'static, Result<Box<dyn Connection>, DialError>> {
        let (dialling, held) = (self.0.dial(dial), self.1.clone());
        Box::pin(async move {
            let connection = HoldingConnection(dialling.await?, held);
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

/// The number of streams that this node opened.
const OWN: usize = usize::MAX;

impl HoldingConnection {
    fn holding(&self, receive: Box<dyn ReceiveHalf>, number: usize) -> Box<dyn ReceiveHalf> {
        Box::new(HoldingReceive(receive, number, self.1.clone()))
    }
}

impl Connection for HoldingConnection {
    fn peer_certificate(&self) -> Option<rustls::pki_types::CertificateDer<'static>> {
        self.0.peer_certificate()
    }

    fn is_trusted(&self) -> bool {
        self.0.is_trusted()
    }

    fn remote_addr(&self) -> SocketAddr {
        self.0.remote_addr()
    }

    fn open_uni(&self) -> BoxFuture<'_, Result<Box<dyn SendHalf>, Closed>> {
        self.0.open_uni()
    }

    fn accept_uni(&self) -> BoxFuture<'_, Result<Box<dyn ReceiveHalf>, Closed>> {
        Box::pin(async {
            let receive = self.0.accept_uni().await?;
            let number = self.1.opened.fetch_add(1, Ordering::Relaxed);
            Ok(self.holding(receive, number))
        })
    }

    fn open_bi(&self) -> BoxFuture<'_, Result<BothHalves, Closed>> {
        Box::pin(async {
            let (send, receive) = self.0.open_bi().await?;
            Ok((send, self.holding(receive, OWN)))
        })
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
        self.0.stats()
    }
}

impl ReceiveHalf for HoldingReceive {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>> {
        let held = &self.2;
        let is_held = held.stream.load(Ordering::Relaxed) == self.1;
        if is_held || held.is_all.load(Ordering::Relaxed) {
            // Nothing wakes the reader: its session ends with the silence.
            return Poll::Pending;
        }
        self.0.poll_read(cx)
    }

    fn stop(&mut self, code: CloseCode) {
        self.0.stop(code);
    }
}

/// Starts two nodes and a server linked to `inbox`, while one stream of the far node is held, then holds all. Returns
/// whether the answer arrived and the link did not.
async fn answer_without_link(inbox: &mut Inbox<u8>, stream: usize) -> bool {
    let network = Memory::new();
    let held = Held::new(Holding {
        stream: stream.into(),
        ..Holding::default()
    });
    let transport = network.bind("10.0.0.1:9000".parse().unwrap()).unwrap();
    let transport = HoldingTransport(transport, held.clone());
    let near = Node::builder("near").transport(transport);
    let near = near.reconnect(Reconnect::Never).start().await.unwrap();
    let far_system = System::builder().build().unwrap();
    let transport = network.bind("10.0.0.2:9000".parse().unwrap()).unwrap();
    let far = Node::builder("far").transport(transport);
    let far = far.system(far_system.clone()).start().await.unwrap();
    far.expose::<Counter>();
    near.connect(far.local_addr()).await.unwrap();

    let before = far_system.process_count();
    let start = near.on("far").start::<Counter>((1,)).link();
    let started = start.timeout(Duration::from_secs(1)).await;
    let frames = near.peers()[0].traffic.frames_in.clone();
    let is_linked = frames.iter().any(|(kind, _)| *kind == Kind::Link);
    held.is_all.store(true, Ordering::Relaxed);
    let is_gone = || far_system.process_count() == before;
    until("the server ends", is_gone).await;
    let Ok(counter) = started else {
        return false;
    };
    let exit = timeout(Duration::from_secs(60), inbox.next()).await;
    let Ok(InboxEvent::Exit(exit)) = exit else {
        panic!("{exit:?}");
    };
    assert_eq!(exit.from, counter.pid());
    assert_eq!(exit.reason, ExitReason::NoConnection);
    // The loss is reported once.
    let more = timeout(Duration::from_secs(60), inbox.next()).await;
    assert!(more.is_err(), "{more:?}");
    !is_linked
}

#[ambit::test]
async fn dist_17_a_linked_start_reports_a_loss_before_its_link(mut inbox: Inbox<u8>) {
    inbox.trap_exits(true);
    let mut without_link = 0;
    for stream in 0..8 {
        without_link += u32::from(answer_without_link(&mut inbox, stream).await);
    }
    assert!(without_link > 0, "no stream carries links and no answers");
}
