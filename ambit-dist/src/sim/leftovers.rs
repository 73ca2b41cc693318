//! The check at the end of a run: after all processes have ended, nodes must keep no state for each other.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use ambit::process::ExitReason;
use tokio::time::sleep;

use super::current_run;
use super::outcome::Cause;
use crate::remote::node_state::NodeState;

/// The time for nodes to release all state: losses must be detected, and datagrams retransmitted.
const PATIENCE: Duration = Duration::from_secs(60);
/// The interval of the checks.
const LOOK: Duration = Duration::from_millis(100);

/// The nonzero counts of the state that a node keeps, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leftovers(Vec<(&'static str, u64)>);

impl Leftovers {
    pub(crate) fn count(&mut self, what: &'static str, count: impl TryInto<u64>) {
        let count = count.try_into().unwrap_or(u64::MAX);
        if count == 0 {
            return;
        }
        match self.0.iter_mut().find(|(known, _)| *known == what) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => self.0.push((what, count)),
        }
    }

    fn of(node_state: &NodeState) -> Self {
        let mut left = Self::default();
        left.count("exports", node_state.exports.len());
        for peer_incarnation in node_state.peer_incarnations() {
            peer_incarnation.leftovers(&mut left);
        }
        left
    }
}

impl fmt::Display for Leftovers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = self.0.iter();
        if let Some((what, count)) = parts.next() {
            write!(f, "{count} {what}")?;
        }
        parts.try_for_each(|(what, count)| write!(f, ", {count} {what}"))
    }
}

/// Registers a new node of this run for the check at its end.
pub(crate) fn made(node_state: &Arc<NodeState>) {
    let _ = current_run::with(|run| run.adds_node(Arc::downgrade(node_state)));
}

/// Returns the running nodes, without those of crashed hosts.
fn nodes() -> Vec<Arc<NodeState>> {
    let nodes = current_run::with(|run| run.running_nodes());
    let nodes = nodes.unwrap_or_default();
    nodes.iter().filter_map(Weak::upgrade).collect()
}

/// Stops all processes of all nodes, and waits until the nodes keep no state for each other: no exports or proxies, no
/// credit windows with used credits, no pending calls or replies, no links or monitors. Anything left after a minute
/// fails the run.
pub(crate) async fn settle() {
    let _ = current_run::with(|run| run.grace += PATIENCE + LOOK);
    for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
        for node_state in nodes() {
            node_state.system.within(|| {
                for process in ambit::inspect::processes() {
                    ambit::exit(process.pid, ExitReason::Kill);
                }
            });
        }
        if left().is_none() {
            return;
        }
        sleep(LOOK).await;
    }
    if let Some(detail) = left() {
        let name = "nodes keep nothing when all processes have ended";
        let _ = current_run::with(|run| run.fail(Cause::Always { name, detail }));
    }
}

/// Returns the remaining state of the first node that has any.
fn left() -> Option<String> {
    nodes().iter().find_map(|node_state| {
        let left = Leftovers::of(node_state);
        (left != Leftovers::default()).then(|| format!("{} has {left}", node_state.id().name))
    })
}
