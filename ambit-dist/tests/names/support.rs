//! A server with a name, and waiting for what other nodes see.

use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{Node, NodeId};

use crate::distribution::support::Net;

pub(crate) struct Counter {
    value: u64,
}

#[gen_server(remote = "names.counter")]
impl Counter {
    #[init]
    pub fn new(value: u64) -> Self {
        Self { value }
    }

    #[call]
    pub fn add(&mut self, amount: u64) -> u64 {
        self.value += amount;
        self.value
    }

    #[cast]
    pub fn note(&mut self, amount: u64) {
        self.value += amount;
    }
}

pub(crate) struct Other;

#[gen_server(remote = "names.other")]
impl Other {
    #[init]
    pub fn new() -> Self {
        Self
    }

    #[call]
    pub fn name(&self) -> String {
        "other".to_owned()
    }
}

/// Waits until a condition is true, up to a minute.
pub(crate) async fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if is_true() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("after a minute: {what}");
}

/// Waits until all nodes see this holder of a name.
pub(crate) async fn all_see(nodes: &[&Node], name: &str, holder: Option<&NodeId>) {
    let agrees = |node: &&Node| node.names().node_of(name).as_ref() == holder;
    until(name, || nodes.iter().all(&agrees)).await;
}

/// Cuts every connection between two groups of nodes.
pub(crate) fn cut(net: &Net, left: &[&Node], right: &[&Node]) {
    for a in left {
        for b in right {
            net.0.cut(a.local_addr(), b.local_addr());
        }
    }
}

/// Reverts [`cut`].
pub(crate) fn heal(net: &Net, left: &[&Node], right: &[&Node]) {
    for a in left {
        for b in right {
            net.0.heal(a.local_addr(), b.local_addr());
        }
    }
}

/// Waits until the nodes of each group see all others as down.
pub(crate) async fn apart(left: &[&Node], right: &[&Node]) {
    let misses = |from: &[&Node], to: &[&Node]| {
        from.iter().all(|node| {
            let up = node.membership().up();
            to.iter()
                .all(|other| up.iter().all(|member| member.id() != other.id()))
        })
    };
    until("the groups are apart", || {
        misses(left, right) && misses(right, left)
    })
    .await;
}
