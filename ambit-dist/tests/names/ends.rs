//! Names that end: with their processes, or on one side of a partition.

use std::time::Duration;

use ambit::error::LookupError;
use ambit::prelude::*;
use ambit_dist::{
    ClusterRegistry, Events, NameEvent, Node, Presence, PresenceEvent, RegisterNameError,
};
use tokio::time::timeout;

use super::support::{Counter, CounterSubject, all_see, apart, cut, heal, reports, until};
use crate::distribution::support::Net;
use crate::membership::support::{cluster, complete};

#[tokio::test(start_paused = true)]
async fn glob_03_all_names_of_a_process_vanish_everywhere_with_it() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    for index in 0..100 {
        let name = format!("n{index}");
        a.names().register(name, &counter).await.unwrap();
    }
    assert_eq!(c.names().registered().len(), 100);
    ambit::exit(&counter, ExitReason::Kill);
    let nodes = [&a, &b, &c];
    let is_empty = || {
        nodes
            .iter()
            .all(|node| node.names().registered().is_empty())
    };
    until("no names", is_empty).await;
    let refused = a.names().register("late", &counter).await;
    assert_eq!(refused, Err(RegisterNameError::NoProcess));
}

#[tokio::test(start_paused = true)]
async fn glob_03_the_names_of_many_processes_vanish_everywhere_with_them() {
    let net = Net::new();
    let nodes: [Node; 3] = cluster(&net).await;
    let mut counters = Vec::new();
    for node in &nodes {
        for index in 0..100 {
            let counter = Counter::start(index).await.unwrap();
            let name = format!("{}{index}", node.name());
            node.names().register(name, &counter).await.unwrap();
            counters.push(counter);
        }
    }
    let all_have = |names| {
        let mut nodes = nodes.iter();
        nodes.all(|node| node.names().registered().len() == names)
    };
    until("all names", || all_have(300)).await;
    for counter in &counters {
        ambit::exit(counter, ExitReason::Kill);
    }
    until("no names", || all_have(0)).await;
}

#[tokio::test(start_paused = true)]
async fn glob_06_names_of_a_node_vanish_with_it() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    b.names().register("lost", &counter).await.unwrap();
    c.names().register("left", &counter).await.unwrap();
    let mut events = a.names().events();
    c.leave().await;
    let gone = |name: &str| NameEvent::Unregistered {
        name: name.to_owned(),
    };
    reports(&mut events, &gone("left")).await;
    for other in [&a, &c] {
        net.cut(other.local_addr(), b.local_addr());
    }
    reports(&mut events, &gone("lost")).await;
    assert!(a.names().registered().is_empty());
    let left = c.names().register("late", &counter).await;
    assert_eq!(left, Err(RegisterNameError::Left));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_has_left_finds_no_names_of_other_nodes() {
    let net = Net::new();
    let [a, b]: [Node; 2] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    b.names().register("c", &counter).await.unwrap();
    let mut events = a.names().events();
    a.leave().await;
    assert_eq!(a.names().node_of("c"), None);
    let found = a.names().lookup::<Counter>("c").await;
    assert_eq!(found.err(), Some(LookupError::NotFound));
    let name = "c".to_owned();
    reports(&mut events, &NameEvent::Unregistered { name }).await;
    assert_eq!(events.next().await, None);
    assert_eq!(b.names().node_of("c").as_ref(), Some(b.id()));
}

#[tokio::test(start_paused = true)]
async fn glob_14_a_name_removed_during_a_partition_is_gone_after_it() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let counter = Counter::start(1).await.unwrap();
    a.names().register("c", &counter).await.unwrap();
    // Only the link between a and c is broken, so c receives the removal through b.
    cut(&net, &[&a], &[&c]);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(c.names().node_of("c").as_ref(), Some(a.id()));
    assert!(a.names().unregister("c"));
    all_see(&[&a, &b, &c], "c", None).await;
    heal(&net, &[&a], &[&c]);
    complete(&[&a, &b, &c]).await;
    all_see(&[&a, &b, &c], "c", None).await;
}

/// Registers a name on `a`, cuts `a` off, lets `end` end the registration, and reverts the cut.
async fn removed_while_cut_off(end: impl Fn(&Node, &CounterSubject)) {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let counter = Counter::start(1).await.unwrap();
    a.names().register("c", &counter).await.unwrap();
    cut(&net, &[&a], &[&b, &c]);
    apart(&[&a], &[&b, &c]).await;
    end(&a, &counter);
    all_see(&[&a], "c", None).await;
    heal(&net, &[&a], &[&b, &c]);
    complete(&[&a, &b, &c]).await;
    all_see(&[&a, &b, &c], "c", None).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    for node in [&a, &b, &c] {
        assert_eq!(node.names().registered(), [] as [String; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn glob_14_a_name_unregistered_on_the_cut_off_side_stays_gone_after_it() {
    removed_while_cut_off(|a, _| assert!(a.names().unregister("c"))).await;
}

#[tokio::test(start_paused = true)]
async fn glob_14_a_name_whose_process_ends_on_the_cut_off_side_stays_gone_after_it() {
    removed_while_cut_off(|_, counter| ambit::exit(counter, ExitReason::Kill)).await;
}

/// The events of the cluster names, of a registry and of a tracker.
type AllEvents = (
    Events<NameEvent<String>>,
    Events<NameEvent<u8>>,
    Events<PresenceEvent<String>>,
);

/// Opens a registry and a tracker with this name.
fn events(node: &Node, name: &str) -> AllEvents {
    let registry = ClusterRegistry::<u8, Counter>::open(node, name);
    let presence = Presence::<String>::builder(name).open(node).unwrap();
    let names = node.names().events();
    (names, registry.events(), presence.events("lobby"))
}

async fn end((mut names, mut registered, mut present): AllEvents) -> bool {
    names.next().await.is_none()
        && registered.next().await.is_none()
        && present.next().await.is_none()
}

#[test]
fn events_end_with_the_runtime_of_their_node() {
    let net = Net::new();
    let other = tokio::runtime::Runtime::new().unwrap();
    let node = other.block_on(net.node("a"));
    let before = events(&node, "before");
    other.shutdown_timeout(Duration::from_secs(10));
    let after = events(&node, "after");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for events in [before, after] {
        let ended = async { timeout(Duration::from_secs(10), end(events)).await };
        assert_eq!(runtime.block_on(ended), Ok(true));
    }
}
