//! A linked start whose answer arrives, and whose link is lost with the session.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;
use ambit_dist::transport::{Memory, ReadError, ReceiveHalf};
use ambit_dist::wire::{CloseCode, Kind};
use ambit_dist::{Node, Reconnect};
use bytes::Bytes;
use tokio::time::timeout;

use crate::names::support::until;
use crate::support::wrapped_transport::{Origin, WrappedTransport, Wrapper};
use crate::two_nodes::messages::Counter;

/// The streams that deliver nothing: one that the other node opened, or all of them.
#[derive(Debug)]
struct Holding {
    stream: Origin,
    is_all: AtomicBool,
}

#[derive(Debug)]
struct HoldingReceive(Box<dyn ReceiveHalf>, Origin, Arc<Holding>);

impl Wrapper for Holding {
    fn receive(self: Arc<Self>, half: Box<dyn ReceiveHalf>, from: Origin) -> Box<dyn ReceiveHalf> {
        Box::new(HoldingReceive(half, from, self))
    }
}

impl ReceiveHalf for HoldingReceive {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>> {
        let held = &self.2;
        if held.stream == self.1 || held.is_all.load(Ordering::Relaxed) {
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
    let (stream, is_all) = (Origin::Opened(stream), AtomicBool::new(false));
    let held = Arc::new(Holding { stream, is_all });
    let transport = network.bind("10.0.0.1:9000".parse().unwrap()).unwrap();
    let transport = WrappedTransport(transport, held.clone());
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
