//! Nodes that fall silent, leave or end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use ambit_dist::transport::{ReadError, ReceiveHalf};
use ambit_dist::wire::CloseCode;
use ambit_dist::{ConnectError, DownReason, Node, PingError};
use bytes::Bytes;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::distribution::support::{Net, down, up};
use crate::support::wrapped_transport::{Origin, WrappedTransport, Wrapper};
use crate::two_nodes::messages::Counter;

#[tokio::test(start_paused = true)]
async fn dist_05_a_frozen_node_is_lost_in_time_and_a_quiet_one_is_not() {
    let net = Net::new();
    let (a, b) = net.pair().await;
    let mut events = a.events();
    let quiet = timeout(Duration::from_secs(3600), events.next());
    assert!(quiet.await.is_err(), "a quiet connection stays");
    net.0.hold(b.local_addr(), a.local_addr());
    let begin = Instant::now();
    assert_eq!(down(&mut events).await, DownReason::TimedOut);
    let took = begin.elapsed();
    // Three seconds since the last heartbeat, which may be one interval earlier.
    assert!(
        took >= Duration::from_millis(1800) && took <= Duration::from_millis(3750),
        "{took:?}"
    );
}

/// Whether the control stream, and so each heartbeat, is held.
#[derive(Debug, Default)]
struct ControlHolder(AtomicBool);

#[derive(Debug)]
struct ControlReceive(Box<dyn ReceiveHalf>, Arc<ControlHolder>);

impl Wrapper for ControlHolder {
    fn receive(self: Arc<Self>, half: Box<dyn ReceiveHalf>, from: Origin) -> Box<dyn ReceiveHalf> {
        match from {
            Origin::Control => Box::new(ControlReceive(half, self)),
            Origin::Opened(_) => half,
        }
    }
}

impl ReceiveHalf for ControlReceive {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>> {
        match self.1.0.load(Ordering::Relaxed) {
            // Nothing wakes the reader: its session ends with the silence.
            true => Poll::Pending,
            false => self.0.poll_read(cx),
        }
    }

    fn stop(&mut self, code: CloseCode) {
        self.0.stop(code);
    }
}

#[tokio::test(start_paused = true)]
async fn dist_05_ordinary_messages_count_as_heartbeats() {
    let net = Net::new();
    let control = Arc::new(ControlHolder::default());
    let transport = WrappedTransport(net.0.bind(Net::at("a")).unwrap(), control.clone());
    // Without a membership, whose packets are ordinary messages too.
    let a = Node::builder("a").transport(transport).hidden();
    let (a, b) = (a.start().await.unwrap(), net.node("b").await);
    a.expose::<Counter>();
    let mut seen = b.events();
    a.connect(b.local_addr()).await.unwrap();
    up(&mut seen).await;
    let far = b.on("a").start::<Counter>((0,)).await.unwrap();
    let mut events = a.events();
    control.0.store(true, Ordering::Relaxed);
    for second in 1..=60 {
        sleep(Duration::from_secs(1)).await;
        far.set(second).now().unwrap();
    }
    assert_eq!(a.peers().len(), 1);
    let begin = Instant::now();
    assert_eq!(down(&mut events).await, DownReason::TimedOut);
    let took = begin.elapsed();
    assert!(
        took >= Duration::from_millis(2900) && took <= Duration::from_millis(3750),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_ping_ends_when_the_node_is_lost() {
    let net = Net::new();
    let (a, b) = net.pair().await;
    net.0.hold(b.local_addr(), a.local_addr());
    let node = b.id().clone();
    assert_eq!(a.ping("b").await, Err(PingError::Lost { node }));
}

#[tokio::test(start_paused = true)]
async fn a_ping_beyond_a_thousand_unanswered_ones_fails_at_once() {
    let net = Net::new();
    let (a, b) = net.pair().await;
    net.0.hold(b.local_addr(), a.local_addr());
    let (node, begin) = (b.id().clone(), Instant::now());
    let mut pings = JoinSet::new();
    for _ in 0..2_000 {
        let a = a.clone();
        pings.spawn(async move { (a.ping("b").await, Instant::now()) });
    }
    let (mut too_many, mut lost) = (0, 0);
    for (result, at) in pings.join_all().await {
        match result {
            Err(PingError::TooMany { node: to }) => {
                assert_eq!((to, at), (node.clone(), begin));
                too_many += 1;
            }
            Err(PingError::Lost { .. }) => lost += 1,
            other => panic!("{other:?}"),
        }
    }
    // A heartbeat may be one of them.
    assert!((1_022..=1_024).contains(&lost), "{lost}");
    assert_eq!(too_many + lost, 2_000);
}

#[tokio::test(start_paused = true)]
async fn a_leaving_node_is_not_redialled_and_dials_no_peer() {
    let net = Net::new();
    let (a, b) = net.pair().await;
    let mut events = a.events();
    b.leave().await;
    assert_eq!(down(&mut events).await, DownReason::Left);
    assert_eq!(b.connect(a.local_addr()).await, Err(ConnectError::Left));
    drop(b);
    let again = net.node("b").await;
    sleep(Duration::from_secs(60)).await;
    assert_eq!((a.peers().len(), again.peers().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn leave_returns_within_its_time_limit_without_answers() {
    let net = Net::new();
    let (a, b) = net.pair().await;
    net.0.hold(b.local_addr(), a.local_addr());
    net.0.hold(a.local_addr(), b.local_addr());
    let begin = Instant::now();
    a.leave().await;
    assert!(
        begin.elapsed() <= Duration::from_secs(6),
        "{:?}",
        begin.elapsed()
    );
    a.leave().await;
}

#[tokio::test(start_paused = true)]
async fn a_node_without_handles_leaves() {
    let net = Net::new();
    let (a, b) = net.pair().await;
    let mut events = a.events();
    drop(b);
    assert_eq!(down(&mut events).await, DownReason::Left);
}

#[ambit::test]
async fn x90_local_processes_keep_running_after_the_node_has_left() {
    let net = Net::new();
    let a = net.node("a").await;
    let echo = ambit::spawn(|mut inbox: ambit::process::Inbox<u8>| async move {
        inbox.recv().await;
    });
    a.leave().await;
    let monitor = echo.monitor();
    echo.send(1).await.unwrap();
    assert!(monitor.await.reason.is_clean());
    assert_eq!(a.connect(Net::at("b")).await, Err(ConnectError::Left));
    assert_eq!(a.events().next().await, None);
}

#[test]
fn a_runtime_that_ends_takes_its_node_with_it() {
    let net = Net::new();
    let other = tokio::runtime::Runtime::new().unwrap();
    let b = other.block_on(net.node("b"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (a, mut events) = runtime.block_on(async {
        let a = net.node("a").await;
        let events = a.events();
        a.connect(b.local_addr()).await.unwrap();
        (a, events)
    });
    let mut of_b = b.events();
    runtime.block_on(up(&mut events));
    other.shutdown_background();
    let reason = runtime.block_on(down(&mut events));
    assert!(matches!(reason, DownReason::Reset(_)), "{reason:?}");
    assert_eq!(
        runtime.block_on(b.connect(a.local_addr())),
        Err(ConnectError::Left)
    );
    // The node may have seen the other one's `Up`; no events follow the end.
    let end = async { while of_b.next().await.is_some() {} };
    let ended = runtime.block_on(async { timeout(Duration::from_secs(5), end).await });
    assert!(ended.is_ok());
}
