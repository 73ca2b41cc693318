//! Stops, terminate, owned handles.

use std::time::Duration;

use ambit::error::Executed;
use ambit::error::StopError;
use ambit::prelude::*;
use ambit::server::Protocol;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::servers::util::*;

#[tokio::test]
async fn a_stop_is_handled_in_queue_order() {
    let log = Log::new();
    let script = Script::start(&log).await.unwrap();
    let gate = block(&script).await;
    for n in 0..5 {
        script.recipient::<u64>().send(n).await.unwrap();
    }
    let mut stop = script.stop_with(ExitReason::shutdown_with("enough"));
    assert!(poll_often(&mut stop).await.is_none());
    for n in 5..9 {
        script.recipient::<u64>().send(n).await.unwrap();
    }
    gate.open();
    assert_eq!(stop.await, Ok(()));
    let mut expected: Vec<_> = (0..5).map(|n| format!("number {n}")).collect();
    expected.push("terminate: shutdown: enough".to_owned());
    assert_eq!(log.all(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_until_its_own_deadline_and_the_server_continues_stopping() {
    let log = Log::new();
    let (open, gate) = oneshot::channel::<()>();
    let script = Script::start_and_end_with(&log, move |_, _| {
        Box::pin(async move {
            gate.await.ok();
            Flow::Continue
        })
    });
    let script = script.await.unwrap();
    let began = Instant::now();
    assert_eq!(script.stop().await, Err(StopError::Timeout));
    let took = began.elapsed();
    assert!(
        took >= Duration::from_secs(5) && took <= Duration::from_millis(5001),
        "{took:?}"
    );
    let began = Instant::now();
    assert_eq!(script.stop().timeout(ms(20)).await, Err(StopError::Timeout));
    about(ms(20), began.elapsed());
    assert!(!script.is_alive(), "it accepts nothing any more");
    assert_eq!(value_of(&script).await, Err(CallError::NoProcess));
    let mut second = script.stop();
    assert!(poll_often(&mut second).await.is_none());
    drop(open);
    assert_eq!(second.await, Ok(()));
    assert_eq!(log.all(), ["terminate: normal"], "once");
    assert_eq!(script.stop().await, Err(StopError::NoProcess));
}

#[tokio::test]
async fn a_stop_returns_the_actual_exit_reason_if_it_differs() {
    let _quiet = quiet();
    let script = Script::start(&Log::new()).await.unwrap();
    let gate = block(&script).await;
    script.send(now(|_, _| boom())).await.unwrap();
    let mut stop = script.stop();
    assert!(poll_often(&mut stop).await.is_none());
    gate.open();
    let Err(StopError::Exited(reason)) = stop.await else {
        panic!("the panic came first")
    };
    assert_eq!(panic_text(&reason), "boom");

    let script = Script::start(&Log::new()).await.unwrap();
    let _gate = block(&script).await;
    let mut stop = script.stop_with(ExitReason::Shutdown);
    assert!(poll_often(&mut stop).await.is_none());
    ambit::exit(&script, ExitReason::Kill);
    assert_eq!(stop.await, Err(StopError::Exited(ExitReason::Killed)));
}

/// Dropping the future cancels the wait, but not the stop.
#[tokio::test]
async fn a_stop_that_is_dropped_still_stops() {
    let script = Script::start(&Log::new()).await.unwrap();
    drop(script.stop());
    assert_eq!(
        value_of(&script).await,
        Ok(0),
        "never polled, nothing asked"
    );
    let gate = block(&script).await;
    let mut stop = script.stop();
    assert!(poll_often(&mut stop).await.is_none());
    drop(stop);
    gate.open();
    assert_eq!(script.closed().await, ExitReason::Normal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_stops_at_once_all_see_the_end() {
    for _ in 0..500 {
        let log = Log::new();
        let script = Script::start(&log).await.unwrap();
        let mut stops = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let script = script.clone();
            stops.spawn(async move { script.stop().await });
        }
        for outcome in stops.join_all().await {
            assert!(
                matches!(outcome, Ok(()) | Err(StopError::NoProcess)),
                "{outcome:?}"
            );
        }
        assert!(!script.is_alive());
        assert_eq!(log.all(), ["terminate: normal"]);
    }
}

#[tokio::test]
async fn an_owned_handle_stops_its_server_when_dropped() {
    let log = Log::new();
    let rooms = Registry::<u64, Script>::unique();
    let start = Script::start(&log).owned().name("own").via(&rooms, 1u64);
    let owned = start.await.unwrap();
    let plain: Subject<Script> = (*owned).clone();
    drop(plain.clone());
    assert_eq!(value_of(&plain).await, Ok(0), "plain handles end nothing");
    let watch = plain.monitor();
    let before = add(&plain, 1).send();
    drop(owned);
    assert_eq!(watch.await.reason, ExitReason::Normal);
    assert_eq!(before.await, Ok(1), "it takes its turn");
    assert_eq!(log.all(), ["terminate: normal"]);
    assert!(rooms.lookup(&1).is_none());
    assert!(Script::start(&log).name("own").await.is_ok());

    let owned = Script::start(&log).owned().await.unwrap();
    owned.stop().await.unwrap();
    drop(owned);
}

/// Dropping every handle to a server ends nothing.
#[tokio::test]
async fn a_server_keeps_running_without_handles() {
    let start = Script::start(&Log::new()).name("alone");
    drop(start.await.unwrap());
    tokio::task::yield_now().await;
    let found = ambit::whereis::<Script>("alone").unwrap();
    assert_eq!(value_of(&found).await, Ok(0));
}

/// The order of an end: user code finishes and the state is dropped, then names are released, then observers are
/// notified.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_exit_is_observable_only_after_everything_before_it() {
    let _quiet = quiet();
    let rooms = Registry::<u64, Script>::unique();
    for round in 0..2000 {
        let log = Log::new();
        let start = Script::start(&log).name("next").via(&rooms, 1u64);
        let script = start.await.unwrap();
        let dropped = OnDrop(log.clone(), "state dropped");
        let fill = now(move |state, _| {
            state.any.push(Box::new(dropped));
            Flow::Continue
        });
        script.send(fill).await.unwrap();
        let watch = script.monitor();
        match round % 4 {
            0 => script.send(now(|_, _| boom())).await.unwrap(),
            1 => ambit::exit(&script, ExitReason::Kill),
            2 => script
                .send(now(|_, _| Flow::Stop(ExitReason::Shutdown)))
                .await
                .unwrap(),
            _ => drop(tokio::spawn({
                let script = script.clone();
                async move { script.stop().await }
            })),
        }
        watch.await;
        let seen = log.all();
        let last = seen.last().map(String::as_str);
        assert_eq!(last, Some("state dropped"), "{seen:?}");
        assert!(ambit::whereis::<Script>("next").is_err());
        assert_eq!((rooms.lookup(&1), rooms.len()), (None, 0));
        assert!(!script.is_alive() && ambit::process_info(&script).is_none());
        tokio::task::yield_now().await;
        assert_eq!(log.all(), seen, "nothing happens after the end was seen");
    }
}

/// P6: no message is handled after terminate has started.
#[tokio::test]
async fn nothing_is_handled_after_terminate_began() {
    let log = Log::new();
    let (began, begun) = oneshot::channel();
    let (open, gate) = oneshot::channel::<()>();
    let inside = log.clone();
    let script = Script::start_and_end_with(&log, move |_, _| {
        Box::pin(async move {
            began.send(()).ok();
            gate.await.ok();
            inside.add("terminated");
            Flow::Continue
        })
    });
    let script = script.await.unwrap();
    let handle = script.clone();
    let stop = tokio::spawn(async move { handle.stop().await });
    begun.await.unwrap();
    assert_eq!(
        script.recipient::<u64>().send(1).await,
        Err(CastError::NoProcess)
    );
    assert_eq!(add(&script, 1).await, Err(CallError::NoProcess));
    drop(open);
    assert_eq!(stop.await.unwrap(), Ok(()));
    assert_eq!(log.all(), ["terminate: normal", "terminated"]);
}

#[tokio::test]
async fn a_kill_ends_even_terminate() {
    let _quiet = quiet();
    let log = Log::new();
    let script = Script::start_and_end_with(&log, |_, _| Box::pin(std::future::pending()));
    let script = script.await.unwrap();
    let mut stop = script.stop();
    assert!(poll_often(&mut stop).await.is_none());
    ambit::exit(&script, ExitReason::error("ignored while it ends"));
    assert!(poll_often(&mut stop).await.is_none());
    ambit::exit(&script, ExitReason::Kill);
    assert_eq!(stop.await, Err(StopError::Exited(ExitReason::Killed)));
    assert_eq!(log.all(), ["terminate: normal"]);
}

/// A panic in the drop of the state is caught: names are released, and observers get the original reason.
#[tokio::test]
async fn a_panic_in_the_drop_of_the_state_changes_nothing() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            boom()
        }
    }
    let _quiet = quiet();
    let script = Script::start(&Log::new()).name("bad").await.unwrap();
    let fill = now(|state, _| {
        state.any.push(Box::new(Bad));
        Flow::Stop(ExitReason::Shutdown)
    });
    script.send(fill).await.unwrap();
    assert_eq!(script.closed().await, ExitReason::Shutdown);
    assert!(ambit::whereis::<Script>("bad").is_err());
}

/// A server without `#[terminate]` ends immediately with its parent; one with it terminates first (D3).
struct Mute;

#[gen_server]
impl Mute {
    #[cast]
    async fn hang(&self) {
        std::future::pending().await
    }
}

struct Polite(Log);

#[gen_server]
impl Polite {
    #[cast]
    async fn wait(&self, began: oneshot::Sender<()>, gate: oneshot::Receiver<()>) {
        began.send(()).ok();
        gate.await.ok();
        self.0.add("handler done");
    }

    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {
        self.0.add(format_args!("terminate: {reason}"));
    }
}

struct Trapper(Log);

#[gen_server]
impl Trapper {
    #[init]
    fn init(ctx: &mut Context<Self>, log: Log) -> Self {
        ctx.trap_exits(true);
        Self(log)
    }

    #[call]
    fn ping(&self) {}

    #[call]
    fn trap(&self, ctx: &mut Context<Self>, on: bool) {
        ctx.trap_exits(on);
    }

    #[info]
    fn on_exit(&mut self, exit: Exit) {
        self.0.add(format_args!("exit: {}", exit.reason));
    }

    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {
        self.0.add(format_args!("terminate: {reason}"));
    }
}

/// Starts a server under a parent, ends the parent with `reason`, and returns the exit reason of the server.
async fn orphan<S: GenServer>(
    start: ambit::server::Start<S>,
    reason: ExitReason,
) -> Option<ExitReason>
where
    <S::Protocol as Protocol>::Subject: Send,
{
    let (told, tell) = oneshot::channel();
    let end = reason.clone();
    let parent = ambit::spawn(move |_: Inbox<u64>| async move {
        let server = start.link().await.unwrap();
        told.send(server).ok();
        end
    });
    let server = tell.await.unwrap();
    let server: &Subject<S::Protocol> = server.as_ref();
    assert_eq!(parent.closed().await, reason);
    let mut closed = Box::pin(server.closed());
    let seen = poll_often(&mut closed).await;
    if seen.is_none() {
        assert!(server.is_alive());
        server.stop().await.unwrap();
    }
    seen
}

#[tokio::test]
async fn gs_22_the_parents_exit_lets_a_server_terminate() {
    let _quiet = quiet();
    let (shutdown, normal, kill) = (ExitReason::Shutdown, ExitReason::Normal, ExitReason::Kill);
    for reason in [shutdown, kill, ExitReason::error("x")] {
        let log = Log::new();
        assert_eq!(
            orphan(Mute.start(), reason.clone()).await,
            Some(reason.clone())
        );
        assert_eq!(
            orphan(Polite(log.clone()).start(), reason.clone()).await,
            Some(reason.clone())
        );
        assert_eq!(
            orphan(Trapper::start(log.clone()), reason.clone()).await,
            Some(reason.clone())
        );
        let end = format!("terminate: {reason}");
        assert_eq!(log.all(), [&*end, &*end]);
    }
    let log = Log::new();
    assert_eq!(orphan(Mute.start(), normal.clone()).await, None);
    assert_eq!(
        orphan(Polite(log.clone()).start(), normal.clone()).await,
        None,
        "as without it"
    );
    assert_eq!(
        orphan(Trapper::start(log.clone()), normal.clone()).await,
        Some(normal)
    );
}

/// A server with `#[terminate]` finishes its handler first; one without it is cancelled.
#[tokio::test]
async fn the_parents_exit_waits_for_a_handler_only_with_terminate() {
    let _quiet = quiet();
    let log = Log::new();
    let (open, gate) = oneshot::channel();
    let (told, tell) = oneshot::channel();
    let polite = Polite(log.clone()).start();
    let parent = ambit::spawn(move |_: Inbox<u64>| async move {
        let polite = polite.link().await.unwrap();
        let mute = Mute.start().link().await.unwrap();
        let (began, begun) = oneshot::channel();
        polite.wait(began, gate).await.unwrap();
        begun.await.unwrap();
        mute.hang().await.unwrap();
        told.send((polite, mute)).ok();
        ExitReason::Shutdown
    });
    let (polite, mute) = tell.await.unwrap();
    parent.closed().await;
    assert_eq!(mute.closed().await, ExitReason::Shutdown);
    assert!(polite.is_alive());
    drop(open);
    assert_eq!(polite.closed().await, ExitReason::Shutdown);
    assert_eq!(log.all(), ["handler done", "terminate: shutdown"]);
}

#[tokio::test]
async fn a_trapping_server_gets_messages_and_dies_only_of_a_kill() {
    let _quiet = quiet();
    let log = Log::new();
    let trapper = Trapper::start(log.clone()).await.unwrap();
    ambit::exit(&trapper, ExitReason::Normal);
    ambit::exit(&trapper, ExitReason::Shutdown);
    let linked = trapper.clone();
    let peer = ambit::spawn(move |mut inbox: Inbox<u64>| async move {
        inbox.link(&linked).unwrap();
        ExitReason::Kill
    });
    peer.closed().await;
    trapper.ping().await.unwrap();
    assert_eq!(log.all(), ["exit: normal", "exit: shutdown", "exit: kill"]);

    trapper.trap(false).await.unwrap();
    ambit::exit(&trapper, ExitReason::Normal);
    assert_eq!(trapper.ping().await, Ok(()));
    trapper.trap(true).await.unwrap();
    ambit::exit(&trapper, ExitReason::Kill);
    assert_eq!(trapper.closed().await, ExitReason::Killed);
    assert_eq!(log.all().len(), 3, "no terminate after a kill");
}

/// D6: a kill takes effect at the next suspension of a handler, and drops the handler's locals.
#[tokio::test]
async fn a_kill_drops_the_handler_where_it_waits() {
    let _quiet = quiet();
    let log = Log::new();
    let script = Script::start(&log).await.unwrap();
    let guard = OnDrop(log.clone(), "handler dropped");
    let job = later(move |_, _| {
        Box::pin(async move {
            let _guard = guard;
            ambit::exit(ambit::self_pid().unwrap(), ExitReason::Kill);
            tokio::task::yield_now().await;
            unreachable!("it is killed at its first suspension");
        })
    });
    script.send(job).await.unwrap();
    assert_eq!(script.closed().await, ExitReason::Killed);
    assert_eq!(log.all(), ["handler dropped"]);

    let log = Log::new();
    let script = Script::start(&log).await.unwrap();
    let inside = log.clone();
    let done = script.call(move |reply: ReplyTo<u64>| {
        now(move |_, ctx| {
            ambit::exit(ctx.pid(), ExitReason::Kill);
            inside.add("it runs to its end");
            ctx.answer(reply, 1);
            Flow::Continue
        })
    });
    let done = done.send();
    let queued = add(&script, 1).send();
    assert_eq!(done.await, Ok(1));
    let (reason, executed) = (ExitReason::Killed, Executed::No);
    assert_eq!(queued.await, Err(CallError::Exited { reason, executed }));
    assert_eq!(script.closed().await, ExitReason::Killed);
    assert_eq!(log.all(), ["it runs to its end"]);
}

/// X20: a server without `#[terminate]` still ends with the reason.
#[tokio::test]
async fn x20_a_server_without_terminate_stops_with_the_reason() {
    let mute = Mute.start().await.unwrap();
    let watch = mute.monitor();
    mute.stop_with(ExitReason::shutdown_with("bye"))
        .await
        .unwrap();
    assert_eq!(watch.await.reason, ExitReason::shutdown_with("bye"));
}

/// A typed error that ended a server is returned typed, with its source.
#[tokio::test]
async fn a_local_exit_keeps_the_typed_error() {
    struct Reader;
    #[gen_server]
    impl Reader {
        #[cast]
        fn read(&mut self) -> std::io::Result<()> {
            Err(std::io::Error::other("disk full"))
        }
        #[cast]
        async fn text(&mut self) -> Result<(), String> {
            Err("only text".to_owned())
        }
    }
    let _quiet = quiet();
    let reader = Reader.start().await.unwrap();
    reader.read().await.unwrap();
    let reason = reader.closed().await;
    let ExitReason::Error(report) = &reason else {
        panic!("{reason}")
    };
    assert_eq!(report.to_string(), "disk full");
    let error = report.downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::Other);
    let reader = Reader.start().await.unwrap();
    reader.text().await.unwrap();
    assert_eq!(reader.closed().await.to_string(), "only text");
}

/// The reply of a stopping handler is held back until terminate has finished, even if that fails.
#[tokio::test]
async fn an_answer_of_a_stopping_handler_is_sent_after_terminate() {
    let _quiet = quiet();
    for panics in [false, true] {
        let log = Log::new();
        let (open, gate) = oneshot::channel::<()>();
        let script = Script::start_and_end_with(&log, move |_, _| {
            Box::pin(async move {
                gate.await.ok();
                if panics {
                    boom()
                }
                Flow::Continue
            })
        });
        let script = script.await.unwrap();
        let watch = script.monitor();
        let call = script.call(|reply| {
            now(move |_, ctx| {
                ctx.stop(ExitReason::Shutdown);
                ctx.stop(ExitReason::error("the first counts"));
                ctx.answer(reply, 5);
                Flow::Continue
            })
        });
        let mut call = call.no_timeout().send();
        assert!(
            poll_often(&mut call).await.is_none(),
            "terminate still runs"
        );
        assert_eq!(log.all(), ["terminate: shutdown"]);
        drop(open);
        assert_eq!(call.await, Ok(5));
        let reason = watch.await.reason;
        assert_eq!(reason == ExitReason::Shutdown, !panics, "{reason}");
    }
}

/// A deferred reply that is sent explicitly is always immediate.
#[tokio::test]
async fn a_reply_by_hand_does_not_wait_for_terminate() {
    let (_open, gate) = oneshot::channel::<()>();
    let script = Script::start_and_end_with(&Log::new(), move |_, _| {
        Box::pin(async move {
            gate.await.ok();
            Flow::Continue
        })
    });
    let script = script.await.unwrap();
    let call = script.call(|reply| {
        now(move |_, ctx| {
            ctx.stop(ExitReason::Shutdown);
            assert!(reply.send(5));
            Flow::Continue
        })
    });
    assert_eq!(call.await, Ok(5));
}

/// Stopping a system stops its servers in reverse start order.
#[tokio::test]
async fn a_system_stops_the_newest_first() {
    let (system, _current) = quiet();
    let log = Log::new();
    let mut all = Vec::new();
    for name in ["one", "two", "three"] {
        let end = log.clone();
        let start = Script::start_and_end_with(&Log::new(), move |_, _| {
            Box::pin(async move {
                end.add(name);
                Flow::Continue
            })
        });
        all.push(start.await.unwrap());
    }
    assert!(system.stop(SOON).await.is_empty());
    assert_eq!(log.all(), ["three", "two", "one"]);
    assert!(all.iter().all(|one| !one.is_alive()));
}
