//! Topics of the cluster.

use std::time::Duration;

use ambit::prelude::*;
use ambit::pubsub::{SubscribeOptions, Subscriber, WhenFull};
use ambit::test::{Probe, fill_mailbox};
use ambit_dist::{ClusterTopic, JoinGroupError, NodeName};

use super::support::{Machine, cluster, eventually};
use crate::distribution::support::Net;

/// Returns the topic "news" of a machine.
fn news(machine: &Machine) -> ClusterTopic<String> {
    machine.node.topic("news")
}

/// Subscribes a new process of each machine, and waits until all see all.
async fn subscribed(machines: &[&Machine]) -> Vec<Probe<String>> {
    let probes: Vec<_> = machines.iter().map(|one| one.probe::<String>()).collect();
    for (machine, probe) in machines.iter().zip(&probes) {
        news(machine).subscribe(&probe.recipient()).unwrap();
    }
    let all = || {
        machines
            .iter()
            .all(|one| news(one).nodes().len() == machines.len())
    };
    eventually("all see all", all).await;
    probes
}

#[ambit::test]
async fn pub_08_a_broadcast_reaches_the_subscribers_of_all_nodes() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let mut probes = subscribed(&[&a, &b, &c]).await;
    let mut also = b.probe::<String>();
    news(&b).subscribe(&also.recipient()).unwrap();
    let mut other = b.probe::<String>();
    b.node.topic("other").subscribe(&other.recipient()).unwrap();

    let before = a.node.peer("b").unwrap().traffic.messages_out;
    let published = news(&a).broadcast("rain".into());
    assert_eq!((published.local, published.nodes), (1, 2));
    for probe in &mut probes {
        assert_eq!(probe.expect().await, "rain");
    }
    assert_eq!(also.expect().await, "rain");
    // One copy for two subscribers.
    assert_eq!(a.node.peer("b").unwrap().traffic.messages_out, before + 1);
    other.refute_within(Duration::from_secs(10)).await;
    assert_eq!(
        a.node.topic::<String>("none").broadcast("x".into()).nodes,
        0
    );
}

mod later {
    #[derive(Clone, Debug, ambit::Message)]
    #[message(name = "shop.page")]
    pub(super) struct Page<T> {
        pub(super) note: Option<String>,
        pub(super) rows: Vec<T>,
    }
}

#[derive(Clone, Debug, PartialEq, ambit::Message)]
#[message(name = "shop.page")]
struct Page<T> {
    rows: Vec<T>,
}

#[ambit::test]
async fn topics_of_two_types_of_one_generic_message_reach_their_subscribers() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (mut numbers, mut texts) = (b.probe::<Page<u64>>(), b.probe::<Page<String>>());
    let numbered = b.node.topic::<Page<u64>>("numbers");
    numbered.subscribe(&numbers.recipient()).unwrap();
    let written = b.node.topic::<Page<String>>("texts");
    written.subscribe(&texts.recipient()).unwrap();
    let (on_a, written) = (a.node.topic("numbers"), a.node.topic("texts"));
    let both = || on_a.nodes().len() + written.nodes().len() == 2;
    eventually("a sees both", both).await;
    on_a.broadcast(Page { rows: vec![1_u64] });
    written.broadcast(Page {
        rows: vec!["one".to_owned()],
    });
    assert_eq!(numbers.expect().await.rows, [1]);
    assert_eq!(texts.expect().await.rows, ["one"]);
    // A later version of one of the types, which is compatible with only one of them.
    let later = a.node.topic("texts");
    later.broadcast(later::Page {
        rows: vec!["two".to_owned()],
        note: None,
    });
    assert_eq!(texts.expect().await.rows, ["two"]);
    assert_eq!(on_a.dropped(b.node.name()), 0);
}

#[ambit::test]
async fn pub_02_a_publisher_can_exclude_itself_on_any_node_and_locally() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let mut probes = subscribed(&[&a, &b]).await;
    let on_a = probes[0].pid();
    news(&a).broadcast_from(on_a, "to b".into());
    assert_eq!(probes[1].expect().await, "to b");
    assert_eq!(news(&a).local_broadcast_from(on_a, "to nobody".into()), 0);

    // A process of another node, known by its pid.
    b.groups().join("publishers", &probes[1].subject()).unwrap();
    eventually("a knows it", || a.count("publishers") == 1).await;
    let on_b = a.groups().members::<String>("publishers")[0].pid();
    news(&a).broadcast_from(on_b, "to a".into());
    assert_eq!(probes[0].expect().await, "to a");
    probes[0].refute_within(Duration::from_secs(10)).await;
    probes[1].refute_within(Duration::from_secs(10)).await;

    // A process of a system without a node here has no subscription.
    let unknown = ambit::system::System::builder().build().unwrap();
    let unknown = unknown
        .within(|| ambit::spawn(|_: Inbox<()>| async {}))
        .pid();
    news(&a).broadcast_from(unknown, "to all".into());
    assert_eq!(probes[0].expect().await, "to all");
    assert_eq!(probes[1].expect().await, "to all");
}

#[ambit::test]
async fn pub_06_a_local_broadcast_stays_on_its_node() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let mut probes = subscribed(&[&a, &b]).await;
    assert_eq!(news(&a).local_broadcast("near".into()), 1);
    assert_eq!(probes[0].expect().await, "near");
    probes[1].refute_within(Duration::from_secs(10)).await;
}

#[ambit::test]
async fn pub_07_a_direct_broadcast_goes_to_one_node() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let mut probes = subscribed(&[&a, &b, &c]).await;
    let published = news(&a).direct_broadcast("b", "to b".into());
    assert_eq!((published.local, published.nodes), (0, 1));
    assert_eq!(probes[1].expect().await, "to b");
    assert_eq!(news(&a).direct_broadcast("a", "to a".into()).local, 1);
    assert_eq!(probes[0].expect().await, "to a");
    for unknown in ["d", "no name"] {
        let published = news(&a).direct_broadcast(unknown, "lost".into());
        assert_eq!((published.local, published.nodes), (0, 0));
    }
    for probe in &mut probes {
        probe.refute_within(Duration::from_secs(10)).await;
    }
}

#[ambit::test]
async fn pub_04_a_node_without_subscribers_gets_no_copies() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (leaves, ends) = (b.probe::<String>(), b.probe::<String>());
    for probe in [&leaves, &leaves, &ends] {
        news(&b).subscribe(&probe.recipient()).unwrap();
    }
    eventually("a knows the node", || {
        news(&a).nodes() == [b.node.id().clone()]
    })
    .await;
    drop(ends);
    eventually("b has two subscriptions", || {
        news(&b).local_subscribers().len() == 2
    })
    .await;
    assert_eq!(news(&a).nodes().len(), 1);
    assert_eq!(news(&b).unsubscribe(leaves.pid()), 2);
    assert!(news(&b).nodes().is_empty());
    eventually("a knows none", || news(&a).nodes().is_empty()).await;
    news(&b).subscribe(&leaves.recipient()).unwrap();
    eventually("a knows the node again", || news(&a).nodes().len() == 1).await;
    drop(leaves);
    eventually("a knows none again", || news(&a).nodes().is_empty()).await;
}

/// The other nodes send to this node exactly while it has subscriptions, whatever other threads do.
#[ambit::test]
async fn subscriptions_and_their_ends_on_two_threads_leave_a_topic_consistent() {
    let net = Net::new();
    let [a] = cluster(&net).await;
    let probe = a.probe::<String>();
    let (recipient, topic) = (probe.recipient(), news(&a));
    for round in 0..2_000 {
        std::thread::scope(|scope| {
            scope.spawn(|| topic.unsubscribe(probe.pid()));
            scope.spawn(|| topic.subscribe(&recipient).unwrap());
        });
        let (local, nodes) = (topic.local_subscribers().len(), topic.nodes().len());
        assert_eq!(nodes, local.min(1), "{local} subscriptions, round {round}");
        topic.unsubscribe(probe.pid());
        assert!(topic.nodes().is_empty(), "round {round}");
    }
}

#[ambit::test]
async fn pub_09_messages_of_one_publisher_arrive_in_order() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let mut probe = b.probe::<u32>();
    b.node
        .topic::<u32>("n")
        .subscribe(&probe.recipient())
        .unwrap();
    let topic = a.node.topic::<u32>("n");
    eventually("a knows the node", || topic.nodes().len() == 1).await;
    for number in 0..500 {
        assert_eq!(topic.broadcast(number).nodes, 1);
    }
    for number in 0..500 {
        assert_eq!(probe.expect().await, number);
    }
}

#[ambit::test]
async fn pub_05_a_local_dispatcher_receives_the_subscriptions_of_its_node() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let mut probes = subscribed(&[&a, &b]).await;
    let twice = |to: &[Subscriber<String>], _from: Pid, text: String| {
        let sent = to.iter().filter(|one| one.send(text.repeat(2)));
        sent.count()
    };
    assert_eq!(news(&a).local_dispatch(Pid::NOBODY, "hey".into(), twice), 1);
    assert_eq!(probes[0].expect().await, "heyhey");
    probes[1].refute_within(Duration::from_secs(10)).await;
}

#[ambit::test]
async fn a_slow_subscriber_misses_messages_and_others_do_not() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (slow, mut quick) = (b.probe::<String>(), b.probe::<String>());
    let options = SubscribeOptions::new().when_full(WhenFull::DropNewest);
    news(&b).subscribe_with(&slow.recipient(), options).unwrap();
    news(&b).subscribe(&quick.recipient()).unwrap();
    eventually("a knows the node", || news(&a).nodes().len() == 1).await;
    let full = fill_mailbox(slow.subject());
    news(&a).broadcast("rain".into());
    assert_eq!(quick.expect().await, "rain");
    assert_eq!(news(&b).local_subscribers()[0].lag(), 1);
    drop(full);
}

#[ambit::test]
async fn a_subscription_that_a_full_mailbox_ends_is_no_longer_counted() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let slow = b.probe::<String>();
    let to_one = |to: &[Subscriber<String>], _: Pid, text: String| to[0].send(text);
    let broadcasts: [&dyn Fn(); 3] = [
        &|| _ = news(&a).broadcast("from the other node".into()),
        &|| _ = news(&b).local_broadcast("from this node".into()),
        &|| _ = news(&b).local_dispatch(Pid::NOBODY, "by a dispatcher".into(), to_one),
    ];
    for broadcast in broadcasts {
        let options = SubscribeOptions::new().when_full(WhenFull::Unsubscribe);
        news(&b).subscribe_with(&slow.recipient(), options).unwrap();
        eventually("a knows the node", || news(&a).nodes().len() == 1).await;
        let full = fill_mailbox(slow.subject());
        broadcast();
        eventually("it has ended", || news(&b).local_subscribers().is_empty()).await;
        eventually("b counts none", || news(&b).nodes().is_empty()).await;
        eventually("a knows none", || news(&a).nodes().is_empty()).await;
        drop(full);
    }
}

#[ambit::test]
async fn a_process_of_another_node_or_one_that_has_ended_cannot_subscribe() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let on_b = b.probe::<String>();
    let refused = news(&a).subscribe(&on_b.recipient());
    assert_eq!(refused, Err(JoinGroupError::Elsewhere));
    let recipient = on_b.recipient();
    drop(on_b);
    recipient.process().closed().await;
    let refused = news(&b).subscribe(&recipient);
    assert_eq!(refused, Err(JoinGroupError::NoProcess));
    assert!(news(&b).nodes().is_empty());
    let unknown: NodeName = "z".parse().unwrap();
    assert_eq!(news(&b).dropped(&unknown), 0);
}
