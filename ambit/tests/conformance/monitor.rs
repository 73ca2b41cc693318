//! Monitors: one-way, stacking, exactly one `Down` each.

use ambit::process::{Target, Watched};
use std::collections::BTreeSet;
use std::time::Duration;

use ambit::prelude::*;
use tokio::sync::{mpsc, oneshot};

use crate::conformance::common::{
    Hands, dawdle, ended, idle, in_process, listener, queued, quiet, reasons, soon,
};

fn down(monitor: MonitorRef, target: &Subject<u8>, reason: ExitReason) -> InboxEvent<u8> {
    InboxEvent::Down(Down {
        monitor,
        target: Watched::Process(target.pid()),
        reason,
    })
}

fn monitored_by(target: impl Target) -> Vec<Pid> {
    ambit::process_info(target).unwrap().monitored_by
}

fn monitors(of: Pid) -> usize {
    ambit::process_info(of).unwrap().monitors.len()
}

#[tokio::test]
async fn mon_01_the_watcher_gets_one_down_and_the_target_notices_nothing() {
    let _quiet = quiet();
    in_process(|mut inbox: Inbox<u8>| async move {
        for reason in reasons() {
            let target = idle();
            let monitor = inbox.monitor(&target);
            ambit::exit(&target, reason.clone());
            assert_eq!(inbox.next().await, down(monitor, &target, reason));
            assert_eq!(queued(&mut inbox).await, []);
        }
    })
    .await;
    let (target, mut heard) = listener().await;
    let watched = target.clone();
    let watcher = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
        inbox.monitor(&watched);
        ExitReason::error("the watcher")
    });
    watcher.closed().await;
    target.send(1).await.unwrap();
    assert_eq!(soon(heard.recv()).await, Some(InboxEvent::Message(1)));
}

#[tokio::test]
async fn mon_04_monitors_stack() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let target = idle();
        let refs: Vec<_> = (0..10).map(|_| inbox.monitor(&target)).collect();
        let distinct: BTreeSet<_> = refs.iter().copied().collect();
        assert_eq!(distinct.len(), 10);
        assert_eq!(monitored_by(&target), [inbox.pid(); 10]);
        assert!(inbox.demonitor(refs[3]));
        target.stop().await.unwrap();
        let downs: BTreeSet<_> = queued(&mut inbox)
            .await
            .into_iter()
            .map(|event| match event {
                InboxEvent::Down(down) => down.monitor,
                other => panic!("{other:?}"),
            })
            .collect();
        let expected: BTreeSet<_> = refs.iter().copied().filter(|r| *r != refs[3]).collect();
        assert_eq!(downs, expected);
    })
    .await;
}

#[tokio::test]
async fn mon_05_no_down_arrives_after_demonitor() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let target = idle();
        let monitor = inbox.monitor(&target);
        assert!(inbox.demonitor(monitor));
        assert!(monitored_by(&target).is_empty());
        target.stop().await.unwrap();
        assert_eq!(queued(&mut inbox).await, []);
        // `demonitor_flush` also removes a `Down` that is already queued.
        let target = idle();
        let (flushed, kept) = (inbox.monitor(&target), inbox.monitor(&target));
        target.stop().await.unwrap();
        inbox.demonitor_flush(flushed);
        assert_eq!(
            queued(&mut inbox).await,
            [down(kept, &target, ExitReason::Normal)]
        );
    })
    .await;
}

#[tokio::test]
async fn mon_05_a_flushed_down_is_shown_to_no_pattern() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let targets: Vec<_> = (0..4).map(|_| idle()).collect();
        let refs: Vec<_> = targets.iter().map(|target| inbox.monitor(target)).collect();
        for target in &targets {
            target.stop().await.unwrap();
        }
        inbox.subject().send(7).await.unwrap();
        // The filter rejects every `Down`, so all of them stay queued.
        inbox
            .recv_match(|event| *event == InboxEvent::Message(7))
            .await;
        inbox.demonitor_flush(refs[1]);
        inbox.demonitor_flush(refs[3]);
        let mut shown = Vec::new();
        let taken = inbox
            .recv_match(|event| {
                let InboxEvent::Down(down) = event else {
                    return false;
                };
                shown.push(down.monitor);
                down.monitor == refs[2]
            })
            .await;
        let normal = |n: usize| down(refs[n], &targets[n], ExitReason::Normal);
        assert_eq!((shown, taken), (vec![refs[0], refs[2]], normal(2)));
        assert!(!inbox.demonitor(refs[0]), "it is queued");
        assert_eq!(queued(&mut inbox).await, [normal(0)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mon_07_demonitor_returns_the_correct_result_in_a_race_with_the_exit() {
    let lanes = (0..4).map(|lane| {
        in_process(move |mut inbox: Inbox<u8>| async move {
            let mut answers = BTreeSet::new();
            for n in 0..2500 {
                let (target, monitor) = inbox
                    .spawn_monitor(move |_: Inbox<u8>| async move { dawdle(n + lane).await })
                    .unwrap();
                // In the first round the `Down` is certainly queued; the later ones race against it.
                if n == 0 {
                    target.closed().await;
                }
                dawdle(n / 7).await;
                let none = inbox.demonitor(monitor);
                let now = queued(&mut inbox).await;
                target.closed().await;
                let later = queued(&mut inbox).await;
                let there = usize::from(!none);
                assert_eq!(
                    (now.len(), later.len()),
                    (there, 0),
                    "{none}: {now:?}, {later:?}"
                );
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
}

#[tokio::test]
async fn mon_08_demonitor_with_a_foreign_reference_has_no_effect() {
    let (sender, receiver) = oneshot::channel();
    let (target, (ask, mut asked)) = (idle(), mpsc::unbounded_channel());
    let watched = target.clone();
    let other = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
        sender.send(inbox.monitor(&watched)).ok();
        ask.send(inbox.next().await).ok();
    });
    let foreign = receiver.await.unwrap();
    let watched = target.clone();
    in_process(move |mut inbox: Inbox<u8>| async move {
        assert!(!inbox.demonitor(foreign));
        inbox.demonitor_flush(foreign);
        let own = inbox.monitor(&watched);
        assert!(inbox.demonitor(own));
        assert!(!inbox.demonitor(own), "it is already removed");
        assert_eq!(monitored_by(&watched), [other.pid()]);
    })
    .await;
    target.stop().await.unwrap();
    let heard = soon(asked.recv()).await;
    assert_eq!(heard, Some(down(foreign, &target, ExitReason::Normal)));
}

#[tokio::test]
async fn mon_09_a_process_that_monitors_itself_receives_nothing() {
    let (sender, receiver) = oneshot::channel();
    let process = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
        let own = inbox.subject();
        ambit::register("me", &own).unwrap();
        let refs = [
            inbox.monitor(inbox.pid()),
            inbox.monitor("me"),
            inbox.monitor(&own),
        ];
        assert_eq!((monitors(inbox.pid()), monitored_by(&own).len()), (0, 0));
        assert_eq!(queued(&mut inbox).await, []);
        for monitor in refs {
            assert!(!inbox.demonitor(monitor));
        }
        sender.send(()).ok();
    });
    receiver.await.unwrap();
    assert_eq!(process.closed().await, ExitReason::Normal);
}

#[tokio::test]
async fn mon_10_a_monitor_by_name_reports_the_name() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let target = idle();
        ambit::register("seat", &target).unwrap();
        let by_text = inbox.monitor("seat");
        let by_handle = inbox.monitor(Subject::<u8>::named("seat"));
        ambit::exit(&target, ExitReason::Shutdown);
        for monitor in [by_text, by_handle] {
            let expected = Down {
                monitor,
                target: Watched::Name("seat".into()),
                reason: ExitReason::Shutdown,
            };
            assert_eq!(inbox.next().await, InboxEvent::Down(expected));
        }
        let monitor = inbox.monitor("nobody");
        let expected = Down {
            monitor,
            target: Watched::Name("nobody".into()),
            reason: ExitReason::NoProcess,
        };
        assert_eq!(
            queued(&mut inbox).await,
            [InboxEvent::Down(expected)],
            "at once"
        );
        let dead = ended().await;
        let monitor = inbox.monitor(&dead);
        let by_pid = inbox.monitor(dead.pid());
        let expected = [
            down(monitor, &dead, ExitReason::NoProcess),
            down(by_pid, &dead, ExitReason::NoProcess),
        ];
        assert_eq!(queued(&mut inbox).await, expected);
        assert_eq!(monitors(inbox.pid()), 0);
    })
    .await;
}

#[tokio::test]
async fn mon_12_a_monitor_by_name_stays_with_the_holder_of_that_moment() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let (first, second) = (idle(), idle());
        ambit::register("seat", &first).unwrap();
        let monitor = inbox.monitor("seat");
        ambit::unregister("seat").unwrap();
        ambit::register("seat", &second).unwrap();
        second.stop().await.unwrap();
        assert_eq!(
            queued(&mut inbox).await,
            [],
            "the new holder is not watched"
        );
        first.stop_with(ExitReason::Shutdown).await.unwrap();
        let events = queued(&mut inbox).await;
        assert!(
            matches!(&events[..], [InboxEvent::Down(down)] if down.monitor == monitor
                && down.reason == ExitReason::Shutdown),
            "{events:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mon_13_nothing_is_left_of_a_watcher_or_a_target_that_has_died() {
    let target = idle();
    let lanes = (0..4).map(|_| {
        let target = target.clone();
        tokio::spawn(in_process(move |mut inbox: Inbox<u8>| async move {
            for _ in 0..12_500 {
                // A monitoring process that ends.
                let watched = target.clone();
                let watcher = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
                    inbox.monitor(&watched);
                });
                // A target that ends, monitored by this process and by a future outside of any process.
                let (short, monitor) = inbox.spawn_monitor(|_: Inbox<u8>| async {}).unwrap();
                drop(target.monitor());
                assert_eq!(
                    inbox.next().await,
                    down(monitor, &short, ExitReason::Normal)
                );
                watcher.closed().await;
            }
            monitors(inbox.pid())
        }))
    });
    for lane in lanes.collect::<Vec<_>>() {
        assert_eq!(lane.await.unwrap(), 0);
    }
    assert!(monitored_by(&target).is_empty());
}

#[tokio::test]
async fn mon_14_a_reply_ends_the_watch_of_its_call_and_the_end_ends_the_reply() {
    let (sender, mut ports) = mpsc::unbounded_channel();
    let server = Hands(sender).start().await.unwrap();
    in_process(move |mut inbox: Inbox<u8>| async move {
        // The reply also removes the monitor of the call: no second outcome, no message.
        let answered = server.ask().send();
        assert!(ports.recv().await.unwrap().send(1));
        let lost = server.ask().send();
        let port = ports.recv().await.unwrap();
        server.stop_with(ExitReason::Shutdown).await.unwrap();
        assert_eq!(answered.await, Ok(1));
        // The pending call fails with the end of the server, and its reply port is closed.
        assert!(port.is_closed() && !port.send(2));
        let ended = CallError::Exited {
            reason: ExitReason::Shutdown,
            executed: Executed::Maybe,
        };
        assert_eq!(lost.await, Err(ended));
        assert_eq!(queued(&mut inbox).await, []);
        assert_eq!(monitors(inbox.pid()), 0);
    })
    .await;
}

#[tokio::test]
async fn x15_a_pid_of_an_earlier_incarnation_refers_to_no_process() {
    let dead = ended().await.pid();
    let reused: Vec<_> = (0..50).map(|_| idle()).collect();
    assert!(reused.iter().all(|process| process.pid() != dead));
    in_process(move |mut inbox: Inbox<u8>| async move {
        let monitor = inbox.monitor(dead);
        let expected = Down {
            monitor,
            target: Watched::Process(dead),
            reason: ExitReason::NoProcess,
        };
        assert_eq!(queued(&mut inbox).await, [InboxEvent::Down(expected)]);
        ambit::exit(dead, ExitReason::Kill);
        assert_eq!(inbox.link(dead), Err(ExitReason::NoProcess));
    })
    .await;
    assert!(reused.iter().all(|process| process.is_alive()));
}

#[tokio::test]
async fn a_monitor_outside_a_process_is_a_future_and_its_drop_ends_it() {
    let target = idle();
    let (first, second, dropped) = (target.monitor(), target.monitor(), target.monitor());
    assert_ne!(first.reference(), second.reference());
    drop(dropped);
    let expected = (first.reference(), second.reference());
    ambit::exit(&target, ExitReason::Shutdown);
    let (first, second) = (first.await, second.await);
    assert_eq!((first.monitor, second.monitor), expected);
    assert_eq!(first.target, Watched::Process(target.pid()));
    assert_eq!(
        (first.reason, second.reason),
        (ExitReason::Shutdown, ExitReason::Shutdown)
    );
    assert_eq!(target.monitor().await.reason, ExitReason::NoProcess);
    assert_eq!(
        Subject::<u8>::named("nobody").monitor().await.reason,
        ExitReason::NoProcess
    );
    assert_eq!(target.closed().await, ExitReason::Shutdown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn spawn_monitor_always_gives_the_true_reason() {
    let _quiet = quiet();
    in_process(|mut inbox: Inbox<u8>| async move {
        for n in 0..5000 {
            let failing = move |_: Inbox<u8>| async move { ExitReason::error(n) };
            let (child, monitor) = match n % 2 {
                0 => inbox.spawn_monitor(failing).unwrap(),
                _ => ambit::spawn_monitor(failing).unwrap(),
            };
            let expected = down(monitor, &child, ExitReason::error(n));
            assert_eq!(
                inbox.next_within(Duration::from_secs(60)).await,
                Some(expected)
            );
        }
    })
    .await;
}

#[tokio::test]
async fn flushed_downs_leave_the_queue_of_a_process_that_only_receives_messages() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let gone = ended().await;
        let own = inbox.subject();
        for _ in 0..5000 {
            let monitor = inbox.monitor(&gone);
            inbox.demonitor_flush(monitor);
            own.send(1).now().unwrap();
            assert_eq!(inbox.recv().await, Some(1));
        }
        let kept = inbox.monitor(&gone);
        let mut looks = 0;
        let event = inbox.recv_match(|_| {
            looks += 1;
            true
        });
        assert!(matches!(event.await, InboxEvent::Down(down) if down.monitor == kept));
        assert_eq!(looks, 1);
        assert_eq!(queued(&mut inbox).await, []);
    })
    .await;
}
