//! Lanes that receive the first messages for one process at the same time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use ambit::gen_server;
use ambit::message::Out;
use ambit::system::System;

use super::*;
use crate::codecs::any::AnyCodec;
use crate::node::id::id;
use crate::remote_processes::node_context::NodeContext;
use crate::rt;

struct Counter;

#[gen_server(remote = "dispatch.counter")]
impl Counter {
    #[init]
    fn new() -> Self {
        Self
    }

    #[cast]
    fn count(&mut self) {}
}

/// Returns a session, and the address of a process that its other node can reach.
fn session_with(counter: &CounterSubject) -> (Arc<Session>, Address) {
    let node_context = NodeContext::new(id("a", 1), &System::current().unwrap());
    let peer = node_context.peer_incarnation(&id("b", 1));
    let limits = Limits::default();
    let codec = AnyCodec::Bincode;
    let session = Session::new(node_context.clone(), peer, codec, limits, None);
    let session = Arc::new(session);
    let mut out = Out::with(codec, Form::Compact).process_encoding(&*session);
    counter.as_ref().put(&mut out).unwrap();
    let (slot, generation) = node_context.local.parts(counter.pid()).unwrap();
    (session, Address { slot, generation })
}

/// Returns a message without arguments.
fn message<'a>(
    theirs: &'a Arc<PeerProtocol>,
    memory: &'a Bytes,
    ask: Option<CallHeader>,
) -> ReceivedMessage<'a> {
    ReceivedMessage {
        theirs,
        method: 0,
        framed: false,
        from: None,
        payload: &[],
        memory,
        is_alone: false,
        ask,
        trace: None,
    }
}

#[ambit::test(real_time)]
async fn two_lanes_share_the_receiver_of_a_process() {
    let counter = Counter::start().await.unwrap();
    let (session, to) = session_with(&counter);
    let theirs = PeerProtocol::new("dispatch.counter".to_owned(), 0, String::new());
    let (theirs, memory) = (Arc::new(theirs), Bytes::new());
    let (arrived, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let end = rt::now() + Duration::from_secs(5); // each yield takes long on a busy machine
    // Spins, because a thread that sleeps wakes too late to meet the other one.
    let meet = |count: usize| {
        arrived.fetch_add(1, Ordering::SeqCst);
        while arrived.load(Ordering::SeqCst) < 2 * count {
            thread::yield_now();
        }
    };
    let receivers = || {
        let message = message(&theirs, &memory, None);
        let receiver = |round: usize| {
            meet(3 * round + 1);
            let receiver = session.receiver(to, &message).unwrap();
            meet(3 * round + 2);
            // The next round begins without a receiver.
            session.receivers.lock().clear();
            is_over.fetch_or(rt::now() > end, Ordering::SeqCst);
            meet(3 * round + 3);
            receiver
        };
        // Both threads read the flag before either of them can set it in the next round.
        let rounds = (0..20_000).take_while(|_| !is_over.load(Ordering::SeqCst));
        rounds.map(receiver).collect::<Vec<_>>()
    };
    let (one, other) = thread::scope(|scope| {
        let (one, other) = (scope.spawn(receivers), scope.spawn(receivers));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert!(!one.is_empty() && one.len() == other.len());
    let differing = one.iter().zip(&other);
    let differing = differing.filter(|(one, other)| !Arc::ptr_eq(one, other));
    assert_eq!(differing.count(), 0, "rounds with two receivers");
}

/// The caller of the message has given up, so its delivery does not find out that the process has ended.
#[ambit::test]
async fn a_process_that_ends_before_its_receiver_is_added_leaves_none() {
    let counter = Counter::start().await.unwrap();
    let (session, to) = session_with(&counter);
    let theirs = PeerProtocol::new("dispatch.counter".to_owned(), 0, String::new());
    let theirs = Arc::new(theirs);
    let sink = session.node_context.exports.sink(to, &theirs).unwrap();
    counter.stop().await.unwrap();
    let receiver = session.add_receiver(to, sink);
    let (req, left) = (1, Some(Duration::ZERO));
    let ask = Some(CallHeader { req, left });
    receiver.take(&session, &message(&theirs, &Bytes::new(), ask));
    assert!(session.receivers.lock().is_empty());
    let frames = session.control.frames(&session.stats);
    let mut expected = bytes::BytesMut::new();
    Frame::Credit { to, count: 1 }.encode(&mut expected);
    Frame::Credit { to, count: 0 }.encode(&mut expected);
    assert_eq!(
        frames, expected,
        "the credit is returned, and no more follow"
    );
}
