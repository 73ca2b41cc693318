//! A fake second node: proves that the layers above routing do not assume local processes.

mod ahead;
mod losses;
mod parents;

use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::*;
use crate::entry;
use crate::plain::create::NoMessage;
use crate::plain::inbox::Inbox;
use crate::plain::inbox_event::InboxEvent;
use crate::process::dead_letter::LetterKind;
use crate::process::monitor;
use crate::process::node_signal::RemoteNode;
use crate::signal::Exit;
use crate::system::System;

const FAR: u64 = 4_000_000;

/// Stores the signals that it was asked to deliver.
#[derive(Default)]
struct Fake(Mutex<Vec<(Pid, Signal)>>);

impl RemoteNode for Fake {
    fn deliver(&self, to: Pid, signal: Signal) -> Result<(), ExitReason> {
        self.0.lock().push((to, signal));
        Ok(())
    }
}

impl Fake {
    fn taken(&self) -> Vec<(Pid, Signal)> {
        std::mem::take(&mut self.0.lock())
    }
}

fn remote(slot: u32) -> Pid {
    Pid::new(FAR, slot, 0)
}

/// Returns a system with the other node.
fn connected() -> (Arc<SystemInner>, Arc<Fake>) {
    let (system, node) = (System::current().unwrap(), Arc::new(Fake::default()));
    system.inner.add_node(FAR, node.clone());
    (system.inner, node)
}

async fn in_process<F, Fut>(body: F) -> Fut::Output
where
    F: FnOnce(Inbox<u8>) -> Fut + Send + 'static,
    Fut: Future<Output: Send + 'static> + Send + 'static,
{
    let (value, outcome) = oneshot::channel();
    let process = crate::spawn(move |inbox: Inbox<u8>| async move {
        value.send(body(inbox).await).ok();
    });
    match outcome.await {
        Ok(value) => value,
        Err(_) => panic!("{}", process.closed().await),
    }
}

async fn queued(inbox: &mut Inbox<u8>) -> Vec<InboxEvent<u8>> {
    let mut events = Vec::new();
    while let Some(event) = inbox.next_within(Duration::ZERO).await {
        events.push(event);
    }
    events
}

fn exit(from: Pid, reason: ExitReason) -> InboxEvent<u8> {
    InboxEvent::Exit(Exit { from, reason })
}

fn down_of(monitor: MonitorRef, pid: Pid, reason: ExitReason) -> InboxEvent<u8> {
    let target = crate::Watched::Process(pid);
    InboxEvent::Down(Down {
        monitor,
        target,
        reason,
    })
}

/// Simulates a signal from the other node to a local process.
fn arrives(system: &SystemInner, to: Pid, signal: Signal) -> Result<(), ExitReason> {
    send(system, to, signal)
}

#[tokio::test]
async fn links_and_signals_go_to_the_other_node_and_come_back() {
    let (system, node) = connected();
    in_process(move |mut inbox| async move {
        let own = inbox.pid();
        inbox.trap_exits(true);
        inbox.link(remote(1)).unwrap();
        inbox.link(remote(1)).unwrap();
        crate::exit(remote(2), ExitReason::Kill);
        let sent = Signal::Exit {
            from: own,
            reason: ExitReason::Kill,
            cause: Cause::Sent,
        };
        let link = (remote(1), Signal::Link { from: own });
        assert_eq!(node.taken(), [link, (remote(2), sent)]);
        let dies = |from| Signal::Exit {
            from,
            reason: ExitReason::Shutdown,
            cause: Cause::Link,
        };
        // Only the end of a linked process arrives, and only once.
        for from in [remote(3), remote(1), remote(1)] {
            arrives(&system, own, dies(from)).unwrap();
        }
        assert_eq!(
            queued(&mut inbox).await,
            [exit(remote(1), ExitReason::Shutdown)]
        );
        // The other side links, and is unlinked from here.
        arrives(&system, own, Signal::Link { from: remote(4) }).unwrap();
        inbox.unlink(remote(4));
        inbox.unlink(remote(4));
        assert_eq!(node.taken(), [(remote(4), Signal::Unlink { from: own })]);
        arrives(&system, own, dies(remote(4))).unwrap();
        assert_eq!(queued(&mut inbox).await, []);
    })
    .await;
}

#[tokio::test]
async fn monitors_go_to_the_other_node_and_give_one_down() {
    let (system, node) = connected();
    in_process(move |mut inbox| async move {
        let from = inbox.pid();
        let (kept, ended) = (inbox.monitor(remote(1)), inbox.monitor(remote(1)));
        assert!(inbox.demonitor(ended));
        let asked = |monitor| (remote(1), Signal::Monitor { from, monitor });
        let ends = Signal::Demonitor {
            from,
            monitor: ended,
        };
        assert_eq!(node.taken(), [asked(kept), asked(ended), (remote(1), ends)]);
        for monitor in [ended, kept, kept] {
            let reason = ExitReason::Shutdown;
            let down = Signal::Down {
                from: remote(1),
                monitor,
                reason,
            };
            arrives(&system, from, down).unwrap();
        }
        let expected = down_of(kept, remote(1), ExitReason::Shutdown);
        assert_eq!(queued(&mut inbox).await, [expected]);
    })
    .await;
}

#[tokio::test]
async fn a_down_is_only_of_the_process_that_its_monitor_watches() {
    let (system, _node) = connected();
    let target = crate::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.recv().await;
        ExitReason::Shutdown
    });
    in_process(move |mut inbox| async move {
        let own = inbox.pid();
        let (near, far) = (inbox.monitor(&target), inbox.monitor(remote(1)));
        for (from, monitor) in [
            (remote(1), near),
            (Pid::NOBODY, near),
            (remote(2), far),
            (target.pid(), far),
        ] {
            let reason = ExitReason::Killed;
            let forged = Signal::Down {
                from,
                monitor,
                reason,
            };
            arrives(&system, own, forged).unwrap();
        }
        assert_eq!(queued(&mut inbox).await, []);
        target.send(1).await.unwrap();
        let expected = down_of(near, target.pid(), ExitReason::Shutdown);
        assert_eq!(inbox.next().await, expected);
        assert!(inbox.demonitor(far), "it still watches");
    })
    .await;
}

#[tokio::test]
async fn a_local_exit_notifies_the_other_node() {
    let (system, node) = connected();
    let process = crate::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.monitor(remote(5));
        inbox.recv().await;
        ExitReason::Shutdown
    });
    let (pid, monitor) = (process.pid(), MonitorRef(77));
    let ended = MonitorRef(78);
    let from = remote(1);
    arrives(&system, pid, Signal::Link { from }).unwrap();
    arrives(&system, pid, Signal::Monitor { from, monitor }).unwrap();
    let other = Signal::Monitor {
        from,
        monitor: ended,
    };
    arrives(&system, pid, other).unwrap();
    let gone = Signal::Demonitor {
        from,
        monitor: ended,
    };
    arrives(&system, pid, gone).unwrap();
    assert_eq!(crate::process_info(&process).unwrap().monitored_by, [from]);
    process.send(1).await.unwrap();
    process.closed().await;
    let signals = node.taken();
    let reason = ExitReason::Shutdown;
    let dies = Signal::Exit {
        from: pid,
        reason: reason.clone(),
        cause: Cause::Link,
    };
    assert!(matches!(&signals[0], (to, Signal::Monitor { .. }) if *to == remote(5)));
    assert_eq!(signals[1], (from, dies));
    let down = Signal::Down {
        from: pid,
        monitor,
        reason,
    };
    assert_eq!(signals[2], (from, down));
    assert!(matches!(&signals[3], (to, Signal::Demonitor { .. }) if *to == remote(5)));
    assert_eq!(signals.len(), 4);
    // Later requests fail.
    for signal in [Signal::Link { from }, Signal::Monitor { from, monitor }] {
        assert_eq!(arrives(&system, pid, signal), Err(ExitReason::NoProcess));
    }
}

#[tokio::test]
async fn a_dead_letter_listener_may_inspect_main() {
    let system = System::current().unwrap();
    let kinds = Arc::new(Mutex::new(Vec::new()));
    let heard = kinds.clone();
    let _listening = system.on_dead_letter(move |envelope| {
        let main = crate::process_info(envelope.to());
        heard.lock().push((envelope.kind(), main.is_some()));
    });
    let main: entry::Main<'_, NoMessage> = Box::new(|_| {
        Box::pin(async {
            crate::trap_exits(true).unwrap();
            let body = |_: Inbox<u8>| async {};
            let linked = crate::spawn_link(body).unwrap();
            let (watched, _) = crate::spawn_monitor(body).unwrap();
            linked.closed().await;
            watched.closed().await;
            let own = find(crate::self_pid().unwrap()).unwrap();
            let queued = own.core().relations.lock().downs.iter().count();
            assert_eq!(queued, 0, "a dead letter is not queued");
        })
    });
    let outcome = entry::as_process(&system, main).await;
    assert!(matches!(outcome, entry::Outcome::Returned));
    let both = [(LetterKind::Exit, true), (LetterKind::Down, true)];
    assert_eq!(*kinds.lock(), both);
}

#[tokio::test]
async fn waits_that_are_over_leave_nothing_with_the_process() {
    let process = crate::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.recv().await;
    });
    let body = find(process.pid()).unwrap();
    let watching = || body.core().relations.lock().observers();
    let mut stop = process.stop();
    {
        let (watch, mut closed) = (process.monitor(), Box::pin(process.closed()));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(closed.as_mut().poll(&mut cx).is_pending());
        assert!(std::pin::Pin::new(&mut stop).poll(&mut cx).is_pending());
        drop((watch, closed, stop));
    }
    assert_eq!(watching(), 0);
}

/// About deadlines rather than routing: a cancelled wait leaves nothing in the wheel.
#[tokio::test]
async fn a_wait_that_is_given_up_takes_its_deadline_back() {
    let system = System::current().unwrap().inner;
    let clock = system.clone();
    in_process(move |mut inbox| async move {
        let hour = Duration::from_secs(3600);
        for _ in 0..3 {
            tokio::select! {
                biased;
                _ = inbox.next_within(hour) => unreachable!(),
                () = tokio::task::yield_now() => {}
            }
            let mut other = inbox.open::<u16>();
            let mut selector = crate::Selector::new().message(&mut other, |_| ());
            tokio::select! {
                biased;
                _ = selector.select_within(hour) => unreachable!(),
                () = tokio::task::yield_now() => {}
            }
        }
        assert_eq!(clock.wheel.rest(std::task::Waker::noop()), None);
    })
    .await;
}

#[tokio::test]
async fn signals_about_unknown_relations_leave_nothing_behind() {
    let (system, _node) = connected();
    let process = crate::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.recv().await;
    });
    let (from, monitor) = (remote(1), MonitorRef(7));
    let reason = ExitReason::Shutdown;
    let strays = [
        Signal::Demonitor { from, monitor },
        Signal::Unlink { from },
        Signal::Down {
            from,
            monitor,
            reason: reason.clone(),
        },
        Signal::Exit {
            from,
            reason,
            cause: Cause::Link,
        },
    ];
    for stray in strays {
        assert_eq!(arrives(&system, process.pid(), stray), Ok(()));
    }
    let process = find(process.pid()).unwrap();
    monitor::demonitor(&*process, monitor);
    assert!(process.core().relations.lock().is_small());
}
