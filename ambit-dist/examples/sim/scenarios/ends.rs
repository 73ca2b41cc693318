//! Links and monitors between nodes.

use std::collections::BTreeMap;

use ambit::prelude::*;
use ambit::process::{InboxEvent, MonitorRef};
use ambit_dist::sim::{Scenario, always, sometimes};
use tokio::sync::mpsc;

use super::board::{LONG, SECOND};
use super::service::{LedgerSubject, some_ledger, with_ledgers};

/// Spawns a process that monitors each ledger a hundred times and reports each end.
fn watcher(all: Vec<LedgerSubject>) -> mpsc::UnboundedReceiver<(MonitorRef, ExitReason)> {
    let (tell, told) = mpsc::unbounded_channel();
    drop(ambit::spawn(move |mut inbox: Inbox<()>| async move {
        for ledger in &all {
            for _ in 0..100 {
                inbox.monitor(ledger);
            }
        }
        loop {
            if let InboxEvent::Down(down) = inbox.next().await {
                tell.send((down.monitor, down.reason)).ok();
            }
        }
    }));
    told
}

pub(crate) const MONITORS: Scenario = Scenario {
    name: "monitors",
    about: "a thousand monitors on processes of a crashed node fire exactly once each",
    build: |sim| {
        with_ledgers(sim, |host, node| async move {
            let mut ledgers = Vec::new();
            for _ in 0..10 {
                ledgers.push(some_ledger(&node, 0).await);
            }
            let mut told = watcher(ledgers.clone());
            let outside: Vec<_> = ledgers.iter().map(|ledger| ledger.monitor()).collect();
            let pause = host.rng("pause").between(SECOND / 100, SECOND);
            tokio::time::sleep(pause).await;
            let early = told.try_recv();
            always!(
                early.is_err(),
                "no monitor fires before the end",
                "{early:?}"
            );
            host.faults().crash("s");
            for monitor in outside {
                let down = tokio::time::timeout(LONG, monitor).await;
                always!(down.is_ok(), "every monitor of a lost node fires");
            }
            host.faults().bounce("s");
            // The restarted node reports nothing about the processes of its earlier incarnation.
            drop(some_ledger(&node, 0).await);
            sometimes!(true, "another incarnation answers");
            tokio::time::sleep(LONG).await;
            let mut fired = BTreeMap::new();
            while let Ok((monitor, reason)) = told.try_recv() {
                *fired.entry(monitor).or_insert(0) += 1;
                always!(
                    reason == ExitReason::NoConnection,
                    "a lost node is no connection",
                    "{reason:?}"
                );
            }
            let (count, once) = (fired.len(), fired.values().all(|times| *times == 1));
            always!(
                count == 1_000 && once,
                "one down per monitor",
                "{count}, once: {once}"
            );
        });
    },
};

/// The kinds of ends of a linked process.
#[derive(Message, Clone, Copy, Debug)]
#[message(name = "sim.end")]
enum End {
    Stop,
    Kill,
    Panic,
    Partition,
}

fn is_expected(end: End, reason: &ExitReason) -> bool {
    matches!(
        (end, reason),
        (_, ExitReason::NoConnection)
            | (End::Stop, ExitReason::Normal | ExitReason::Shutdown)
            | (End::Kill, ExitReason::Killed)
            | (End::Panic, ExitReason::Panic(_))
    )
}

/// The reports of a ledger's end: through the link, and through the monitor.
struct Heard {
    exits: mpsc::UnboundedReceiver<ExitReason>,
    downs: mpsc::UnboundedReceiver<ExitReason>,
}

/// Spawns a process that links and monitors a ledger and traps exits. It ends the ledger on request, and reports the
/// signals that it receives.
fn linked(ledger: LedgerSubject) -> (Subject<End>, Heard) {
    let (exit, exits) = mpsc::unbounded_channel();
    let (told, downs) = mpsc::unbounded_channel();
    let process = ambit::spawn(move |mut inbox: Inbox<End>| async move {
        inbox.trap_exits(true);
        if let Err(reason) = inbox.link(&ledger) {
            exit.send(reason).ok();
        }
        inbox.monitor(&ledger);
        loop {
            match inbox.next().await {
                InboxEvent::Message(End::Stop) => drop(ledger.stop().await),
                InboxEvent::Message(End::Kill) => ambit::exit(&ledger, ExitReason::Kill),
                InboxEvent::Message(End::Panic) => drop(ledger.burn().await),
                InboxEvent::Exit(heard) => drop(exit.send(heard.reason)),
                InboxEvent::Down(down) => drop(told.send(down.reason)),
                InboxEvent::Message(End::Partition) => {}
            }
        }
    });
    (process, Heard { exits, downs })
}

pub(crate) const LINKS: Scenario = Scenario {
    name: "links",
    about: "over a lossy network, links and monitors report an end once, with the right reason",
    build: |sim| {
        with_ledgers(sim, |host, node| async move {
            let mut rng = host.rng("ends");
            for _ in 0..12 {
                let ledger = some_ledger(&node, 0).await;
                let (process, mut heard) = linked(ledger);
                tokio::time::sleep(rng.between(SECOND / 100, SECOND / 2)).await;
                let ends = [End::Stop, End::Kill, End::Panic, End::Partition];
                let how = *rng.pick(&ends).unwrap_or(&End::Stop);
                if matches!(how, End::Partition) {
                    host.faults().partition("c", "s");
                } else {
                    process.send(how).now().ok();
                }
                let exit = tokio::time::timeout(LONG, heard.exits.recv()).await;
                let down = tokio::time::timeout(LONG, heard.downs.recv()).await;
                for first in [exit, down] {
                    let reason = first.ok().flatten();
                    let is_right = reason
                        .as_ref()
                        .is_some_and(|reason| is_expected(how, reason));
                    always!(
                        is_right,
                        "links and monitors report an end with the right reason",
                        "{how:?}: {reason:?}"
                    );
                    sometimes!(reason == Some(ExitReason::Killed), "a kill is reported");
                    sometimes!(
                        reason == Some(ExitReason::NoConnection),
                        "a loss is reported"
                    );
                    let is_panic = matches!(reason, Some(ExitReason::Panic(_)));
                    sometimes!(is_panic, "a panic is reported");
                    let is_stop = matches!(reason, Some(ExitReason::Normal | ExitReason::Shutdown));
                    sometimes!(is_stop, "a stop is reported");
                }
                host.faults().heal("c", "s");
                tokio::time::sleep(2 * SECOND).await;
                let (exit, down) = (heard.exits.try_recv(), heard.downs.try_recv());
                always!(exit.is_err(), "a link fires once", "{how:?}: {exit:?}");
                always!(down.is_err(), "one down per monitor", "{how:?}: {down:?}");
                ambit::exit(&process, ExitReason::Kill);
            }
            sometimes!(host.lost() > 0, "datagrams are lost");
        });
        sim.loss(0.15).limit(600 * SECOND);
    },
};
