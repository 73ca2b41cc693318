//! Conflicts of names: two nodes with one name.

use ambit_dist::{ConnectError, DownReason, Incarnation, Node, NodeBuilder, Reconnect};

use crate::distribution::support::{Net, down, up};

/// Returns a builder for another node of this name, with a later incarnation and without automatic dials.
fn namesake(net: &Net, number: u8) -> NodeBuilder {
    let address = format!("10.0.1.{number}:9000").parse().unwrap();
    let transport = net.0.bind(address).unwrap();
    Node::builder("b")
        .transport(transport)
        .reconnect(Reconnect::Never)
        .incarnation(Incarnation::new((1 << 41) + u64::from(number), 0))
}

#[tokio::test(start_paused = true)]
async fn the_earlier_of_two_nodes_with_one_name_is_notified_of_the_new_holder() {
    let net = Net::new();
    let a = net.node("a").await;
    let first = namesake(&net, 1).start().await.unwrap();
    let mut events = first.events();
    first.connect(a.local_addr()).await.unwrap();
    up(&mut events).await;
    let second = namesake(&net, 2).start().await.unwrap();
    second.connect(a.local_addr()).await.unwrap();
    let reason = down(&mut events).await;
    let DownReason::Replaced(text) = &reason else {
        panic!("{reason:?}");
    };
    assert!(
        text.contains("`b`") && text.contains("10.0.1.2:9000"),
        "{text}"
    );
    let error = first.connect(a.local_addr()).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, ConnectError::Stale { .. }), "{error:?}");
    assert!(
        text.contains("10.0.1.2:9000") && text.contains("rename one of them"),
        "{text}"
    );
    assert_eq!(a.peer("b").unwrap().contests, 1);
    assert_eq!(a.peer("b").unwrap().id, *second.id());
}

#[tokio::test(start_paused = true)]
async fn nodes_that_replace_each_other_are_counted_and_after_three_times_the_connected_one_stays() {
    let net = Net::new();
    let a = net.node("a").await;
    let mut all = Vec::new();
    for number in 1..=4 {
        let node = namesake(&net, number).start().await.unwrap();
        node.connect(a.local_addr()).await.unwrap();
        all.push(node);
    }
    let last = namesake(&net, 5).start().await.unwrap();
    let error = last.connect(a.local_addr()).await.unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(error, ConnectError::NameRefused { .. }),
        "{error:?}"
    );
    assert!(
        text.contains("10.0.1.4:9000") && text.contains("10.0.1.5:9000"),
        "{text}"
    );
    let peer = a.peer("b").unwrap();
    assert_eq!((&peer.id, peer.contests), (all[3].id(), 4));
    // The name is free again once the node is gone.
    let mut events = a.events();
    all[3].leave().await;
    down(&mut events).await;
    last.connect(a.local_addr()).await.unwrap();
}
