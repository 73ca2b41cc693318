//! Spawn, exit signals, names.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::error::{LookupError, RegisterError};
use ambit::prelude::*;
use ambit::process::Watched;
use ambit::server::Ignore;
use tokio::sync::oneshot;

use crate::conformance::common::{
    dawdle, ended, idle, in_process, listener, poll_once, quiet, reasons, soon,
};
use crate::support::crashes::{crashes, only};

#[tokio::test]
async fn proc_01_a_message_sent_at_once_is_delivered() {
    let (sender, receiver) = oneshot::channel();
    // On one thread the process cannot have started before the first await below.
    let child = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
        sender.send((inbox.pid(), inbox.recv().await)).ok();
    });
    assert!(ambit::is_alive(child.pid()) && ambit::process_info(child.pid()).is_some());
    child.send(7).now().unwrap();
    assert_eq!(receiver.await, Ok((child.pid(), Some(7))));
}

#[tokio::test]
async fn proc_02_a_return_is_normal_and_a_failure_is_itself() {
    let _quiet = quiet();
    let returned = ambit::spawn(|_: Inbox<u8>| async {});
    assert_eq!(returned.closed().await, ExitReason::Normal);
    let failed = ambit::spawn(|_: Inbox<u8>| async { Err::<(), _>(std::fmt::Error) });
    let ExitReason::Error(report) = failed.closed().await else {
        panic!("an error is the reason")
    };
    assert!(report.downcast_ref::<std::fmt::Error>().is_some());
    let panicked = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        let what = inbox.recv().await;
        panic!("got {what:?}")
    });
    panicked.send(3).await.unwrap();
    let ExitReason::Panic(report) = panicked.closed().await else {
        panic!("a panic is the reason")
    };
    assert_eq!(report.message(), "got Some(3)");
    let place = report.location().unwrap();
    assert!(place.contains(file!()), "{place}");
}

#[tokio::test]
async fn a_resumed_unwind_does_not_report_the_location_of_another_panic() {
    let _quiet = quiet();
    let process = ambit::spawn(|_: Inbox<u8>| async {
        catch_unwind(|| panic!("inner")).unwrap_err();
        std::panic::resume_unwind(Box::new("outer"))
    });
    let ExitReason::Panic(report) = process.closed().await else {
        panic!("a panic is the reason")
    };
    assert_eq!((report.message(), report.location()), ("outer", None));
}

#[tokio::test]
async fn an_ignore_after_the_start_is_an_error() {
    let _quiet = quiet();
    let stopped = idle();
    ambit::exit(&stopped, Ignore.into());
    let failed = ambit::spawn(|_: Inbox<u8>| async { Err::<(), _>(Ignore) });
    for process in [stopped, failed] {
        let ExitReason::Error(report) = process.closed().await else {
            panic!("an error is the reason")
        };
        assert!(report.downcast_ref::<Ignore>().is_some());
    }
}

#[tokio::test]
async fn proc_04_a_trapping_process_gets_even_normal_as_a_message() {
    let (target, mut heard) = listener().await;
    let to = target.clone();
    let from = in_process(|inbox: Inbox<u8>| async move {
        ambit::exit(&to, ExitReason::Normal);
        inbox.pid()
    })
    .await;
    let exit = Exit {
        from,
        reason: ExitReason::Normal,
    };
    assert_eq!(soon(heard.recv()).await, Some(InboxEvent::Exit(exit)));
    ambit::exit(&target, ExitReason::Normal);
    let exit = Exit {
        from: Pid::NOBODY,
        reason: ExitReason::Normal,
    };
    assert_eq!(soon(heard.recv()).await, Some(InboxEvent::Exit(exit)));
    assert!(target.is_alive());
}

#[tokio::test]
async fn proc_05_normal_ends_only_the_process_that_sends_it_to_itself() {
    let suicide = ambit::spawn(|inbox: Inbox<u8>| async move {
        ambit::exit(inbox.pid(), ExitReason::Normal);
        std::future::pending::<ExitReason>().await
    });
    assert_eq!(soon(suicide.closed()).await, ExitReason::Normal);
    let (sender, receiver) = oneshot::channel();
    let other = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        sender.send(inbox.next().await).ok();
    });
    ambit::exit(&other, ExitReason::Normal);
    other.send(1).await.unwrap();
    let first = soon(receiver).await;
    assert_eq!(first, Ok(InboxEvent::Message(1)), "ignored without a trace");
}

#[tokio::test]
async fn proc_06_any_other_signal_ends_it_with_exactly_that_reason() {
    let _quiet = quiet();
    let mut cases: Vec<_> = reasons().into_iter().map(|r| (r.clone(), r)).collect();
    cases.push((ExitReason::Kill, ExitReason::Killed));
    for (sent, seen) in cases {
        let reason = sent.clone();
        let (exit, down) = in_process(|mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            let child = inbox.spawn_link(|mut inbox: Inbox<u8>| async move {
                inbox.recv().await;
            });
            let child = child.unwrap();
            let monitor = inbox.monitor(&child);
            ambit::exit(&child, sent);
            let is_exit = |event: &InboxEvent<u8>| matches!(event, InboxEvent::Exit(_));
            let InboxEvent::Exit(exit) = inbox.recv_match(is_exit).await else {
                unreachable!()
            };
            let InboxEvent::Down(down) = inbox.next().await else {
                panic!("only the Down is left")
            };
            assert_eq!((exit.from, down.monitor), (child.pid(), monitor));
            assert_eq!(child.closed().await, exit.reason);
            (exit.reason, down.reason)
        })
        .await;
        assert_eq!((exit, down), (seen.clone(), seen), "{reason}");
    }
}

#[tokio::test]
async fn proc_07_a_trapping_process_receives_its_own_signal_and_keeps_running() {
    in_process(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        let from = inbox.pid();
        for reason in reasons() {
            ambit::exit(from, reason.clone());
            assert_eq!(inbox.next().await, InboxEvent::Exit(Exit { from, reason }));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn proc_08_the_first_fatal_signal_decides() {
    let _quiet = quiet();
    for n in 0..1000 {
        let target = idle();
        dawdle(n).await;
        ambit::exit(&target, ExitReason::error("first"));
        ambit::exit(&target, ExitReason::error("second"));
        ambit::exit(&target, ExitReason::Kill);
        assert_eq!(soon(target.closed()).await, ExitReason::error("first"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn proc_11_nothing_sent_after_an_exit_signal_is_handled() {
    let _quiet = quiet();
    for n in 0..1000 {
        let handled = Arc::new(Mutex::new(Vec::new()));
        let log = handled.clone();
        let target = ambit::spawn(|mut inbox: Inbox<u8>| async move {
            while let Some(message) = inbox.recv().await {
                log.lock().unwrap().push(message);
            }
        });
        let to = target.clone();
        in_process(move |_: Inbox<u8>| async move {
            dawdle(n).await;
            to.send(1).now().unwrap();
            to.send(2).now().unwrap();
            let reason = [ExitReason::Shutdown, ExitReason::Kill][n % 2].clone();
            ambit::exit(&to, reason);
            to.send(3).now().ok();
        })
        .await;
        soon(target.closed()).await;
        let handled = handled.lock().unwrap().clone();
        assert!([1, 2].starts_with(&handled), "{handled:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn proc_11_a_selective_receive_takes_nothing_sent_after_an_exit_signal() {
    let _quiet = quiet();
    for n in 0..3000 {
        let handled = Arc::new(Mutex::new(Vec::new()));
        let log = handled.clone();
        let target = ambit::spawn(|mut inbox: Inbox<u8>| async move {
            loop {
                let event = inbox.recv_match(|event| matches!(event, InboxEvent::Message(_)));
                if let InboxEvent::Message(message) = event.await {
                    log.lock().unwrap().push(message);
                }
            }
        });
        let to = target.clone();
        in_process(move |_: Inbox<u8>| async move {
            dawdle(n).await;
            to.send(1).now().unwrap();
            to.send(2).now().unwrap();
            ambit::exit(&to, [ExitReason::Shutdown, ExitReason::Kill][n % 2].clone());
            to.send(3).now().ok();
        })
        .await;
        soon(target.closed()).await;
        let handled = handled.lock().unwrap().clone();
        assert!([1, 2].starts_with(&handled), "{handled:?}");
    }
}

#[tokio::test]
async fn proc_11_a_trapped_signal_keeps_its_position_among_the_messages() {
    let (go, mut started) = (Arc::new(tokio::sync::Notify::new()), Vec::new());
    for messages in [1, 10, 1024, 2000] {
        let (gate, (ready, is_ready)) = (go.clone(), oneshot::channel());
        let target = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            let begin = gate.notified();
            ready.send(()).ok();
            begin.await;
            for _ in 0..messages {
                assert_eq!(inbox.next().await, InboxEvent::Message(1));
            }
            assert!(matches!(inbox.next().await, InboxEvent::Exit(_)));
            assert_eq!(inbox.next().await, InboxEvent::Message(2));
        });
        is_ready.await.unwrap();
        // Beyond 1024 the senders wait, and the exit signal is queued behind them.
        let mut sending: Vec<_> = (0..messages).map(|_| target.send(1).into_owned()).collect();
        for cast in &mut sending {
            drop(poll_once(cast).await);
        }
        ambit::exit(&target, ExitReason::Shutdown);
        let mut last = target.send(2).into_owned();
        drop(poll_once(&mut last).await);
        started.push((target, sending, last));
    }
    go.notify_waiters();
    for (target, _sending, _last) in started {
        assert_eq!(soon(target.closed()).await, ExitReason::Normal);
    }
}

#[tokio::test]
async fn a_panic_with_a_value_that_panics_in_its_drop_is_a_panic() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("and its drop")
        }
    }
    let _quiet = quiet();
    let process = ambit::spawn(|_: Inbox<u8>| async { std::panic::panic_any(Bad) });
    let reason = soon(process.closed()).await;
    assert!(matches!(reason, ExitReason::Panic(_)), "{reason}");
}

#[tokio::test]
async fn proc_12_a_stopped_process_cannot_be_registered() {
    let dead = ended().await;
    assert_eq!(
        ambit::register("grave", &dead),
        Err(RegisterError::NoProcess)
    );
    assert_eq!(ambit::whereis::<u8>("grave"), Err(LookupError::NotFound));
    ambit::register("grave", &idle()).unwrap();
}

#[tokio::test]
async fn proc_13_a_taken_name_is_rejected_and_the_holder_keeps_it() {
    let (holder, other) = (idle(), idle());
    ambit::register("one", &holder).unwrap();
    let refused = RegisterError::AlreadyRegistered {
        holder: holder.pid(),
    };
    assert_eq!(ambit::register("one", &other), Err(refused.clone()));
    assert_eq!(ambit::register("one", &holder), Err(refused));
    assert_eq!(ambit::whereis::<u8>("one"), Ok(holder.clone()));
    let names = |process: &Subject<u8>| ambit::process_info(process).unwrap().names;
    assert_eq!(names(&holder), ["one"]);
    assert!(names(&other).is_empty());
    assert_eq!(ambit::register("", &other), Err(RegisterError::InvalidName));
}

async fn register_and_kill(name: &str, rounds: usize) {
    for round in 0..rounds {
        let process = idle();
        ambit::register(name, &process).unwrap();
        let found = ambit::whereis::<u8>(name);
        assert_eq!(found.as_ref(), Ok(&process), "round {round}");
        ambit::exit(&process, ExitReason::Kill);
        assert_eq!(process.closed().await, ExitReason::Killed);
        let found = ambit::whereis::<u8>(name);
        assert_eq!(found, Err(LookupError::NotFound), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn proc_14_no_stale_name_survives_a_death() {
    let _quiet = quiet();
    let done = Arc::new(AtomicBool::new(false));
    let stop = done.clone();
    let reader = tokio::spawn(async move {
        while !stop.load(Ordering::Relaxed) {
            // The result does not matter: this only keeps the table busy.
            drop(ambit::whereis::<u8>("name 0"));
            tokio::task::yield_now().await;
        }
    });
    let lanes = (0..4).map(|lane| {
        tokio::spawn(async move { register_and_kill(&format!("name {lane}"), 25_000).await })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    reader.await.unwrap();
}

/// A release during a registration leaves no trace of the name at the process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_released_during_its_registration_is_not_shown() {
    let process = idle();
    let done = Arc::new(AtomicBool::new(false));
    let (holder, is_over) = (process.clone(), done.clone());
    let registers = tokio::task::spawn_blocking(move || {
        for _ in 0..100_000 {
            ambit::register("fleeting", &holder).ok();
        }
        is_over.store(true, Ordering::Relaxed);
    });
    // The look-ups delay registrations where they add the name to the process.
    let others = (0..4).map(|n| {
        let (holder, done) = (process.clone(), done.clone());
        tokio::task::spawn_blocking(move || {
            while !done.load(Ordering::Relaxed) {
                if n % 2 == 0 {
                    ambit::unregister("fleeting").ok();
                } else {
                    assert!(ambit::process_info(&holder).is_some());
                }
            }
        })
    });
    let others: Vec<_> = others.collect();
    registers.await.unwrap();
    for other in others {
        other.await.unwrap();
    }
    ambit::unregister("fleeting").ok();
    let shown = format!("{process:?}");
    assert!(!shown.contains("fleeting"), "{shown}");
}

/// Dropping an opened inbox after its `recv` has returned `None` ends its process as requested.
#[tokio::test]
async fn an_opened_inbox_ends_with_the_requested_reason() {
    let stopped = in_process(|inbox: Inbox<()>| async move {
        let mut opened = inbox.open::<u8>();
        let other = opened.subject();
        let stop = tokio::spawn(async move { other.stop_with(ExitReason::Shutdown).await });
        assert_eq!(opened.recv().await, None);
        drop(opened);
        stop.await.unwrap()
    });
    assert_eq!(stopped.await, Ok(()));
}

#[tokio::test]
async fn proc_15_only_an_abnormal_end_is_reported_once_with_all_its_facts() {
    let (system, _entered) = quiet();
    let (_listening, reports) = crashes(&system);
    let clean = [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("done"),
    ];
    for reason in clean {
        let process = ambit::spawn(|_: Inbox<u8>| async move { reason });
        process.closed().await;
    }
    assert!(reports.lock().unwrap().is_empty());
    let (parent, crashed) = in_process(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        let child = inbox.spawn_link(|mut inbox: Inbox<String>| async move {
            inbox.label("the unlucky one");
            inbox.recv().await;
            ExitReason::error("bad luck")
        });
        let child = child.unwrap();
        ambit::register("unlucky", &child).unwrap();
        child.send("go".into()).await.unwrap();
        child.closed().await;
        (inbox.pid(), child.pid())
    })
    .await;
    let report = only(&reports);
    assert_eq!(report.pid, crashed);
    assert_eq!(report.type_name, "String");
    assert_eq!(report.reason, ExitReason::error("bad luck"));
    assert_eq!(report.names, ["unlucky"]);
    assert_eq!(report.label.as_deref(), Some("the unlucky one"));
    assert_eq!(
        (&report.links[..], &report.ancestors[..]),
        (&[parent][..], &[parent][..])
    );
}

#[tokio::test]
async fn x1_a_signal_to_oneself_cannot_be_caught() {
    let _quiet = quiet();
    for returns in [false, true] {
        let process = ambit::spawn(move |inbox: Inbox<u8>| async move {
            let sent = || ambit::exit(inbox.pid(), ExitReason::error("from me"));
            assert!(catch_unwind(AssertUnwindSafe(sent)).is_ok());
            if !returns {
                std::future::pending::<()>().await;
            }
        });
        let reason = soon(process.closed()).await;
        assert_eq!(reason, ExitReason::error("from me"), "returns: {returns}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x2_a_kill_propagates_through_a_chain_of_links_as_killed() {
    let _quiet = quiet();
    for length in [1, 2, 9, 10] {
        let (chain, near) = in_process(move |mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            let mut chain = vec![idle()];
            for _ in 1..length {
                let next = chain.last().unwrap().clone();
                let (linked, is_linked) = oneshot::channel();
                chain.push(ambit::spawn(move |mut inbox: Inbox<u8>| async move {
                    linked.send(inbox.link(&next)).ok();
                    while inbox.recv().await.is_some() {}
                }));
                assert_eq!(is_linked.await, Ok(Ok(())));
            }
            let near = chain.last().unwrap();
            inbox.link(near).unwrap();
            ambit::exit(&chain[0], ExitReason::Kill);
            let InboxEvent::Exit(exit) = inbox.next().await else {
                panic!("the near end was linked")
            };
            assert_eq!(exit.from, near.pid());
            (chain, exit.reason)
        })
        .await;
        assert_eq!(near, ExitReason::Killed);
        for process in chain {
            assert_eq!(soon(process.closed()).await, ExitReason::Killed);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn x3_a_signal_beats_a_timeout_that_is_due_at_the_same_moment() {
    let _quiet = quiet();
    for signal_first in [true, false] {
        let went_on = Arc::new(AtomicBool::new(false));
        let (flag, moment) = (went_on.clone(), Duration::from_millis(10));
        let (ready, is_ready) = oneshot::channel::<Subject<u8>>();
        let process = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            let own = inbox.subject();
            if signal_first {
                ambit::exit_after(moment, &own, ExitReason::error("signal"));
            } else {
                drop(ready.send(own));
            }
            inbox.next_within(moment).await;
            flag.store(true, Ordering::Relaxed);
        });
        if let Ok(own) = is_ready.await {
            ambit::exit_after(moment, &own, ExitReason::error("signal"));
        }
        assert_eq!(process.closed().await, ExitReason::error("signal"));
        assert!(!went_on.load(Ordering::Relaxed), "first: {signal_first}");
    }
}

/// An error with causes.
#[derive(Debug, thiserror::Error)]
#[error("level {0}")]
struct Nested(u32, #[source] Option<Box<Self>>);

#[tokio::test]
async fn x4_a_large_and_deep_reason_arrives_whole() {
    let _quiet = quiet();
    let deep = (0..1000).fold(None, |inner, n| Some(Box::new(Nested(n, inner))));
    let large = ExitReason::error("x".repeat(1 << 20));
    let all = in_process(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        let mut all = Vec::new();
        let deep = inbox.spawn_link(|_: Inbox<u8>| async move { Err::<(), _>(*deep.unwrap()) });
        inbox.monitor(deep.unwrap());
        let large = inbox.spawn_link(|_: Inbox<u8>| async move { large });
        inbox.monitor(large.unwrap());
        for _ in 0..4 {
            match inbox.next().await {
                InboxEvent::Exit(exit) => all.push(exit.reason),
                InboxEvent::Down(down) => all.push(down.reason),
                InboxEvent::Message(_) => unreachable!(),
            }
        }
        all
    })
    .await;
    let (deep, large): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|reason| reason.to_string().len() < 100);
    assert_eq!(large, vec![ExitReason::error("x".repeat(1 << 20)); 2]);
    for reason in &deep {
        let ExitReason::Error(report) = reason else {
            panic!("{reason}")
        };
        assert_eq!(report.downcast_ref::<Nested>().unwrap().0, 999);
        let mut depth = 0;
        let mut cause = std::error::Error::source(reason);
        while let Some(inner) = cause {
            (depth, cause) = (depth + 1, inner.source());
        }
        assert_eq!(depth, 999);
    }
    assert_eq!(deep.len(), 2);
}

#[tokio::test]
async fn x5_process_info_describes_running_processes_and_returns_none_for_stopped_ones() {
    assert!(ambit::process_info(&ended().await).is_none());
    assert!(ambit::process_info("nobody").is_none());
    in_process(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        let (linked, watched) = (idle(), idle());
        inbox.link(&linked).unwrap();
        inbox.monitor(&watched);
        inbox.subject().send(1).now().unwrap();
        inbox.subject().send(2).now().unwrap();
        ambit::register("me", &inbox.subject()).unwrap();
        let info = ambit::process_info(inbox.pid()).unwrap();
        assert_eq!(
            (info.pid, info.queued, info.trap_exits),
            (inbox.pid(), 2, true)
        );
        assert_eq!(
            (info.links, info.names),
            (vec![linked.pid()], vec!["me".to_owned()])
        );
        assert_eq!(info.monitors, [Watched::Process(watched.pid())]);
        assert!(info.monitored_by.is_empty());
        assert_eq!(ambit::process_info("me").unwrap().pid, inbox.pid());
        let info = ambit::process_info(&linked).unwrap();
        assert_eq!((info.links, info.trap_exits), (vec![inbox.pid()], false));
        let info = ambit::process_info(&watched).unwrap();
        assert_eq!((info.monitored_by, info.links), (vec![inbox.pid()], vec![]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x6_the_list_is_of_exactly_the_living() {
    let (_system, _entered) = quiet();
    let alive: Vec<_> = (0..500).map(|_| idle()).collect();
    let mut dead = Vec::new();
    for _ in 0..500 {
        dead.push(ended().await.pid());
    }
    // Other processes start and end meanwhile.
    let churn = tokio::spawn(async {
        for _ in 0..2000 {
            ended().await;
        }
    });
    while !churn.is_finished() {
        let listed: Vec<_> = ambit::inspect::processes()
            .into_iter()
            .map(|info| info.pid)
            .collect();
        assert!(alive.iter().all(|process| listed.contains(&process.pid())));
        assert!(!dead.iter().any(|pid| listed.contains(pid)));
        let mut unique = listed.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), listed.len());
        tokio::task::yield_now().await;
    }
    churn.await.unwrap();
    assert_eq!(ambit::inspect::processes().len(), alive.len());
}
