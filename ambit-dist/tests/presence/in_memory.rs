//! Several nodes in memory, on a paused clock.

use ambit::system::System;
use ambit_dist::{Node, TrackError};

use super::support::{client, crash, next, rooms, shown};
use crate::distribution::support::Net;
use crate::membership::support::complete;

/// Starts nodes `a`, `b`, .. of which all join by `a`. Node `a` has the current system.
async fn cluster<const N: usize>(net: &Net) -> [Node; N] {
    let mut nodes = Vec::new();
    for name in ["a", "b", "c"].iter().take(N) {
        let mut builder = net.builder(name).seeds([Net::at("a")]);
        if *name != "a" {
            builder = builder.system(System::builder().build().unwrap());
        }
        nodes.push(builder.start().await.unwrap());
    }
    complete(&nodes.iter().collect::<Vec<_>>()).await;
    nodes.try_into().unwrap_or_else(|_| panic!("{N} nodes"))
}

#[ambit::test]
async fn pres_10_joins_and_leaves_reach_the_other_node() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (here, there) = (rooms(&a), rooms(&b));
    let mut events = there.events("lobby");
    let client = client().await;
    let reference = here.track(&client, "lobby", "u", "1".into()).unwrap();
    let diff = next(&mut events).await;
    assert_eq!(shown(&diff.joins), [("u", vec!["1"])]);
    assert_eq!(there.list("lobby"), diff.joins);
    let meta = &diff.joins[0].metas[0];
    assert_eq!((meta.reference(), meta.node()), (&reference, a.id()));
    here.update(&client, "lobby", "u", "2".into()).unwrap();
    let diff = next(&mut events).await;
    assert_eq!(shown(&diff.leaves), [("u", vec!["1"])]);
    assert_eq!(shown(&diff.joins), [("u", vec!["2"])]);
    crash(&client);
    let diff = next(&mut events).await;
    assert_eq!(shown(&diff.leaves), [("u", vec!["2"])]);
    assert_eq!(there.list("lobby"), []);
}

#[ambit::test]
async fn pres_10_a_process_of_another_node_is_refused() {
    let net = Net::new();
    let [_a, b] = cluster(&net).await;
    let client = client().await;
    let result = rooms(&b).track(&client, "lobby", "u", "1".into());
    assert_eq!(result, Err(TrackError::Elsewhere));
}

#[ambit::test]
async fn pres_14_a_graceful_leave_ends_its_presences_at_once() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let client = client().await;
    let mut events = [&b, &c].map(|node| rooms(node).events("lobby"));
    let here = rooms(&a);
    here.track(&client, "lobby", "u", "1".into()).unwrap();
    for events in &mut events {
        next(events).await;
    }
    let begin = tokio::time::Instant::now();
    a.leave().await;
    for events in &mut events {
        let diff = next(events).await;
        assert_eq!(shown(&diff.leaves), [("u", vec!["1"])]);
    }
    assert!(begin.elapsed() < std::time::Duration::from_secs(1));
    assert_eq!(rooms(&b).list("lobby"), []);
    let result = here.track(&client, "lobby", "v", "1".into());
    assert_eq!(result, Err(TrackError::Left));
    let mut ended = here.events("lobby");
    while ended.next().await.is_some() {}
}

#[ambit::test]
async fn pres_18_presences_are_hidden_during_a_partition_and_return() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let client = client().await;
    let there = rooms(&b);
    let mut events = there.events("lobby");
    rooms(&a).track(&client, "lobby", "u", "1".into()).unwrap();
    let joined = next(&mut events).await.joins;
    for other in [&b, &c] {
        net.0.cut(a.local_addr(), other.local_addr());
    }
    assert_eq!(next(&mut events).await.leaves, joined);
    assert_eq!(there.list("lobby"), []);
    for other in [&b, &c] {
        net.0.heal(a.local_addr(), other.local_addr());
    }
    assert_eq!(next(&mut events).await.joins, joined);
    assert_eq!(there.list("lobby"), joined);
}
