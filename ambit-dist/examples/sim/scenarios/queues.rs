//! More than the other node can take.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use ambit::CastError;
use ambit::prelude::*;
use ambit_dist::sim::{Host, Scenario, always, note, sometimes};
use ambit_dist::{Limits, Node};

use super::board::{SECOND, connect};
use super::service::with;

thread_local! {
    /// How many messages of this run were eaten.
    static EATEN: Cell<u64> = const { Cell::new(0) };
}

/// Is slow.
pub(crate) struct Eater {
    last: u64,
    takes: Duration,
}

/// What stands in its mailbox.
const MAILBOX: u64 = 16;
#[gen_server(remote = "sim.eater", mailbox = 16)]
impl Eater {
    #[init]
    fn new(takes: Duration) -> Self {
        Self { last: 0, takes }
    }

    #[cast]
    async fn eat(&mut self, number: u64) {
        always!(number > self.last, "in order, and none twice");
        self.last = number;
        tokio::time::sleep(self.takes).await;
        EATEN.set(EATEN.get() + 1);
    }

    #[call]
    fn last(&self) -> u64 {
        self.last
    }
}

pub(crate) const SLOW_CONSUMER: Scenario = Scenario {
    name: "slow-consumer",
    about: "who writes to a slow server is held back: what waits is bounded, and nothing of it is lost",
    build: |sim| {
        EATEN.set(0);
        let board = with(
            sim,
            |node| node.expose::<Eater>(),
            |host, node| async move {
                let mut dice = host.dice("eater");
                let takes = dice.between(Duration::from_millis(1), Duration::from_millis(20));
                let Ok(eater) = node.on("s").start::<Eater>((takes,)).await else {
                    return always!(false, "a quiet network starts what it is asked for");
                };
                // What may be on its way to it.
                let window = u64::from(Limits::default().window);
                let mut sent = 0;
                while host.now() < 10 * SECOND {
                    match eater.eat(sent + 1).now() {
                        Ok(()) => sent += 1,
                        Err(CastError::Full) => {
                            sometimes!(true, "a sender is held back");
                            let told = eater.eat(sent + 1).timeout(30 * SECOND).await;
                            always!(told.is_ok(), "who is held back goes on", "{told:?}");
                            sent += 1;
                        }
                        Err(error) => always!(false, "nothing is refused", "{error}"),
                    }
                    let waiting = sent - EATEN.get();
                    // One is being eaten.
                    let most = window + MAILBOX + 1;
                    always!(
                        waiting <= most,
                        "what waits is bounded",
                        "{waiting} of {most}"
                    );
                    sometimes!(
                        waiting + window / 4 > most,
                        "what waits comes close to its bound"
                    );
                }
                let last = eater.last().timeout(60 * SECOND).await;
                always!(last == Ok(sent), "nothing is lost", "{last:?} of {sent}");
            },
        );
        sim.loss(0.02);
        sim.client("judge", move |host| async move {
            tokio::time::sleep(10 * SECOND - host.now()).await;
            always!(board.losses("c", "s") == 0, "slow is not lost");
        });
    },
};

/// Takes books of any size.
pub(crate) struct Shelf {
    bytes: u64,
}

#[gen_server(remote = "sim.shelf")]
impl Shelf {
    #[init]
    fn new() -> Self {
        Self { bytes: 0 }
    }

    #[cast]
    fn put(&mut self, book: Vec<u8>) {
        self.bytes += book.len() as u64;
    }

    #[call]
    fn bytes(&self) -> u64 {
        self.bytes
    }
}

const BOOK: usize = 1 << 20;

async fn shelves(node: &Node) -> Vec<ShelfSubject> {
    let mut shelves = Vec::new();
    for _ in 0..4 {
        match node.on("s").start::<Shelf>(()).await {
            Ok(shelf) => shelves.push(shelf),
            Err(error) => always!(
                false,
                "a quiet network starts what it is asked for",
                "{error}"
            ),
        }
    }
    shelves
}

/// Asks a shelf again and again until told to stop: how often it answered, and the longest wait for it.
async fn asks(host: Host, shelf: ShelfSubject, stop: Rc<Cell<bool>>) -> (u64, Duration) {
    let (mut answers, mut longest) = (0, Duration::ZERO);
    while !stop.get() {
        let asked = host.now();
        let answer = shelf.bytes().timeout(60 * SECOND).await;
        always!(
            answer == Ok(0),
            "a small message beside a large one is answered"
        );
        answers += 1;
        longest = longest.max(host.now() - asked);
    }
    (answers, longest)
}

/// Puts a large book on the first shelf, and asks the others as long as it is under way.
async fn books(host: &Host, node: &Node) {
    let mut shelves = shelves(node).await.into_iter();
    let Some(large) = shelves.next() else { return };
    let stop = Rc::new(Cell::new(false));
    let small = shelves.map(|shelf| {
        let asks = asks(host.clone(), shelf, stop.clone());
        tokio::task::spawn_local(asks)
    });
    let small: Vec<_> = small.collect();
    let began = host.now();
    let put = large.put(vec![7; BOOK]).timeout(60 * SECOND).await;
    always!(put.is_ok(), "a large message goes");
    let bytes = large.bytes().timeout(60 * SECOND).await;
    always!(
        bytes == Ok(BOOK as u64),
        "what follows a large message comes after it",
        "{bytes:?}"
    );
    let took = host.now() - began;
    stop.set(true);
    for task in small {
        let (answers, longest) = task.await.unwrap();
        note!("{answers} answers, the longest took {longest:?} of {took:?}");
        sometimes!(answers > 3, "small messages pass a large one");
    }
}

pub(crate) const LARGE_AND_SMALL: Scenario = Scenario {
    name: "large-and-small",
    about: "one large message does not hold up small ones of other pairs, and nothing overtakes it in its own",
    build: |sim| {
        with(
            sim,
            |node| node.expose::<Shelf>(),
            |host, node| async move {
                connect(&host, &node, "s").await;
                books(&host, &node).await;
                sometimes!(host.lost() > 0, "datagrams are lost");
            },
        );
        sim.loss(0.005);
    },
};
