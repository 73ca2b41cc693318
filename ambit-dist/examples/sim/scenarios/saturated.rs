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
    sometimes!(waiting(&node) > 0, "messages wait for credit");
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
    let crashing = with_buffered_casts(&node).await;
    tokio::time::sleep(10 * SECOND).await;
    for (mill, sender) in crashing {
        sometimes!(waiting(&node) > 0, "the casts of a sender are buffered");
        crashes(&host, mill, sender).await;
    }
}

/// Starts mills, each with a sender whose casts are buffered.
async fn with_buffered_casts(node: &Node) -> Vec<(MillSubject, Subject<()>)> {
    let mut crashing = Vec::new();
    for _ in 0..3 {
        let mill = node.on("s").start::<Mill>(()).await.unwrap();
        crashing.push((mill.clone(), buffers(mill)));
    }
    crashing
}

/// Returns the number of messages that wait for credit.
fn waiting(node: &Node) -> usize {
    let peer = node.peer("s");
    peer.map_or(0, |peer| peer.traffic.messages_waiting)
}

/// Spawns a process that is linked to the mill, fills the buffer of its casts, and crashes on request.
fn buffers(mill: MillSubject) -> Subject<()> {
    ambit::spawn(move |mut inbox: Inbox<()>| async move {
        inbox.link(&mill).ok();
        while mill.grind(vec![7; 2 << 10]).now().is_ok() {}
        inbox.recv().await;
        ambit::exit(inbox.pid(), ExitReason::error("crash"));
        std::future::pending::<()>().await
    })
}

/// Checks that the mill ends with the linked sender, and not only after the sender's buffered casts.
async fn crashes(host: &Host, mill: MillSubject, sender: Subject<()>) {
    let down = mill.monitor();
    let began = host.now();
    sender.send(()).await.ok();
    let down = tokio::time::timeout(LONG, down).await;
    let took = host.now() - began;
    let reason = down.as_ref().map(|down| &down.reason).ok();
    always!(
        reason == Some(&ExitReason::error("crash")) && took <= ROUND_TRIP + SIGNAL,
        "the exit of a link overtakes buffered casts",
        "{down:?} after {took:?}"
    );
}

pub(crate) const SATURATED: Scenario = Scenario {
    name: "saturated",
    about: "a kill, the `Down` and the exit of a link, also of a sender of buffered casts, get through a saturated session within a round trip and 100 ms",
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
