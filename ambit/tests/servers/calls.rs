//! The outcome of a call, and the time at which its caller gets it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::server::Pending;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::servers::util::*;

/// Calls a handler that keeps its reply port in the state.
fn keep(script: &Subject<Script>) -> ambit::server::Call<'_, Script, u64> {
    script.call(|reply| {
        now(move |state, _| {
            state.kept.push(reply);
            Flow::Continue
        })
    })
}

/// Calls a handler that moves its reply port to a task, which drops it when the gate opens.
fn give_away(
    script: &Subject<Script>,
    gate: oneshot::Receiver<()>,
) -> ambit::server::Call<'_, Script, u64> {
    script.call(|reply| {
        now(move |_, _| {
            tokio::spawn(async move {
                gate.await.ok();
                drop(reply);
            });
            Flow::Continue
        })
    })
}

/// Calls a handler that neither replies nor returns.
fn hang(script: &Subject<Script>) -> ambit::server::Call<'_, Script, u64> {
    script.call(|reply| {
        later(move |_, _| {
            Box::pin(async move {
                std::future::pending::<()>().await;
                drop(reply);
                Flow::Continue
            })
        })
    })
}

fn exited(reason: &ExitReason, executed: Executed) -> Result<u64, CallError> {
    Err(CallError::Exited {
        reason: reason.clone(),
        executed,
    })
}

/// The ways a server can end.
#[derive(Clone, Copy, Debug)]
enum End {
    Stop,
    Flow,
    Panic,
    PanicLater,
    Signal,
    Kill,
    PanicInTask,
}

const ENDS: [End; 7] = [
    End::Stop,
    End::Flow,
    End::Panic,
    End::PanicLater,
    End::Signal,
    End::Kill,
    End::PanicInTask,
];

/// Ends a script in that way, without waiting for it.
fn end(script: &Subject<Script>, how: End) {
    let job = match how {
        End::Stop => {
            let script = script.clone();
            tokio::spawn(async move { script.stop().await });
            return;
        }
        End::Signal => return ambit::exit(script, ExitReason::error("signal")),
        End::Kill => return ambit::exit(script, ExitReason::Kill),
        End::Flow => now(|_, _| Flow::Stop(ExitReason::Shutdown)),
        End::Panic => now(|_, _| boom()),
        End::PanicLater => later(|_, _| {
            Box::pin(async {
                tokio::task::yield_now().await;
                boom()
            })
        }),
        End::PanicInTask => now(|_, ctx| {
            ctx.spawn_task(async { if true { boom() } else { 0u64 } });
            Flow::Continue
        }),
    };
    script.send(job).now().unwrap();
}

thread_local! {
    /// The checks that were slow in real time, in this round of the test.
    static SLOW: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Checks that something happened immediately, on both clocks. Virtual time is exact; in real time a busy machine may
/// delay a thread, so only a check that is slow in every round of its test fails.
struct AtOnce {
    virtually: Instant,
    really: std::time::Instant,
}

impl AtOnce {
    fn begin() -> Self {
        Self {
            virtually: Instant::now(),
            really: std::time::Instant::now(),
        }
    }

    #[track_caller]
    fn check(self, what: &str) {
        let (virtually, really) = (self.virtually.elapsed(), self.really.elapsed());
        assert!(virtually <= ms(1), "{what}: {virtually:?} of virtual time");
        if really > ms(20) {
            SLOW.with_borrow_mut(|slow| slow.insert(what.to_owned()));
        }
    }
}

async fn four_rounds(case: impl AsyncFn()) {
    case().await;
    let mut always = SLOW.take();
    for _ in 1..4 {
        case().await;
        always = &always & &SLOW.take();
    }
    assert!(always.is_empty(), "over 20 ms of real time: {always:?}");
}

/// Generates a test that runs its case four times.
macro_rules! four_times {
    ($test:ident, $case:ident) => {
        #[tokio::test(start_paused = true)]
        async fn $test() {
            four_rounds($case).await;
        }
    };
}

four_times!(
    at_once_a_panic_a_kill_and_every_other_end,
    a_panic_a_kill_and_every_other_end
);

async fn a_panic_a_kill_and_every_other_end() {
    let _quiet = quiet();
    for how in ENDS {
        for kept in [false, true] {
            let script = Script::start(&Log::new()).await.unwrap();
            let (_gate, gate) = oneshot::channel();
            let call = if kept {
                keep(&script).no_timeout().send()
            } else {
                give_away(&script, gate).no_timeout().send()
            };
            value_of(&script).await.unwrap();
            let clock = AtOnce::begin();
            end(&script, how);
            let outcome = call.await;
            clock.check(&format!("{how:?}, kept: {kept}"));
            let reason = script.closed().await;
            assert_eq!(outcome, exited(&reason, Executed::Maybe), "{how:?}");
        }
    }
}

four_times!(
    at_once_the_call_whose_own_handler_panics_or_is_killed,
    the_call_whose_own_handler_panics_or_is_killed
);

async fn the_call_whose_own_handler_panics_or_is_killed() {
    let _quiet = quiet();
    for is_async in [false, true] {
        let script = Script::start(&Log::new()).await.unwrap();
        let clock = AtOnce::begin();
        let outcome = script.call(move |reply: ReplyTo<u64>| {
            if is_async {
                later(|_, _| {
                    Box::pin(async {
                        let _reply = reply;
                        tokio::task::yield_now().await;
                        boom()
                    })
                })
            } else {
                now(|_, _| {
                    let _reply = reply;
                    boom()
                })
            }
        });
        let outcome = outcome.await;
        clock.check("a panic");
        let reason = script.closed().await;
        assert_eq!(panic_text(&reason), "boom");
        assert_eq!(outcome, exited(&reason, Executed::Maybe));
    }
    let script = Script::start(&Log::new()).await.unwrap();
    let mut call = hang(&script).no_timeout().send();
    assert!(tokio::time::timeout(ms(10), &mut call).await.is_err());
    let clock = AtOnce::begin();
    ambit::exit(&script, ExitReason::Kill);
    assert_eq!(call.await, exited(&ExitReason::Killed, Executed::Maybe));
    clock.check("a kill");
}

four_times!(at_once_a_dropped_port, a_dropped_port);

async fn a_dropped_port() {
    let script = Script::start(&Log::new()).await.unwrap();

    let clock = AtOnce::begin();
    let sync = script.call(|reply: ReplyTo<u64>| {
        now(move |_, _| {
            drop(reply);
            Flow::Continue
        })
    });
    assert_eq!(sync.await, Err(CallError::NoReply));
    clock.check("in a plain handler");

    let clock = AtOnce::begin();
    let (open, gate) = oneshot::channel::<()>();
    let later_on = script.call(move |reply: ReplyTo<u64>| {
        later(move |_, _| {
            Box::pin(async move {
                drop(reply);
                gate.await.ok();
                Flow::Continue
            })
        })
    });
    assert_eq!(later_on.await, Err(CallError::NoReply));
    clock.check("in an async handler that goes on");
    drop(open);

    let (open, gate) = oneshot::channel();
    let elsewhere = give_away(&script, gate).send();
    value_of(&script).await.unwrap();
    let clock = AtOnce::begin();
    drop(open);
    assert_eq!(elsewhere.await, Err(CallError::NoReply));
    clock.check("in another task");

    let kept = keep(&script).send();
    value_of(&script).await.unwrap();
    let clock = AtOnce::begin();
    let clear = script.call(|reply: ReplyTo<()>| {
        now(move |state, ctx| {
            state.kept.clear();
            ctx.answer(reply, ());
            Flow::Continue
        })
    });
    assert_eq!(clear.await, Ok(()));
    assert_eq!(kept.await, Err(CallError::NoReply));
    clock.check("kept, then dropped by a later handler");

    // In a task that the server spawned.
    let spawned = script.call(|reply: ReplyTo<u64>| {
        now(move |_, ctx| {
            ctx.spawn_task(async move {
                drop(reply);
                1u64
            });
            Flow::Continue
        })
    });
    assert_eq!(spawned.await, Err(CallError::NoReply));
    assert_eq!(value_of(&script).await, Ok(0), "it lives on");
}

four_times!(at_once_a_dead_target, a_dead_target);

async fn a_dead_target() {
    let script = Script::start(&Log::new()).await.unwrap();
    script.stop().await.unwrap();
    let clock = AtOnce::begin();
    assert_eq!(value_of(&script).await, Err(CallError::NoProcess));
    clock.check("a dead target");
}

struct Node {
    next: Option<NodeSubject>,
}

#[gen_server]
impl Node {
    #[cast]
    fn point_to(&mut self, next: NodeSubject) {
        self.next = Some(next);
    }

    #[call]
    async fn around(&mut self) -> Result<u64, CallError> {
        match self.next.clone() {
            Some(next) => next.around().await?,
            None => Ok(0),
        }
    }

    /// Sends the call first and waits later.
    #[call]
    async fn around_later(&mut self) -> Result<u64, CallError> {
        match self.next.clone() {
            Some(next) => next.around_later().send().await?,
            None => Ok(0),
        }
    }
}

async fn ring(length: usize) -> Vec<NodeSubject> {
    let mut nodes = Vec::new();
    for _ in 0..length {
        nodes.push(Node { next: None }.start().await.unwrap());
    }
    for (n, node) in nodes.iter().enumerate() {
        let next = nodes[(n + 1) % length].clone();
        node.point_to(next).await.unwrap();
    }
    nodes
}

four_times!(at_once_a_call_to_oneself, a_call_to_oneself);

async fn a_call_to_oneself() {
    let alone = &ring(1).await[0];
    let clock = AtOnce::begin();
    assert_eq!(alone.around().await, Ok(Err(CallError::CallsItself)));
    assert_eq!(alone.around_later().await, Ok(Err(CallError::CallsItself)));
    clock.check("a call to oneself");
    assert!(alone.is_alive());
}

four_times!(at_once_a_cycle_of_three, a_cycle_of_three);

async fn a_cycle_of_three() {
    let nodes = ring(3).await;
    let pids: Vec<_> = nodes.iter().map(|node| node.pid()).collect();
    let circle = vec![pids[2], pids[0], pids[1], pids[2]];
    for later in [false, true] {
        let clock = AtOnce::begin();
        let outcome = if later {
            nodes[0].around_later().await
        } else {
            nodes[0].around().await
        };
        clock.check("a cycle of three");
        let pids = circle.clone();
        assert_eq!(outcome, Ok(Err(CallError::Cycle { pids })));
    }
    let chain = Node { next: None }.start().await.unwrap();
    nodes[2].point_to(chain).await.unwrap();
    assert_eq!(nodes[0].around().await, Ok(Ok(0)), "all of them live on");
}

#[derive(Debug)]
struct Tight {
    gate: Option<oneshot::Receiver<()>>,
}

#[gen_server(mailbox = 1, overflow = reject)]
impl Tight {
    #[call]
    fn get(&self) -> u64 {
        1
    }

    #[cast]
    async fn wait(&mut self) {
        if let Some(gate) = self.gate.take() {
            gate.await.ok();
        }
    }

    #[cast]
    fn nothing(&self) {}
}

four_times!(at_once_a_full_mailbox, a_full_mailbox);

async fn a_full_mailbox() {
    let (open, gate) = oneshot::channel();
    let tight = Tight { gate: Some(gate) }.start().await.unwrap();
    tight.wait().await.unwrap();
    while ambit::process_info(&tight).unwrap().queued > 0 {
        tokio::task::yield_now().await;
    }
    tight.nothing().await.unwrap();
    let clock = AtOnce::begin();
    assert_eq!(tight.get().await, Err(CallError::Full));
    assert_eq!(tight.get().send().await, Err(CallError::Full));
    assert_eq!(tight.get().now().err(), Some(CallError::Full));
    assert_eq!(tight.nothing().await, Err(CastError::Full));
    assert_eq!(tight.nothing().now(), Err(CastError::Full));
    clock.check("a full mailbox that rejects");
    drop(open);

    let script = Script::start(&Log::new()).mailbox(1).await.unwrap();
    let gate = block(&script).await;
    script.send(now(|_, _| Flow::Continue)).await.unwrap();
    let clock = AtOnce::begin();
    assert_eq!(add(&script, 1).now().err(), Some(CallError::Full));
    assert_eq!(
        script.send(now(|_, _| Flow::Continue)).now(),
        Err(CastError::Full)
    );
    clock.check("a full mailbox and a caller that does not wait");

    // A caller that waits is limited by its deadline, and its message is withdrawn.
    let began = Instant::now();
    assert_eq!(
        add(&script, 1).timeout(ms(30)).await,
        Err(CallError::Timeout)
    );
    about(ms(30), began.elapsed());
    gate.open();
    assert_eq!(value_of(&script).await, Ok(0), "it was not executed");
}

#[tokio::test]
async fn queued_calls_were_not_executed_and_the_one_in_the_handler_may_have_been() {
    let _quiet = quiet();
    for how in [End::Signal, End::Kill] {
        let script = Script::start(&Log::new()).mailbox(2).await.unwrap();
        let in_handler = hang(&script).no_timeout().send();
        while ambit::process_info(&script).unwrap().queued > 0 {
            tokio::task::yield_now().await;
        }
        let queued: Vec<_> = (0..2)
            .map(|_| add(&script, 1).no_timeout().send())
            .collect();
        let waiting = add(&script, 1).no_timeout().send();
        let forgotten = keep(&script).no_timeout().send();
        end(&script, how);
        let reason = script.closed().await;
        assert_eq!(
            in_handler.await,
            exited(&reason, Executed::Maybe),
            "{how:?}"
        );
        for one in queued.into_iter().chain([waiting, forgotten]) {
            assert_eq!(one.await, exited(&reason, Executed::No), "{how:?}");
        }
    }
    for how in [End::Flow, End::Panic, End::PanicLater] {
        let script = Script::start(&Log::new()).await.unwrap();
        let gate = block(&script).await;
        end(&script, how);
        let queued: Vec<_> = (0..5)
            .map(|_| add(&script, 1).no_timeout().send())
            .collect();
        gate.open();
        let reason = script.closed().await;
        for one in queued {
            assert_eq!(one.await, exited(&reason, Executed::No), "{how:?}");
        }
    }
    // The stop is queued: messages before it are handled, later ones are not.
    let script = Script::start(&Log::new()).await.unwrap();
    let gate = block(&script).await;
    let before = add(&script, 1).send();
    let mut stop = Box::pin(script.stop_with(ExitReason::Shutdown));
    assert!(poll_often(&mut stop).await.is_none());
    let after = add(&script, 1).send();
    gate.open();
    assert_eq!(before.await, Ok(1));
    assert_eq!(stop.await, Ok(()));
    assert_eq!(after.await, exited(&ExitReason::Shutdown, Executed::No));
}

/// A port is dropped at the moment its server ends, on several threads: the call never fails with `NoReply`, and never
/// hangs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_that_races_with_the_end_is_answered_or_exited() {
    let _quiet = quiet();
    let mut seen = [0u32; 3];
    for round in 0..4000 {
        let script = Script::start(&Log::new()).await.unwrap();
        let call = if round % 2 == 0 {
            keep(&script).no_timeout().send()
        } else {
            add(&script, 1).no_timeout().send()
        };
        let other = script.clone();
        let ender = tokio::spawn(async move { end(&other, ENDS[round % 7]) });
        let outcome = call.await;
        ender.await.unwrap();
        let reason = script.closed().await;
        match outcome {
            Ok(1) => seen[0] += 1,
            Err(CallError::Exited {
                reason: r,
                executed,
            }) if r == reason => {
                seen[1] += u32::from(executed == Executed::Maybe);
                seen[2] += u32::from(executed == Executed::No);
            }
            other => panic!("{other:?} in round {round}, ended with {reason}"),
        }
    }
    assert!(seen[0] > 0 && seen[1] > 0, "all ways were met: {seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_never_seen() {
    let script = Script::start(&Log::new()).await.unwrap();
    let (told, tell) = oneshot::channel();
    let began = Instant::now();
    let slow = script.call(|reply| {
        later(move |_, _| {
            Box::pin(async move {
                tokio::time::sleep(ms(100)).await;
                told.send((reply.is_closed(), reply.send(1))).ok();
                Flow::Continue
            })
        })
    });
    let mut slow = slow.timeout(ms(50));
    assert_eq!((&mut slow).await, Err(CallError::Timeout));
    about(ms(50), began.elapsed());
    assert_eq!(
        tell.await,
        Ok((true, false)),
        "the server learns that nobody waits"
    );
    assert_eq!(add(&script, 5).await, Ok(5), "and is not harmed");

    let mut timed_out = keep(&script).timeout(ms(10)).send();
    assert_eq!((&mut timed_out).await, Err(CallError::Timeout));
    let answered = script.call(|reply| {
        now(move |state, ctx| {
            let seen: Vec<_> = state.kept.drain(..).map(|kept| kept.send(9)).collect();
            ctx.answer(reply, seen);
            Flow::Continue
        })
    });
    assert_eq!(answered.await, Ok(vec![false]));
    assert_ne!(timed_out.await, Ok(9));

    // A dropped call is detected too.
    drop(keep(&script).send());
    let closed = script.call(|reply| {
        now(move |state, ctx| {
            let closed = state.kept.iter().all(ReplyTo::is_closed) && state.kept.len() == 1;
            ctx.answer(reply, closed);
            Flow::Continue
        })
    });
    assert_eq!(closed.await, Ok(true));
}

/// A timeout cancels nothing on the server: the request is executed.
#[tokio::test(start_paused = true)]
async fn a_timed_out_request_is_still_executed() {
    let script = Script::start(&Log::new()).await.unwrap();
    let gate = block(&script).await;
    assert_eq!(
        add(&script, 3).timeout(ms(5)).await,
        Err(CallError::Timeout)
    );
    gate.open();
    assert_eq!(value_of(&script).await, Ok(3));
}

struct Slow;

#[gen_server]
impl Slow {
    #[call]
    async fn plain(&self) {
        std::future::pending().await
    }

    #[call(timeout = Duration::from_millis(300))]
    async fn quick(&self) {
        std::future::pending().await
    }
}

async fn takes(call: impl Future<Output = Result<(), CallError>>) -> Duration {
    let began = Instant::now();
    assert_eq!(call.await, Err(CallError::Timeout));
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn the_nearest_timeout_counts() {
    let slow = Slow.start().await.unwrap();
    about(Duration::from_secs(5), takes(slow.plain()).await);
    about(ms(300), takes(slow.quick()).await);
    let handle = slow.with_timeout(ms(700));
    about(ms(700), takes(handle.plain()).await);
    about(ms(700), takes(handle.quick()).await);
    about(ms(20), takes(handle.quick().timeout(ms(20))).await);
    about(ms(20), takes(slow.plain().timeout(ms(20))).await);
    about(
        ms(20),
        takes(slow.plain().no_timeout().timeout(ms(20))).await,
    );
    about(ms(20), takes(slow.plain().timeout(ms(20)).send()).await);
    about(
        ms(20),
        takes(slow.plain().timeout(ms(20)).now().unwrap()).await,
    );
    about(
        Duration::ZERO,
        takes(slow.plain().timeout(Duration::ZERO)).await,
    );
    let day = Duration::from_secs(86_400);
    let endless = tokio::time::timeout(day, handle.quick().no_timeout()).await;
    assert!(endless.is_err(), "no timeout of its own");
    let endless = tokio::time::timeout(day, slow.plain().timeout(Duration::MAX)).await;
    assert!(endless.is_err());
}

/// The deadline of a call runs from its first poll, that of `.send()` from the send.
#[tokio::test(start_paused = true)]
async fn deadlines_run_from_the_asking() {
    let slow = Slow.start().await.unwrap();
    let (asked, not_asked) = (
        slow.plain().timeout(ms(50)).send(),
        slow.plain().timeout(ms(50)),
    );
    tokio::time::sleep(ms(200)).await;
    about(Duration::ZERO, takes(asked).await);
    about(ms(50), takes(not_asked).await);
}

/// A `Call` that is never polled sends nothing.
#[tokio::test]
async fn a_call_that_is_not_awaited_does_nothing() {
    let script = Script::start(&Log::new()).await.unwrap();
    drop(add(&script, 1));
    drop(add(&script, 1).into_owned());
    drop(script.send(now(|state, _| {
        state.value += 1;
        Flow::Continue
    })));
    assert_eq!(value_of(&script).await, Ok(0));
    drop(add(&script, 1).send());
    assert_eq!(value_of(&script).await, Ok(1), "`.send()` has asked");
}

#[tokio::test]
async fn calls_go_wherever_futures_go() {
    let script = Script::start(&Log::new()).await.unwrap();
    let mut set = tokio::task::JoinSet::new();
    for _ in 0..20 {
        set.spawn(add(&script, 1).into_owned());
        set.spawn(add(&script, 1).send());
    }
    let mut answers: Vec<_> = set
        .join_all()
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    answers.sort_unstable();
    assert_eq!(answers, (1..=40).collect::<Vec<_>>());

    let casts: Vec<_> = (0..3)
        .map(|_| {
            script
                .send(now(|state, _| {
                    state.value += 1;
                    Flow::Continue
                }))
                .into_owned()
        })
        .collect();
    for cast in casts {
        tokio::spawn(cast).await.unwrap().unwrap();
    }
    assert_eq!(value_of(&script).await, Ok(43));

    // All calls in one task, awaited together.
    let mut calls: Vec<_> = (0..5).map(|_| Some(add(&script, 1))).collect();
    let mut answers = vec![0; 5];
    std::future::poll_fn(|cx| {
        for (call, answer) in calls.iter_mut().zip(&mut answers) {
            let Some(waiting) = call else { continue };
            if let std::task::Poll::Ready(value) = std::pin::Pin::new(waiting).poll(cx) {
                *answer = value.unwrap();
                *call = None;
            }
        }
        if calls.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    assert_eq!(answers, [44, 45, 46, 47, 48]);

    tokio::select! {
        biased;
        answer = add(&script, 1) => assert_eq!(answer, Ok(49)),
        () = std::future::pending() => unreachable!(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threads_outside_the_runtime_can_call_too() {
    let script = Script::start(&Log::new()).await.unwrap();
    assert_eq!(add(&script, 1).blocking(), Err(CallError::BlocksRuntime));
    assert_eq!(value_of(&script).await, Ok(0), "nothing was sent");
    let other = script.clone();
    let in_pool = tokio::task::spawn_blocking(move || add(&other, 1).blocking());
    assert_eq!(in_pool.await.unwrap(), Ok(1));
    let other = script.clone();
    let thread = std::thread::spawn(move || {
        let timeout = hang(&other).timeout(ms(5)).blocking();
        (timeout, value_or_dead(&other))
    });
    let joined = tokio::task::spawn_blocking(move || thread.join().unwrap())
        .await
        .unwrap();
    assert_eq!(joined.0, Err(CallError::Timeout));
    assert_eq!(joined.1, Err(CallError::Timeout), "the handler still hangs");
}

fn value_or_dead(script: &Subject<Script>) -> Result<u64, CallError> {
    add(script, 0).timeout(ms(5)).blocking()
}

/// A finished call leaves nothing behind: no wait edge, and no observer that keeps the reply alive.
#[tokio::test(start_paused = true)]
async fn a_finished_call_leaves_nothing_behind() {
    let script = Script::start(&Log::new()).await.unwrap();
    let shared = Arc::new(());
    for _ in 0..3 {
        let inside = shared.clone();
        let call = script.call(move |reply: ReplyTo<Arc<()>>| {
            now(move |state, _| {
                state.any.push(Box::new(reply));
                drop(inside);
                Flow::Continue
            })
        });
        assert_eq!(call.timeout(ms(1)).await.err(), Some(CallError::Timeout));
    }
    assert_eq!(Arc::strong_count(&shared), 1);
    let other = script.clone();
    in_process(|inbox| async move {
        assert_eq!(keep(&other).timeout(ms(5)).await, Err(CallError::Timeout));
        let own = ambit::process_info(inbox.pid()).unwrap();
        assert!(own.waits_for.is_empty());
        let mut waits = keep(&other).send();
        assert!(poll_often(&mut waits).await.is_none());
        let own = ambit::process_info(inbox.pid()).unwrap();
        assert_eq!(own.waits_for, [other.pid()]);
        drop(waits);
        let own = ambit::process_info(inbox.pid()).unwrap();
        assert!(own.waits_for.is_empty());
    })
    .await;
}

/// Two tasks poll a pending call, one after the other.
#[tokio::test]
async fn a_pending_answer_moves_between_tasks() {
    let script = Script::start(&Log::new()).await.unwrap();
    let mut pending: Pending<u64> = keep(&script).send();
    assert!(poll_often(&mut pending).await.is_none());
    let elsewhere = tokio::spawn(pending);
    let answer = now(|state, _| {
        for kept in state.kept.drain(..) {
            assert!(kept.send(4));
        }
        Flow::Continue
    });
    script.send(answer).await.unwrap();
    assert_eq!(elsewhere.await.unwrap(), Ok(4));
}

/// A server that was asked to stop counts as ending, wherever the port is dropped.
#[tokio::test]
async fn a_port_dropped_during_a_requested_stop_counts_as_an_exit() {
    let _quiet = quiet();
    for way in 0..4 {
        let (is_killed, elsewhere) = (way % 2 == 0, way / 2 == 0);
        let script = Script::start(&Log::new()).await.unwrap();
        let call = script.call(move |reply: ReplyTo<u64>| {
            now(move |_, ctx| {
                if is_killed {
                    ambit::exit(ctx.pid(), ExitReason::Kill);
                } else {
                    ctx.stop(ExitReason::Shutdown);
                }
                if elsewhere {
                    std::thread::spawn(move || drop(reply)).join().unwrap();
                }
                Flow::Continue
            })
        });
        let outcome = call.await;
        let reason = script.closed().await;
        assert_eq!(outcome, exited(&reason, Executed::Maybe), "way {way}");
    }
}
