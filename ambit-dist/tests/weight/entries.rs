//! The memory of replicated entries on a node that joins: the same per entry for few and for many of them.

use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::transport::Memory;
use ambit_dist::{Node, NodeBuilder, Presence};

use crate::{SCALES, held};

struct Idle;

#[gen_server(remote = "weight.idle")]
impl Idle {
    #[call]
    fn ping(&self) {}
}

fn builder(network: &Memory, name: &str, port: u16) -> NodeBuilder {
    let transport = network.bind(([10, 0, 0, 1], port).into()).unwrap();
    let builder = Node::builder(name).transport(transport);
    builder.seeds(["10.0.0.1:1", "10.0.0.1:2"])
}

/// The kinds of entries.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Groups of one member.
    Groups,
    Names,
    /// Presences in one topic, each with a key of its own.
    Presences,
}

/// A node with entries, and what counts those that it sees.
struct Member {
    node: Node,
    presence: Presence<u64>,
}

impl Member {
    async fn start(builder: NodeBuilder) -> Self {
        let node = builder.start().await.unwrap();
        let presence = Presence::open(&node, "rooms").unwrap();
        Self { node, presence }
    }

    async fn add(&self, kind: Kind, number: u64, process: &IdleSubject) {
        let name = format!("entry-{number}");
        match kind {
            Kind::Groups => self.node.groups().join(&name, process).unwrap(),
            Kind::Names => self.node.names().register(name, process).await.unwrap(),
            Kind::Presences => {
                let tracked = self.presence.track(process, "lobby", &name, number);
                tracked.unwrap();
            }
        }
    }

    fn count(&self, kind: Kind) -> u64 {
        let count = match kind {
            Kind::Groups => self.node.groups().names().len(),
            Kind::Names => self.node.names().registered().len(),
            Kind::Presences => self.presence.list("lobby").len(),
        };
        count as u64
    }
}

/// Returns the bytes per entry that a node holds after it has joined another one, which has `count` entries.
async fn bytes_per_entry(kind: Kind, count: u64) -> u64 {
    let network = Memory::new();
    let other = Member::start(builder(&network, "other", 1)).await;
    let process = Idle.start().await.unwrap();
    for number in 0..count {
        other.add(kind, number, &process).await;
    }
    let before = held();
    let joined = Member::start(builder(&network, "joined", 2)).await;
    while joined.count(kind) < count {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let grown = held().saturating_sub(before) as u64;
    joined.node.leave().await;
    other.node.leave().await;
    grown / count
}

/// Asserts that an entry takes at most `most` bytes, also if there are four times as many.
async fn an_entry_takes_at_most(most: u64, kind: Kind) {
    let _alone = SCALES.lock().await;
    for count in [2_500, 10_000] {
        let bytes = bytes_per_entry(kind, count).await;
        println!("{kind:?}: {bytes} bytes per entry, of {count}");
        assert!(
            bytes <= most,
            "{kind:?}: {bytes} bytes per entry, of {count}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_of_one_member_on_another_node_takes_at_most_850_bytes() {
    an_entry_takes_at_most(850, Kind::Groups).await;
}

#[tokio::test(start_paused = true)]
async fn a_name_of_a_process_on_another_node_takes_at_most_800_bytes() {
    an_entry_takes_at_most(800, Kind::Names).await;
}

#[tokio::test(start_paused = true)]
async fn a_presence_on_another_node_takes_at_most_800_bytes() {
    an_entry_takes_at_most(800, Kind::Presences).await;
}
