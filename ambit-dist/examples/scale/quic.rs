//! A cluster of nodes that are connected by QUIC and TLS on the simulated network.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ambit_dist::Node;
use ambit_dist::sim::{Host, Sim};
use parking_lot::Mutex;

use super::measure::{Cluster, Measured, Plan, Running, SEEDS, Traffic, measure};

const PORT: u16 = 9_000;
const TICK: Duration = Duration::from_millis(5);

/// The bytes that all nodes have sent, each as of its last whole second.
type Sent = Arc<AtomicU64>;

struct QuicCluster {
    host: Host,
    sent: Sent,
}

impl Cluster for QuicCluster {
    fn crash(&self, name: &str) {
        self.host.faults().crash(name);
    }

    fn restart(&self, name: &str) {
        self.host.faults().bounce(name);
    }

    fn traffic(&self) -> Traffic {
        Traffic {
            packets: self.host.datagrams(),
            bytes: self.sent.load(Ordering::Relaxed),
        }
    }
}

/// Runs a node until its host crashes.
async fn node(host: Host, running: Running, sent: Sent) {
    if host.incarnation() == 1 {
        let mut rng = host.rng("delay");
        tokio::time::sleep(rng.between(Duration::ZERO, Duration::from_secs(1))).await;
    }
    let seeds = (1..=SEEDS).map(|seed| host.address_of(&format!("n{seed}"), PORT));
    let node: Node = host.node(PORT).seeds(seeds).start().await.unwrap();
    running.add(host.name(), node.membership());
    let mut earlier = 0;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let peers = node.peers();
        let now: u64 = peers.iter().map(|peer| peer.transport.bytes_sent).sum();
        // The figures of ended connections are gone.
        sent.fetch_add(now.saturating_sub(earlier), Ordering::Relaxed);
        earlier = now;
    }
}

/// Measures a cluster on the simulated network.
///
/// # Errors
/// Fails if the cluster does not form, or does not notice a crash.
pub(crate) fn run(plan: Plan, heap: fn() -> usize) -> Result<Measured, String> {
    let before = heap();
    let mut sim = Sim::new(plan.seed);
    let (running, sent) = (Running::default(), Sent::default());
    let seats = (running.clone(), sent.clone());
    sim.hosts(plan.nodes, move |host| {
        node(host, seats.0.clone(), seats.1.clone())
    });
    let result = Arc::new(Mutex::new(Err("the simulation failed".to_owned())));
    let output = result.clone();
    sim.tick(TICK).limit(Duration::from_secs(2_000));
    sim.client("judge", move |host| async move {
        let cluster = QuicCluster { host, sent };
        let heap = || heap().saturating_sub(before);
        *output.lock() = measure(plan, &cluster, &running, heap).await;
    });
    sim.run().map_err(|error| error.to_string())?;
    let measured = result.lock();
    measured.clone()
}
