//! A saturated connection: signals are late, and none is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{Limits, Node};
use tokio::sync::oneshot;

use crate::conformance::actors::{Log, LogSubject};
use crate::conformance::stage::{everywhere_within, soon, until};

/// The number of monitoring processes and of monitored servers.
const PROCESSES: usize = 60;

/// The capacity of a lane.
const QUEUE: usize = 32 << 10;

/// Returns limits with which lanes fill quickly.
fn small() -> Limits {
    Limits::default().queue(QUEUE)
}

/// Sends as much as the node accepts, from several processes to several others, until stopped.
fn flood(from: &Node, to: &'static str, stop: &Arc<AtomicBool>) -> Vec<Subject<u8>> {
    let one = |_| {
        let (from, stop) = (from.clone(), stop.clone());
        ambit::spawn(move |_: Inbox<u8>| async move {
            let sink = from.on(to).start::<Log>(()).await.unwrap();
            while !stop.load(Ordering::Relaxed) {
                sink.swallow(vec![0; 8 << 10]).no_timeout().await.unwrap();
            }
            // The answer arrives after all messages.
            assert_eq!(sink.ping().no_timeout().await, Ok(7));
        })
    };
    (0..6).map(one).collect()
}

/// Returns whether more bytes are queued than are written at once.
fn is_saturated(node: &Node, peer: &str) -> bool {
    let queued = node.peer(peer).map(|peer| peer.traffic.bytes_queued);
    queued.is_some_and(|bytes| bytes > QUEUE)
}

/// A process that monitors a server of the other node, and its reports.
struct Watcher {
    ready: oneshot::Receiver<()>,
    go: oneshot::Sender<()>,
    heard: oneshot::Receiver<Vec<ExitReason>>,
}

/// Spawns a process that links and monitors the server. If `lets_go` is set, it removes both on request. It reports the
/// received reasons after the end of the server.
fn watcher(server: &LogSubject, lets_go: bool) -> Watcher {
    let server = server.clone();
    let ((is_ready, ready), (go, goes)) = (oneshot::channel(), oneshot::channel::<()>());
    let (tell, heard) = oneshot::channel();
    ambit::spawn(move |mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        inbox.link(&server).unwrap();
        let monitor = inbox.monitor(&server);
        // The answer arrives after the link and the monitor.
        assert_eq!(server.ping().no_timeout().await, Ok(7));
        is_ready.send(()).unwrap();
        goes.await.unwrap();
        if lets_go {
            inbox.unlink(&server);
            assert!(inbox.demonitor(monitor));
        }
        ambit::exit(&server, ExitReason::error("enough"));
        server.closed().await;
        // The wait for the end uses another path than the signals.
        let mut reasons = Vec::new();
        let mut hear = |event| match event {
            InboxEvent::Exit(exit) if exit.from == server.pid() => reasons.push(exit.reason),
            InboxEvent::Down(down) if down.monitor == monitor => reasons.push(down.reason),
            other => panic!("{other:?}"),
        };
        for _ in 0..if lets_go { 0 } else { 2 } {
            hear(soon(inbox.next()).await);
        }
        while let Some(event) = inbox.next_within(Duration::from_millis(500)).await {
            hear(event);
        }
        tell.send(reasons).unwrap();
    });
    Watcher { ready, go, heard }
}

#[test]
fn dist_16_x13_signals_on_a_saturated_connection_are_late_and_not_lost() {
    everywhere_within(&small(), |stage| async move {
        stage.narrow();
        let far = stage.near.on("far");
        let mut servers = Vec::new();
        for _ in 0..PROCESSES {
            servers.push(soon(far.start::<Log>(())).await.unwrap());
        }
        let stop = Arc::new(AtomicBool::new(false));
        let mut floods = flood(&stage.near, "far", &stop);
        let other = stage.far();
        floods.extend(other.within(|| flood(&other.node, "near", &stop)));
        until("there is more than can go out", || {
            is_saturated(&stage.near, "far") && is_saturated(&other.node, "near")
        })
        .await;
        let watchers: Vec<_> = (0..PROCESSES)
            .map(|at| (at, watcher(&servers[at], at % 3 == 0)))
            .collect();
        let mut told = Vec::new();
        for (at, watcher) in watchers {
            soon(watcher.ready).await.unwrap();
            watcher.go.send(()).unwrap();
            told.push((at, watcher.heard));
        }
        for (at, heard) in told {
            let reason = ExitReason::error("enough");
            let expected = match at % 3 {
                0 => vec![],
                _ => vec![reason.clone(), reason],
            };
            assert_eq!(soon(heard).await.unwrap(), expected, "process {at}");
        }
        assert!(stage.near.peer("far").is_some(), "it was never lost");
        stop.store(true, Ordering::Relaxed);
        for flood in floods {
            assert_eq!(soon(flood.closed()).await, ExitReason::Normal);
        }
    });
}

#[test]
fn x13_the_end_of_a_linked_process_passes_a_congestion() {
    everywhere_within(&small(), |stage| async move {
        stage.narrow();
        let stop = Arc::new(AtomicBool::new(false));
        let other = stage.far();
        let floods = other.within(|| flood(&other.node, "near", &stop));
        let server = soon(stage.near.on("far").start::<Log>(())).await.unwrap();
        let linked = server.clone();
        let (ready, is_ready) = oneshot::channel();
        let holder = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            inbox.link(&linked).unwrap();
            assert_eq!(linked.ping().no_timeout().await, Ok(7));
            ready.send(()).unwrap();
            inbox.recv().await;
        });
        soon(is_ready).await.unwrap();
        until("there is more than can come in", || {
            is_saturated(&other.node, "near")
        })
        .await;
        server.end().await.unwrap();
        let reason = soon(holder.closed()).await;
        assert_eq!(reason, ExitReason::shutdown_with("asked to"));
        stop.store(true, Ordering::Relaxed);
        for flood in floods {
            assert_eq!(soon(flood.closed()).await, ExitReason::Normal);
        }
    });
}
