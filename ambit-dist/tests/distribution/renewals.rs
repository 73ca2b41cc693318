//! Nodes whose clock was set back between two incarnations.

use ambit_dist::{ClusterRegistry, ConnectError, Incarnation, Node};

use crate::distribution::support::{Net, down, up};
use crate::membership::support::complete;
use crate::names::support::Counter;

const HOUR: u64 = 3_600_000;
const NOON: u64 = 1 << 40;

/// Connects `b` to `a`, ends it, and starts it again with a clock that was set back by an hour.
async fn set_back(net: &Net, a: &Node) -> Node {
    let mut events = a.events();
    let first = net.builder("b").incarnation(Incarnation::new(NOON, 0));
    let first = first.start().await.unwrap();
    first.connect(a.local_addr()).await.unwrap();
    up(&mut events).await;
    first.leave().await;
    down(&mut events).await;
    drop(first);
    let later = net
        .builder("b")
        .incarnation(Incarnation::new(NOON - HOUR, 0));
    later.start().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_node_with_a_clock_set_back_rejoins_as_a_later_incarnation() {
    let net = Net::new();
    let a = net.node("a").await;
    let b = set_back(&net, &a).await;
    let mut events = a.events();
    let before = b.id().clone();
    b.connect(a.local_addr()).await.unwrap();
    assert!(*b.id() > before && b.id().incarnation > Incarnation::new(NOON, u16::MAX));
    assert_eq!(
        &up(&mut events).await,
        b.id(),
        "others call it what it calls itself"
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_with_a_clock_set_back_is_earlier_also_for_members_that_never_met_it() {
    let net = Net::new();
    let a = net.node("a").await;
    let b = set_back(&net, &a).await;
    let c = net.builder("c").seeds([Net::at("a")]).start().await;
    let c = c.unwrap();
    complete(&[&a, &c]).await;
    let before = b.id().clone();
    b.connect(c.local_addr()).await.unwrap();
    assert!(*b.id() > before && b.id().incarnation > Incarnation::new(NOON, u16::MAX));
    complete(&[&a, &b, &c]).await;
}

#[tokio::test(start_paused = true)]
async fn names_stay_held_while_a_node_takes_a_later_incarnation() {
    let net = Net::new();
    let a = net.node("a").await;
    let b = set_back(&net, &a).await;
    let counters = ClusterRegistry::<u32, Counter, u64>::open(&b, "counters");
    let counter = Counter::start(0).await.unwrap();
    counters.register(7, &counter, 0).await.unwrap();
    let before = b.id().clone();
    let to = a.local_addr();
    let dialing = {
        let b = b.clone();
        tokio::spawn(async move { b.connect(to).await })
    };
    while *b.id() == before {
        tokio::task::yield_now().await;
    }
    assert!(b.peers().is_empty(), "it is not connected yet");
    assert_eq!(counters.node_of(&7).as_ref(), Some(b.id()));
    assert_eq!(counters.update_value(&7, |value| value + 1), Ok(1));
    dialing.await.unwrap().unwrap();
    let at_a = ClusterRegistry::<u32, Counter, u64>::open(&a, "counters");
    let found = at_a.wait_for(7).await.unwrap();
    assert_eq!((found.add(2).await, at_a.value(&7)), (Ok(2), Some(1)));
}

#[tokio::test(start_paused = true)]
async fn a_dial_reaches_a_node_with_a_clock_set_back() {
    let net = Net::new();
    let a = net.node("a").await;
    let b = set_back(&net, &a).await;
    let reached = a.connect(b.local_addr()).await.unwrap();
    assert_eq!(reached, *b.id());
}

#[tokio::test(start_paused = true)]
async fn a_stale_node_connected_elsewhere_keeps_its_incarnation_and_gets_a_remedy() {
    let net = Net::new();
    let (a, c) = (net.node("a").await, net.node("c").await);
    let b = set_back(&net, &a).await;
    b.connect(c.local_addr()).await.unwrap();
    let before = b.id().clone();
    let error = b.connect(a.local_addr()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Stale { .. }), "{error:?}");
    assert!(error.to_string().contains("restart it"), "{error}");
    assert_eq!((b.id(), b.peers().len()), (&before, 1));
}

/// Years from now, but not too many.
const YEAR_2034: u64 = 2_020_000_000_000;

#[tokio::test(start_paused = true)]
async fn a_node_whose_clock_was_years_ahead_rejoins_when_its_clock_is_right() {
    let net = Net::new();
    let a = net.node("a").await;
    let mut events = a.events();
    let ahead = net.builder("b").incarnation(Incarnation::new(YEAR_2034, 0));
    let ahead = ahead.start().await.unwrap();
    ahead.connect(a.local_addr()).await.unwrap();
    up(&mut events).await;
    ahead.leave().await;
    down(&mut events).await;
    drop(ahead);
    let b = net.node("b").await;
    b.connect(a.local_addr()).await.unwrap();
    assert!(b.id().incarnation > Incarnation::new(YEAR_2034, u16::MAX));
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_reaches_the_refusing_node_first_ends_the_refusal() {
    let net = Net::new();
    let (a, c) = (net.node("a").await, net.node("c").await);
    let b = set_back(&net, &a).await;
    let mut events = c.events();
    b.connect(c.local_addr()).await.unwrap();
    up(&mut events).await;
    let error = b.connect(a.local_addr()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Stale { .. }), "{error:?}");
    b.leave().await;
    down(&mut events).await;
    drop(b);
    let again = net
        .builder("b")
        .incarnation(Incarnation::new(NOON - HOUR + 1, 0));
    let b = again.start().await.unwrap();
    b.connect(a.local_addr()).await.unwrap();
    b.connect(c.local_addr()).await.unwrap();
    assert_eq!(&up(&mut events).await, b.id());
    assert_eq!(a.peer("b").unwrap().id, *b.id());
}
