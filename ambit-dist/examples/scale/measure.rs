//! The measurement itself, over any transport, in virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ambit_dist::Membership;
use ambit_dist::sim::SimRng;
use parking_lot::Mutex;
use tokio::time::{Instant, sleep};

/// The interval at which the members are read.
const STEP: Duration = Duration::from_millis(20);
/// The time in which a cluster must form, or notice a crash, for the measurement to continue.
const PATIENCE: Duration = Duration::from_secs(120);
/// The time for idle traffic to settle after a change.
const SETTLED: Duration = Duration::from_secs(12);
/// The number of nodes that all others join by.
pub(crate) const SEEDS: usize = 2;

/// What all nodes of a cluster have sent so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
}

/// A cluster of nodes `n1`, `n2`, ..
pub(crate) trait Cluster {
    /// Stops a node without a word to the others.
    fn crash(&self, name: &str);
    /// Starts a crashed node again.
    fn restart(&self, name: &str);
    fn traffic(&self) -> Traffic;
}

/// The membership of each running node, by name.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<BTreeMap<String, Membership>>>);

impl Running {
    pub(crate) fn add(&self, name: &str, membership: Membership) {
        self.0.lock().insert(name.to_owned(), membership);
    }

    pub(crate) fn remove(&self, name: &str) {
        self.0.lock().remove(name);
    }

    /// Returns whether this many nodes run, and each sees all others and is connected with them.
    fn is_whole(&self, count: usize) -> bool {
        let running = self.0.lock();
        let sees_all = |membership: &Membership| {
            let up = membership.up();
            up.len() == count && up.iter().all(ambit_dist::Member::is_connected)
        };
        running.len() == count && running.values().all(sees_all)
    }

    /// Returns the number of nodes that count a node as up.
    fn seeing(&self, name: &str) -> usize {
        let sees = |membership: &&Membership| membership.member(name).is_some_and(|it| it.is_up());
        self.0.lock().values().filter(sees).count()
    }

    /// Returns the number of members that running nodes wrongly count as gone.
    fn wrongly_lost(&self) -> usize {
        let running = self.0.lock();
        let lost = |membership: &Membership| running.len().saturating_sub(membership.up().len());
        running.values().map(lost).sum()
    }
}

/// The extent of a measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) nodes: usize,
    pub(crate) crashes: usize,
    pub(crate) idle: Duration,
    pub(crate) seed: u64,
}

/// The results of one cluster.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// The time from the first start until all nodes see all others and are connected with them.
    pub(crate) formed: Duration,
    /// The time of each crash until no node counts the crashed one as up, in ascending order.
    pub(crate) crashes: Vec<Duration>,
    /// The number of running members that were counted as gone after a crash.
    pub(crate) wrongly_lost: usize,
    /// Per node and second, when idle.
    pub(crate) packets: f64,
    pub(crate) bytes: f64,
    /// The bytes of the heap per node.
    pub(crate) heap: f64,
}

/// Measures a cluster that is about to start.
///
/// # Errors
/// Fails if the cluster does not form, or does not notice a crash.
pub(crate) async fn measure(
    plan: Plan,
    cluster: &impl Cluster,
    running: &Running,
    heap: impl Fn() -> usize,
) -> Result<Measured, String> {
    let count = plan.nodes;
    let mut measured = Measured::default();
    let whole = || running.is_whole(count);
    measured.formed = until(whole).await.ok_or("the cluster did not form")?;

    sleep(SETTLED).await;
    let before = cluster.traffic();
    sleep(plan.idle).await;
    let after = cluster.traffic();
    let rate = |after: u64, before: u64| (after - before) as f64 / plan.idle.as_secs_f64();
    measured.packets = rate(after.packets, before.packets) / count as f64;
    measured.bytes = rate(after.bytes, before.bytes) / count as f64;
    measured.heap = heap() as f64 / count as f64;

    let mut rng = SimRng::new(plan.seed);
    for _ in 0..plan.crashes {
        // The probes have a different phase at each crash.
        sleep(rng.between(Duration::from_secs(2), Duration::from_secs(4))).await;
        let last = u64::try_from(count - SEEDS).unwrap_or(u64::MAX);
        let name = format!("n{}", rng.below(last) + 1 + SEEDS as u64);
        running.remove(&name);
        cluster.crash(&name);
        let seen = until(|| running.seeing(&name) == 0).await;
        let seen = seen.ok_or_else(|| format!("some nodes did not see the crash of `{name}`"))?;
        measured.crashes.push(seen);
        measured.wrongly_lost += running.wrongly_lost();
        // The connections of the crashed node time out before its restart, with everything that is on its way.
        sleep(SETTLED).await;
        cluster.restart(&name);
        let whole = until(whole).await;
        whole.ok_or_else(|| format!("`{name}` did not return after its crash"))?;
    }
    measured.crashes.sort();
    Ok(measured)
}

/// Returns the time until a condition holds.
async fn until(condition: impl Fn() -> bool) -> Option<Duration> {
    let start = Instant::now();
    while !condition() {
        if start.elapsed() > PATIENCE {
            return None;
        }
        sleep(STEP).await;
    }
    Some(start.elapsed())
}
