//! Signals get through a saturated session.

use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::sim::{Host, Scenario, always, sometimes};
use ambit_dist::{Limits, Node};
use tokio::sync::mpsc;

use super::board::{LONG, SECOND, TICK};
use super::service::with_limits;

/// Takes 250 ms for each message.
pub(crate) struct Mill;

#[gen_server(remote = "sim.mill", mailbox = 4)]
impl Mill {
    #[init]
    fn new() -> Self {
        Self
    }

    #[cast]
    async fn grind(&mut self, _grain: Vec<u8>) {
        tokio::time::sleep(SECOND / 4).await;
    }
}

/// The longest round trip of a datagram, with the steps of the network's clock.
const ROUND_TRIP: Duration = Duration::from_millis(2 * 20 + 4 * 5);

/// How much longer than a round trip a signal may take. Handling the messages before it would take fifty seconds.
const SIGNAL: Duration = Duration::from_millis(100);

async fn saturated(host: Host, node: Node) {
    let mut mills = Vec::new();
    for _ in 0..6 {
        mills.push(node.on("s").start::<Mill>(()).await.unwrap());
    }
    // More than there are credits for.
    for mill in &mills {
        for _ in 0..200 {
            let mill = mill.clone();
            let grain = vec![7; 2 << 10];
            drop(tokio::task::spawn_local(async move {
                mill.grind(grain).no_timeout().await.ok();
            }));
        }
    }
    // The messages with credits arrive first: a signal cannot overtake the bytes before it in its lane.
    tokio::time::sleep(10 * SECOND).await;
    let peer = node.peer("s");
    let waiting = peer.map_or(0, |peer| peer.traffic.messages_waiting);
    sometimes!(waiting > 0, "messages wait for credit");
    for mill in mills {
        let (forward, mut received) = mpsc::unbounded_channel();
        let watched = mill.clone();
        let watcher = ambit::spawn(move |mut inbox: Inbox<()>| async move {
            inbox.trap_exits(true);
            inbox.monitor(&watched);
            inbox.link(&watched).ok();
            ambit::exit(&watched, ExitReason::Kill);
            drop(watched);
            loop {
                forward.send(inbox.next().await).ok();
            }
        });
        let began = host.now();
        for _ in 0..2 {
            let next = tokio::time::timeout(LONG, received.recv()).await;
            let took = host.now() - began;
            let reason = match &next {
                Ok(Some(InboxEvent::Down(down))) => Some(&down.reason),
                Ok(Some(InboxEvent::Exit(exit))) => Some(&exit.reason),
                _ => None,
            };
            always!(
                reason == Some(&ExitReason::Killed),
                "a kill overtakes waiting messages",
                "{next:?}"
            );
            always!(
                took <= ROUND_TRIP + SIGNAL,
                "a kill and its reports overtake waiting messages",
                "{took:?}"
            );
        }
        ambit::exit(&watcher, ExitReason::Kill);
    }
}

pub(crate) const SATURATED: Scenario = Scenario {
    name: "saturated",
    about: "a kill, the `Down` and the exit of a link get through a saturated session within a round trip and 100 ms",
    build: |sim| {
        with_limits(
            sim,
            &Limits::default().waiting(64 << 10),
            |node| node.expose::<Mill>(),
            saturated,
        );
        sim.tick(TICK);
    },
};
