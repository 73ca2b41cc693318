//! Groups and topics of the cluster under faults: all nodes see the running members, and a broadcast reaches each once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ambit::prelude::*;
use ambit_dist::sim::{Chaos, Host, Scenario, SimRng, always, sometimes};
use ambit_dist::{Node, NodeId};

use super::board::SECOND;
use super::host_jobs::{HostJobs, cluster};
use super::roster::{CALM, crash};

thread_local! {
    /// The broadcasts that each member has handled: by the group, and by the topic.
    static HANDLED: RefCell<BTreeMap<u64, (u64, u64)>> = const { RefCell::new(BTreeMap::new()) };
}

const GROUP: &str = "workers";
const TOPIC: &str = "weather";

struct Worker {
    number: u64,
}

#[derive(Clone, Debug, Message)]
#[message(name = "sim.news")]
struct News {
    text: String,
}

#[gen_server(remote = "sim.worker")]
impl Worker {
    #[init]
    fn new(number: u64) -> Self {
        HANDLED.with_borrow_mut(|handled| handled.insert(number, (0, 0)));
        Self { number }
    }

    #[cast]
    fn work(&mut self) {
        HANDLED.with_borrow_mut(|handled| handled.entry(self.number).or_default().0 += 1);
    }

    #[info]
    fn news(&mut self, news: News) {
        assert_eq!(news.text, "rain");
        HANDLED.with_borrow_mut(|handled| handled.entry(self.number).or_default().1 += 1);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        HANDLED.with_borrow_mut(|handled| handled.remove(&self.number));
    }
}

/// A node and its members of the group.
#[derive(Clone)]
struct Members {
    node: Node,
    workers: Rc<RefCell<Vec<WorkerSubject>>>,
}

impl Members {
    fn new(node: &Node) -> Self {
        Self {
            node: node.clone(),
            workers: Rc::default(),
        }
    }

    async fn join(self, number: u64) {
        let worker = Worker::start(number).await.unwrap();
        self.node.groups().join(GROUP, &worker).unwrap();
        let topic = self.node.topic::<News>(TOPIC);
        topic.subscribe(&worker.recipient()).unwrap();
        self.workers.borrow_mut().push(worker);
    }

    /// Ends the oldest member, or removes it from the group first.
    async fn end(self, leaves: bool) {
        let worker = self.workers.borrow_mut().pop();
        let Some(worker) = worker else { return };
        if leaves {
            self.node.groups().leave(GROUP, &worker).unwrap();
        }
        ambit::exit(&worker, ExitReason::Kill);
        worker.closed().await;
    }
}

/// Returns what differs from all nodes being connected and seeing the members that run, on the nodes where they run. A
/// node may see a member through a third node, before it is connected with the node of the member; until then, its
/// broadcasts do not reach that member.
fn difference(nodes: &HostJobs<Members>) -> Option<String> {
    let states = nodes.states();
    let own: Vec<usize> = states
        .iter()
        .map(|(_, members)| members.workers.borrow().len())
        .collect();
    let expected: usize = own.iter().sum();
    let counted = states.iter().zip(&own).filter(|(_, own)| **own > 0);
    let with_members: Vec<NodeId> = counted
        .map(|((_, members), _)| members.node.id().clone())
        .collect();
    states.iter().find_map(|(host, members)| {
        let groups = members.node.groups();
        let local = groups.local_members::<Worker>(GROUP).len();
        let all = groups.members::<Worker>(GROUP).len();
        let listening = members.node.topic::<News>(TOPIC).nodes();
        let mut others = states.iter().filter(|(other, _)| other != host);
        let is_same = local == members.workers.borrow().len()
            && all == expected
            && listening == with_members
            && others.all(|(_, other)| members.node.peer(other.node.name()).is_some());
        let peers = members.node.peers().len();
        let seen = format!("{local} own and {all} members, {listening:?}, and {peers} peers");
        (!is_same).then(|| format!("`{host}` sees {seen} of {own:?}"))
    })
}

async fn converges(nodes: &HostJobs<Members>) {
    for _ in 0..CALM.as_secs() * 20 {
        if difference(nodes).is_none() {
            return;
        }
        tokio::time::sleep(SECOND / 20).await;
    }
    let difference = difference(nodes);
    always!(
        difference.is_none(),
        "all nodes see the members of a group",
        "after {CALM:?}: {difference:?}"
    );
}

/// Broadcasts from one node to the group and the topic, and waits until each member has handled both once.
async fn reaches_all(nodes: &HostJobs<Members>, from: &str) {
    let once = |(group, topic): &(u64, u64)| (group + 1, topic + 1);
    let before = HANDLED.with_borrow(Clone::clone);
    let expected: BTreeMap<u64, (u64, u64)> = before
        .iter()
        .map(|(number, had)| (*number, once(had)))
        .collect();
    let broadcast = async |members: Members| {
        members
            .node
            .groups()
            .broadcast::<Worker>(GROUP, WorkerCast::Work {});
        let text = "rain".to_owned();
        members.node.topic(TOPIC).broadcast(News { text });
    };
    nodes.at(from, broadcast).await;
    tokio::time::sleep(5 * SECOND).await;
    let handled = HANDLED.with_borrow(Clone::clone);
    always!(
        handled == expected,
        "a broadcast reaches each member once",
        "from {from}: {before:?} became {handled:?}"
    );
}

/// Starts or ends a member on a random host.
async fn changes(nodes: &HostJobs<Members>, rng: &mut SimRng, number: u64) {
    let host = format!("n{}", 1 + rng.below(4));
    match rng.below(5) {
        0 => {
            nodes
                .at(&host, async |members| members.end(true).await)
                .await
        }
        1 => {
            nodes
                .at(&host, async |members| members.end(false).await)
                .await
        }
        _ => {
            let join = async move |members: Members| members.join(number).await;
            nodes.at(&host, join).await
        }
    };
}

async fn end_all(nodes: &HostJobs<Members>) {
    for (host, members) in nodes.states() {
        let count = members.workers.borrow().len();
        for _ in 0..count {
            nodes
                .at(&host, async |members| members.end(false).await)
                .await;
        }
    }
    converges(nodes).await;
}

pub(crate) const GROUP_CRASH: Scenario = Scenario {
    name: "group-crash",
    about: "members of a node that crashes leave the group, and broadcasts reach each other member once",
    build: |sim| {
        HANDLED.with_borrow_mut(BTreeMap::clear);
        let (roster, nodes) = cluster(sim, 4, Members::new);
        sim.loss(0.02);
        sim.client("judge", move |host: Host| async move {
            roster.converges(4, CALM).await;
            let mut rng = host.rng("members");
            for round in 0..3 {
                for number in 0..8 {
                    changes(&nodes, &mut rng, 100 * round + number).await;
                }
                converges(&nodes).await;
                let from = format!("n{}", 1 + rng.below(4));
                reaches_all(&nodes, &from).await;
                let victim = format!("n{}", 1 + rng.below(4));
                nodes.remove(&victim);
                crash(&host, &roster, &victim);
                converges(&nodes).await;
                host.faults().bounce(&victim);
                roster.converges(4, CALM).await;
                converges(&nodes).await;
                reaches_all(&nodes, &victim).await;
            }
            end_all(&nodes).await;
        });
    },
};

pub(crate) const GROUP_CHAOS: Scenario = Scenario {
    name: "group-chaos",
    about: "members join and leave groups during crashes, partitions, cuts and lost datagrams; then all nodes see those that run",
    build: |sim| {
        HANDLED.with_borrow_mut(BTreeMap::clear);
        let (roster, nodes) = cluster(sim, 4, Members::new);
        sim.chaos(Chaos::until(80 * SECOND).crashes(true));
        sim.client("judge", move |host: Host| async move {
            let mut rng = host.rng("members");
            let mut number = 0;
            while host.now() < 80 * SECOND {
                number += 1;
                changes(&nodes, &mut rng, number).await;
                tokio::time::sleep(rng.between(SECOND / 100, 2 * SECOND)).await;
            }
            // A session that the last cut has broken still counts as a connection, and loses what is sent over it.
            tokio::time::sleep(CALM).await;
            roster.converges(4, CALM).await;
            converges(&nodes).await;
            let members = HANDLED.with_borrow(BTreeMap::len);
            sometimes!(members > 4, "several members are left");
            for from in ["n1", "n4"] {
                reaches_all(&nodes, from).await;
            }
            end_all(&nodes).await;
        });
    },
};
