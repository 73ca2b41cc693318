//! The tests on the page "A cluster": nodes on an in-memory network, on a virtual clock.

// ANCHOR: imports
use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;
use ambit_dist::transport::Memory;
use ambit_dist::{
    HealthStatus, Member, MemberEvent, MemberLoss, Membership, Node, NodeBuilder, NodeEvent,
    NodeName, Timeouts,
};
// ANCHOR_END: imports

use ambit_dist::MemberState;

// ANCHOR: machine
/// Returns a builder of the node at `10.0.0.<number>:9000`. Each node has its own system, as on machines of its own.
fn machine(network: &Memory, name: &str, number: u8) -> Result<NodeBuilder, Box<dyn Error>> {
    let transport = network.bind(([10, 0, 0, number], 9_000).into())?;
    let node = Node::builder(name).transport(transport);
    Ok(node.system(System::builder().build()?))
}
// ANCHOR_END: machine

/// Starts the nodes `a`, `b`, .. by the seed `a`, and waits until they are connected with each other.
async fn cluster<const N: usize>(network: &Memory) -> Result<[Node; N], Box<dyn Error>> {
    let mut nodes = Vec::new();
    for (number, name) in (1..).zip(["a", "b", "c", "d"]).take(N) {
        let node = machine(network, name, number)?.seeds(["10.0.0.1:9000"]);
        nodes.push(node.start().await?);
    }
    complete(&nodes.iter().collect::<Vec<_>>()).await;
    Ok(nodes.try_into().expect("as many as there are names"))
}

// ANCHOR: complete
/// Waits until these nodes are members of each other, and connected.
pub(crate) async fn complete(nodes: &[&Node]) {
    for node in nodes {
        let is_complete =
            |up: &[Member]| up.len() == nodes.len() && up.iter().all(Member::is_connected);
        node.membership().wait_until(is_complete).await;
    }
}
// ANCHOR_END: complete

#[ambit::test]
async fn members() -> Result<(), Box<dyn Error>> {
    // ANCHOR: start
    let network = Memory::new();
    // On real machines: `Node::builder("web-1").listen("10.0.0.1:9000").auth(auth)`
    let web_1 = machine(&network, "web-1", 1)?.cluster("shop").role("web");
    let web_2 = machine(&network, "web-2", 2)?.cluster("shop").role("web");
    let job_1 = machine(&network, "job-1", 3)?
        .cluster("shop")
        .role("worker");

    // All nodes have the same seeds. A node does not dial itself.
    let seeds = ["10.0.0.1:9000", "10.0.0.2:9000"];
    let web_1 = web_1.seeds(seeds).start().await?;
    let web_2 = web_2.seeds(seeds).start().await?;
    let job_1 = job_1.seeds(seeds).tag("zone", "north").start().await?;
    // ANCHOR_END: start
    // ANCHOR: wait
    let membership = web_1.membership();
    let all = membership.wait_until(|up| up.len() == 3 && up.iter().all(Member::is_connected));
    assert!(all.await.is_some());
    // ANCHOR_END: wait
    complete(&[&web_1, &web_2, &job_1]).await;

    // ANCHOR: members
    let members = web_1.membership();
    for member in members.members() {
        let (name, role, state) = (member.name(), member.role(), member.state());
        println!("{name}: {role}, {state:?}, {:?}", member.tags());
    }
    let workers = members
        .up()
        .into_iter()
        .filter(|member| member.role() == "worker");
    let workers: Vec<_> = workers.map(|member| member.name().clone()).collect();
    assert_eq!(workers, [job_1.name().clone()]);
    let job_1 = members.member("job-1").ok_or("it has not joined")?;
    assert_eq!(job_1.tags()["zone"], "north");
    // ANCHOR_END: members
    assert_eq!(members.members().len(), 3);
    assert_eq!(job_1.state(), MemberState::Alive);
    Ok(())
}

// ANCHOR: workers
/// Knows the members with the role "worker" that are up.
struct Workers {
    members: Membership,
    up: BTreeSet<NodeName>,
    lost: Vec<(NodeName, MemberLoss)>,
}

#[gen_server]
impl Workers {
    #[init]
    fn new(ctx: &mut Context<Self>, members: Membership) -> Self {
        // Subscribe first, then read the list: no member is missed in between.
        members.subscribe(&ctx.recipient::<MemberEvent>());
        let (up, lost) = (workers(&members), Vec::new());
        Self { members, up, lost }
    }

    #[info]
    fn member_event(&mut self, event: MemberEvent) {
        match event {
            MemberEvent::Down { node, reason } => {
                if self.up.remove(&node.name) {
                    self.lost.push((node.name, reason));
                }
            }
            // A member joined, or events were missed: the list is complete.
            _ => self.up = workers(&self.members),
        }
    }
    // ..
    // ANCHOR_END: workers

    #[call]
    fn up(&self) -> BTreeSet<NodeName> {
        self.up.clone()
    }

    #[call]
    fn lost(&self) -> Vec<(NodeName, MemberLoss)> {
        self.lost.clone()
    }
}

// ANCHOR: workers_end
fn workers(members: &Membership) -> BTreeSet<NodeName> {
    let up = members.up().into_iter();
    let workers = up.filter(|member| member.role() == "worker");
    workers.map(|member| member.name().clone()).collect()
}
// ANCHOR_END: workers_end

#[ambit::test]
async fn members_that_join_and_leave() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let seed = ["10.0.0.1:9000"];
    let a = machine(&network, "a", 1)?.start().await?;
    let workers = Workers::start(a.membership()).await?;
    assert!(workers.up().await?.is_empty());
    let mut events = a.membership().events();

    let worker = machine(&network, "w", 2)?.role("worker");
    let worker = worker.seeds(seed).start().await?;
    let up = MemberEvent::Up {
        node: worker.id().clone(),
    };
    assert_eq!(events.next().await, Some(up));
    let name = worker.name().clone();
    ambit::test::settle().await;
    assert_eq!(workers.up().await?, BTreeSet::from([name.clone()]));

    // ANCHOR: leave
    worker.leave().await;
    let left = MemberEvent::Down {
        node: worker.id().clone(),
        reason: MemberLoss::Left,
    };
    assert_eq!(events.next().await, Some(left));
    // ANCHOR_END: leave
    ambit::test::settle().await;
    assert_eq!(workers.lost().await?, [(name, MemberLoss::Left)]);
    assert!(workers.up().await?.is_empty());
    let members = a.membership();
    assert_eq!(
        members.member("w").map(|member| member.state()),
        Some(MemberState::Left)
    );
    Ok(())
}

// ANCHOR: counter
struct Counter(u64);

#[gen_server(remote = "guide.cluster.counter")]
impl Counter {
    #[init]
    fn new() -> Self {
        Self(0)
    }

    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.0 += by;
        self.0
    }
}
// ANCHOR_END: counter

#[ambit::test]
async fn a_false_loss() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [a, b, c] = cluster(&network).await?;
    // ANCHOR: partition
    c.expose::<Counter>();
    let (mut on_a, mut on_c) = (a.membership().events(), c.membership().events());
    let counter = a.on("c").start::<Counter>(()).await?;
    assert_eq!(counter.add(1).await?, 1);
    for other in [&a, &b] {
        network.cut(c.local_addr(), other.local_addr());
    }
    let (node, reason) = (c.id().clone(), MemberLoss::Lost);
    let lost = MemberEvent::Down { node, reason };
    assert_eq!(on_a.next().await, Some(lost));
    // On its side `c` loses both others, and continues.
    for _ in 0..2 {
        let lost = on_c.next().await;
        assert!(matches!(lost, Some(MemberEvent::Down { .. })));
    }

    for other in [&a, &b] {
        network.heal(c.local_addr(), other.local_addr());
    }
    // The incarnation is the same, so all pids are still valid.
    let node = c.id().clone();
    assert_eq!(on_a.next().await, Some(MemberEvent::Up { node }));
    complete(&[&a, &b, &c]).await;
    assert_eq!(counter.add(1).await?, 2);
    // ANCHOR_END: partition
    Ok(())
}

#[ambit::test]
async fn a_restart() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [a, b, c] = cluster(&network).await?;
    let mut events = a.membership().events();
    let first = c.id().clone();
    // Nothing of `c` arrives any more, its announcement that it leaves included: for the others it has crashed.
    for other in [&a, &b] {
        network.cut_one_way(c.local_addr(), other.local_addr());
    }
    drop(c);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let c = machine(&network, "c", 9)?.seeds(["10.0.0.1:9000"]);
    let c = c.start().await?;
    // ANCHOR: restart
    // `c` crashed and has started again, before its loss was detected.
    let reason = MemberLoss::Restarted;
    let lost = MemberEvent::Down {
        node: first,
        reason,
    };
    assert_eq!(events.next().await, Some(lost));
    let node = c.id().clone();
    assert_eq!(events.next().await, Some(MemberEvent::Up { node }));
    // ANCHOR_END: restart
    Ok(())
}

#[ambit::test]
async fn a_lost_session() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [a, b, c] = cluster(&network).await?;
    // ANCHOR: session
    let (mut sessions, mut members) = (b.events(), b.membership().events());
    // Only the connection between `b` and `c` is cut. Both reach `a`.
    network.cut(b.local_addr(), c.local_addr());
    let down = sessions.next().await;
    assert!(matches!(down, Some(NodeEvent::Down { node, .. }) if node == *c.id()));

    let minute = Duration::from_secs(60);
    let lost = tokio::time::timeout(minute, members.next()).await;
    assert!(lost.is_err(), "no member is lost");
    let member = b.membership().member("c").ok_or("it is a member")?;
    assert!(member.is_up() && !member.is_connected());
    assert_eq!(b.health().status, HealthStatus::Degraded);
    // ANCHOR_END: session
    assert!(a.peer("c").is_some());
    assert_eq!(b.health().unconnected, 1);
    Ok(())
}

#[ambit::test]
async fn disconnected_and_refused() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [a, b, c] = cluster(&network).await?;
    // ANCHOR: apart
    let mut events = a.membership().events();
    // Neither of the two is a seed of the other.
    assert!(b.disconnect("c").await);
    tokio::time::sleep(Duration::from_secs(60)).await;
    // Both are still members, and neither dials the other.
    assert!(b.peer("c").is_none());
    let members = b.membership();
    assert!(members.member("c").is_some_and(|member| member.is_up()));

    assert!(a.refuse("c").await);
    let (node, reason) = (c.id().clone(), MemberLoss::Refused);
    let refused = MemberEvent::Down { node, reason };
    assert_eq!(events.next().await, Some(refused));
    // Only `a` refuses it.
    assert!(members.member("c").is_some_and(|member| member.is_up()));
    // ANCHOR_END: apart
    assert_eq!(
        a.membership().member("b").map(|b| b.state()),
        Some(MemberState::Alive)
    );
    Ok(())
}

#[ambit::test]
async fn x88_a_hidden_node_is_connected_and_not_announced() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [a, b] = cluster(&network).await?;
    // ANCHOR: hidden
    let tool = machine(&network, "tool", 9)?.hidden().start().await?;
    tool.connect(a.local_addr()).await?;
    assert!(a.peer("tool").is_some());
    assert!(a.membership().member("tool").is_none());
    assert_eq!(tool.membership().members().len(), 1);
    // ANCHOR_END: hidden
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(b.peer("tool").is_none() && tool.peer("b").is_none());
    assert_eq!(a.health().status, HealthStatus::Healthy);
    Ok(())
}

#[ambit::test]
async fn health() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [a, b, c] = cluster(&network).await?;
    let mut events = a.membership().events();
    // ANCHOR: health
    let health = a.health();
    assert_eq!(health.status, HealthStatus::Healthy);
    println!("{} members, {} suspected", health.members, health.suspects);
    println!("{} without a connection", health.unconnected);
    for peer in &health.peers {
        let rtt = peer.rtt.unwrap_or_default();
        println!("{}: {rtt:?}, {} bytes wait", peer.name, peer.bytes_queued);
    }
    // ANCHOR_END: health
    assert_eq!((health.members, health.peers.len()), (3, 2));
    for other in [&b, &c] {
        network.cut(a.local_addr(), other.local_addr());
    }
    for _ in 0..2 {
        let lost = events.next().await;
        assert!(matches!(lost, Some(MemberEvent::Down { .. })), "{lost:?}");
    }
    assert_eq!(a.health().status, HealthStatus::Isolated);
    Ok(())
}

#[ambit::test]
async fn settings() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    // ANCHOR: settings
    let second = Duration::from_secs(1);
    let patient = Timeouts::default().probe(second).heartbeat(2 * second);
    let a = machine(&network, "a", 1)?.timeouts(patient);
    let b = machine(&network, "b", 2)?.timeouts(patient);
    // ANCHOR_END: settings
    let a = a.start().await?;
    let b = b.seeds([a.local_addr()]).start().await?;
    complete(&[&a, &b]).await;
    let mut events = a.membership().events();
    let cut_at = tokio::time::Instant::now();
    network.cut(a.local_addr(), b.local_addr());
    let lost = events.next().await;
    assert!(matches!(lost, Some(MemberEvent::Down { .. })), "{lost:?}");
    let after = cut_at.elapsed();
    // Twice the default intervals, twice the time.
    assert!((4 * second..12 * second).contains(&after), "{after:?}");
    Ok(())
}
