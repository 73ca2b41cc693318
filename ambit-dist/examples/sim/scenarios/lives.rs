//! Nodes that end, gracefully or not, and come back.

use ambit_dist::sim::{Fault, Scenario, always, sometimes};

use super::board::{PORT, SECOND, cluster, connect, left, restarted, start};

const THREE: &[&str] = &["a", "b", "c"];

pub(crate) const BOUNCE: Scenario = Scenario {
    name: "bounce",
    about: "a node crashes and restarts as another incarnation of the same name",
    build: |sim| {
        let board = cluster(sim, THREE);
        sim.limit(300 * SECOND);
        sim.client("judge", move |host| async move {
            let mut rng = host.rng("pause");
            for _ in 0..3 {
                board.converges(THREE).await;
                let pause = rng.between(SECOND / 10, 20 * SECOND);
                host.faults().crash("b");
                tokio::time::sleep(pause).await;
                host.faults().bounce("b");
            }
            board.converges(THREE).await;
            sometimes!(
                board.has_lost("a", "b", restarted),
                "a new incarnation replaces the old one"
            );
        });
    },
};

pub(crate) const RESTART_STORM: Scenario = Scenario {
    name: "restart-storm",
    about: "all nodes crash and come back again and again, at any moment of their dials",
    build: |sim| {
        let board = cluster(sim, THREE);
        sim.loss(0.02).limit(200 * SECOND);
        sim.client("judge", move |host| async move {
            let mut rng = host.rng("storm");
            for _ in 0..30 {
                let name = rng.pick(THREE).unwrap();
                host.faults().bounce(name);
                tokio::time::sleep(rng.between(SECOND / 100, SECOND)).await;
            }
            board.converges(THREE).await;
            sometimes!(host.lost() > 0, "datagrams are lost");
            sometimes!(
                board.has_lost("a", "b", restarted),
                "a new incarnation replaces the old one"
            );
        });
    },
};

pub(crate) const CLOCK_BACK: Scenario = Scenario {
    name: "clock-back",
    about: "a node comes back with a clock that was set back by up to an hour, and joins on its own",
    build: |sim| {
        let board = cluster(sim, &["a"]);
        sim.host("b", |host| async move {
            let node = host.node(PORT).hidden().start().await.unwrap();
            let before = node.id().clone();
            let connected = node.connect(host.address_of("a", PORT)).await;
            always!(
                connected.is_ok(),
                "an earlier incarnation joins on its own",
                "{connected:?}"
            );
            sometimes!(
                *node.id() > before,
                "its incarnation is later than any seen before"
            );
            std::future::pending::<()>().await;
            drop(node);
        });
        sim.limit(100 * SECOND);
        sim.client("judge", move |host| async move {
            let back = -host
                .rng("back")
                .between(SECOND, 3_600 * SECOND)
                .as_millis()
                .cast_signed();
            tokio::time::sleep(3 * SECOND).await;
            host.faults()
                .inject(Fault::Skew("b".into(), i64::try_from(back).unwrap()));
            host.faults().bounce("b");
            tokio::time::sleep(20 * SECOND).await;
            // The board checks that no later incarnation is followed by an earlier one.
            always!(board.losses("a", "b") >= 1, "the old incarnation is lost");
        });
    },
};

pub(crate) const LEAVE: Scenario = Scenario {
    name: "leave",
    about: "a node leaves: its peers see that it was on purpose, even while datagrams are lost",
    build: |sim| {
        let board = cluster(sim, THREE);
        sim.loss(0.02).limit(150 * SECOND);
        sim.client("d", move |host| async move {
            let node = start(&host, &board).await;
            for peer in THREE {
                connect(&host, &node, peer).await;
            }
            tokio::time::sleep(host.rng("pause").between(SECOND / 10, 5 * SECOND)).await;
            node.leave().await;
            always!(node.peers().is_empty(), "a node that left has no peers");
            for peer in THREE {
                let told = board
                    .within(5 * SECOND, |board| board.has_lost(peer, "d", left))
                    .await;
                always!(told, "peers see a leave", "{peer}");
            }
            sometimes!(host.lost() > 0, "datagrams are lost");
        });
    },
};

pub(crate) const DISCONNECT: Scenario = Scenario {
    name: "disconnect",
    about: "a node closes a connection on purpose: the other is notified, and neither dials until asked",
    build: |sim| {
        let board = cluster(sim, THREE);
        sim.limit(150 * SECOND);
        sim.client("d", move |host| async move {
            let node = start(&host, &board).await;
            for round in 1..=3 {
                connect(&host, &node, "a").await;
                let seen = board.within(5 * SECOND, |board| board.sees("a", "d")).await;
                always!(seen, "both ends see a connection");
                always!(node.disconnect("a").await, "a connection can be ended");
                let told = board
                    .within(5 * SECOND, |board| board.losses("a", "d") == round)
                    .await;
                always!(told, "peers see a disconnect");
                sometimes!(round > 1, "a disconnected node is connected again");
                tokio::time::sleep(5 * SECOND).await;
                always!(
                    node.peer("a").is_none(),
                    "a disconnected node is not dialled"
                );
            }
            node.leave().await;
        });
    },
};
