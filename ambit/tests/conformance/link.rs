//! Links: symmetric, one per pair, atomic with a spawn.

use ambit::process::Target;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;
use tokio::sync::oneshot;

use crate::conformance::common::{
    dawdle, ended, idle, in_process, listener, queued, quiet, reasons, soon,
};

fn links(target: impl Target) -> Vec<Pid> {
    ambit::process_info(target).unwrap().links
}

/// Starts a process that links itself to `other`, then idles; the link exists when this returns.
async fn linked_to(other: &Subject<u8>) -> Subject<u8> {
    let (other, (sender, receiver)) = (other.clone(), oneshot::channel());
    let process = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
        sender.send(inbox.link(&other)).ok();
        while inbox.recv().await.is_some() {}
    });
    assert_eq!(receiver.await, Ok(Ok(())));
    process
}

#[tokio::test]
async fn link_01_an_abnormal_end_of_either_takes_the_other_along() {
    let _quiet = quiet();
    for creator_ends in [true, false] {
        for reason in reasons() {
            let other = idle();
            let creator = linked_to(&other).await;
            assert_eq!(
                (links(&other), links(&creator)),
                (vec![creator.pid()], vec![other.pid()])
            );
            let (first, second) = if creator_ends {
                (creator, other)
            } else {
                (other, creator)
            };
            ambit::exit(&first, reason.clone());
            assert_eq!(soon(second.closed()).await, reason);
            assert_eq!(soon(first.closed()).await, reason);
        }
    }
}

#[tokio::test]
async fn link_02_a_normal_end_is_not_noticed_by_a_process_that_does_not_trap() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let child = inbox.spawn_link(|_: Inbox<u8>| async {}).unwrap();
        assert_eq!(child.closed().await, ExitReason::Normal);
        assert_eq!(queued(&mut inbox).await, []);
        assert!(
            links(inbox.pid()).is_empty(),
            "the link is gone all the same"
        );
    })
    .await;
}

#[tokio::test]
async fn link_04_a_pair_has_one_link_whichever_side_creates_it() {
    let (other, mut heard) = listener().await;
    let to = other.clone();
    in_process(move |mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        let own = inbox.subject();
        inbox.link(&to).unwrap();
        inbox.link(&to).unwrap();
        // And from the other side.
        let (sender, receiver) = oneshot::channel();
        let peer = inbox.spawn_link(move |mut inbox: Inbox<u8>| async move {
            inbox.link(&own).unwrap();
            sender.send(()).ok();
            inbox.recv().await;
        });
        receiver.await.unwrap();
        let peer = peer.unwrap();
        assert_eq!(links(inbox.pid()).len(), 2);
        inbox.unlink(&peer);
        assert!(links(&peer).is_empty(), "one unlink removes it");
        peer.stop_with(ExitReason::Shutdown).await.unwrap();
        assert_eq!(queued(&mut inbox).await, []);
    })
    .await;
    assert!(matches!(
        soon(heard.recv()).await,
        Some(InboxEvent::Exit(_))
    ));
    other.send(1).await.unwrap();
    let next = soon(heard.recv()).await;
    assert_eq!(
        next,
        Some(InboxEvent::Message(1)),
        "one exit message results"
    );
}

#[tokio::test]
async fn link_05_a_link_to_oneself_does_nothing() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.subject();
        assert_eq!(inbox.link(&own), Ok(()));
        assert_eq!(ambit::link(inbox.pid()), Ok(Ok(())));
        assert!(links(inbox.pid()).is_empty());
        inbox.unlink(&own);
        assert_eq!(queued(&mut inbox).await, []);
    })
    .await;
}

#[tokio::test]
async fn link_06_either_side_can_end_a_link() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let parent = inbox.subject();
        let (sender, receiver) = oneshot::channel();
        let child = inbox.spawn_link(move |mut inbox: Inbox<u8>| async move {
            inbox.unlink(&parent);
            sender.send(()).ok();
            inbox.recv().await;
            ExitReason::error("alone")
        });
        let child = child.unwrap();
        receiver.await.unwrap();
        assert!(links(inbox.pid()).is_empty() && links(&child).is_empty());
        child.send(1).await.unwrap();
        child.closed().await;
        assert_eq!(queued(&mut inbox).await, []);
    })
    .await;
}

#[tokio::test]
async fn link_09_a_link_to_a_stopped_process_fails_with_no_process() {
    let dead = ended().await;
    let nobody = dead.clone();
    let failed = in_process(move |mut inbox: Inbox<u8>| async move {
        assert_eq!(inbox.link("nobody"), Err(ExitReason::NoProcess));
        assert_eq!(ambit::link(nobody.pid()), Ok(Err(ExitReason::NoProcess)));
        let failed = inbox.link(&nobody);
        assert!(links(inbox.pid()).is_empty());
        assert_eq!(queued(&mut inbox).await, []);
        failed
    })
    .await;
    assert_eq!(failed, Err(ExitReason::NoProcess));
    in_process(move |mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        assert_eq!(inbox.link(&dead), Ok(()), "whoever traps gets a message");
        let exit = Exit {
            from: dead.pid(),
            reason: ExitReason::NoProcess,
        };
        assert_eq!(queued(&mut inbox).await, [InboxEvent::Exit(exit)]);
        assert!(links(inbox.pid()).is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn link_10_the_reason_of_a_child_that_fails_at_once_is_not_lost() {
    let _quiet = quiet();
    in_process(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        for n in 0..1000 {
            let failing = move |_: Inbox<u8>| async move { ExitReason::error(n) };
            let child = match n % 2 {
                0 => inbox.spawn_link(failing).unwrap(),
                _ => ambit::spawn_link(failing).unwrap(),
            };
            let exit = Exit {
                from: child.pid(),
                reason: ExitReason::error(n),
            };
            assert_eq!(inbox.next().await, InboxEvent::Exit(exit));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn link_11_no_child_outlives_a_parent_that_dies_at_once() {
    let _quiet = quiet();
    for n in 0..1000 {
        let (sender, receiver) = oneshot::channel();
        let parent = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            let child = inbox.spawn_link(|mut inbox: Inbox<u8>| async move {
                while inbox.recv().await.is_some() {}
            });
            drop(sender.send(child.unwrap()));
            ExitReason::error(n)
        });
        let child = receiver.await.unwrap();
        assert_eq!(soon(child.closed()).await, ExitReason::error(n));
        assert_eq!(parent.closed().await, ExitReason::error(n));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn link_11_a_parent_killed_while_it_spawns_leaves_no_orphan() {
    let (system, _entered) = quiet();
    for n in 0..1000 {
        let children = Arc::new(Mutex::new(Vec::new()));
        let log = children.clone();
        let (began, has_begun) = oneshot::channel();
        let parent = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            began.send(()).ok();
            loop {
                let child = inbox.spawn_link(|mut inbox: Inbox<u8>| async move {
                    while inbox.recv().await.is_some() {}
                });
                log.lock().unwrap().push(child.unwrap());
                tokio::task::yield_now().await;
            }
        });
        has_begun.await.unwrap();
        dawdle(n).await;
        ambit::exit(&parent, ExitReason::Kill);
        assert_eq!(soon(parent.closed()).await, ExitReason::Killed);
        let children = std::mem::take(&mut *children.lock().unwrap());
        for child in children {
            assert_eq!(soon(child.closed()).await, ExitReason::Killed);
        }
    }
    let nobody = async {
        while system.process_count() > 0 {
            tokio::task::yield_now().await;
        }
    };
    soon(nobody).await;
}

#[tokio::test]
async fn x9_unlink_without_a_link_does_nothing() {
    let (other, dead) = (idle(), ended().await);
    in_process(move |mut inbox: Inbox<u8>| async move {
        inbox.unlink(&other);
        inbox.unlink(&dead);
        inbox.unlink(Pid::NOBODY);
        inbox.unlink("nobody");
        ambit::unlink(&other).unwrap();
        assert_eq!(queued(&mut inbox).await, []);
        assert!(other.is_alive());
    })
    .await;
}

#[tokio::test]
async fn x10_an_exit_that_was_delivered_ends_the_link() {
    in_process(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        let first = inbox.spawn_link(|_: Inbox<u8>| async {}).unwrap();
        ambit::register("seat", &first).ok();
        assert!(matches!(inbox.next().await, InboxEvent::Exit(_)));
        assert!(links(inbox.pid()).is_empty());
        // The next process under the same name is a different one.
        let second = idle();
        ambit::register("seat", &second).unwrap();
        second.stop_with(ExitReason::Shutdown).await.unwrap();
        assert_eq!(queued(&mut inbox).await, []);
    })
    .await;
}

#[tokio::test]
async fn x11_the_trap_flag_counts_when_the_signal_arrives() {
    let _quiet = quiet();
    let process = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        let child = inbox.spawn_link(|_: Inbox<u8>| async { ExitReason::error("child") });
        inbox.trap_exits(false);
        drop(child);
        std::future::pending::<()>().await;
    });
    assert_eq!(soon(process.closed()).await, ExitReason::error("child"));
    in_process(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        let child = inbox.spawn_link(|_: Inbox<u8>| async { ExitReason::error("child") });
        child.unwrap().closed().await;
        inbox.trap_exits(false);
        let events = queued(&mut inbox).await;
        assert!(
            matches!(&events[..], [InboxEvent::Exit(_)]),
            "what arrived as a message stays one"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_unlink_has_returned_no_exit_is_added() {
    let _quiet = quiet();
    in_process(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        for n in 0..5000 {
            let child = inbox.spawn_link(move |_: Inbox<u8>| async move {
                dawdle(n).await;
                ExitReason::error(n)
            });
            let child = child.unwrap();
            dawdle(n / 7).await;
            inbox.unlink(&child);
            let before = queued(&mut inbox).await;
            child.closed().await;
            let after = queued(&mut inbox).await;
            assert!(
                before.len() <= 1 && after.is_empty(),
                "{before:?}, then {after:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn outside_a_process_links_are_refused_and_not_a_panic() {
    let other = idle();
    assert_eq!(ambit::link(&other), Err(ambit::error::NotAProcess));
    assert_eq!(ambit::unlink(&other), Err(ambit::error::NotAProcess));
    assert_eq!(ambit::trap_exits(true), Err(ambit::error::NotAProcess));
    assert_eq!(ambit::self_pid(), Err(ambit::error::NotAProcess));
    assert!(ambit::spawn_link(|_: Inbox<u8>| async {}).is_err());
    assert!(ambit::spawn_monitor(|_: Inbox<u8>| async {}).is_err());
    // A plain task that a process spawns is not a process.
    in_process(|_: Inbox<u8>| async move {
        let pid = tokio::spawn(async { ambit::self_pid() }).await.unwrap();
        assert_eq!(pid, Err(ambit::error::NotAProcess));
        let inside = tokio::time::timeout(Duration::from_secs(1), async { ambit::self_pid() });
        assert!(inside.await.unwrap().is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_exit_is_observable_after_the_state_is_dropped_and_the_name_is_free() {
    struct Held(Arc<Mutex<bool>>);
    impl Drop for Held {
        fn drop(&mut self) {
            *self.0.lock().unwrap() = false;
        }
    }
    let _quiet = quiet();
    in_process(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        for n in 0..1000 {
            let port = Arc::new(Mutex::new(true));
            let held = Held(port.clone());
            let child = inbox.spawn_link(move |mut inbox: Inbox<u8>| async move {
                let _held = held;
                while inbox.recv().await.is_some() {}
            });
            let child = child.unwrap();
            ambit::register("seat", &child).unwrap();
            let timer = ambit::send_after(&child.recipient(), Duration::from_secs(60), 1);
            let heard: ExitReason = match n % 3 {
                0 => {
                    ambit::exit(&child, ExitReason::Kill);
                    let InboxEvent::Exit(exit) = inbox.next().await else {
                        unreachable!()
                    };
                    exit.reason
                }
                1 => {
                    inbox.unlink(&child);
                    inbox.monitor(&child);
                    ambit::exit(&child, ExitReason::Kill);
                    let InboxEvent::Down(down) = inbox.next().await else {
                        unreachable!()
                    };
                    down.reason
                }
                _ => {
                    inbox.unlink(&child);
                    ambit::exit(&child, ExitReason::Kill);
                    child.closed().await
                }
            };
            assert_eq!(heard, ExitReason::Killed);
            assert!(!*port.lock().unwrap(), "its state is dropped");
            assert_eq!(timer.remaining(), None, "its timers are void");
            ambit::register("seat", &idle()).unwrap();
            ambit::whereis::<u8>("seat").unwrap().stop().await.unwrap();
        }
    })
    .await;
}
