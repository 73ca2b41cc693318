//! Messages to remote servers over networks that break.

use ambit::attribute::rpc;
use ambit::error::{CallError, CastError};
use ambit_dist::Node;
use ambit_dist::sim::{Chaos, Fault, Scenario, always, note, sometimes};

use super::board::{LONG, SECOND, TICK};
use super::service::{Ledger, LedgerSubject, ledger, some_ledger, with, with_ledgers};

pub(crate) const ORDER: Scenario = Scenario {
    name: "order",
    about: "casts between two processes arrive in order and never twice, whatever the network does",
    build: |sim| {
        with_ledgers(sim, |host, node| async move {
            while host.now() < 30 * SECOND {
                let Some(ledger) = ledger(&node, 0).await else {
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
            sometimes!(host.lost() > 0, "datagrams are lost");
        });
        let chaos = Chaos::until(30 * SECOND).crashes(true).clients(true);
        sim.loss(0.02).duplicates(0.02).chaos(chaos);
    },
};

/// Never returns.
#[rpc(name = "sim.endless")]
async fn endless() -> u64 {
    std::future::pending().await
}

fn expose(node: &Node) {
    node.expose::<Ledger>();
    node.expose_rpc::<endless>();
}

pub(crate) const DEADLINES: Scenario = Scenario {
    name: "deadlines",
    about: "a call to another node ends by its deadline, answered or not",
    build: |sim| {
        with(sim, expose, |host, node| async move {
            let patience = SECOND;
            while host.now() < 30 * SECOND {
                let Some(ledger) = ledger(&node, 0).await else {
                    tokio::time::sleep(SECOND / 4).await;
                    continue;
                };
                for round in 0..5 {
                    let began = host.now();
                    let answer = match round % 3 {
                        0 => ledger.last().timeout(patience).await,
                        1 => ledger.never().timeout(patience).await,
                        _ => node.on("s").call(endless()).timeout(patience).await,
                    };
                    let took = host.now() - began;
                    always!(
                        took <= patience + TICK,
                        "calls end by their deadline",
                        "{took:?}"
                    );
                    sometimes!(answer.is_ok(), "a call is answered");
                    sometimes!(answer == Err(CallError::Timeout), "a call times out");
                    let lost = matches!(answer, Err(CallError::NoConnection { .. }));
                    sometimes!(lost, "a call is lost with its connection");
                }
            }
        });
        let chaos = Chaos::until(30 * SECOND).crashes(true).clients(true);
        sim.loss(0.02).chaos(chaos);
    },
};

pub(crate) const CALLERS: Scenario = Scenario {
    name: "callers",
    about: "calls without a deadline end when the connection is lost",
    build: |sim| {
        with_ledgers(sim, |host, node| async move {
            let mut rng = host.rng("callers");
            let ledger = some_ledger(&node, 0).await;
            let calls: Vec<_> = (0..20)
                .map(|_| ledger.never().no_timeout().send())
                .collect();
            tokio::time::sleep(rng.between(SECOND / 100, SECOND)).await;
            let (own, other) = ("c".to_owned(), "s".to_owned());
            let fault = match rng.below(4) {
                0 => Fault::Crash(other),
                1 => Fault::Cut(own, other),
                2 => Fault::Cut(other, own),
                _ => Fault::Partition(own, other),
            };
            sometimes!(matches!(fault, Fault::Crash(_)), "the other node crashes");
            sometimes!(matches!(fault, Fault::Cut(..)), "one direction fails");
            host.faults().inject(fault);
            for call in calls {
                let ended = tokio::time::timeout(LONG, call).await;
                let told = matches!(ended, Ok(Err(CallError::NoConnection { .. })));
                always!(told, "callers are notified of a loss", "{ended:?}");
            }
        });
    },
};

pub(crate) const STALE: Scenario = Scenario {
    name: "stale",
    about: "handles of an earlier incarnation of a node reach no process of a later one",
    build: |sim| {
        with_ledgers(sim, |host, node| async move {
            let mut rng = host.rng("pauses");
            let mut old: Vec<LedgerSubject> = Vec::new();
            for incarnation in 1..=4_u64 {
                // The numbers for ledgers of earlier incarnations are below all that this one accepts.
                let ledger = some_ledger(&node, incarnation * 1_000).await;
                for (stale, number) in old.iter().zip(1_100..) {
                    let cast = stale.enter(number).await;
                    // The later incarnation is connected, so the node knows that the earlier one has ended.
                    always!(
                        cast == Err(CastError::NoProcess),
                        "an earlier incarnation is known to have ended",
                        "{cast:?}"
                    );
                    let answer = stale.last().timeout(SECOND).await;
                    always!(
                        answer.is_err(),
                        "an earlier incarnation gives no answer",
                        "{answer:?}"
                    );
                }
                always!(
                    ledger.last().timeout(5 * SECOND).await == Ok(incarnation * 1_000),
                    "the current incarnation answers"
                );
                old.push(ledger);
                host.faults().bounce("s");
                tokio::time::sleep(rng.between(SECOND / 100, 10 * SECOND)).await;
            }
        });
    },
};
