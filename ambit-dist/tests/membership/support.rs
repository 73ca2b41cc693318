//! Waiting for members.

use std::time::Duration;

use ambit_dist::{Events, MemberEvent, MemberLoss, Node, NodeId};

use crate::distribution::support::Net;

/// Starts nodes `a`, `b`, .. of which all join by `a`.
pub(crate) async fn cluster<const N: usize>(net: &Net) -> [Node; N] {
    let mut nodes = Vec::new();
    for name in ["a", "b", "c", "d", "e"].iter().take(N) {
        let builder = net.builder(name).seeds([Net::at("a")]);
        nodes.push(builder.start().await.unwrap());
    }
    complete(&nodes.iter().collect::<Vec<_>>()).await;
    nodes.try_into().unwrap_or_else(|_| panic!("{N} nodes"))
}

/// Returns the next event, within a minute.
pub(crate) async fn next(events: &mut Events<MemberEvent>) -> MemberEvent {
    let next = tokio::time::timeout(Duration::from_secs(60), events.next());
    next.await.expect("an event").expect("a node that runs")
}

/// Returns the next member that joins.
pub(crate) async fn up(events: &mut Events<MemberEvent>) -> NodeId {
    match next(events).await {
        MemberEvent::Up { node } => node,
        other => panic!("{other:?} instead of an up"),
    }
}

/// Returns the next loss.
pub(crate) async fn down(events: &mut Events<MemberEvent>) -> (NodeId, MemberLoss) {
    match next(events).await {
        MemberEvent::Down { node, reason } => (node, reason),
        other => panic!("{other:?} instead of a down"),
    }
}

/// Waits until each of these nodes counts exactly all of them as up and connected.
pub(crate) async fn complete(nodes: &[&Node]) {
    let mut expected: Vec<NodeId> = nodes.iter().map(|node| node.id().clone()).collect();
    expected.sort();
    let is_complete = |node: &&Node| {
        let members = node.membership().up();
        let ids = members.iter().map(|member| member.id().clone());
        members.iter().all(|member| member.is_connected()) && ids.eq(expected.iter().cloned())
    };
    for _ in 0..6_000 {
        if nodes.iter().all(&is_complete) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let seen: Vec<_> = nodes
        .iter()
        .map(|node| (node.name(), node.membership()))
        .collect();
    panic!("after a minute the nodes see {seen:?}");
}
