//! A cluster of nodes that are connected in memory, on one thread and with tokio's paused clock.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ambit::system::System;
use ambit_dist::sim::SimRng;
use ambit_dist::transport::Memory;
use ambit_dist::{Incarnation, Node};
use parking_lot::Mutex;

use super::counted::{Counted, Counter};
use super::measure::{Cluster, Measured, Plan, Running, SEEDS, Traffic, measure};

/// The initial wall clock of the nodes, in milliseconds since 1970.
const EPOCH: u64 = 1_767_225_600_000;

struct MemoryCluster {
    network: Memory,
    counter: Arc<Counter>,
    running: Running,
    nodes: Arc<Mutex<Vec<Option<Node>>>>,
    seed: u64,
    /// The number of starts so far, which orders the incarnations.
    starts: AtomicU64,
}

fn address(number: usize) -> SocketAddr {
    let [.., high, low] = number.to_be_bytes();
    SocketAddr::from(([10, 0, high, low], 9_000))
}

/// Returns the number of a node in order of their names, from 0.
fn number(name: &str) -> usize {
    let number = name.strip_prefix('n').and_then(|text| text.parse().ok());
    number.unwrap_or(1_usize) - 1
}

impl MemoryCluster {
    fn new(plan: Plan) -> Self {
        Self {
            network: Memory::new(),
            counter: Arc::default(),
            running: Running::default(),
            nodes: Arc::new(Mutex::new(vec![None; plan.nodes])),
            seed: plan.seed,
            starts: AtomicU64::new(0),
        }
    }

    /// Starts a node after a delay.
    fn start(&self, number: usize, delay: Duration) {
        let start = self.starts.fetch_add(1, Ordering::Relaxed);
        let mut rng = SimRng::new(self.seed.wrapping_mul(10_007).wrapping_add(start));
        let transport = self.network.bind(address(number)).unwrap();
        let system = System::builder().simulated(rng.next_u64()).build().unwrap();
        let name = format!("n{}", number + 1);
        let node = Node::builder(&name)
            .system(system)
            .seed(rng.next_u64())
            .incarnation(Incarnation::new(EPOCH + start, 0))
            .seeds((0..SEEDS).map(address))
            .transport(Counted::new(transport, &self.counter));
        let (nodes, running) = (self.nodes.clone(), self.running.clone());
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let node = node.start().await.unwrap();
            running.add(&name, node.membership());
            nodes.lock()[number] = Some(node);
        });
    }
}

impl Cluster for MemoryCluster {
    /// Cuts the node off and drops it: its farewell never arrives.
    fn crash(&self, name: &str) {
        let crashed = number(name);
        let count = self.nodes.lock().len();
        for other in (0..count).filter(|other| *other != crashed) {
            self.network.cut(address(crashed), address(other));
        }
        let node = self.nodes.lock()[crashed].take();
        drop(node);
    }

    /// Starts the node after the connections of its earlier incarnation have timed out.
    fn restart(&self, name: &str) {
        let restarted = number(name);
        let count = self.nodes.lock().len();
        for other in (0..count).filter(|other| *other != restarted) {
            self.network.heal(address(restarted), address(other));
        }
        self.start(restarted, Duration::ZERO);
    }

    fn traffic(&self) -> Traffic {
        Traffic {
            packets: self.counter.writes.load(Ordering::Relaxed),
            bytes: self.counter.bytes.load(Ordering::Relaxed),
        }
    }
}

/// Measures a cluster whose nodes are connected in memory.
///
/// # Errors
/// Fails if the cluster does not form, or does not notice a crash.
pub(crate) fn run(plan: Plan, heap: fn() -> usize) -> Result<Measured, String> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    let before = heap();
    let measured = runtime.block_on(async {
        let cluster = MemoryCluster::new(plan);
        let mut rng = SimRng::new(plan.seed);
        for number in 0..plan.nodes {
            let delay = rng.between(Duration::ZERO, Duration::from_secs(1));
            cluster.start(number, delay);
        }
        let heap = || heap().saturating_sub(before);
        measure(plan, &cluster, &cluster.running, heap).await
    });
    // The tasks of the nodes end with the runtime, without a farewell.
    runtime.shutdown_background();
    measured
}
