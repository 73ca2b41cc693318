//! A rolling restart of a cluster, as for an upgrade.

use std::collections::BTreeMap;
use std::rc::Rc;

use ambit_dist::sim::{Host, Scenario, Sim, always, sometimes};
use tokio::sync::Notify;

use super::board::{Board, SECOND, TICK, connect, left, start};

const THREE: &[&str] = &["a", "b", "c"];

/// For each host, the request to leave and the confirmation.
type Bells = Rc<BTreeMap<&'static str, (Notify, Notify)>>;

async fn member(host: Host, board: Board, bells: Bells) {
    let node = start(&host, &board).await;
    for other in THREE.iter().filter(|other| **other != host.name()) {
        let (host, node) = (host.clone(), node.clone());
        tokio::spawn(async move { connect(&host, &node, other).await });
    }
    let (leave, has_left) = &bells[host.name()];
    leave.notified().await;
    node.leave().await;
    has_left.notify_one();
}

fn members(sim: &mut Sim) -> (Board, Bells) {
    let board = Board::default();
    let bells = THREE.iter().map(|name| (*name, Default::default()));
    let bells: Bells = Rc::new(bells.collect());
    for name in THREE {
        let (board, bells) = (board.clone(), bells.clone());
        sim.host(name, move |host| member(host, board.clone(), bells.clone()));
    }
    (board, bells)
}

pub(crate) const ROLLING_RESTART: Scenario = Scenario {
    name: "rolling-restart",
    about: "each node leaves and restarts in turn: the others see that it was on purpose, and lose no other node",
    build: |sim| {
        let (board, bells) = members(sim);
        sim.tick(TICK).settles().loss(0.01).limit(400 * SECOND);
        sim.client("judge", move |host| async move {
            board.converges(THREE).await;
            let mut rng = host.rng("pauses");
            for name in THREE.iter().cycle().take(6) {
                let (leave, has_left) = &bells[name];
                leave.notify_one();
                has_left.notified().await;
                let others = || THREE.iter().filter(|other| *other != name);
                for other in others() {
                    let told = board
                        .within(5 * SECOND, |board| board.has_lost(other, name, left))
                        .await;
                    always!(told, "peers see a leave", "{other} of {name}");
                }
                tokio::time::sleep(rng.between(SECOND / 100, 20 * SECOND)).await;
                let near = |a: &str| others().filter(|b| **b != a).all(|b| board.sees(a, b));
                always!(others().all(|a| near(a)), "the others stay together");
                host.faults().bounce(name);
                board.converges(THREE).await;
            }
            for (a, b) in THREE.iter().flat_map(|a| THREE.iter().map(move |b| (a, b))) {
                always!(
                    !board.has_lost(a, b, |reason| !left(reason)),
                    "no other node is lost",
                    "{b} by {a}"
                );
            }
            sometimes!(host.lost() > 0, "datagrams are lost");
        });
    },
};
