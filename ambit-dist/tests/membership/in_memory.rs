//! In memory, on a paused clock.

use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{HealthStatus, MemberEvent, MemberLoss, MemberState, Node, NodeError};

use super::support::{cluster, complete, down, up};
use crate::distribution::support::Net;

#[tokio::test(start_paused = true)]
async fn swim_01_nodes_that_know_one_seed_form_a_full_mesh() {
    let net = Net::new();
    let nodes: [Node; 5] = cluster(&net).await;
    for node in &nodes {
        assert_eq!(node.peers().len(), 4, "{node:?}");
        assert_eq!(node.health().status, HealthStatus::Healthy);
        assert_eq!(node.health().members, 5);
    }
}

#[tokio::test(start_paused = true)]
async fn swim_13_a_leave_is_seen_by_all_at_once() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let mut events = [a.membership().events(), b.membership().events()];
    let id = c.id().clone();
    let begin = tokio::time::Instant::now();
    c.leave().await;
    for events in &mut events {
        assert_eq!(down(events).await, (id.clone(), MemberLoss::Left));
    }
    assert!(begin.elapsed() < net.at_once());
    assert_eq!(
        a.membership().member("c").unwrap().state(),
        MemberState::Left
    );
    // It is not dialled again, and nothing else happens.
    tokio::time::sleep(Duration::from_secs(60)).await;
    complete(&[&a, &b]).await;
    assert_eq!(a.health().status, HealthStatus::Healthy);
}

#[tokio::test(start_paused = true)]
async fn swim_05_a_node_that_is_cut_off_is_down_and_returns_with_its_incarnation() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let mut events = a.membership().events();
    for other in [&a, &b] {
        net.cut(other.local_addr(), c.local_addr());
    }
    assert_eq!(down(&mut events).await, (c.id().clone(), MemberLoss::Lost));
    assert_eq!(
        a.membership().member("c").unwrap().state(),
        MemberState::Down
    );
    let health = c.health();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(c.health().status, HealthStatus::Isolated, "{health:?}");
    for other in [&a, &b] {
        net.heal(other.local_addr(), c.local_addr());
    }
    assert_eq!(up(&mut events).await, *c.id());
    complete(&[&a, &b, &c]).await;
}

#[tokio::test(start_paused = true)]
async fn two_members_reconnect_after_a_long_cut_between_them() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    net.cut(b.local_addr(), c.local_addr());
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert!(b.peer("c").is_none() && c.peer("b").is_none());
    // Both stay members, by way of `a`, so nothing about them changes.
    assert!(b.membership().member("c").unwrap().is_up());
    assert!(c.membership().member("b").unwrap().is_up());
    net.heal(b.local_addr(), c.local_addr());
    complete(&[&a, &b, &c]).await;
}

struct Watcher {
    seen: Vec<MemberEvent>,
}

#[gen_server]
impl Watcher {
    #[init]
    fn new() -> Self {
        Self { seen: Vec::new() }
    }

    #[info]
    fn member(&mut self, event: MemberEvent) {
        self.seen.push(event);
    }

    #[call]
    fn seen(&self) -> Vec<MemberEvent> {
        self.seen.clone()
    }
}

#[ambit::test]
async fn swim_10_a_server_gets_the_events_as_messages() {
    let net = Net::new();
    let a = net.node("a").await;
    let watcher = Watcher::start().await.unwrap();
    let subscription = a.membership().subscribe(&watcher.recipient());
    let b = net
        .builder("b")
        .seeds([Net::at("a")])
        .start()
        .await
        .unwrap();
    complete(&[&a, &b]).await;
    b.leave().await;
    let node = b.id().clone();
    let reason = MemberLoss::Left;
    let expected = [
        MemberEvent::Up { node: node.clone() },
        MemberEvent::Down { node, reason },
    ];
    while watcher.seen().await.unwrap().len() < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(watcher.seen().await.unwrap(), expected);
    assert!(subscription.cancel());
    a.leave().await;
}

#[tokio::test(start_paused = true)]
async fn roles_and_tags_are_seen_by_all() {
    let net = Net::new();
    let a = net.node("a").await;
    let b = net
        .builder("b")
        .seeds([Net::at("a")])
        .role("web")
        .tag("zone", "north");
    let b = b.start().await.unwrap();
    let c = net
        .builder("c")
        .seeds([Net::at("a")])
        .start()
        .await
        .unwrap();
    complete(&[&a, &b, &c]).await;
    let seen = c.membership().member("b").unwrap();
    assert_eq!(
        (seen.role(), seen.tags()["zone"].as_str()),
        ("web", "north")
    );
    assert_eq!(seen.addresses(), [Net::at("b")]);
    assert_eq!(b.membership().local().role(), "web");
    let long = net.builder("d").tag("text", &"x".repeat(600)).start().await;
    assert!(
        matches!(
            long,
            Err(NodeError::Tags {
                bytes: 604,
                limit: 512
            })
        ),
        "{long:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_hidden_node_is_no_member_and_has_only_the_connections_it_dials() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let hidden = net.builder("h").hidden().start().await.unwrap();
    hidden.connect(a.local_addr()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(hidden.peers().len(), 1);
    assert_eq!(hidden.membership().members().len(), 1);
    assert_eq!(a.peers().len(), 2);
    complete(&[&a, &b]).await;
}

#[tokio::test(start_paused = true)]
async fn nodes_that_disconnect_on_purpose_stay_apart_until_one_connects() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    assert!(b.disconnect("c").await);
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert!(b.peer("c").is_none() && c.peer("b").is_none());
    // Both stay members, by way of `a`.
    assert!(b.membership().member("c").unwrap().is_up());
    assert_eq!(b.health().status, HealthStatus::Degraded);
    assert_eq!(b.health().unconnected, 1);
    b.connect(c.local_addr()).await.unwrap();
    complete(&[&a, &b, &c]).await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_node_is_no_member_of_the_node_that_refuses_it() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let mut events = a.membership().events();
    assert!(a.refuse("c").await);
    assert_eq!(
        down(&mut events).await,
        (c.id().clone(), MemberLoss::Refused)
    );
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert!(a.peer("c").is_none());
    assert!(!a.membership().member("c").unwrap().is_up());
    assert!(b.membership().member("c").unwrap().is_up());
    assert!(a.readmit("c").await);
    a.connect(c.local_addr()).await.unwrap();
    complete(&[&a, &b, &c]).await;
}

#[tokio::test(start_paused = true)]
async fn a_handle_does_not_keep_the_node() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let membership = b.membership();
    let mut own = membership.events();
    let mut events = a.membership().events();
    drop(b);
    assert_eq!(down(&mut events).await.1, MemberLoss::Left);
    assert_eq!(
        tokio::time::timeout(Duration::from_secs(60), own.next()).await,
        Ok(None)
    );
    assert_eq!(membership.local().name().as_str(), "b");
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_members_ends_with_its_condition_or_with_the_node() {
    let net = Net::new();
    let a = net.node("a").await;
    let membership = a.membership();
    let alone = membership.wait_until(|up| up.len() == 1).await;
    assert_eq!(alone.unwrap()[0].name(), a.name());
    let connected =
        |up: &[ambit_dist::Member]| up.iter().filter(|member| member.is_connected()).count();
    let waits = {
        let membership = membership.clone();
        tokio::spawn(async move { membership.wait_until(|up| connected(up) == 3).await })
    };
    let b = net
        .builder("b")
        .seeds([Net::at("a")])
        .start()
        .await
        .unwrap();
    let two = membership.wait_until(|up| connected(up) == 2).await;
    assert_eq!(two.unwrap()[1].name(), b.name());
    assert!(!waits.is_finished());
    let _c = net
        .builder("c")
        .seeds([Net::at("b")])
        .start()
        .await
        .unwrap();
    assert_eq!(waits.await.unwrap().unwrap().len(), 3);
    // A loss of a connection without a loss of the member is a change too.
    let lost = membership.clone();
    let lost = tokio::spawn(async move { lost.wait_until(|up| connected(up) == 2).await });
    net.cut(a.local_addr(), b.local_addr());
    assert_eq!(lost.await.unwrap().unwrap().len(), 3);
    let never = membership.clone();
    let never = tokio::spawn(async move { never.wait_until(|_| false).await });
    a.leave().await;
    assert_eq!(never.await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_has_left_knows_no_other_member() {
    let net = Net::new();
    let [a, b, _c] = cluster(&net).await;
    let membership = a.membership();
    assert_eq!(membership.up().len(), 3);
    let alone = membership.clone();
    let alone = tokio::spawn(async move { alone.wait_until(|up| up.len() < 3).await });
    tokio::task::yield_now().await;
    a.leave().await;
    assert_eq!(membership.up(), []);
    assert_eq!(membership.member("b"), None);
    let own = &membership.members()[..];
    assert_eq!(own, [membership.local()]);
    assert_eq!(own[0].state(), MemberState::Left);
    assert!(!own[0].is_connected());
    assert_eq!(membership.wait_until(|_| true).await, None);
    assert_eq!(alone.await.unwrap(), None);
    assert_eq!(b.membership().local().state(), MemberState::Alive);
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_members_does_not_check_its_condition_while_nothing_changes() {
    let net = Net::new();
    let [a, _b, _c] = cluster(&net).await;
    let mut checks = 0;
    let condition = |_: &[ambit_dist::Member]| {
        checks += 1;
        false
    };
    // More than fifty probes of each member, and the packets between them.
    let membership = a.membership();
    let never = membership.wait_until(condition);
    let waited = tokio::time::timeout(Duration::from_secs(60), never).await;
    assert!(waited.is_err());
    assert_eq!(checks, 1);
}
