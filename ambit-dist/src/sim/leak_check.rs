//! Checks that nodes keep no state for each other after all processes have ended.

use std::sync::{Arc, Weak};
use std::time::Duration;

use ambit::process::ExitReason;
use tokio::time::sleep;

use super::current_run;
use super::leftovers::{CheckedNode, Leftovers};
use super::outcome::Cause;

/// The time for nodes to release all state: losses must be detected, and datagrams retransmitted.
const PATIENCE: Duration = Duration::from_secs(60);
/// The interval of the checks.
const LOOK: Duration = Duration::from_millis(100);

/// Registers a new node of this run for the check at its end.
pub(crate) fn made(node: Weak<dyn CheckedNode>) {
    let _ = current_run::with(|run| run.adds_node(node));
}

/// Returns the running nodes, without those of crashed hosts.
fn nodes() -> Vec<Arc<dyn CheckedNode>> {
    let nodes = current_run::with(|run| run.running_nodes());
    let nodes = nodes.unwrap_or_default();
    nodes.iter().filter_map(Weak::upgrade).collect()
}

/// Stops all processes of all nodes, and waits until the nodes keep no state for each other: no exports or proxies, no
/// credit windows with used credits, no pending calls or replies, no links or monitors, no entries of names, groups,
/// presences, placed servers and applications, and nothing in their indexes. Anything left after a minute fails the
/// run.
pub(crate) async fn run() {
    let _ = current_run::with(|run| run.grace += PATIENCE + LOOK);
    for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
        for node in nodes() {
            node.system().within(|| {
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
    nodes().iter().find_map(|node| {
        let left = node.leftovers();
        (left != Leftovers::default()).then(|| format!("{} has {left}", node.name()))
    })
}
