//! Nodes in memory.

use std::future::Future;

use ambit::system::System;
use ambit_dist::transport::Memory;
use ambit_dist::{Limits, Node, Reconnect};

use super::threads;

/// The maximum number of repetitions of a race.
pub(crate) const ROUNDS: usize = 100;

/// The shared state of the nodes of one test.
#[derive(Clone)]
pub(crate) struct Network(Memory);

pub(crate) fn play<Fut: Future<Output = ()>>(case: impl Fn(Network) -> Fut) {
    threads::on_one(case(Network(Memory::new())));
}

pub(crate) fn race<Fut: Future<Output = ()>>(case: impl Fn(Network) -> Fut) {
    threads::on_several(case(Network(Memory::new())));
}

/// Yields to other tasks before the next check.
pub(crate) async fn pause() {
    tokio::task::yield_now().await;
}

impl Network {
    /// Starts a node with this name, and returns its system.
    pub(crate) async fn start(&self, name: &str) -> (System, Node) {
        let transport = self.0.bind("10.0.0.1:0".parse().unwrap()).unwrap();
        let (system, _) = super::process_support::quiet();
        let builder = Node::builder(name).transport(transport);
        let builder = builder.limits(Limits::default().lanes(1));
        let builder = builder.system(system.clone()).reconnect(Reconnect::Never);
        (system, builder.start().await.unwrap())
    }
}
