//! Races between links, monitors and ends: on real threads, many thousand times.
//!
//! The rules are checked under one lock per process: errors can only come from the order in which two processes update
//! their records of each other. `docs/design/011-proofs.md` explains why this is no model.

use std::sync::Barrier;
use std::thread;

use ambit::prelude::*;
use ambit::system::System;

use crate::support::process::soon;
use crate::support::random::next_random;

/// Starts a process that ends when it receives a message.
fn victim() -> Subject<u8> {
    ambit::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.recv().await;
        ExitReason::Shutdown
    })
}

#[derive(Default, Debug)]
struct Heard {
    downs: Vec<MonitorRef>,
    /// Exits of links that existed when the other ended.
    exits: usize,
    /// Exits of links that were made too late.
    late: usize,
}

/// Collects all events up to a message that it sends to itself.
async fn heard(inbox: &mut Inbox<u8>) -> Heard {
    let mut all = Heard::default();
    inbox.subject().send(0).now().unwrap();
    loop {
        match inbox.next().await {
            InboxEvent::Message(_) => return all,
            InboxEvent::Down(down) => all.downs.push(down.monitor),
            InboxEvent::Exit(exit) if exit.reason == ExitReason::NoProcess => all.late += 1,
            InboxEvent::Exit(_) => all.exits += 1,
        }
    }
}

/// Starts a process that monitors each target 700 times: it is notified first, and fills more than one batch.
fn crowd() -> Subject<(Subject<u8>, Subject<u8>)> {
    ambit::spawn(|mut inbox: Inbox<(Subject<u8>, Subject<u8>)>| async move {
        while let Some((target, asked_by)) = inbox.recv().await {
            for _ in 0..700 {
                inbox.monitor(&target);
            }
            asked_by.send(0).await.unwrap();
        }
    })
}

/// Changes links and monitors of one process while the other ends on another thread.
async fn one_round(inbox: &mut Inbox<u8>, seed: &mut u64) {
    let target = victim();
    one_round_with(inbox, seed, &target).await;
}

async fn one_round_with(inbox: &mut Inbox<u8>, seed: &mut u64, target: &Subject<u8>) {
    let rolled = next_random(seed);
    let linked_before = rolled & 1 == 0 && inbox.link(target).is_ok();
    let kept = inbox.monitor(target);
    let (barrier, spins) = (Barrier::new(2), rolled >> 8 & 0x3ff);
    let (mut flushed, mut dropped, mut unlinked) = (None, None, false);
    let mut links = usize::from(linked_before);
    thread::scope(|scope| {
        scope.spawn(|| {
            barrier.wait();
            for _ in 0..spins {
                std::hint::spin_loop();
            }
            ambit::exit(target, ExitReason::Kill);
        });
        barrier.wait();
        for step in 0..4 {
            match rolled >> (20 + step * 2) & 3 {
                0 => links += usize::from(inbox.link(target).is_ok()),
                1 => {
                    inbox.unlink(target);
                    unlinked = true;
                }
                2 => {
                    let monitor = inbox.monitor(target);
                    inbox.demonitor_flush(monitor);
                    flushed = Some(monitor);
                }
                _ => {
                    let monitor = inbox.monitor(target);
                    let none_came = inbox.demonitor(monitor);
                    dropped = Some((monitor, none_came));
                }
            }
        }
    });
    soon(target.closed()).await;
    let all = soon(heard(inbox)).await;
    let downs = |monitor| all.downs.iter().filter(|down| **down == monitor).count();
    assert_eq!(downs(kept), 1, "one Down for a monitor that stands");
    assert_eq!(
        flushed.map_or(0, downs),
        0,
        "none after a demonitor that flushes"
    );
    if let Some((monitor, true)) = dropped {
        assert_eq!(downs(monitor), 0, "none after a demonitor that said so");
    }
    assert!(
        all.exits <= 1 && all.exits + all.late <= links,
        "{all:?}, {links} links"
    );
    if !unlinked {
        assert_eq!(
            all.exits + all.late > 0,
            links > 0,
            "{all:?}, {links} links"
        );
        assert!(
            all.exits == 1 || !linked_before,
            "one Exit for a link that stood"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_monitor_receives_one_down_and_each_link_one_exit() {
    let system = System::builder().quiet_panics(true).build().unwrap();
    let _inside = system.enter();
    let observer = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        let mut seed = 7;
        for _ in 0..3_000 {
            one_round(&mut inbox, &mut seed).await;
        }
        ExitReason::Normal
    });
    assert_eq!(observer.closed().await, ExitReason::Normal);
    assert_eq!(system.process_count(), 0);
}

/// As above, while the notices of the end are sent in several batches.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_monitor_receives_one_down_and_each_link_one_exit_in_any_batch() {
    let system = System::builder().quiet_panics(true).build().unwrap();
    let _inside = system.enter();
    let crowd = crowd();
    let others = crowd.clone();
    let observer = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        let mut seed = 11;
        for _ in 0..400 {
            let target = victim();
            let asked = (target.clone(), inbox.subject());
            others.send(asked).await.unwrap();
            soon(inbox.recv()).await.unwrap();
            one_round_with(&mut inbox, &mut seed, &target).await;
        }
        ExitReason::Normal
    });
    assert_eq!(observer.closed().await, ExitReason::Normal);
    ambit::exit(&crowd, ExitReason::Kill);
    crowd.closed().await;
    assert_eq!(system.process_count(), 0);
}

/// No `Exit` is queued or arrives once `unlink` has returned without one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_link_kills_no_process() {
    let system = System::builder().quiet_panics(true).build().unwrap();
    let _inside = system.enter();
    for round in 0..3_000_u64 {
        let target = victim();
        let (unlinked, dies) = (target.clone(), target.clone());
        // It does not trap exits: one that arrives after `unlink` would kill it.
        let survivor = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            if inbox.link(&unlinked).is_err() {
                return ExitReason::Normal;
            }
            inbox.unlink(&unlinked);
            let killer = thread::spawn(move || ambit::exit(&dies, ExitReason::Kill));
            for _ in 0..round % 50 {
                inbox.link(&unlinked).ok();
                inbox.trap_exits(true);
                inbox.unlink(&unlinked);
                inbox.trap_exits(false);
            }
            soon(unlinked.closed()).await;
            killer.join().unwrap();
            ExitReason::Normal
        });
        let reason = soon(survivor.closed()).await;
        // A round with further links may be killed between two steps; without them it must not.
        assert!(
            reason == ExitReason::Normal || (reason == ExitReason::Killed && round % 50 > 0),
            "{reason}"
        );
    }
    assert_eq!(system.process_count(), 0);
}

#[derive(ambit::Message)]
enum Step {
    Link(Pid),
    Unlink(Pid),
    /// Replies when everything before it is done.
    Done(tokio::sync::oneshot::Sender<()>),
}

/// Links and unlinks on request; it traps exits, so that only a kill ends it.
async fn linker(mut inbox: Inbox<Step>) {
    inbox.trap_exits(true);
    loop {
        match inbox.next().await {
            InboxEvent::Message(Step::Link(to)) => drop(inbox.link(to)),
            InboxEvent::Message(Step::Unlink(to)) => inbox.unlink(to),
            InboxEvent::Message(Step::Done(done)) => drop(done.send(())),
            InboxEvent::Down(_) | InboxEvent::Exit(_) => {}
        }
    }
}

/// Waits until the processes that are still running have executed all requests so far.
async fn all_done(all: &[Subject<Step>]) {
    for one in all {
        let (done, told) = tokio::sync::oneshot::channel();
        if one.send(Step::Done(done)).now().is_ok() {
            soon(told).await.ok();
        }
    }
}

/// Asserts that every link exists on both sides, and that none refers to a stopped process.
fn assert_symmetric(all: &[Subject<Step>]) {
    for one in all {
        let Some(info) = ambit::process_info(one) else {
            continue;
        };
        for other in &info.links {
            let other = ambit::process_info(*other);
            let other = other.unwrap_or_else(|| panic!("a link to one that is gone: {info:?}"));
            assert!(other.links.contains(&info.pid), "{info:?} {other:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn links_are_symmetric_at_rest_and_nothing_is_left() {
    let system = System::builder().quiet_panics(true).build().unwrap();
    let _inside = system.enter();
    for round in 0..500_u64 {
        let all: Vec<Subject<Step>> = (0..4).map(|_| ambit::spawn(linker)).collect();
        // A process that does not trap exits yet could be ended by a link, and its requests would be lost.
        all_done(&all).await;
        let mut seed = round;
        let mut pick = || all[next_random(&mut seed) as usize % all.len()].clone();
        for n in 0..16 {
            let (from, to) = (pick(), pick().pid());
            // A process does not link to itself.
            if from.pid() != to {
                let step = if n % 3 == 2 {
                    Step::Unlink(to)
                } else {
                    Step::Link(to)
                };
                from.send(step).now().unwrap();
            }
        }
        let gone = pick();
        ambit::exit(&gone, ExitReason::Kill);
        soon(gone.closed()).await;
        all_done(&all).await;
        assert_symmetric(&all);
        for one in &all {
            ambit::exit(one, ExitReason::Kill);
            soon(one.closed()).await;
        }
    }
    assert_eq!(system.process_count(), 0);
}
