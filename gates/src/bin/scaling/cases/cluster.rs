//! Two members of a cluster in one program, connected in memory: names, groups, topics and presences that both see.

use std::time::Duration;

use ambit::prelude::*;
use ambit::server::Recipient;
use ambit::system::System;
use ambit_dist::transport::Memory;
use ambit_dist::{ClusterTopic, Node, Presence};

use super::{Order, end};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("cluster/register names, and unregister at random", 250, [], names),
        case!("cluster/named processes end, at random", 250, [], named_end),
        case!("cluster/join a group, and leave at random", 250, [], members),
        case!("cluster/members of a group end, at random", 250, [], members_end),
        case!("cluster/join groups with one process, which ends", 250, [], groups),
        case!("cluster/subscribe to a topic, and unsubscribe at random", 250, [], subscribers),
        case!("cluster/subscribers of a topic end, at random", 250, [], subscribers_end),
        case!("cluster/track under a topic, and untrack at random", 250, [], presences),
        case!("cluster/update presences, at random", 250, [], updates),
        case!("cluster/tracked processes end, at random", 250, [], tracked_end),
        case!("cluster/track topics with one process, which ends", 250, [], topics),
        case!("cluster/a member with names, members and presences joins", 250, [], joins),
        case!("cluster/a member with names, members and presences leaves", 250, [], leaves),
    ]
}

const TICK: Duration = Duration::from_millis(1);

/// A process with a name, a group, a topic or a presence.
struct Desk;

#[gen_server(remote = "scaling.cluster_desk")]
impl Desk {
    #[init]
    fn new() -> Self {
        Self
    }

    #[call]
    fn seen(&self) -> u64 {
        0
    }

    #[info]
    fn news(&mut self, _: String) {}
}

/// The member whose processes a case uses, and one that sees them.
struct Cluster {
    near: Node,
    far: Node,
    _far_system: System,
}

async fn start(network: &Memory, name: &str, address: &str, system: Option<&System>) -> Node {
    let address = address.parse().expect("an address");
    let transport = network.bind(address).expect("the address is free");
    let mut builder = Node::builder(name).transport(transport);
    if let Some(system) = system {
        builder = builder.system(system.clone());
    }
    builder.start().await.expect("it starts")
}

/// Starts the second member, and connects it.
async fn joined(network: &Memory, near: Node) -> Cluster {
    let built = System::builder().quiet_panics(true).build();
    let far_system = built.expect("there is a runtime");
    let far = start(network, "far", "10.0.0.2:9000", Some(&far_system)).await;
    near.connect(far.local_addr()).await.expect("they meet");
    for node in [&near, &far] {
        while node.membership().up().len() < 2 {
            tokio::time::sleep(TICK).await;
        }
    }
    Cluster {
        near,
        far,
        _far_system: far_system,
    }
}

async fn cluster() -> Cluster {
    let network = Memory::new();
    let near = start(&network, "near", "10.0.0.1:9000", None).await;
    joined(&network, near).await
}

async fn desks(n: usize) -> Vec<DeskSubject> {
    let mut all = Vec::new();
    for _ in 0..n {
        all.push(Desk::start().await.expect("it starts"));
    }
    all
}

async fn desk() -> DeskSubject {
    desks(1).await.remove(0)
}

fn news(node: &Node) -> ClusterTopic<String> {
    node.topic("news")
}

fn rooms(node: &Node) -> Presence<String> {
    Presence::open(node, "rooms").expect("it has one type")
}

impl Cluster {
    /// Waits until the other member has applied all changes: a registration does.
    async fn seen(&self, desk: &DeskSubject) {
        register(&self.near, "last", desk).await;
        self.near.names().unregister("last");
    }
}

/// Counts the ends of all processes, at random.
async fn count_ends(mut run: Run, cluster: &Cluster, all: &[DeskSubject]) {
    let last = desk().await;
    cluster.seen(&last).await;
    run.begin().await;
    for number in Order::Random.of(all.len()) {
        end(&all[number]).await;
    }
    cluster.seen(&last).await;
    run.end().await;
}

async fn register(node: &Node, name: &str, desk: &DeskSubject) {
    let registered = node.names().register(name, desk).await;
    registered.expect("the name is free");
}

async fn names(mut run: Run, n: usize) {
    let cluster = cluster().await;
    let desk = desk().await;
    run.begin().await;
    for number in 0..n {
        register(&cluster.near, &number.to_string(), &desk).await;
    }
    for number in Order::Random.of(n) {
        assert!(cluster.near.names().unregister(number.to_string()));
    }
    cluster.seen(&desk).await;
    run.end().await;
}

async fn named_end(run: Run, n: usize) {
    let cluster = cluster().await;
    let all = desks(n).await;
    for (number, desk) in all.iter().enumerate() {
        register(&cluster.near, &number.to_string(), desk).await;
    }
    count_ends(run, &cluster, &all).await;
}

fn join(cluster: &Cluster, name: &str, desk: &DeskSubject) {
    let joined = cluster.near.groups().join(name, desk);
    joined.expect("it lives");
}

async fn members(mut run: Run, n: usize) {
    let cluster = cluster().await;
    let all = desks(n).await;
    run.begin().await;
    for desk in &all {
        join(&cluster, "desks", desk);
    }
    for number in Order::Random.of(n) {
        let left = cluster.near.groups().leave("desks", &all[number]);
        left.expect("it has joined");
    }
    cluster.seen(&all[0]).await;
    run.end().await;
}

async fn members_end(run: Run, n: usize) {
    let cluster = cluster().await;
    let all = desks(n).await;
    for desk in &all {
        join(&cluster, "desks", desk);
    }
    count_ends(run, &cluster, &all).await;
}

async fn groups(mut run: Run, n: usize) {
    let cluster = cluster().await;
    let all = desks(2).await;
    run.begin().await;
    for number in 0..n {
        join(&cluster, &number.to_string(), &all[0]);
    }
    end(&all[0]).await;
    cluster.seen(&all[1]).await;
    run.end().await;
}

fn subscribe(cluster: &Cluster, desk: &DeskSubject) {
    let recipient: Recipient<String> = desk.recipient();
    let subscribed = news(&cluster.near).subscribe(&recipient);
    subscribed.expect("it lives");
}

async fn subscribers(mut run: Run, n: usize) {
    let cluster = cluster().await;
    let all = desks(n).await;
    run.begin().await;
    for desk in &all {
        subscribe(&cluster, desk);
    }
    for number in Order::Random.of(n) {
        let pid = all[number].pid();
        assert_eq!(news(&cluster.near).unsubscribe(pid), 1);
    }
    cluster.seen(&all[0]).await;
    run.end().await;
}

async fn subscribers_end(run: Run, n: usize) {
    let cluster = cluster().await;
    let all = desks(n).await;
    for desk in &all {
        subscribe(&cluster, desk);
    }
    count_ends(run, &cluster, &all).await;
}

fn track(cluster: &Cluster, desk: &DeskSubject, topic: &str, key: usize) {
    let key = key.to_string();
    let tracked = rooms(&cluster.near).track(desk, topic, &key, "here".to_owned());
    tracked.expect("it lives");
}

async fn presences(mut run: Run, n: usize) {
    let cluster = cluster().await;
    let desk = desk().await;
    let _seen = rooms(&cluster.far);
    run.begin().await;
    for key in 0..n {
        track(&cluster, &desk, "lobby", key);
    }
    for key in Order::Random.of(n) {
        assert!(rooms(&cluster.near).untrack(&desk, "lobby", &key.to_string()));
    }
    cluster.seen(&desk).await;
    run.end().await;
}

async fn updates(mut run: Run, n: usize) {
    let cluster = cluster().await;
    let desk = desk().await;
    let _seen = rooms(&cluster.far);
    for key in 0..n {
        track(&cluster, &desk, "lobby", key);
    }
    cluster.seen(&desk).await;
    run.begin().await;
    for key in Order::Random.of(n) {
        let change = |old: &String| format!("still {old}");
        let updated = rooms(&cluster.near).update_with(&desk, "lobby", &key.to_string(), change);
        updated.expect("it is tracked");
    }
    cluster.seen(&desk).await;
    run.end().await;
}

/// All processes have one key.
async fn tracked_end(run: Run, n: usize) {
    let cluster = cluster().await;
    let all = desks(n).await;
    let _seen = rooms(&cluster.far);
    for desk in &all {
        track(&cluster, desk, "lobby", 0);
    }
    count_ends(run, &cluster, &all).await;
}

async fn topics(mut run: Run, n: usize) {
    let cluster = cluster().await;
    let all = desks(2).await;
    let _seen = rooms(&cluster.far);
    run.begin().await;
    for number in 0..n {
        track(&cluster, &all[0], &number.to_string(), 0);
    }
    end(&all[0]).await;
    cluster.seen(&all[1]).await;
    run.end().await;
}

/// Gives each process a name, a group and a presence; the name `last` comes after all.
async fn inhabit(near: &Node, all: &[DeskSubject]) {
    for (number, desk) in all.iter().enumerate() {
        register(near, &number.to_string(), desk).await;
        let joined = near.groups().join("desks", desk);
        joined.expect("it lives");
        let tracked = rooms(near).track(desk, "lobby", &number.to_string(), "here".to_owned());
        tracked.expect("it lives");
    }
    register(near, "last", &all[0]).await;
}

async fn joins(mut run: Run, n: usize) {
    let network = Memory::new();
    let near = start(&network, "near", "10.0.0.1:9000", None).await;
    let all = desks(n).await;
    inhabit(&near, &all).await;
    run.begin().await;
    let cluster = joined(&network, near).await;
    let _seen = rooms(&cluster.far);
    while cluster.far.names().node_of("last").is_none() {
        tokio::time::sleep(TICK).await;
    }
    run.end().await;
}

async fn leaves(mut run: Run, n: usize) {
    let cluster = cluster().await;
    let _seen = rooms(&cluster.far);
    let all = desks(n).await;
    inhabit(&cluster.near, &all).await;
    run.begin().await;
    cluster.near.leave().await;
    while cluster.far.names().node_of("last").is_some() {
        tokio::time::sleep(TICK).await;
    }
    run.end().await;
}
