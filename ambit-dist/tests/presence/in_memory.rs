//! Several nodes in memory, on a paused clock.

use ambit::system::System;
use ambit_dist::{Node, Presence, TrackError};

use super::support::{client, crash, next, rooms, shown};
use crate::distribution::support::Net;
use crate::membership::support::complete;
use crate::names::support::until;

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
    assert!(begin.elapsed() < net.at_once());
    assert_eq!(rooms(&b).list("lobby"), []);
    let result = here.track(&client, "lobby", "v", "1".into());
    assert_eq!(result, Err(TrackError::Left));
    let mut ended = here.events("lobby");
    while ended.next().await.is_some() {}
}

#[ambit::test]
async fn a_node_that_has_left_lists_no_presences_of_other_nodes() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let client = client().await;
    let mut events = rooms(&b).events("lobby");
    rooms(&a).track(&client, "lobby", "u", "1".into()).unwrap();
    next(&mut events).await;
    b.leave().await;
    assert_eq!(rooms(&b).list("lobby"), []);
    assert_eq!(next(&mut events).await.leaves.len(), 1);
    assert_eq!(events.next().await, None);
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
        net.cut(a.local_addr(), other.local_addr());
    }
    assert_eq!(next(&mut events).await.leaves, joined);
    assert_eq!(there.list("lobby"), []);
    for other in [&b, &c] {
        net.heal(a.local_addr(), other.local_addr());
    }
    assert_eq!(next(&mut events).await.joins, joined);
    assert_eq!(there.list("lobby"), joined);
}

#[ambit::test]
async fn presences_that_leave_with_their_node_are_sorted_by_reference() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (here, there) = (rooms(&a), rooms(&b));
    let (phone, tablet) = (client().await, client().await);
    here.track(&phone, "lobby", "u", "1".into()).unwrap();
    here.track(&tablet, "lobby", "u", "2".into()).unwrap();
    here.update(&phone, "lobby", "u", "3".into()).unwrap();
    let expected = [("u", vec!["2", "3"])];
    until("both devices", || shown(&there.list("lobby")) == expected).await;
    let mut events = there.events("lobby");
    a.leave().await;
    loop {
        let diff = next(&mut events).await;
        // The joins are those before the subscription.
        if diff.joins.is_empty() {
            assert_eq!(shown(&diff.leaves), expected);
            return;
        }
    }
}

#[ambit::test]
async fn x67_one_tracker_and_several_show_the_same_presences() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let client = client().await;
    let mut all = Vec::new();
    for trackers in [1, 2, 8] {
        let open = |node: &Node| -> Vec<Presence<String>> {
            let name = |number| format!("{number} of {trackers}");
            let open = |number| Presence::open(node, name(number)).unwrap();
            (0..trackers).map(open).collect()
        };
        let (here, there) = (open(&a), open(&b));
        for topic in 0..100 {
            let rooms = &here[topic % trackers];
            let name = topic.to_string();
            rooms.track(&client, &name, "u", "1".into()).unwrap();
            if topic % 2 == 0 {
                rooms.update(&client, &name, "u", "2".into()).unwrap();
            }
            if topic % 3 == 0 {
                assert!(rooms.untrack(&client, &name, "u"));
            }
        }
        let lists = |rooms: &[Presence<String>]| -> Vec<String> {
            let list = |topic: usize| rooms[topic % trackers].list(&topic.to_string());
            (0..100)
                .map(|topic| format!("{:?}", shown(&list(topic))))
                .collect()
        };
        until("both nodes agree", || lists(&here) == lists(&there)).await;
        all.push(lists(&there));
    }
    assert_eq!(all[0][0], "[]");
    assert_eq!(all[0][1], r#"[("u", ["1"])]"#);
    assert_eq!(all[0][2], r#"[("u", ["2"])]"#);
    assert!(all.iter().all(|lists| *lists == all[0]));
}

#[tokio::test(start_paused = true)]
async fn metadata_of_another_type_with_the_same_bytes_is_not_visible() {
    let net = Net::new();
    let [a, b, third] = cluster(&net).await;
    let texts = rooms(&a);
    let bytes = Presence::<Vec<u8>>::open(&b, "rooms").unwrap();
    let client = client().await;
    texts.track(&client, "lobby", "u", "x".into()).unwrap();
    let at_third = rooms(&third);
    until("the text", || !at_third.list("lobby").is_empty()).await;
    assert_eq!(shown(&at_third.list("lobby")), [("u", vec!["x"])]);
    assert_eq!(bytes.list("lobby"), []);
}
