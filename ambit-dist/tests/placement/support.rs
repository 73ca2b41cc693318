//! A cluster whose nodes run placed servers.

use ambit::prelude::*;
use ambit::supervisor::DynamicSupervisor;
use ambit::system::System;
use ambit_dist::{Node, NodeBuilder, PlacedServers, Placement};

use crate::distribution::support::Net;
use crate::membership::support::complete;
use crate::names::support::until;

pub(crate) struct Lot {
    bids: u64,
}

#[gen_server(remote = "placement.lot")]
impl Lot {
    #[init]
    pub fn new(first: u64) -> Result<Self, ExitReason> {
        match first {
            0 => Err(ExitReason::Shutdown),
            first => Ok(Self { bids: first }),
        }
    }

    #[call]
    pub fn bid(&mut self) -> u64 {
        self.bids += 1;
        self.bids
    }

    #[cast]
    pub fn crash(&mut self) {
        panic!("as the test asks");
    }

    #[cast]
    pub fn close(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::Normal);
    }
}

/// A system of a node other than that of the test. Servers may panic there.
pub(crate) fn other_system() -> System {
    System::builder().quiet_panics(true).build().unwrap()
}

/// Returns the builder of a node with a system of its own.
pub(crate) fn alone(net: &Net, name: &str) -> NodeBuilder {
    let builder = net.builder(name).system(other_system());
    builder.seeds([Net::at("a")])
}

pub(crate) async fn exposing(builder: NodeBuilder) -> Node {
    let node = builder.start().await.unwrap();
    node.expose::<Lot>();
    node
}

/// Starts the nodes `a`, `b` and `c`; returns them and the systems of the last two.
pub(crate) async fn three(net: &Net) -> ([Node; 3], [System; 2]) {
    let a = exposing(net.builder("a").seeds([Net::at("a")])).await;
    let systems = [other_system(), other_system()];
    let b = exposing(alone(net, "b").system(systems[0].clone())).await;
    let c = exposing(alone(net, "c").system(systems[1].clone())).await;
    complete(&[&a, &b, &c]).await;
    ([a, b, c], systems)
}

/// Starts servers with these ids, all at once.
pub(crate) async fn start<const N: usize>(
    supervisor: &DynamicSupervisor,
    lots: &PlacedServers<Lot>,
    ids: [&str; N],
) {
    let started = ids.map(|id| supervisor.start_child(lots.child_spec(id, (10,))).send());
    for child in started {
        child.await.unwrap();
    }
}

/// Returns the nodes of all servers, sorted by the ids of the servers. A server without a node is a `-`.
pub(crate) fn nodes(lots: &PlacedServers<Lot>) -> String {
    let node = |(_, node): (_, Option<ambit_dist::NodeName>)| {
        node.map_or_else(|| "-".to_owned(), |node| node.to_string())
    };
    let nodes: Vec<_> = lots.placed().into_iter().map(node).collect();
    nodes.join(" ")
}

/// Waits until the servers run on these nodes.
pub(crate) async fn all_on(lots: &PlacedServers<Lot>, expected: &str) {
    let what = format!("{lots:?} instead of {expected}");
    until(&what, || nodes(lots) == expected).await;
}

/// A supervisor that gives up at the first restart, and servers with this placement.
pub(crate) async fn strict(
    node: &Node,
    placement: Placement,
) -> (DynamicSupervisor, PlacedServers<Lot>) {
    let supervisor = DynamicSupervisor::builder().restarts(0, std::time::Duration::from_secs(5));
    let supervisor = supervisor.start().await.unwrap();
    (supervisor, PlacedServers::new(node, placement))
}
