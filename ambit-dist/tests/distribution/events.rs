//! Node events from the view of listeners.

use std::time::Duration;

use ambit::test::Probe;
use ambit_dist::{DownReason, NodeEvent};
use tokio::time::timeout;

use crate::distribution::support::{Net, down, next, up};

#[ambit::test]
async fn dist_01_each_subscription_counts_and_ends_by_itself_or_with_its_process() {
    let net = Net::new();
    let (a, b) = (net.node("a").await, net.node("b").await);
    let mut probe = Probe::<NodeEvent>::new();
    let first = a.subscribe(&probe.recipient());
    let second = a.subscribe(&probe.recipient());
    a.connect(b.local_addr()).await.unwrap();
    let node = b.id().clone();
    let up = NodeEvent::Up { node: node.clone() };
    assert_eq!(
        [probe.expect().await, probe.expect().await],
        [up.clone(), up]
    );
    assert!(first.cancel());
    assert!(a.disconnect("b").await);
    let reason = DownReason::Disconnected;
    assert_eq!(probe.expect().await, NodeEvent::Down { node, reason });
    assert!(second.cancel());
    a.connect(b.local_addr()).await.unwrap();
    probe.refute_within(Duration::from_secs(1)).await;

    let gone = Probe::<NodeEvent>::new();
    let subscription = a.subscribe(&gone.recipient());
    drop(gone);
    let mut events = a.events();
    assert!(a.disconnect("b").await);
    assert_eq!(down(&mut events).await, DownReason::Disconnected);
    assert!(!subscription.cancel(), "it ended with its process");
}

#[tokio::test(start_paused = true)]
async fn dist_02_a_node_is_up_before_its_first_message_and_down_after_its_last() {
    let net = Net::new();
    let (a, b) = (net.node("a").await, net.node("b").await);
    let mut events = (a.events(), b.events());
    for _ in 0..20 {
        a.connect(b.local_addr()).await.unwrap();
        assert_eq!(&up(&mut events.0).await, b.id());
        a.ping("b").await.unwrap();
        assert_eq!(
            &up(&mut events.1).await,
            a.id(),
            "before the answer went out"
        );
        assert!(a.disconnect("b").await);
        assert_eq!(down(&mut events.0).await, DownReason::Disconnected);
        assert!(a.ping("b").await.is_err());
        assert_eq!(down(&mut events.1).await, DownReason::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn dist_04_each_way_to_lose_a_node_has_its_own_down_reason() {
    let net = Net::new();
    let (a, b) = (net.node("a").await, net.node("b").await);
    let mut events = (a.events(), b.events());
    let connect = || async { a.connect(b.local_addr()).await.unwrap() };

    connect().await;
    up(&mut events.0).await;
    up(&mut events.1).await;
    a.disconnect("b").await;
    assert_eq!(down(&mut events.0).await, DownReason::Disconnected);
    assert_eq!(down(&mut events.1).await, DownReason::Closed);

    connect().await;
    up(&mut events.0).await;
    up(&mut events.1).await;
    net.0.hold(b.local_addr(), a.local_addr());
    assert_eq!(down(&mut events.0).await, DownReason::TimedOut);
    net.0.heal(b.local_addr(), a.local_addr());
    // The other node timed out: this node's answers did not arrive.
    assert_eq!(down(&mut events.1).await, DownReason::TimedOut);

    up(&mut events.0).await;
    up(&mut events.1).await;
    b.leave().await;
    assert_eq!(down(&mut events.0).await, DownReason::Left);
    assert_eq!(down(&mut events.1).await, DownReason::Left);
}

#[tokio::test(start_paused = true)]
async fn a_restarted_node_is_down_before_its_later_incarnation_is_up() {
    let net = Net::new();
    let a = net.node("a").await;
    let seeds = [a.local_addr()];
    let first = net.builder("b").seeds(seeds).start().await.unwrap();
    let mut events = a.events();
    assert_eq!(&up(&mut events).await, first.id());
    // The first incarnation is frozen but not yet lost; the second one has another address.
    net.0.hold(first.local_addr(), a.local_addr());
    let second = net.0.bind("10.0.0.200:1".parse().unwrap()).unwrap();
    let second = ambit_dist::Node::builder("b")
        .transport(second)
        .seeds(seeds);
    let later = ambit_dist::Incarnation::new(1 << 41, 0);
    let second = second.incarnation(later).start().await.unwrap();
    let node = first.id().clone();
    let reason = DownReason::Restarted;
    assert_eq!(next(&mut events).await, NodeEvent::Down { node, reason });
    assert_eq!(&up(&mut events).await, second.id());
    net.0.heal(first.local_addr(), a.local_addr());
    let quiet = timeout(Duration::from_secs(120), events.next());
    assert!(
        quiet.await.is_err(),
        "the earlier incarnation does not come back"
    );
}
