//! The outcome of a call, and the time at which its caller gets it.

mod cycles;
mod deadlines;
mod futures;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::server::Pending;
use tokio::sync::oneshot;
use tokio::time::Instant;

use self::cycles::{a_call_to_oneself, a_cycle_of_three, a_full_mailbox};
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

four_times!(at_once_a_call_to_oneself, a_call_to_oneself);

four_times!(at_once_a_cycle_of_three, a_cycle_of_three);

four_times!(at_once_a_full_mailbox, a_full_mailbox);

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
