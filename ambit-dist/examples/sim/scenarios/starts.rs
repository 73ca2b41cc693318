//! Remote starts while the network breaks. A server whose answer is lost must end with the connection.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::Node;
use ambit_dist::sim::{Fault, Host, Scenario, SimRng, always, note, sometimes};

use super::board::{SECOND, connect};
use super::service::with;

thread_local! {
    /// The number of starts per server in this run.
    static STARTED: RefCell<BTreeMap<u64, u32>> = const { RefCell::new(BTreeMap::new()) };
    /// The running servers.
    static ALIVE: RefCell<BTreeSet<u64>> = const { RefCell::new(BTreeSet::new()) };
}

fn started(number: u64) -> u32 {
    STARTED.with_borrow(|all| all.get(&number).copied().unwrap_or_default())
}

/// Started at most once for each number.
pub(crate) struct Numbered {
    number: u64,
}

#[gen_server(remote = "sim.numbered")]
impl Numbered {
    #[init]
    fn new(number: u64) -> Self {
        STARTED.with_borrow_mut(|all| *all.entry(number).or_default() += 1);
        ALIVE.with_borrow_mut(|all| all.insert(number));
        Self { number }
    }

    #[call]
    fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Numbered {
    fn drop(&mut self) {
        ALIVE.with_borrow_mut(|all| all.remove(&self.number));
    }
}

/// Breaks the connection to the server during a start, for a while.
async fn breaks(host: &Host, rng: &mut SimRng) {
    tokio::time::sleep(rng.between(Duration::ZERO, Duration::from_millis(80))).await;
    let (own, other) = ("c".to_owned(), "s".to_owned());
    host.faults().inject(match rng.below(4) {
        0 => Fault::Cut(own, other),
        1 => Fault::Cut(other, own),
        2 => Fault::Hold(own, other),
        _ => Fault::Partition(own, other),
    });
    tokio::time::sleep(rng.between(SECOND / 10, 10 * SECOND)).await;
    host.faults().heal_all();
}

async fn starts(host: &Host, node: &Node) {
    let mut rng = host.rng("starts");
    let mut kept = BTreeMap::new();
    for number in 1..=10 {
        connect(host, node, "s").await;
        let patience = rng.between(SECOND / 10, 8 * SECOND);
        let starting = node.on("s").start::<Numbered>((number,)).timeout(patience);
        let (answer, ()) = tokio::join!(starting, breaks(host, &mut rng));
        note!("number {number}: {answer:?}");
        sometimes!(answer.is_ok(), "a start succeeds");
        let given_up = answer.is_err();
        sometimes!(
            given_up && started(number) == 1,
            "a start that happened times out"
        );
        sometimes!(
            given_up && started(number) == 0,
            "a start that did not happen times out"
        );
        if let Ok(server) = answer {
            kept.insert(number, server);
        }
    }
    // The disconnection stops all servers without a handle here.
    node.disconnect("s").await;
    tokio::time::sleep(20 * SECOND).await;
    connect(host, node, "s").await;
    for number in 1..=10 {
        always!(started(number) <= 1, "nothing is started twice", "{number}");
    }
    let known: BTreeSet<_> = kept.keys().copied().collect();
    let alive = ALIVE.with_borrow(Clone::clone);
    always!(
        alive.is_subset(&known),
        "no server is orphaned",
        "{alive:?} run, {known:?} are known"
    );
    for (number, server) in kept {
        let answer = server.number().timeout(5 * SECOND).await;
        // If the connection was lost before the claim arrived, the server has ended with the connection.
        let is_told = answer == Err(CallError::NoProcess) && !alive.contains(&number);
        sometimes!(
            is_told,
            "a start that was answered ends with the connection"
        );
        always!(
            answer == Ok(number) || is_told,
            "a started server runs, or its handle reports that it does not",
            "{number}: {answer:?}"
        );
    }
}

pub(crate) const STARTS: Scenario = Scenario {
    name: "starts",
    about: "servers are started on another node while the network breaks: none twice, each answered start has one, and no server is orphaned",
    build: |sim| {
        STARTED.with_borrow_mut(BTreeMap::clear);
        ALIVE.with_borrow_mut(BTreeSet::clear);
        with(
            sim,
            |node| node.expose::<Numbered>(),
            |host, node| async move {
                starts(&host, &node).await;
            },
        );
        sim.limit(600 * SECOND);
    },
};
