//! Conflicts of names, and nodes of other clusters.

use ambit_dist::ConnectError;
use ambit_dist::sim::{Scenario, always, note, sometimes};

use super::board::{PORT, SECOND, cluster};

pub(crate) const SAME_NAME: Scenario = Scenario {
    name: "same-name",
    about: "two machines have one name: their peers never see both at once",
    build: |sim| {
        let board = cluster(sim, &["a"]);
        sim.hosts(2, |host| async move {
            let node = host.node_in("ambit", "twin", PORT).start().await.unwrap();
            while host.now() < 90 * SECOND {
                let answer = node.connect(host.address_of("a", PORT)).await;
                note!("twin: {answer:?}");
                sometimes!(answer.is_ok(), "a twin is accepted");
                sometimes!(answer.is_err(), "a twin is refused");
                tokio::time::sleep(host.rng("pause").between(SECOND / 2, 3 * SECOND)).await;
            }
        });
        sim.limit(100 * SECOND);
        sim.client("judge", move |_| async move {
            // The board checks that up and down alternate, and that an earlier incarnation never comes back.
            tokio::time::sleep(60 * SECOND).await;
            always!(board.losses("a", "twin") <= 10, "a conflict of names ends");
        });
    },
};

pub(crate) const STRANGERS: Scenario = Scenario {
    name: "strangers",
    about: "nodes of other clusters are refused and not seen",
    build: |sim| {
        let board = cluster(sim, &["a"]);
        sim.loss(0.02).limit(100 * SECOND);
        sim.client("stranger", move |host| async move {
            let node = host
                .node_in("elsewhere", "stranger", PORT)
                .start()
                .await
                .unwrap();
            for _ in 0..5 {
                let answer = node.connect(host.address_of("a", PORT)).await;
                note!("stranger: {answer:?}");
                always!(answer.is_err(), "strangers are refused");
                let is_untrusted = matches!(answer, Err(ConnectError::Untrusted { .. }));
                sometimes!(is_untrusted, "a stranger is not trusted");
            }
            let is_seen = board.has_heard("a", "stranger");
            always!(!is_seen, "strangers are not seen");
            sometimes!(host.lost() > 0, "datagrams are lost");
            node.leave().await;
        });
    },
};
