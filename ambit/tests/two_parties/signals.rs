//! Exit signals from one party to the other, and the order of one sender's signals.
//!
//! These cases of Process are not here, because nothing of them passes between two parties: PROC-01 (a spawn is local),
//! the first half of PROC-05 and PROC-07 (signals to itself), PROC-12, 13 and 14 (names belong to one system), PROC-15
//! (the node where a process ended makes its report), PROC-19 (the port is the server's own value). The cases about
//! starts are in `starts`.

use ambit::error::StopError;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;
use tokio::sync::{Notify, oneshot};

use super::parties::{
    dawdle, ended_there, idle_there, in_process, linked_here, linked_there, links, listener_there,
    next, panic_text, poll_once, reasons, soon, spawn_there, until,
};
use super::stage::{play, race};

#[test]
fn proc_02_how_a_process_ended_is_seen_by_the_other_party() {
    play(|stage| async move {
        let returned = spawn_there(&stage, |mut inbox| async move {
            inbox.recv().await;
            ExitReason::Normal
        });
        let failed = spawn_there(&stage, |mut inbox| async move {
            inbox.recv().await;
            ExitReason::error(std::fmt::Error)
        });
        let panicked = spawn_there(&stage, |mut inbox| async move {
            assert_eq!(inbox.recv().await, Some(4));
            ExitReason::Normal
        });
        let (returned, failed, panicked) = (returned.await, failed.await, panicked.await);
        let [returned, failed, panicked] = [returned, failed, panicked].map(|process| process.near);
        let watches = [&returned, &failed, &panicked].map(|process| process.monitor());
        for process in [returned, failed, panicked] {
            process.send(3).await.unwrap();
        }
        let [returned, failed, panicked] = watches;
        assert_eq!(soon(returned).await.reason, ExitReason::Normal);
        let expected = ExitReason::error(std::fmt::Error);
        assert_eq!(soon(failed).await.reason.to_string(), expected.to_string());
        let text = panic_text(&soon(panicked).await.reason);
        assert!(text.contains("left: Some(3)"), "{text}");
    });
}

#[test]
fn proc_04_a_trapping_process_gets_even_normal_as_a_message() {
    play(|stage| async move {
        let (target, mut heard) = listener_there(&stage).await;
        let (to, at) = (target.near.clone(), stage.clone());
        let from = in_process(|inbox: Inbox<u8>| async move {
            ambit::exit(&to, ExitReason::Normal);
            at.take(inbox.subject()).await.pid()
        })
        .await;
        let reason = ExitReason::Normal;
        let exit = Exit { from, reason };
        assert_eq!(soon(heard.recv()).await, Some(InboxEvent::Exit(exit)));
        ambit::exit(&target.near, ExitReason::Normal);
        let (from, reason) = (Pid::NOBODY, ExitReason::Normal);
        let exit = Exit { from, reason };
        assert_eq!(soon(heard.recv()).await, Some(InboxEvent::Exit(exit)));
        assert!(target.own.is_alive());
    });
}

#[test]
fn proc_05_normal_from_another_is_ignored_without_a_trace() {
    play(|stage| async move {
        let (sender, receiver) = oneshot::channel();
        let other = spawn_there(&stage, move |mut inbox| async move {
            sender.send(inbox.next().await).ok();
            ExitReason::Normal
        })
        .await;
        ambit::exit(&other.near, ExitReason::Normal);
        other.near.send(1).await.unwrap();
        assert_eq!(soon(receiver).await, Ok(InboxEvent::Message(1)));
    });
}

#[test]
fn proc_06_any_other_signal_ends_it_with_exactly_that_reason() {
    play(|stage| async move {
        let mut cases: Vec<_> = reasons().into_iter().map(|r| (r.clone(), r)).collect();
        cases.push((ExitReason::Kill, ExitReason::Killed));
        for (sent, seen) in cases {
            let target = idle_there(&stage).await;
            in_process(|mut inbox: Inbox<u8>| async move {
                inbox.trap_exits(true);
                inbox.link(&target.near).unwrap();
                let monitor = inbox.monitor(&target.near);
                ambit::exit(&target.near, sent);
                let (mut exits, mut downs) = (Vec::new(), Vec::new());
                for _ in 0..2 {
                    match next(&mut inbox).await {
                        InboxEvent::Exit(exit) => exits.push((exit.from, exit.reason)),
                        InboxEvent::Down(down) => downs.push((down.monitor, down.reason)),
                        InboxEvent::Message(other) => panic!("{other:?}"),
                    }
                }
                assert_eq!(exits, [(target.near.pid(), seen.clone())]);
                assert_eq!(downs, [(monitor, seen.clone())]);
                assert_eq!(target.near.closed().await, seen, "it is known here now");
                assert_eq!(target.own.closed().await, seen);
            })
            .await;
        }
    });
}

#[test]
fn proc_08_the_first_fatal_signal_decides() {
    race(|stage| async move {
        for n in 0..stage.rounds(1000) {
            let target = idle_there(&stage).await.near;
            dawdle(n).await;
            let watch = target.monitor();
            ambit::exit(&target, ExitReason::error("first"));
            ambit::exit(&target, ExitReason::error("second"));
            ambit::exit(&target, ExitReason::Kill);
            assert_eq!(soon(watch).await.reason, ExitReason::error("first"));
        }
    });
}

#[test]
fn proc_11_nothing_sent_after_an_exit_signal_is_handled() {
    race(|stage| async move {
        for n in 0..stage.rounds(1000) {
            let handled = Arc::new(Mutex::new(Vec::new()));
            let log = handled.clone();
            let target = spawn_there(&stage, |mut inbox| async move {
                while let Some(message) = inbox.recv().await {
                    log.lock().unwrap().push(message);
                }
                ExitReason::Normal
            })
            .await;
            let to = target.near.clone();
            in_process(move |_: Inbox<u8>| async move {
                dawdle(n).await;
                to.send(1).now().unwrap();
                to.send(2).now().unwrap();
                let reason = [ExitReason::Shutdown, ExitReason::Kill][n % 2].clone();
                ambit::exit(&to, reason);
                to.send(3).now().ok();
            })
            .await;
            soon(target.near.closed()).await;
            let handled = handled.lock().unwrap().clone();
            assert!([1, 2].starts_with(&handled), "{handled:?}");
        }
    });
}

#[test]
fn proc_11_a_trapped_signal_keeps_its_position_among_the_messages() {
    play(|stage| async move {
        // Up to the number that may be in transit to one remote process; `conformance` goes beyond the mailbox.
        for messages in [1, 10, 200] {
            let (go, (ready, is_ready)) = (Arc::new(Notify::new()), oneshot::channel());
            let gate = go.clone();
            let target = spawn_there(&stage, move |mut inbox| async move {
                inbox.trap_exits(true);
                let begin = gate.notified();
                ready.send(()).ok();
                begin.await;
                for _ in 0..messages {
                    assert_eq!(inbox.next().await, InboxEvent::Message(1));
                }
                assert!(matches!(inbox.next().await, InboxEvent::Exit(_)));
                assert_eq!(inbox.next().await, InboxEvent::Message(2));
                ExitReason::Normal
            })
            .await;
            is_ready.await.unwrap();
            let mut sending: Vec<_> = (0..messages)
                .map(|_| target.near.send(1).into_owned())
                .collect();
            for cast in &mut sending {
                drop(poll_once(cast).await);
            }
            ambit::exit(&target.near, ExitReason::Shutdown);
            let mut last = target.near.send(2).into_owned();
            drop(poll_once(&mut last).await);
            let watch = target.near.monitor();
            go.notify_waiters();
            assert_eq!(soon(watch).await.reason, ExitReason::Normal);
        }
    });
}

#[test]
fn proc_18_stop_returns_after_the_process_has_exited() {
    play(|stage| async move {
        let plain = idle_there(&stage).await;
        plain.near.stop().await.unwrap();
        assert!(!plain.own.is_alive());
        let plain = idle_there(&stage).await;
        plain.near.stop_with(ExitReason::Shutdown).await.unwrap();
        assert_eq!(plain.own.closed().await, ExitReason::Shutdown);
        let dead = ended_there(&stage).await;
        assert_eq!(dead.stop().await, Err(StopError::NoProcess));
        // It ends for another reason before it handles the stop.
        let failing = spawn_there(&stage, |mut inbox| async move {
            inbox.recv().await;
            ExitReason::error("too late")
        })
        .await;
        failing.near.send(1).now().unwrap();
        let stopped = failing.near.stop().await;
        let reason = ExitReason::error("too late");
        assert_eq!(stopped, Err(StopError::Exited(reason)));
        // It does not receive messages.
        let deaf = spawn_there(&stage, |inbox| async move {
            std::future::pending::<()>().await;
            drop(inbox);
            ExitReason::Normal
        })
        .await;
        let patience = Duration::from_millis(30);
        let stopped = deaf.near.stop().timeout(patience).await;
        assert_eq!(stopped, Err(StopError::Timeout));
        assert!(deaf.own.is_alive());
    });
}

#[test]
fn x2_a_kill_propagates_through_a_chain_of_links_as_killed() {
    race(|stage| async move {
        for length in [1, 2, 9] {
            // One remote, one local, and so on, each linked to the previous one.
            let first = idle_there(&stage).await;
            let mut chain = vec![first.own.clone()];
            let mut last = first.clone();
            for _ in 0..length {
                let here = linked_here(&last.near).await;
                let pid = stage.take(here.clone()).await.pid();
                let is_linked = || stage.there(|| links(&last.own)).contains(&pid);
                until("it is linked there too", is_linked).await;
                last = linked_there(&stage, &here).await;
                until("it is linked here too", || {
                    links(&here).contains(&last.near.pid())
                })
                .await;
                chain.extend([here, last.own.clone()]);
            }
            let watches: Vec<_> = chain.iter().map(|process| process.monitor()).collect();
            ambit::exit(&first.near, ExitReason::Kill);
            for watch in watches {
                assert_eq!(soon(watch).await.reason, ExitReason::Killed);
            }
        }
    });
}
