//! Senders that are faster than their receiver.

use std::cell::Cell;
use std::time::Duration;

use ambit::error::CastError;
use ambit::prelude::*;
use ambit_dist::sim::{Scenario, always, sometimes};
use ambit_dist::{Limits, Node};

use super::board::{SECOND, TICK};
use super::service::with;

thread_local! {
    /// The number of messages handled in this run.
    static EATEN: Cell<u64> = const { Cell::new(0) };
}

/// A slow server.
pub(crate) struct Eater {
    last: u64,
    takes: Duration,
}

/// The capacity of its mailbox.
const MAILBOX: u64 = 16;
#[gen_server(remote = "sim.eater", mailbox = 16)]
impl Eater {
    #[init]
    fn new(takes: Duration) -> Self {
        Self { last: 0, takes }
    }

    #[cast]
    async fn eat(&mut self, number: u64) {
        always!(
            number == self.last + 1,
            "in order, none missing and none twice"
        );
        self.last = number;
        tokio::time::sleep(self.takes).await;
        EATEN.set(EATEN.get() + 1);
    }

    #[call]
    fn last(&self) -> u64 {
        self.last
    }
}

/// The maximum size of the frame of one number, in bytes.
const FRAME: u64 = 64;
/// The maximum memory of a message that waits for its process, in bytes.
const HELD: u64 = 256;

/// Checks that one slow server does not make its node or that of its client hold more than the window.
fn is_bounded(node: &Node, peer: &str) {
    let Some(peer) = node.peer(peer) else { return };
    let window = u64::from(Limits::default().window);
    let traffic = peer.traffic;
    let (used, waiting) = (traffic.credits_used, traffic.messages_waiting);
    always!(used <= window, "at most the window is in flight", "{used}");
    always!(
        waiting as u64 <= window,
        "at most the window waits for credits",
        "{waiting}"
    );
    let queued = traffic.bytes_queued as u64;
    always!(
        queued <= window * FRAME,
        "the send queue is bounded",
        "{queued} bytes"
    );
    let held = traffic.bytes_waiting as u64;
    always!(
        held <= window * HELD,
        "the queue of a slow server is bounded",
        "{held} bytes"
    );
    sometimes!(queued > 0, "the send queue is used");
    sometimes!(held > window / 2, "the queue of a slow server is used");
}

/// Checks a node at every step of the network.
async fn watch(node: Node, peer: &str) {
    loop {
        is_bounded(&node, peer);
        tokio::time::sleep(TICK).await;
    }
}

pub(crate) const SLOW_CONSUMER: Scenario = Scenario {
    name: "slow-consumer",
    about: "senders to a slow server block: queues are bounded, and no message is lost",
    build: |sim| {
        EATEN.set(0);
        let board = with(
            sim,
            |node| {
                node.expose::<Eater>();
                drop(tokio::spawn(watch(node.clone(), "c")));
            },
            |host, node| async move {
                drop(tokio::spawn(watch(node.clone(), "s")));
                let mut rng = host.rng("eater");
                let takes = rng.between(Duration::from_millis(1), Duration::from_millis(20));
                let Ok(eater) = node.on("s").start::<Eater>((takes,)).await else {
                    return always!(false, "starts succeed on a quiet network");
                };
                // The maximum number of messages in flight.
                let window = u64::from(Limits::default().window);
                let mut sent = 0;
                while host.now() < 10 * SECOND {
                    match eater.eat(sent + 1).now() {
                        Ok(()) => sent += 1,
                        Err(CastError::Full) => {
                            sometimes!(true, "a sender is blocked");
                            let told = eater.eat(sent + 1).timeout(30 * SECOND).await;
                            always!(told.is_ok(), "a blocked sender continues", "{told:?}");
                            sent += 1;
                        }
                        Err(error) => always!(false, "nothing is refused", "{error}"),
                    }
                    is_bounded(&node, "s");
                    let waiting = sent - EATEN.get();
                    // One message is being handled. The sender may hold as many as a window, and the receiver's window may
                    // grow.
                    let most = 2 * window + MAILBOX + 1;
                    always!(waiting <= most, "queues are bounded", "{waiting} of {most}");
                    sometimes!(
                        waiting + window / 4 > window,
                        "the queue comes close to its bound"
                    );
                }
                let last = eater.last().timeout(60 * SECOND).await;
                always!(last == Ok(sent), "nothing is lost", "{last:?} of {sent}");
                let eaten = EATEN.get();
                always!(eaten == sent, "nothing is lost", "{eaten} of {sent}");
            },
        );
        sim.loss(0.02);
        sim.client("judge", move |host| async move {
            tokio::time::sleep(10 * SECOND - host.now()).await;
            always!(board.losses("c", "s") == 0, "a slow node is not lost");
        });
    },
};
