//! Networks that break and recover.

use std::time::Duration;

use ambit_dist::sim::{Chaos, Fault, Scenario, Sim, always, sometimes};

use super::board::{LONG, PORT, SECOND, cluster, restarted, start, timed_out};

const THREE: &[&str] = &["a", "b", "c"];

pub(crate) const PARTITION: Scenario = Scenario {
    name: "partition",
    about: "two nodes lose each other, report it, and reconnect when the network recovers",
    build: |sim| {
        let board = cluster(sim, THREE);
        sim.loss(0.01).limit(200 * SECOND);
        sim.client("judge", move |host| async move {
            board.converges(THREE).await;
            host.faults().partition("a", "b");
            let parted = board.within(LONG, |board| !board.sees("a", "b") && !board.sees("b", "a"));
            always!(parted.await, "both sides detect a partition");
            sometimes!(
                board.has_lost("a", "b", timed_out),
                "a partition is a timeout"
            );
            always!(
                board.sees("a", "c") && board.sees("c", "b"),
                "other nodes are not affected"
            );
            tokio::time::sleep(host.rng("pause").between(SECOND, 20 * SECOND)).await;
            host.faults().heal("a", "b");
            board.converges(THREE).await;
        });
    },
};

pub(crate) const ONE_WAY_CUT: Scenario = Scenario {
    name: "one-way-cut",
    about: "one direction fails; both nodes detect it, and reconnect",
    build: |sim| {
        let board = cluster(sim, THREE);
        sim.limit(200 * SECOND);
        sim.client("judge", move |host| async move {
            board.converges(THREE).await;
            host.faults().cut("a", "b");
            let parted = board.within(LONG, |board| !board.sees("a", "b") && !board.sees("b", "a"));
            always!(parted.await, "both sides detect a cut");
            sometimes!(
                board.has_lost("a", "b", timed_out) || board.has_lost("b", "a", timed_out),
                "a cut is a timeout"
            );
            tokio::time::sleep(host.rng("pause").between(SECOND, 20 * SECOND)).await;
            host.faults().heal_all();
            board.converges(THREE).await;
        });
    },
};

pub(crate) const HOLD: Scenario = Scenario {
    name: "hold",
    about: "all datagrams between two nodes are held for a short or long time, and then arrive",
    build: |sim| {
        let board = cluster(sim, THREE);
        sim.limit(200 * SECOND);
        sim.client("judge", move |host| async move {
            board.converges(THREE).await;
            let mut rng = host.rng("time");
            let most = if rng.chance(0.5) { SECOND } else { LONG };
            let time = rng.between(Duration::from_millis(100), most);
            host.faults().hold("a", "b");
            tokio::time::sleep(time).await;
            let lost = board.losses("a", "b") + board.losses("b", "a");
            always!(
                time > SECOND || lost == 0,
                "a short hold is only a delay",
                "{time:?}"
            );
            sometimes!(lost > 0, "a long hold is a loss");
            sometimes!(lost == 0, "a short hold is none");
            host.faults().release("a", "b");
            board.converges(THREE).await;
        });
    },
};

pub(crate) const OVERLAPPING_CUT: Scenario = Scenario {
    name: "overlapping-cut",
    about: "a and b do not reach each other; c always reaches both and loses neither",
    build: |sim| {
        let board = cluster(sim, THREE);
        sim.limit(200 * SECOND);
        sim.client("judge", move |host| async move {
            board.converges(THREE).await;
            for _ in 0..3 {
                host.faults().partition("a", "b");
                tokio::time::sleep(LONG).await;
                let sees = board.sees("a", "b") || board.sees("b", "a");
                always!(!sees, "both sides detect a partition");
                host.faults().heal("a", "b");
                board.converges(THREE).await;
            }
            let lost = |a, b| board.losses(a, b) + board.losses(b, a);
            sometimes!(lost("a", "b") >= 6, "two nodes lose each other each time");
            always!(
                lost("a", "c") + lost("b", "c") == 0,
                "other nodes are not affected"
            );
        });
    },
};

pub(crate) const CHAOS: Scenario = Scenario {
    name: "chaos",
    about: "random faults of every kind; afterwards every node finds every other",
    build: |sim| {
        const NAMES: &[&str] = &["a", "b", "c", "d"];
        let board = cluster(sim, NAMES);
        sim.chaos(Chaos::until(40 * SECOND).crashes(true))
            .limit(200 * SECOND);
        sim.client("judge", move |host| async move {
            tokio::time::sleep(40 * SECOND).await;
            board.converges(NAMES).await;
            let lost = |is| board.has_lost("a", "b", is);
            sometimes!(host.lost() > 0, "datagrams are lost");
            sometimes!(lost(timed_out), "a node is lost and found again");
            sometimes!(lost(restarted), "a new incarnation replaces the old one");
        });
    },
};

pub(crate) const PINGS: Scenario = Scenario {
    name: "pings",
    about: "a ping over a broken network ends, one way or the other",
    build: pings,
};

fn pings(sim: &mut Sim) {
    let board = cluster(sim, THREE);
    sim.chaos(Chaos::until(30 * SECOND)).limit(120 * SECOND);
    sim.client("judge", move |host| async move {
        let node = start(&host, &board).await;
        while host.now() < 30 * SECOND {
            if node.connect(host.address_of("a", PORT)).await.is_err() {
                continue;
            }
            let began = host.now();
            let answer = node.ping("a").await;
            sometimes!(answer.is_ok(), "a ping is answered");
            sometimes!(answer.is_err(), "a ping is lost");
            always!(host.now() - began <= LONG, "a ping ends");
            tokio::time::sleep(SECOND / 4).await;
        }
        node.leave().await;
    });
    // The judge is also a node, and its links break like others.
    sim.at(10 * SECOND, Fault::Partition("judge".into(), "a".into()));
    sim.at(25 * SECOND, Fault::Heal("judge".into(), "a".into()));
}
