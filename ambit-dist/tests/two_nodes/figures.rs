//! The statistics of a node about its peers.

use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use ambit::message::{Codec, DecodeError, EncodeError, In, Leaf, Out, Schema, Shape, Types, Wire};
use ambit::prelude::*;
use ambit_dist::wire::Kind;
use ambit_dist::{Node, PeerInfo};

use crate::two_nodes::pair::pair;

/// Can be encoded but not decoded.
struct Unreadable;

impl Schema for Unreadable {
    fn shape(_: &mut Types) -> Shape {
        Shape::Leaf(Leaf::U8)
    }
}

impl Wire for Unreadable {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        7_u8.put(out)
    }

    fn take<C: Codec>(_: &mut In<'_, C>) -> Result<Self, DecodeError> {
        Err(DecodeError::Invalid("on purpose".to_owned()))
    }
}

#[allow(unnameable_types, reason = "a public server, with private arguments")]
pub struct Busy;

#[gen_server(remote = "test.busy", mailbox = 1)]
impl Busy {
    #[init]
    fn new() -> Self {
        Self
    }

    #[call]
    fn echo(&self, number: u64) -> u64 {
        number
    }

    #[cast]
    fn misread(&mut self, what: Unreadable) {
        let _ = what;
    }

    #[cast]
    async fn never_mind(&mut self) {
        std::future::pending::<()>().await;
    }
}

fn count(all: &[(Kind, u64)], kind: Kind) -> u64 {
    let found = all.iter().find(|(known, _)| *known == kind);
    found.map_or(0, |(_, count)| *count)
}

/// Returns the information about the peer once it satisfies a condition.
async fn look(node: &Node, what: impl Fn(&PeerInfo) -> bool) -> PeerInfo {
    let look = async {
        loop {
            let info = node.peers().remove(0);
            if what(&info) {
                return info;
            }
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(20), look).await;
    found.expect("it never came to that")
}

#[ambit::test(real_time)]
async fn traffic_is_counted_by_kind_on_both_sides() {
    let pair = pair().await;
    pair.far.expose::<Busy>();
    let busy = pair.near.on("far").start::<Busy>(()).await.unwrap();
    for number in 0..10 {
        assert_eq!(busy.echo(number).await, Ok(number));
    }
    busy.misread(Unreadable).await.unwrap();
    pair.near.ping("far").await.unwrap();
    let there = look(&pair.far, |info| info.traffic.decode_errors == 1).await;
    let here = pair.near.peer("far").unwrap();
    let (sent, read) = (&here.traffic, &there.traffic);
    // The start is also a call.
    assert_eq!(count(&sent.frames_out, Kind::Ask), 11);
    assert_eq!(count(&read.frames_in, Kind::Ask), 11);
    assert_eq!(count(&sent.frames_in, Kind::Reply), 11);
    assert_eq!(count(&read.frames_out, Kind::Reply), 11);
    assert_eq!(count(&sent.frames_out, Kind::Tell), 1);
    assert!(count(&sent.frames_out, Kind::Ping) >= 1);
    assert!(count(&sent.frames_in, Kind::Pong) >= 1);
    assert_eq!(sent.messages_out, 12);
    assert!(sent.bytes_out > sent.payload_out && sent.bytes_in > 0);
    assert!(here.rtt.is_some_and(|rtt| rtt > Duration::ZERO));
    assert_eq!((here.reconnects, read.undelivered), (0, 0));
    // Each byte that one node has written is read by the other.
    look(&pair.far, |info| info.traffic.bytes_in >= sent.bytes_out).await;
}

#[ambit::test(real_time)]
async fn traffic_reports_credits_and_waiting_messages_and_counts_reconnects() {
    let pair = pair().await;
    pair.far.expose::<Busy>();
    let busy = pair.near.on("far").start::<Busy>(()).await.unwrap();
    assert_eq!(pair.near.peer("far").unwrap().traffic.messages_waiting, 0);
    let mut sent = 0_u64;
    while busy.never_mind().now().is_ok() {
        sent += 1;
    }
    let mut waiting = busy.never_mind().no_timeout();
    let once = std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut waiting).poll(cx)));
    assert!(once.await.is_pending());
    let traffic = pair.near.peer("far").unwrap().traffic;
    let waits = traffic.messages_waiting;
    assert!(waits >= 1, "{traffic:?}");
    assert!((1..=sent).contains(&traffic.credits_used), "{traffic:?}");
    drop(waiting);
    let traffic = pair.near.peer("far").unwrap().traffic;
    assert_eq!(traffic.messages_waiting, waits - 1);
    assert!(pair.near.disconnect("far").await);
    pair.near.connect(pair.far.local_addr()).await.unwrap();
    let again = pair.near.peer("far").unwrap();
    assert_eq!((again.reconnects, again.traffic.credits_used), (1, 0));
}
