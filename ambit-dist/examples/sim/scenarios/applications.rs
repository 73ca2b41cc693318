//! An application that runs on one node of a list, under faults.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use ambit::prelude::*;
use ambit::supervisor::Supervisor;
use ambit_dist::sim::{Chaos, Host, Scenario, always, note, sometimes};
use ambit_dist::{DistributedApplication, Node};

use super::board::SECOND;
use super::host_jobs::{HostJobs, cluster};
use super::roster::{CALM, Roster, crash};

thread_local! {
    /// The number of running instances per node.
    static RUNNING: RefCell<BTreeMap<String, u32>> = const { RefCell::new(BTreeMap::new()) };
}

const NODES: usize = 4;

/// The nodes of which none precedes the other.
const EQUAL: [&str; 2] = ["n2", "n3"];

struct Ledger {
    node: String,
}

#[gen_server]
impl Ledger {
    #[init]
    fn new(node: String) -> Self {
        RUNNING.with_borrow_mut(|running| *running.entry(node.clone()).or_default() += 1);
        Self { node }
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(|running| {
            let left = running.entry(self.node.clone()).or_default();
            *left -= 1;
            if *left == 0 {
                running.remove(&self.node);
            }
        });
    }
}

/// A node, by what it declares.
#[derive(Clone)]
struct Controlled {
    application: DistributedApplication,
    has_started: Rc<Cell<bool>>,
}

fn declare(node: &Node) -> Controlled {
    let name = node.name().to_string();
    let start = move |_| Ledger::start(name.clone());
    let application = DistributedApplication::new(node, "ledger", start);
    let application = application.nodes(["n1"]).any_of(EQUAL).nodes(["n4"]);
    let application = application.failover_after(SECOND / 2);
    Controlled {
        application,
        has_started: Rc::default(),
    }
}

/// Starts the controller of a node.
async fn start(nodes: &HostJobs<Controlled>, host: &str) {
    let start = async move |controlled: Controlled| {
        controlled.has_started.set(true);
        let child = controlled.application.child_spec();
        let supervisor = Supervisor::builder().child(child).start().await.unwrap();
        // It runs until its host ends.
        tokio::task::spawn_local(async move {
            supervisor.closed().await;
        });
    };
    nodes.at(host, start).await;
}

/// Starts the controllers that do not run yet, also those of nodes that have crashed and returned.
async fn start_all(nodes: &HostJobs<Controlled>) {
    // A state that is kept during a crash of its host would keep the node.
    let states = nodes.states().into_iter();
    let waiting = states.filter(|(_, controlled)| !controlled.has_started.get());
    let waiting: Vec<String> = waiting.map(|(host, _)| host).collect();
    for host in waiting {
        start(nodes, &host).await;
    }
}

fn are_equal(host: &str, other: &str) -> bool {
    host == other || [host, other].iter().all(|host| EQUAL.contains(host))
}

/// Returns what differs from one instance, on the first node that runs or an equal one, which all nodes see.
fn difference(nodes: &HostJobs<Controlled>) -> Option<String> {
    let states = nodes.states();
    let first = states.first().map(|(host, _)| host.clone())?;
    let running = RUNNING.with_borrow(Clone::clone);
    let mut hosts = states.iter().map(|(host, _)| host);
    let chosen = hosts.find(|host| running.contains_key(*host) && are_equal(host, &first));
    let first = chosen.unwrap_or(&first).clone();
    if running != BTreeMap::from([(first.clone(), 1)]) {
        return Some(format!("it runs on {running:?} instead of {first}"));
    }
    states.into_iter().find_map(|(host, controlled)| {
        let seen = controlled.application.node().map(|node| node.to_string());
        (seen.as_ref() != Some(&first)).then(|| format!("{host} sees it on {seen:?}"))
    })
}

/// Waits until the first node that runs has the only instance.
async fn converges(nodes: &HostJobs<Controlled>) {
    for _ in 0..CALM.as_secs() * 20 {
        let most = RUNNING.with_borrow(|running| running.values().copied().max());
        always!(most <= Some(1), "a node runs one instance", "{most:?}");
        if difference(nodes).is_none() {
            break;
        }
        tokio::time::sleep(SECOND / 20).await;
    }
    let difference = difference(nodes);
    always!(
        difference.is_none(),
        "an application runs once, on the first node",
        "after {CALM:?}: {difference:?}"
    );
}

async fn crashes(host: Host, roster: Roster, nodes: HostJobs<Controlled>) {
    roster.converges(NODES, CALM).await;
    start_all(&nodes).await;
    converges(&nodes).await;
    let mut rng = host.rng("faults");
    for _ in 0..5 {
        let victim = format!("n{}", 1 + rng.below(NODES as u64));
        let ran = RUNNING.with_borrow(|running| running.contains_key(&victim));
        sometimes!(ran, "a node that crashes runs the application");
        note!("{victim} crashes");
        nodes.remove(&victim);
        crash(&host, &roster, &victim);
        if rng.below(2) == 0 {
            converges(&nodes).await;
        } else {
            tokio::time::sleep(rng.between(SECOND / 10, 5 * SECOND)).await;
        }
        host.faults().bounce(&victim);
        roster.converges(NODES, CALM).await;
        start(&nodes, &victim).await;
        converges(&nodes).await;
    }
}

pub(crate) const APPLICATION_CRASH: Scenario = Scenario {
    name: "application-crash",
    about: "when nodes crash and return, with 5 % loss, an application runs on the first node of its list",
    build: |sim| {
        RUNNING.with_borrow_mut(BTreeMap::clear);
        let (roster, nodes) = cluster(sim, NODES, declare);
        sim.loss(0.05);
        sim.client("judge", move |host| crashes(host, roster, nodes));
    },
};

pub(crate) const APPLICATION_CHAOS: Scenario = Scenario {
    name: "application-chaos",
    about: "after crashes, partitions, cuts and lost datagrams an application runs once, on the first node",
    build: |sim| {
        RUNNING.with_borrow_mut(BTreeMap::clear);
        let (roster, nodes) = cluster(sim, NODES, declare);
        sim.chaos(Chaos::until(100 * SECOND).crashes(true));
        sim.client("judge", move |host| async move {
            tokio::time::sleep(SECOND).await;
            while host.now() < 100 * SECOND {
                start_all(&nodes).await;
                let instances = RUNNING.with_borrow(BTreeMap::len);
                sometimes!(instances > 1, "both sides of a cut run the application");
                tokio::time::sleep(SECOND / 5).await;
            }
            roster.converges(NODES, 2 * CALM).await;
            start_all(&nodes).await;
            converges(&nodes).await;
        });
    },
};
