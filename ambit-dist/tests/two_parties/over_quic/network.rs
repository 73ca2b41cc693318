//! Nodes on loopback.

use std::future::Future;

use ambit::system::System;
use ambit_dist::{Auth, Cookie, Node, Reconnect};

use super::threads;

/// The maximum number of repetitions of a race.
pub(crate) const ROUNDS: usize = 100;

/// The shared state of the nodes of one test.
#[derive(Clone)]
pub(crate) struct Network(String);

fn new() -> Network {
    Network(Cookie::generate().unwrap().reveal().to_string())
}

pub(crate) fn play<Fut: Future<Output = ()>>(case: impl Fn(Network) -> Fut) {
    threads::on_one(case(new()));
}

pub(crate) fn race<Fut: Future<Output = ()>>(case: impl Fn(Network) -> Fut) {
    threads::on_several(case(new()));
}

/// Yields to other tasks before the next check.
pub(crate) async fn pause() {
    tokio::task::yield_now().await;
}

impl Network {
    /// Starts a node with this name, and returns its system.
    pub(crate) async fn start(&self, name: &str) -> (System, Node) {
        let (system, _) = super::process_support::quiet();
        let builder = Node::builder(name).auth(Auth::cookie(self.0.clone()));
        let builder = builder.system(system.clone()).reconnect(Reconnect::Never);
        (system, builder.start().await.unwrap())
    }
}
