//! Activities of a server between messages: continuations, idle timeouts, tasks, links and monitors.

use ambit::process::Watched;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ambit::prelude::*;
use ambit::process_info;
use tokio::sync::oneshot;

use crate::servers::util::*;

struct Chain {
    log: Log,
}

#[gen_server]
impl Chain {
    #[init]
    fn init(ctx: &mut Context<Self>, log: Log) -> Self {
        ctx.continue_with(ChainContinue::First { left: 3 });
        Self { log }
    }

    #[call]
    fn ask(&mut self, ctx: &mut Context<Self>) -> u64 {
        self.log.add("ask");
        ctx.continue_with(ChainContinue::Slow { text: "a".into() });
        // The last call wins: there is one continuation.
        ctx.continue_with(ChainContinue::Slow { text: "b".into() });
        1
    }

    /// Its continuation waits until the caller has the reply.
    #[call]
    fn ask_first(&mut self, ctx: &mut Context<Self>, answered: oneshot::Receiver<()>) -> u64 {
        self.log.add("ask first");
        ctx.continue_with(ChainContinue::After { answered });
        2
    }

    #[info]
    fn on_number(&mut self, ctx: &mut Context<Self>, number: u64) {
        self.log.add(format_args!("number {number}"));
        ctx.continue_with(ChainContinue::First { left: number });
    }

    #[cast]
    fn stop_and_go_on(&mut self, ctx: &mut Context<Self>) {
        ctx.continue_with(ChainContinue::First { left: 1 });
        ctx.stop(ExitReason::Shutdown);
    }

    #[continue_with]
    fn first(&mut self, ctx: &mut Context<Self>, left: u64) {
        self.log.add(format_args!("first {left}"));
        if left > 1 {
            ctx.continue_with(ChainContinue::First { left: left - 1 });
        }
    }

    #[continue_with]
    async fn after(&mut self, answered: oneshot::Receiver<()>) {
        answered.await.unwrap();
        self.log.add("answered");
    }

    #[continue_with]
    async fn slow(&mut self, text: String) -> Result<(), String> {
        tokio::task::yield_now().await;
        self.log.add(format_args!("slow {text}"));
        Ok(())
    }
}

#[tokio::test]
async fn gs_25_continuations_of_a_macro_server() {
    let log = Log::new();
    let chain = Chain::start(log.clone()).await.unwrap();
    let (one, two) = (chain.ask().send(), chain.ask().send());
    assert_eq!((one.await, two.await), (Ok(1), Ok(1)));
    // All messages are queued before the first one is handled.
    let (seen, answered) = oneshot::channel();
    let first = chain.ask_first(answered).send();
    chain.recipient().send(2).now().unwrap();
    chain.stop_and_go_on().now().unwrap();
    let answer = tokio::time::timeout(SOON, first).await;
    assert_eq!(answer, Ok(Ok(2)), "the reply comes first");
    seen.send(()).unwrap();
    assert_eq!(chain.closed().await, ExitReason::Shutdown);
    let expected = [
        "first 3",
        "first 2",
        "first 1",
        "ask",
        "slow b",
        "ask",
        "slow b",
        "ask first",
        "answered",
        "number 2",
        "first 2",
        "first 1",
    ];
    assert_eq!(log.all(), expected, "a stop drops what was to come next");
}

/// Control messages are checked before each continuation, and an endless chain yields its thread.
#[tokio::test]
async fn an_endless_chain_of_continuations_can_be_killed() {
    fn again(runs: Arc<AtomicU64>) -> Job {
        now(move |_, ctx| {
            runs.fetch_add(1, Ordering::Relaxed);
            ctx.continue_with(again(runs));
            Flow::Continue
        })
    }
    let _quiet = quiet();
    let runs = Arc::new(AtomicU64::new(0));
    let script = Script::start(&Log::new()).await.unwrap();
    script.send(again(runs.clone())).await.unwrap();
    // On one thread: each iteration proves that the chain yields.
    while runs.load(Ordering::Relaxed) < 5000 {
        tokio::task::yield_now().await;
    }
    ambit::sys::suspend(&script).await.unwrap();
    let still = runs.load(Ordering::Relaxed);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(runs.load(Ordering::Relaxed), still, "suspended");
    ambit::sys::resume(&script).await.unwrap();
    while runs.load(Ordering::Relaxed) == still {
        tokio::task::yield_now().await;
    }
    ambit::exit(&script, ExitReason::Kill);
    assert_eq!(script.closed().await, ExitReason::Killed);
}

/// A server that is never idle yields to other tasks.
#[tokio::test]
async fn a_busy_server_does_not_hold_its_thread() {
    struct Busy(Arc<AtomicU64>);
    #[gen_server]
    impl Busy {
        #[cast]
        fn again(&mut self, ctx: &mut Context<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
            let own: BusySubject = ctx.subject();
            own.again().now().unwrap();
        }
    }
    let _quiet = quiet();
    let runs = Arc::new(AtomicU64::new(0));
    let busy = Busy(runs.clone()).start().await.unwrap();
    busy.again().await.unwrap();
    while runs.load(Ordering::Relaxed) < 5000 {
        tokio::task::yield_now().await;
    }
    ambit::exit(&busy, ExitReason::Kill);
    assert_eq!(busy.closed().await, ExitReason::Killed);
}

#[tokio::test(start_paused = true)]
async fn the_idle_time_counts_from_the_end_of_the_handler() {
    let log = Log::new();
    let script = Script::start(&log).await.unwrap();
    let job = later(|_, ctx| {
        Box::pin(async move {
            ctx.idle_timeout(ms(100));
            tokio::time::sleep(ms(500)).await;
            Flow::Continue
        })
    });
    script.send(job).await.unwrap();
    tokio::time::sleep(ms(590)).await;
    assert!(log.is_empty());
    tokio::time::sleep(ms(20)).await;
    assert_eq!(log.all(), ["idle"]);

    // A queued message is handled first, and cancels the idle timeout.
    let job = later(|_, ctx| {
        Box::pin(async move {
            ctx.idle_timeout(Duration::ZERO);
            ctx.recipient::<u64>().send(1).await.unwrap();
            Flow::Continue
        })
    });
    script.send(job).await.unwrap();
    tokio::time::sleep(ms(20)).await;
    assert_eq!(log.all(), ["idle", "number 1"]);

    let job = now(|_, ctx| {
        ctx.idle_timeout(Duration::ZERO);
        Flow::Continue
    });
    script.send(job).await.unwrap();
    tokio::time::sleep(ms(5)).await;
    assert_eq!(log.all(), ["idle", "number 1", "idle"]);

    // A system message cancels it too.
    let job = now(|_, ctx| {
        ctx.idle_timeout(ms(50));
        ctx.send_after(ms(30), 2u64);
        Flow::Continue
    });
    script.send(job).await.unwrap();
    tokio::time::sleep(ms(500)).await;
    assert_eq!(log.all().len(), 4, "only the number came: {:?}", log.all());
}

struct Worker {
    log: Log,
}

struct Done(u64);

#[gen_server]
impl Worker {
    #[call]
    fn run(&mut self, ctx: &mut Context<Self>, gate: oneshot::Receiver<u64>) {
        ctx.spawn_task(async move { Done(gate.await.unwrap_or(0)) });
    }

    #[cast]
    fn run_and_panic(&mut self, ctx: &mut Context<Self>, now: bool) {
        ctx.spawn_task(async move {
            if !now {
                tokio::task::yield_now().await;
            }
            if true { panic!("in a task") } else { Done(0) }
        });
    }

    #[cast]
    fn run_for_ever(&mut self, ctx: &mut Context<Self>, guard: OnDrop) {
        ctx.spawn_task(async move {
            let _guard = guard;
            std::future::pending::<()>().await;
            Done(0)
        });
    }

    #[call]
    fn ping(&self) {}

    #[info]
    fn on_done(&mut self, done: Done) {
        self.log.add(format_args!("done {}", done.0));
    }

    #[terminate]
    fn bye(&mut self, _: &ExitReason) {
        self.log.add("terminate");
    }
}

#[tokio::test]
async fn a_task_runs_concurrently_with_the_loop_and_returns_its_result_as_an_info() {
    let log = Log::new();
    let worker = Worker { log: log.clone() }.start().await.unwrap();
    let (first, one) = oneshot::channel();
    let (second, two) = oneshot::channel();
    worker.run(one).await.unwrap();
    worker.run(two).await.unwrap();
    worker.ping().await.unwrap();
    assert!(log.is_empty());
    second.send(2).unwrap();
    while log.is_empty() {
        worker.ping().await.unwrap();
    }
    first.send(1).unwrap();
    while log.all().len() < 2 {
        worker.ping().await.unwrap();
    }
    assert_eq!(log.all(), ["done 2", "done 1"]);
}

/// Task results need no permit, so a full mailbox does not lose them.
#[tokio::test]
async fn a_result_is_never_refused() {
    let log = Log::new();
    let start = Script::start(&log).mailbox(1);
    let script = start.await.unwrap();
    let (open, gate) = oneshot::channel::<()>();
    let done = Arc::new(AtomicBool::new(false));
    let finished = done.clone();
    let job = later(move |_, ctx| {
        Box::pin(async move {
            ctx.spawn_task(async move {
                finished.store(true, Ordering::SeqCst);
                8u64
            });
            gate.await.ok();
            Flow::Continue
        })
    });
    script.send(job).await.unwrap();
    while !done.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    script.send(now(|_, _| Flow::Continue)).await.unwrap();
    drop(open);
    value_of(&script).await.unwrap();
    assert_eq!(log.all(), ["number 8"]);
}

#[tokio::test]
async fn a_panic_in_a_task_is_the_servers_crash() {
    let _quiet = quiet();
    for now in [false, true] {
        let log = Log::new();
        let worker = Worker { log: log.clone() }.start().await.unwrap();
        let kept = worker.monitor();
        worker.run_and_panic(now).await.unwrap();
        let reason = kept.await.reason;
        assert_eq!(panic_text(&reason), "in a task");
        let ExitReason::Panic(report) = reason else {
            unreachable!()
        };
        assert!(
            report
                .location()
                .is_some_and(|place| place.contains("lifecycle.rs")),
            "{report:?}"
        );
        assert_eq!(log.all(), ["terminate"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_end_with_their_server() {
    let _quiet = quiet();
    for round in 0..500 {
        let log = Log::new();
        let worker = Worker { log: Log::new() }.start().await.unwrap();
        for _ in 0..3 {
            worker
                .run_for_ever(OnDrop(log.clone(), "cancelled"))
                .await
                .unwrap();
        }
        worker.ping().await.unwrap();
        if round % 2 == 0 {
            worker.stop().await.unwrap();
        } else {
            ambit::exit(&worker, ExitReason::Kill);
            worker.closed().await;
        }
        // A poll that is running on another thread finishes first.
        while log.all().len() < 3 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_tasks_of_a_server_are_dropped_before_its_monitors_are_notified() {
    let _quiet = quiet();
    for _ in 0..50 {
        let log = Log::new();
        let worker = Worker { log: Log::new() }.start().await.unwrap();
        for _ in 0..3 {
            worker
                .run_for_ever(OnDrop(log.clone(), "cancelled"))
                .await
                .unwrap();
        }
        worker.ping().await.unwrap();
        let (ready, is_ready) = oneshot::channel();
        let monitored = worker.clone();
        let watcher = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            inbox.monitor(&monitored);
            ready.send(()).ok();
            assert!(matches!(inbox.next().await, InboxEvent::Down(_)));
            assert_eq!(log.all().len(), 3);
        });
        is_ready.await.unwrap();
        ambit::exit(&worker, ExitReason::Kill);
        assert_eq!(watcher.closed().await, ExitReason::Normal);
    }
}

#[tokio::test]
async fn a_server_is_notified_of_monitored_and_linked_processes() {
    let _quiet = quiet();
    let log = Log::new();
    let script = Script::start(&log).await.unwrap();
    let (told, tell) = oneshot::channel();
    let job = now(move |_, ctx| {
        let (plain, monitor) = ctx
            .spawn_monitor(|mut inbox: Inbox<u64>| async move {
                inbox.recv().await;
                ExitReason::Shutdown
            })
            .unwrap();
        let early = ctx.spawn_monitor(|_: Inbox<u64>| async {}).unwrap().1;
        let dead = ctx.monitor(Pid::NOBODY);
        let again = ctx.monitor(&plain);
        assert!(monitor != again && early != dead);
        assert!(ctx.demonitor(again), "no Down of it comes");
        assert!(!ctx.demonitor(again), "it is unknown by now");
        told.send(plain).ok();
        Flow::Continue
    });
    script.send(job).await.unwrap();
    let plain = tell.await.unwrap();
    plain.send(1).await.unwrap();
    plain.closed().await;
    while log.all().len() < 3 {
        value_of(&script).await.unwrap();
    }
    assert_eq!(
        log.all(),
        ["down: no such process", "down: normal", "down: shutdown"]
    );

    // `demonitor_flush` removes a `Down` that is already queued.
    let log = Log::new();
    let script = Script::start(&log).await.unwrap();
    let job = later(|_, ctx| {
        Box::pin(async move {
            let monitor = ctx.monitor(Pid::NOBODY);
            assert!(!ctx.demonitor(monitor), "it is queued already");
            let other = ctx.monitor(Pid::NOBODY);
            ctx.demonitor_flush(other);
            Flow::Continue
        })
    });
    script.send(job).await.unwrap();
    value_of(&script).await.unwrap();
    assert_eq!(log.all(), ["down: no such process"]);
}

#[tokio::test]
async fn a_link_of_a_server_takes_it_along_unless_it_traps() {
    let _quiet = quiet();
    for traps in [false, true] {
        let log = Log::new();
        let script = Script::start(&log).await.unwrap();
        let job = now(move |_, ctx| {
            ctx.trap_exits(traps);
            let peer = ctx
                .spawn_link(|_: Inbox<u64>| async { ExitReason::error("peer") })
                .unwrap();
            assert_eq!(ctx.link(&peer), Ok(()), "a second link is the first one");
            assert_eq!(ctx.link(ctx.pid()), Ok(()), "a link to oneself is none");
            Flow::Continue
        });
        script.send(job).await.unwrap();
        if traps {
            while log.is_empty() {
                value_of(&script).await.unwrap();
            }
            assert_eq!(log.all(), ["exit: peer"]);
        } else {
            assert_eq!(script.closed().await, ExitReason::error("peer"));
            assert!(log.is_empty(), "a peer is no parent: no terminate");
        }
    }
    let log = Log::new();
    let script = Script::start(&log).await.unwrap();
    let linked = script.call(|reply| {
        now(move |_, ctx| {
            let plain = ctx.link(Pid::NOBODY);
            ctx.trap_exits(true);
            let trapping = ctx.link(Pid::NOBODY);
            ctx.answer(reply, (plain, trapping));
            Flow::Continue
        })
    });
    assert_eq!(linked.await, Ok((Err(ExitReason::NoProcess), Ok(()))));
    value_of(&script).await.unwrap();
    assert_eq!(log.all(), ["exit: no such process"]);
}

/// X5 and X6: the information about a server that is available from outside.
#[tokio::test]
async fn x5_process_info_is_consistent() {
    let script = Script::start(&Log::new()).name("info").await.unwrap();
    let peer = Script::start(&Log::new()).await.unwrap();
    let (peer_pid, watched) = (peer.pid(), Watched::Process(peer.pid()));
    let job = now(move |_, ctx| {
        ctx.label("labelled");
        ctx.trap_exits(true);
        ctx.link(peer_pid).unwrap();
        ctx.monitor(peer_pid);
        ctx.monitor(peer_pid);
        ctx.send_after(Duration::from_secs(60), 1u64);
        ctx.send_every(Duration::from_secs(60), 1u64);
        Flow::Continue
    });
    script.send(job).await.unwrap();
    value_of(&script).await.unwrap();
    let gate = block(&script).await;
    for n in 0..3u64 {
        script.recipient().send(n).await.unwrap();
    }
    let info = process_info(&script).unwrap();
    assert_eq!((info.pid, info.type_name), (script.pid(), "Script"));
    assert_eq!(info.label.as_deref(), Some("labelled"));
    assert_eq!(info.links, [peer.pid()]);
    assert_eq!(info.monitors, [watched.clone(), watched]);
    assert_eq!((info.queued, info.timers), (3, 2));
    assert_eq!(info.names, ["info"]);
    assert!(info.trap_exits);
    assert_eq!(info.status, ambit::inspect::Status::Busy);
    let other = process_info(peer.pid()).unwrap();
    assert_eq!(other.links, [script.pid()]);
    assert_eq!(other.monitored_by, [script.pid(), script.pid()]);
    assert_eq!(process_info("info").unwrap().pid, script.pid());
    assert_eq!(
        process_info(&peer).unwrap().status,
        ambit::inspect::Status::Idle
    );
    gate.open();
    script.stop().await.unwrap();
    assert!(process_info(&script).is_none() && process_info("info").is_none());
    let other = process_info(peer.pid()).unwrap();
    assert!(other.links.is_empty() && other.monitored_by.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x6_listing_shows_exactly_the_living() {
    let _quiet = quiet();
    let mut alive = Vec::new();
    for n in 0..400 {
        let script = Script::start(&Log::new()).await.unwrap();
        if n % 2 == 0 {
            alive.push(script);
        } else {
            script.stop().await.unwrap();
        }
        let listed: Vec<_> = ambit::inspect::processes()
            .into_iter()
            .map(|one| one.pid)
            .collect();
        let expected: Vec<_> = alive.iter().map(|one| one.pid()).collect();
        assert_eq!(listed, expected, "in the order of their starts");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_reads_the_remaining_time_of_its_call() {
    let script = Script::start(&Log::new()).await.unwrap();
    let ask = || {
        script.call(|reply| {
            later(move |_, ctx| {
                Box::pin(async move {
                    let before = ctx.remaining();
                    tokio::time::sleep(ms(10)).await;
                    ctx.answer(reply, (before, ctx.remaining()));
                    Flow::Continue
                })
            })
        })
    };
    let (before, after) = ask().timeout(ms(100)).await.unwrap();
    assert_eq!(before, Some(ms(100)));
    assert!(
        after.is_some_and(|left| left <= ms(90) && left >= ms(88)),
        "{after:?}"
    );
    assert_eq!(ask().no_timeout().await, Ok((None, None)));
    let (told, tell) = oneshot::channel();
    let job = now(move |_, ctx| {
        told.send(ctx.remaining()).ok();
        Flow::Continue
    });
    script.send(job).await.unwrap();
    assert_eq!(tell.await, Ok(None));
}
