//! Servers that a supervisor places on members, under faults: each runs once, and no restart is counted.

use std::cell::RefCell;
use std::collections::BTreeMap;

use ambit::prelude::*;
use ambit::supervisor::DynamicSupervisor;
use ambit_dist::sim::{Chaos, Host, Scenario, always, note, sometimes};
use ambit_dist::{Node, PlacedServers, Placement};

use super::board::SECOND;
use super::host_jobs::{HostJobs, cluster};
use super::roster::{CALM, Roster, crash};

thread_local! {
    /// The number of running servers per id.
    static ALIVE: RefCell<BTreeMap<u64, u32>> = const { RefCell::new(BTreeMap::new()) };
}

const IDS: u64 = 12;

struct Desk {
    number: u64,
}

#[gen_server(remote = "sim.desk")]
impl Desk {
    #[init]
    fn new(number: u64) -> Self {
        ALIVE.with_borrow_mut(|alive| *alive.entry(number).or_default() += 1);
        Self { number }
    }

    #[call]
    fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        ALIVE.with_borrow_mut(|alive| {
            let left = alive.entry(self.number).or_default();
            *left -= 1;
            if *left == 0 {
                alive.remove(&self.number);
            }
        });
    }
}

#[derive(Clone)]
struct Placed {
    supervisor: DynamicSupervisor,
    desks: PlacedServers<Desk>,
}

fn exposing(node: &Node) -> Node {
    node.expose::<Desk>();
    node.clone()
}

/// Starts a supervisor on `n1` that gives up at its first restart, and its children.
async fn start(nodes: &HostJobs<Node>, placement: Placement) -> Placed {
    let start = async move |node: Node| {
        let supervisor = DynamicSupervisor::builder().restarts(0, SECOND);
        let supervisor = supervisor.start().await.unwrap();
        let desks = PlacedServers::new(&node, placement);
        for number in 0..IDS {
            let spec = desks.child_spec(number.to_string(), (number,));
            supervisor.start_child(spec).await.unwrap();
        }
        Placed { supervisor, desks }
    };
    nodes.at("n1", start).await.unwrap()
}

/// Returns what differs from one running server per id, each on a member of the roster.
fn difference(nodes: &HostJobs<Node>, placed: &Placed) -> Option<String> {
    let expected = (0..IDS).map(|number| (number, 1)).collect();
    let alive = ALIVE.with_borrow(Clone::clone);
    if alive != expected {
        return Some(format!("running: {alive:?}"));
    }
    let hosts: Vec<_> = nodes.states().into_iter().map(|(host, _)| host).collect();
    let lost = placed.desks.placed().into_iter().find(|(_, node)| {
        node.as_ref()
            .is_none_or(|node| !hosts.contains(&node.to_string()))
    });
    lost.map(|(id, node)| format!("`{id}` is on {node:?}"))
}

/// Calls all servers, and returns the first wrong answer.
async fn wrong_answer(nodes: &HostJobs<Node>, placed: &Placed) -> Option<String> {
    let desks = placed.desks.clone();
    let call = async move |_| {
        for number in 0..IDS {
            let answer = desks.via(number.to_string()).number().await;
            if answer != Ok(number) {
                return Some(format!("`{number}` answers {answer:?}"));
            }
        }
        None
    };
    match nodes.at("n1", call).await {
        Some(wrong) => wrong,
        None => Some("n1 is down".to_owned()),
    }
}

/// Waits until each server runs once and answers. A connection that a fault has broken is lost up to 3 s later.
async fn converges(nodes: &HostJobs<Node>, placed: &Placed) {
    let mut wrong = None;
    for _ in 0..CALM.as_secs() * 20 {
        wrong = difference(nodes, placed);
        if wrong.is_none() {
            wrong = wrong_answer(nodes, placed).await;
        }
        if wrong.is_none() {
            break;
        }
        tokio::time::sleep(SECOND / 20).await;
    }
    always!(
        wrong.is_none(),
        "each placed server runs once and answers",
        "after {CALM:?}: {wrong:?}"
    );
    let restarts = nodes.at("n1", {
        let supervisor = placed.supervisor.clone();
        async move |_| supervisor.count_children().await
    });
    let count = restarts.await.unwrap();
    always!(
        count
            .as_ref()
            .is_ok_and(|count| count.active == IDS as usize),
        "a lost member is no restart",
        "{count:?}"
    );
}

/// Ends the supervisor, and waits until no server runs.
async fn ends(nodes: &HostJobs<Node>, placed: Placed) {
    let stop = async move |_| placed.supervisor.stop().await.unwrap();
    nodes.at("n1", stop).await;
    for _ in 0..CALM.as_secs() {
        if ALIVE.with_borrow(BTreeMap::is_empty) {
            return;
        }
        tokio::time::sleep(SECOND).await;
    }
    let alive = ALIVE.with_borrow(Clone::clone);
    always!(
        alive.is_empty(),
        "no placed server outlives its supervisor",
        "{alive:?}"
    );
}

fn strategy(host: &Host) -> Placement {
    match host.rng("strategy").below(2) {
        0 => Placement::least_loaded(),
        _ => Placement::hash(),
    }
}

async fn crashes(host: Host, roster: Roster, nodes: HostJobs<Node>) {
    roster.converges(5, CALM).await;
    let placed = start(&nodes, strategy(&host)).await;
    converges(&nodes, &placed).await;
    let mut rng = host.rng("faults");
    for _ in 0..4 {
        let victim = format!("n{}", 2 + rng.below(4));
        let had = placed.desks.placed();
        let had = had
            .iter()
            .filter(|(_, node)| node.as_ref().is_some_and(|node| node.as_str() == victim));
        let had = had.count();
        sometimes!(had > 0, "a lost member has servers");
        note!("{victim} crashes with {had} servers");
        nodes.remove(&victim);
        crash(&host, &roster, &victim);
        let early = rng.below(2) == 0;
        if early {
            tokio::time::sleep(rng.between(SECOND / 10, 5 * SECOND)).await;
            host.faults().bounce(&victim);
            roster.converges(5, CALM).await;
        }
        converges(&nodes, &placed).await;
        if !early {
            host.faults().bounce(&victim);
            roster.converges(5, CALM).await;
        }
    }
    ends(&nodes, placed).await;
}

pub(crate) const PLACEMENT: Scenario = Scenario {
    name: "placement",
    about: "placed servers of members that crash run on others, with 5 % loss, and no restart is counted",
    build: |sim| {
        ALIVE.with_borrow_mut(BTreeMap::clear);
        let (roster, nodes) = cluster(sim, 5, exposing);
        sim.loss(0.05);
        sim.client("judge", move |host| crashes(host, roster, nodes));
    },
};

pub(crate) const PLACEMENT_CHAOS: Scenario = Scenario {
    name: "placement-chaos",
    about: "after partitions, cuts and lost datagrams each placed server runs once",
    build: |sim| {
        ALIVE.with_borrow_mut(BTreeMap::clear);
        let (roster, nodes) = cluster(sim, 5, exposing);
        sim.chaos(Chaos::until(100 * SECOND).crashes(false));
        sim.client("judge", move |host| async move {
            tokio::time::sleep(SECOND).await;
            let placed = start(&nodes, strategy(&host)).await;
            while host.now() < 100 * SECOND {
                let most = ALIVE.with_borrow(|alive| alive.values().copied().max());
                sometimes!(most > Some(1), "both sides of a cut run a server");
                tokio::time::sleep(SECOND / 5).await;
            }
            roster.converges(5, 2 * CALM).await;
            converges(&nodes, &placed).await;
            ends(&nodes, placed).await;
        });
    },
};
