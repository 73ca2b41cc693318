//! Casts that wait for credit end with the connection.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use ambit::error::CastError;
use ambit::prelude::*;
use ambit_dist::sim::{Host, Scenario, always, sometimes};
use ambit_dist::{Limits, Node};

use super::board::{LONG, SECOND, connect};
use super::service::with_limits;

thread_local! {
    /// Which parcels have arrived in this run.
    static PARCELS: RefCell<BTreeSet<u64>> = const { RefCell::new(BTreeSet::new()) };
}

/// Stores one parcel in 50 ms.
pub(crate) struct Depot;

#[gen_server(remote = "sim.depot", mailbox = 2)]
impl Depot {
    #[init]
    fn new() -> Self {
        Self
    }

    #[cast]
    async fn store(&mut self, number: u64, _goods: Vec<u8>) {
        PARCELS.with_borrow_mut(|all| all.insert(number));
        tokio::time::sleep(SECOND / 20).await;
    }
}

async fn parcels(host: &Host, node: &Node) {
    let depot = node.on("s").start::<Depot>(()).await.unwrap();
    let mut rng = host.rng("parcels");
    let mut casts = BTreeMap::new();
    for number in 1..=200 {
        let depot = depot.clone();
        let cast = async move { depot.store(number, vec![7; 1 << 10]).no_timeout().await };
        casts.insert(number, tokio::task::spawn_local(cast));
    }
    tokio::time::sleep(rng.between(SECOND / 10, SECOND)).await;
    let waiting = |node: &Node| {
        let peer = node.peer("s");
        peer.map_or(0, |peer| peer.traffic.messages_waiting)
    };
    sometimes!(waiting(node) > 0, "casts wait for credits");
    host.faults().partition("c", "s");
    let mut unsent = BTreeSet::new();
    for (number, cast) in casts {
        let ended = tokio::time::timeout(LONG, cast).await;
        let Ok(Ok(ended)) = ended else {
            always!(false, "waiting casts end with the connection", "{number}");
            continue;
        };
        if ended.is_err() {
            always!(
                ended == Err(CastError::NoConnection),
                "waiting casts end with the connection",
                "{ended:?}"
            );
            unsent.insert(number);
        }
    }
    sometimes!(!unsent.is_empty(), "casts end while they wait");
    // The server handles what has arrived; nothing more arrives in that session.
    tokio::time::sleep(20 * SECOND).await;
    let before = PARCELS.with_borrow(Clone::clone);
    let refused: Vec<_> = before.intersection(&unsent).collect();
    always!(
        refused.is_empty(),
        "refused casts never arrive",
        "{refused:?}"
    );
    host.faults().heal("c", "s");
    connect(host, node, "s").await;
    // The next session begins with all credits.
    let later = depot.store(1_000, Vec::new()).timeout(60 * SECOND).await;
    always!(later.is_ok(), "the next session accepts casts", "{later:?}");
    tokio::time::sleep(20 * SECOND).await;
    let mut arrived = PARCELS.with_borrow(Clone::clone);
    always!(arrived.remove(&1_000), "the next session accepts casts");
    let late: Vec<_> = arrived.difference(&before).collect();
    always!(
        late.is_empty(),
        "casts that waited in one session are not sent in the next",
        "{late:?}"
    );
}

pub(crate) const WAITING_CASTS: Scenario = Scenario {
    name: "waiting-casts",
    about: "casts that wait for credit end with the connection, and are not sent in the next one",
    build: |sim| {
        PARCELS.with_borrow_mut(BTreeSet::clear);
        with_limits(
            sim,
            &Limits::default().window(16).queue(64 << 10),
            |node| node.expose::<Depot>(),
            |host, node| async move { parcels(&host, &node).await },
        );
    },
};
