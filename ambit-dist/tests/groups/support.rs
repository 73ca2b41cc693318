//! Nodes with separate systems, as on separate machines.

use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;
use ambit::test::Probe;
use ambit_dist::{Groups, Node, NodeBuilder};

use crate::distribution::support::Net;
use crate::membership::support::complete;

/// A node with its own system.
pub(crate) struct Machine {
    pub(crate) node: Node,
    pub(crate) system: System,
}

impl Machine {
    pub(crate) async fn start(builder: NodeBuilder) -> Self {
        let system = System::builder().build().unwrap();
        let node = builder.system(system.clone()).start().await.unwrap();
        Self { node, system }
    }

    /// Starts a process of this machine.
    pub(crate) fn probe<M: Message>(&self) -> Probe<M> {
        self.system.within(Probe::new)
    }

    /// Runs code as a process of this machine.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let (sender, outcome) = tokio::sync::oneshot::channel();
        self.system.within(|| {
            ambit::spawn(|_: Inbox<()>| async move {
                sender.send(work.await).ok();
            })
        });
        outcome.await.unwrap()
    }

    pub(crate) fn groups(&self) -> Groups {
        self.node.groups()
    }

    /// Returns the number of members of `name` that this machine sees.
    pub(crate) fn count(&self, name: &str) -> usize {
        self.groups().members::<String>(name).len()
    }
}

/// Starts machines `a`, `b`, .. of which all join by `a`.
pub(crate) async fn cluster<const N: usize>(net: &Net) -> [Machine; N] {
    let mut machines = Vec::new();
    for name in ["a", "b", "c", "d", "e"].iter().take(N) {
        machines.push(Machine::start(net.builder(name).seeds([Net::at("a")])).await);
    }
    complete(&machines.iter().map(|one| &one.node).collect::<Vec<_>>()).await;
    machines
        .try_into()
        .unwrap_or_else(|_| panic!("{N} machines"))
}

/// Waits until a condition holds, up to two minutes.
pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..12_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("after two minutes: {what}");
}

/// Cuts the connections between two machines, and waits until both count the other one as down.
pub(crate) async fn cut(net: &Net, one: &Machine, other: &Machine) {
    net.cut(one.node.local_addr(), other.node.local_addr());
    let is_up = |seen: &Machine, by: &Machine| {
        let member = by.node.membership().member(seen.node.name().as_str());
        member.is_some_and(|member| member.is_up())
    };
    eventually("both are down", || !is_up(one, other) && !is_up(other, one)).await;
}

/// Heals the connections between two machines, and waits until these are connected.
pub(crate) async fn heal(net: &Net, one: &Machine, other: &Machine) {
    net.heal(one.node.local_addr(), other.node.local_addr());
    let is_up = |seen: &Machine, by: &Machine| {
        let member = by.node.membership().member(seen.node.name().as_str());
        member.is_some_and(|member| member.is_up()) && by.node.peer(seen.node.name()).is_some()
    };
    eventually("both are up", || is_up(one, other) && is_up(other, one)).await;
}
