//! Monitors of one party on the other.
//!
//! These cases of Monitor are not here: MON-09 (itself), the names of MON-10 and 12 (a name belongs to one system;
//! `ambit-dist` tests following handles on other nodes), and the atomic `spawn_monitor`, which creates both parties in
//! one system.

use ambit::process::Watched;
use std::collections::BTreeSet;
use std::time::Duration;

use ambit::prelude::*;
use tokio::sync::oneshot;

use super::parties::{
    Far, dawdle, ended_there, finish, idle_there, in_process, listener_there, monitored_by, next,
    queued, reasons, soon, spawn_there, there, until,
};
use super::stage::{play, race};

fn down(monitor: MonitorRef, target: &Subject<u8>, reason: ExitReason) -> InboxEvent<u8> {
    InboxEvent::Down(Down {
        monitor,
        target: Watched::Process(target.pid()),
        reason,
    })
}

fn monitors(of: Pid) -> usize {
    ambit::process_info(of).unwrap().monitors.len()
}

#[test]
fn mon_01_the_watcher_gets_one_down_and_the_target_notices_nothing() {
    play(|stage| async move {
        let at = stage.clone();
        in_process(|mut inbox: Inbox<u8>| async move {
            for reason in reasons() {
                let target = idle_there(&at).await.near;
                let monitor = inbox.monitor(&target);
                ambit::exit(&target, reason.clone());
                assert_eq!(next(&mut inbox).await, down(monitor, &target, reason));
                assert_eq!(queued(&at, &mut inbox).await, []);
            }
        })
        .await;
        let (target, mut heard) = listener_there(&stage).await;
        let watched = target.near.clone();
        let watcher = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            inbox.monitor(&watched);
            ExitReason::error("the watcher")
        });
        watcher.closed().await;
        target.near.send(1).await.unwrap();
        assert_eq!(soon(heard.recv()).await, Some(InboxEvent::Message(1)));
    });
}

#[test]
fn mon_04_monitors_stack() {
    play(|stage| async move {
        in_process(|mut inbox: Inbox<u8>| async move {
            let target = idle_there(&stage).await;
            let refs: Vec<_> = (0..10).map(|_| inbox.monitor(&target.near)).collect();
            let distinct: BTreeSet<_> = refs.iter().copied().collect();
            assert_eq!(distinct.len(), 10);
            let are_there = || stage.there(|| monitored_by(&target.own)).len() == 10;
            until("all are there", are_there).await;
            assert!(inbox.demonitor(refs[3]));
            finish(&target.near).await;
            let mut downs = BTreeSet::new();
            for _ in 0..9 {
                match next(&mut inbox).await {
                    InboxEvent::Down(down) => downs.insert(down.monitor),
                    other => panic!("{other:?}"),
                };
            }
            assert_eq!(queued(&stage, &mut inbox).await, []);
            let expected: BTreeSet<_> = refs.iter().copied().filter(|r| *r != refs[3]).collect();
            assert_eq!(downs, expected);
        })
        .await;
    });
}

#[test]
fn mon_05_no_down_arrives_after_demonitor() {
    play(|stage| async move {
        in_process(|mut inbox: Inbox<u8>| async move {
            let target = idle_there(&stage).await;
            let monitor = inbox.monitor(&target.near);
            assert!(inbox.demonitor(monitor));
            let is_gone = || stage.there(|| monitored_by(&target.own)).is_empty();
            until("the target knows of no watcher", is_gone).await;
            finish(&target.near).await;
            assert_eq!(queued(&stage, &mut inbox).await, []);
            // `demonitor_flush` also removes a `Down` that is already queued.
            let target = idle_there(&stage).await;
            let (flushed, kept) = (inbox.monitor(&target.near), inbox.monitor(&target.near));
            finish(&target.near).await;
            until("both have arrived", || monitors(inbox.pid()) == 0).await;
            inbox.demonitor_flush(flushed);
            let left = [down(kept, &target.near, ExitReason::Normal)];
            assert_eq!(queued(&stage, &mut inbox).await, left);
        })
        .await;
    });
}

#[test]
fn mon_07_demonitor_returns_the_correct_result_in_a_race_with_the_exit() {
    race(|stage| async move {
        let lanes = (0..4).map(|lane| {
            let stage = stage.clone();
            in_process(move |mut inbox: Inbox<u8>| async move {
                let mut answers = BTreeSet::new();
                for n in 0..stage.rounds(2500) {
                    let (go, gone) = oneshot::channel::<()>();
                    let target = spawn_there(&stage, move |_inbox| async move {
                        gone.await.ok();
                        dawdle(n + lane).await;
                        ExitReason::Normal
                    })
                    .await;
                    let monitor = inbox.monitor(&target.near);
                    go.send(()).ok();
                    // In the first round the `Down` is certainly queued; in the second the monitor is removed before
                    // there can be one.
                    match n {
                        0 => until("it has arrived", || monitors(inbox.pid()) == 0).await,
                        1 => {}
                        _ => dawdle(n / 7).await,
                    }
                    let none = inbox.demonitor(monitor);
                    let mut now = 0;
                    while inbox.next_within(Duration::ZERO).await.is_some() {
                        now += 1;
                    }
                    soon(target.near.closed()).await;
                    let later = queued(&stage, &mut inbox).await;
                    let there = usize::from(!none);
                    assert_eq!((now, later.len()), (there, 0), "{none}: {later:?}");
                    answers.insert(none);
                }
                answers
            })
        });
        let lanes: Vec<_> = lanes.map(tokio::spawn).collect();
        let mut answers = BTreeSet::new();
        for lane in lanes {
            answers.append(&mut lane.await.unwrap());
        }
        assert_eq!(answers.len(), 2, "both outcomes were seen");
    });
}

#[test]
fn mon_08_demonitor_with_a_foreign_reference_has_no_effect() {
    play(|stage| async move {
        let target = idle_there(&stage).await;
        let (watched, at) = (target.near.clone(), stage.clone());
        let (sender, receiver) = oneshot::channel();
        let (ask, asked) = oneshot::channel();
        ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            sender.send(inbox.monitor(&watched)).ok();
            ask.send(inbox.next().await).ok();
        });
        let (foreign, far) = (receiver.await.unwrap(), target.clone());
        in_process(move |mut inbox: Inbox<u8>| async move {
            assert!(!inbox.demonitor(foreign));
            inbox.demonitor_flush(foreign);
            let own = inbox.monitor(&far.near);
            assert!(inbox.demonitor(own));
            assert!(!inbox.demonitor(own), "it is already removed");
            let one = || at.there(|| monitored_by(&far.own)).len() == 1;
            until("the other's monitor is left", one).await;
        })
        .await;
        finish(&target.near).await;
        let expected = down(foreign, &target.near, ExitReason::Normal);
        assert_eq!(soon(asked).await, Ok(expected));
    });
}

#[test]
fn mon_10_a_monitor_of_a_stopped_process_reports_no_process() {
    play(|stage| async move {
        let dead = ended_there(&stage).await;
        in_process(|mut inbox: Inbox<u8>| async move {
            let refs = [inbox.monitor(&dead), inbox.monitor(dead.pid())];
            let mut downs = [next(&mut inbox).await, next(&mut inbox).await];
            let mut expected = refs.map(|monitor| down(monitor, &dead, ExitReason::NoProcess));
            downs.sort_by_key(|event| format!("{event:?}"));
            expected.sort_by_key(|event| format!("{event:?}"));
            assert_eq!(downs, expected);
            assert_eq!(queued(&stage, &mut inbox).await, []);
            assert_eq!(monitors(inbox.pid()), 0);
            assert_eq!(soon(dead.monitor()).await.reason, ExitReason::NoProcess);
        })
        .await;
    });
}

#[test]
fn mon_13_nothing_is_left_of_a_watcher_or_a_target_that_has_died() {
    race(|stage| async move {
        let target = idle_there(&stage).await;
        let lanes = (0..4).map(|_| {
            let (stage, target) = (stage.clone(), target.near.clone());
            tokio::spawn(in_process(move |mut inbox: Inbox<u8>| async move {
                for _ in 0..stage.rounds(500) {
                    // A monitoring process that ends.
                    let watched = target.clone();
                    let watcher = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
                        inbox.monitor(&watched);
                    });
                    // A target that ends, monitored by this process and by a future outside of any process.
                    let short = idle_there(&stage).await.near;
                    let monitor = inbox.monitor(&short);
                    drop(short.monitor());
                    finish(&short).await;
                    let expected = down(monitor, &short, ExitReason::Normal);
                    assert_eq!(next(&mut inbox).await, expected);
                    watcher.closed().await;
                }
                monitors(inbox.pid())
            }))
        });
        for lane in lanes.collect::<Vec<_>>() {
            assert_eq!(lane.await.unwrap(), 0);
        }
        // A local handle may itself monitor the remote process, as long as the handle exists.
        let Far { near, own } = target;
        drop(near);
        let nobody = || stage.there(|| monitored_by(&own)).is_empty();
        until("nobody watches", nobody).await;
    });
}

/// A remote process that monitors a local one, and a remote process that is monitored locally.
#[test]
fn x17_watchers_on_both_sides_leave_nothing_behind() {
    play(|stage| async move {
        let target = super::parties::idle_here();
        let known = stage.take(target.clone()).await;
        for _ in 0..stage.rounds(300) {
            let watched = known.clone();
            there(&stage, async move {
                let watcher = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
                    inbox.monitor(&watched);
                });
                watcher.closed().await;
            })
            .await;
        }
        until("nobody watches", || monitored_by(&target).is_empty()).await;
        let Far { near, own } = idle_there(&stage).await;
        let (first, second, dropped) = (near.monitor(), near.monitor(), near.monitor());
        assert_ne!(first.reference(), second.reference());
        drop(dropped);
        let expected = (first.reference(), second.reference());
        ambit::exit(&near, ExitReason::Shutdown);
        let (first, second) = (soon(first).await, soon(second).await);
        assert_eq!((first.monitor, second.monitor), expected);
        assert_eq!(first.target, Watched::Process(near.pid()));
        assert_eq!(first.reason, ExitReason::Shutdown);
        assert_eq!(second.reason, ExitReason::Shutdown);
        assert!(stage.there(|| ambit::process_info(&own)).is_none());
    });
}
