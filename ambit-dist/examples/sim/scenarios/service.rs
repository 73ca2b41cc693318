//! A node that runs servers for others, and a client with its own node.

use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::sim::{Host, Sim, always};
use ambit_dist::{Limits, Node};

use super::board::{Board, SECOND, TICK, connect, start_within};

/// Accepts numbers, which must arrive in the order of their sends.
pub(crate) struct Ledger {
    last: u64,
    waiting: Vec<ReplyTo<u64>>,
}

#[gen_server(remote = "sim.ledger")]
impl Ledger {
    #[init]
    fn new(last: u64) -> Self {
        let waiting = Vec::new();
        Self { last, waiting }
    }

    #[cast]
    pub(crate) fn enter(&mut self, number: u64) {
        let last = self.last;
        always!(
            number > last,
            "in order and never twice",
            "{number} comes after {last}"
        );
        self.last = number;
    }

    #[call]
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    #[call(deferred)]
    pub(crate) fn never(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
    }

    /// Panics.
    #[cast]
    pub(crate) fn burn(&mut self) {
        panic!("the ledger burns");
    }
}

/// Adds a host `s` whose node runs the servers exposed by `expose`, and a client `c` with a node connected to it.
pub(crate) fn with<F, Fut>(sim: &mut Sim, expose: fn(&Node), client: F) -> Board
where
    F: FnOnce(Host, Node) -> Fut + 'static,
    Fut: Future<Output = ()> + 'static,
{
    with_limits(sim, &Limits::default(), expose, client)
}

/// Works like [`with`], with limits for both nodes.
pub(crate) fn with_limits<F, Fut>(
    sim: &mut Sim,
    limits: &Limits,
    expose: fn(&Node),
    client: F,
) -> Board
where
    F: FnOnce(Host, Node) -> Fut + 'static,
    Fut: Future<Output = ()> + 'static,
{
    let board = Board::default();
    let (of_server, of_client) = (board.clone(), board.clone());
    let (limits, of_host) = (limits.clone(), limits.clone());
    sim.tick(TICK).limit(200 * SECOND).settles();
    sim.host("s", move |host| {
        let (board, limits) = (of_server.clone(), of_host.clone());
        async move {
            let node = start_within(&host, &board, &limits).await;
            expose(&node);
            std::future::pending::<()>().await;
            drop(node);
        }
    });
    sim.client("c", move |host| async move {
        let node = start_within(&host, &of_client, &limits).await;
        connect(&host, &node, "s").await;
        client(host.clone(), node.clone()).await;
        // Once while the nodes are connected, and once after this node has left.
        host.settle().await;
    });
    board
}

/// Works like [`with`], for ledgers.
pub(crate) fn with_ledgers<F, Fut>(sim: &mut Sim, client: F) -> Board
where
    F: FnOnce(Host, Node) -> Fut + 'static,
    Fut: Future<Output = ()> + 'static,
{
    with(sim, |node| node.expose::<Ledger>(), client)
}

/// Starts a ledger on the other node that begins with a number. Returns `None` if the start fails.
pub(crate) async fn ledger(node: &Node, last: u64) -> Option<LedgerSubject> {
    let starting = node.on("s").start::<Ledger>((last,));
    let started = tokio::time::timeout(20 * SECOND, starting).await;
    always!(started.is_ok(), "a remote start ends");
    started.ok()?.ok()
}

/// Starts a ledger on the other node, retrying until it succeeds.
pub(crate) async fn some_ledger(node: &Node, last: u64) -> LedgerSubject {
    loop {
        if let Some(ledger) = ledger(node, last).await {
            return ledger;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}
