//! Three nodes of ambit in three processes: names, groups and calls of a cluster.

pub(crate) mod member;
mod near;
mod sinks;

use std::sync::OnceLock;
use std::time::Duration;

use ambit_dist::Node;

pub(crate) use self::near::run;

/// The number of nodes in a run.
const NODES: u64 = 3;
/// The number of members that receive a broadcast, on all nodes together.
pub(crate) const SINKS: u64 = 1_000;
/// The group of the members that receive a broadcast.
const TICKS: &str = "ticks";
/// The group of the helpers, one on each node.
const HELPERS: &str = "helpers";
/// The group that the near node joins and leaves.
const PING: &str = "ping";
/// The group that the helper of a far node joins and leaves in answer.
const PONG: &str = "pong";
/// The time between two looks at a state that has no event.
const PAUSE: Duration = Duration::from_millis(1);

/// The node of this process, for its servers.
static NODE: OnceLock<Node> = OnceLock::new();

fn node() -> &'static Node {
    NODE.get().expect("set before the first server starts")
}

/// Returns the name of an entry; the entries of a node arrive on other nodes in this order.
fn entry(node: &str, index: u64) -> String {
    format!("{node}-{index}")
}
