//! Servers of other nodes, over networks that break.

use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::Node;
use ambit_dist::sim::{Chaos, Host, Scenario, Sim, always, note, sometimes};

use super::board::{Board, SECOND, TICK, connect, start};

/// Takes numbers, which must come in the order they were sent in.
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
    fn enter(&mut self, number: u64) {
        let last = self.last;
        always!(
            number > last,
            "in order, and none twice",
            "{number} comes after {last}"
        );
        self.last = number;
    }

    #[call]
    fn last(&self) -> u64 {
        self.last
    }

    #[call(deferred)]
    fn never(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
    }
}

/// A host `s` whose node runs ledgers for others, and a client that a node of its own is given to.
fn with_server<F, Fut>(sim: &mut Sim, client: F)
where
    F: FnOnce(Host, Node) -> Fut + 'static,
    Fut: Future<Output = ()> + 'static,
{
    let board = Board::default();
    let of_server = board.clone();
    sim.tick(TICK).limit(200 * SECOND);
    sim.host("s", move |host| {
        let board = of_server.clone();
        async move {
            let node = start(&host, &board).await;
            node.expose::<Ledger>();
            std::future::pending::<()>().await;
            drop(node);
        }
    });
    sim.client("c", move |host| async move {
        let node = start(&host, &board).await;
        connect(&host, &node, "s").await;
        client(host, node).await;
    });
}

/// A ledger on the other node, if there is one to be had now.
async fn ledger(node: &Node) -> Option<LedgerSubject> {
    let starting = node.on("s").start::<Ledger>((0,));
    let started = tokio::time::timeout(20 * SECOND, starting).await;
    always!(started.is_ok(), "a remote start ends");
    started.ok()?.ok()
}

pub(crate) const ORDER: Scenario = Scenario {
    name: "order",
    about: "casts between two processes come in order and never twice, whatever the network does",
    build: |sim| {
        with_server(sim, |host, node| async move {
            while host.now() < 30 * SECOND {
                let Some(ledger) = ledger(&node).await else {
                    tokio::time::sleep(SECOND / 4).await;
                    continue;
                };
                for number in 1..=100 {
                    if ledger.enter(number).await.is_err() {
                        break;
                    }
                }
                let last = ledger.last().timeout(5 * SECOND).await;
                note!("last is {last:?}");
                sometimes!(last == Ok(100), "everything arrives");
                sometimes!(last.is_err(), "a connection is lost");
            }
        });
        sim.loss(0.02)
            .duplicates(0.02)
            .chaos(Chaos::until(30 * SECOND).crashes(true));
    },
};

pub(crate) const DEADLINES: Scenario = Scenario {
    name: "deadlines",
    about: "a call to another node ends by its deadline, answered or not",
    build: |sim| {
        with_server(sim, |host, node| async move {
            let patience = SECOND;
            while host.now() < 30 * SECOND {
                let Some(ledger) = ledger(&node).await else {
                    tokio::time::sleep(SECOND / 4).await;
                    continue;
                };
                for round in 0..5 {
                    let began = host.now();
                    let answer = if round % 2 == 0 {
                        ledger.last().timeout(patience).await
                    } else {
                        ledger.never().timeout(patience).await
                    };
                    let took = host.now() - began;
                    always!(
                        took <= patience + TICK,
                        "calls end by their deadline",
                        "{took:?}"
                    );
                    sometimes!(answer.is_ok(), "a call is answered");
                }
            }
        });
        sim.loss(0.02)
            .chaos(Chaos::until(30 * SECOND).crashes(true));
    },
};

pub(crate) const MONITORS: Scenario = Scenario {
    name: "monitors",
    about: "a thousand monitors on processes of a node that dies fire once each",
    build: |sim| {
        with_server(sim, |host, node| async move {
            let mut monitors = Vec::new();
            for _ in 0..10 {
                let Some(ledger) = ledger(&node).await else {
                    continue;
                };
                monitors.extend((0..100).map(|_| ledger.monitor()));
            }
            let count = monitors.len();
            always!(
                count == 1_000,
                "a quiet network starts what it is asked for",
                "{count}"
            );
            let pause = host.dice("pause").between(Duration::ZERO, SECOND);
            tokio::time::sleep(pause).await;
            host.faults().crash("s");
            for monitor in monitors {
                let down = tokio::time::timeout(30 * SECOND, monitor).await;
                always!(down.is_ok(), "every monitor of a lost node fires");
            }
        });
    },
};
