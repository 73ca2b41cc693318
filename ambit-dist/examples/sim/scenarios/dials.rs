//! Simultaneous dials.

use std::time::Duration;

use ambit_dist::sim::{Scenario, always, sometimes};

use super::board::{Board, SECOND, TICK, cluster, start};

pub(crate) const MESH: Scenario = Scenario {
    name: "mesh",
    about: "five nodes dial each other at the same time, and datagrams are lost",
    build: |sim| {
        const NAMES: &[&str] = &["a", "b", "c", "d", "e"];
        let board = cluster(sim, NAMES);
        sim.loss(0.05).duplicates(0.02);
        sim.client("judge", move |host| async move {
            board.converges(NAMES).await;
            sometimes!(host.lost() > 0, "datagrams are lost");
        });
    },
};

pub(crate) const DIAL_RACE: Scenario = Scenario {
    name: "dial-race",
    about: "two nodes dial each other within a few milliseconds: both dials succeed, and one connection stays",
    build: |sim| {
        let board = Board::default();
        sim.tick(TICK).settles();
        for (name, other) in [("a", "b"), ("b", "a")] {
            let board = board.clone();
            sim.host(name, move |host| {
                let board = board.clone();
                async move {
                    let node = start(&host, &board).await;
                    let most = Duration::from_millis(60);
                    let pause = host.rng("pause").between(Duration::ZERO, most);
                    tokio::time::sleep(pause).await;
                    let address = host.address_of(other, super::board::PORT);
                    let answer = node.connect(address).await;
                    always!(
                        answer.is_ok(),
                        "a dial that crosses another succeeds",
                        "{answer:?}"
                    );
                    let peer = node.peer(other);
                    let dialled = peer.as_ref().is_some_and(|peer| peer.dialled);
                    sometimes!(dialled && name == "a", "the dial of a stays");
                    sometimes!(dialled && name == "b", "the dial of b stays");
                    std::future::pending::<()>().await;
                    drop(node);
                }
            });
        }
        sim.client("judge", move |host| async move {
            for _ in 0..5 {
                tokio::time::sleep(5 * SECOND).await;
                let met = board.sees("a", "b") && board.sees("b", "a");
                always!(met, "simultaneous dials make a connection");
                let losses = board.losses("a", "b") + board.losses("b", "a");
                always!(losses == 0, "simultaneous dials break nothing", "{losses}");
                host.faults().bounce("a");
                host.faults().bounce("b");
            }
        });
    },
};
