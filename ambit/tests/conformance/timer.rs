//! Timers, on a paused clock: deadlines are exact.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use ambit::prelude::*;
use ambit::process::Undelivered;
use ambit::system::System;
use ambit::telemetry::TelemetryGuard;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::conformance::common::{idle, in_process, in_process_for_long, queued, quiet, soon};
use crate::support::real_time::Rounds;

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[tokio::test(start_paused = true)]
async fn tim_01_the_message_arrives_once_and_not_earlier() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.recipient();
        for delay in [ms(0), ms(1), ms(7), ms(1000), ms(21_001)] {
            let began = Instant::now();
            ambit::send_after(&own, delay, 1);
            assert_eq!(inbox.next().await, InboxEvent::Message(1));
            assert_eq!(began.elapsed(), delay);
            assert_eq!(inbox.next_within(ms(5000)).await, None);
        }
    })
    .await;
}

#[tokio::test]
async fn tim_01_not_earlier_on_the_real_clock_either() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.recipient();
        for n in 0..30 {
            let (delay, began) = (Duration::from_micros(n * 311), std::time::Instant::now());
            ambit::send_after(&own, delay, 1);
            inbox.next().await;
            assert!(
                began.elapsed() >= delay,
                "{:?} for {delay:?}",
                began.elapsed()
            );
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn tim_02_messages_arrive_in_the_order_of_their_deadlines() {
    in_process(|mut inbox: Inbox<u64>| async move {
        let own = inbox.recipient();
        // A permutation of 1..=499: 7 generates no cycle shorter than the prime 499.
        for n in 1..499_u64 {
            let delay = n * 7 % 499;
            ambit::send_after(&own, ms(delay * 3), delay);
        }
        let mut seen = Vec::new();
        for _ in 1..499 {
            seen.extend(inbox.recv().await);
        }
        assert_eq!(seen, (1..499).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn tim_03_a_cancelled_timer_returns_the_remaining_time_and_never_fires() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.recipient();
        let timer = ambit::send_after(&own, ms(100), 1);
        tokio::time::advance(ms(30)).await;
        assert_eq!(timer.cancel(), Some(ms(70)));
        assert_eq!(inbox.next_within(ms(1000)).await, None);
        let timer = ambit::send_after(&own, ms(100), 1);
        assert_eq!(timer.cancel(), Some(ms(100)), "at most what was asked for");
        assert_eq!(ambit::process_info(inbox.pid()).unwrap().timers, 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn tim_04_cancel_and_remaining_return_none_after_the_end() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.recipient();
        let fired = ambit::send_after(&own, ms(1), 1);
        assert_eq!(inbox.next().await, InboxEvent::Message(1));
        let cancelled = ambit::send_after(&own, ms(1), 2);
        assert!(cancelled.cancel().is_some());
        for timer in [fired, cancelled] {
            assert_eq!((timer.remaining(), timer.cancel()), (None, None));
            assert_eq!(
                (timer.remaining(), timer.cancel()),
                (None, None),
                "nor again"
            );
        }
        assert_eq!(inbox.next_within(ms(100)).await, None);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn tim_03_cancelling_a_queued_message_removes_it_and_reports_that_once() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.subject().recipient();
        let queued = ambit::send_after(&own, ms(1), 1);
        let taken = ambit::send_after(&own, ms(1), 2);
        let ticks = ambit::send_every(&own, ms(10), 3);
        tokio::time::sleep(ms(12)).await;
        assert_eq!(queued.cancel(), Some(ms(0)));
        assert_eq!(queued.cancel(), None, "nothing is left to cancel");
        assert_eq!(inbox.next().await, InboxEvent::Message(2));
        assert_eq!(taken.cancel(), None, "it was taken");
        assert_eq!(ticks.cancel(), Some(ms(8)), "until the next tick");
        assert_eq!(inbox.next_within(ms(100)).await, None);
    })
    .await;
}

/// Firing and delivering the signal are one step: no cancellation can come in between.
#[tokio::test(start_paused = true)]
async fn tim_04_an_exit_that_was_sent_cannot_be_cancelled() {
    let target = idle();
    let exit = ambit::exit_after(ms(1), &target, ExitReason::Shutdown);
    assert_eq!(target.closed().await, ExitReason::Shutdown);
    assert_eq!(exit.cancel(), None);
    let kept = idle();
    let kill = ambit::kill_after(ms(5), &kept);
    assert_eq!(kill.cancel(), Some(ms(5)));
    tokio::time::sleep(ms(10)).await;
    assert!(kept.is_alive());
}

/// For every interleaving: a message whose timer was cancelled does not arrive, and any other does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tim_03_the_result_of_cancel_is_correct_for_every_interleaving() {
    enum Ask {
        Tick(u32),
        Seen(u32, oneshot::Sender<bool>),
    }
    impl Message for Ask {}
    let taker: Subject<Ask> = ambit::spawn(|mut inbox: Inbox<Ask>| async move {
        let mut last = 0;
        while let Some(message) = inbox.recv().await {
            match message {
                Ask::Tick(n) => last = n,
                Ask::Seen(n, reply) => drop(reply.send(last == n)),
            }
        }
    });
    let own = taker.recipient();
    for n in 1..5000 {
        let timer = ambit::send_after(&own, ms(0), Ask::Tick(n));
        for _ in 0..n % 64 * 16 {
            std::hint::spin_loop();
        }
        let cancelled = timer.cancel().is_some();
        let (reply, seen) = oneshot::channel();
        taker.send(Ask::Seen(n, reply)).await.unwrap();
        assert_eq!(seen.await, Ok(!cancelled), "timer {n}");
    }
}

/// TIM-06 asks for a ref in the message to recognise stale ones. ambit has no stale ones: cancelling a timer also
/// discards its message if that is already queued.
#[tokio::test(start_paused = true)]
async fn tim_06_no_stale_message_can_be_taken_for_a_current_one() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.recipient();
        let stale = ambit::send_after(&own, ms(1), 1);
        let other = ambit::send_after(&own, ms(1), 2);
        tokio::time::sleep(ms(5)).await;
        // Both messages are queued by now.
        assert_eq!((stale.remaining(), other.remaining()), (None, None));
        assert_eq!(stale.cancel(), Some(ms(0)), "its message is removed");
        ambit::send_after(&own, ms(1), 3);
        assert_eq!(inbox.next().await, InboxEvent::Message(2));
        assert_eq!(inbox.next().await, InboxEvent::Message(3));
        assert_eq!(inbox.next_within(ms(10)).await, None);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn tim_09_very_long_delays_are_not_at_once() {
    let (sink, years) = (idle(), Duration::from_secs(365 * 86_400));
    let own = sink.recipient();
    let long = [
        ms(1 << 31),
        ms((1 << 31) + 1),
        ms(1 << 32),
        ms((1 << 32) + 1),
        2 * years,
    ];
    for delay in long.into_iter().chain([Duration::MAX, ms(u64::MAX)]) {
        let timers = [
            ambit::send_after(&own, delay, 1),
            ambit::send_every(&own, delay, 1),
            ambit::kill_after(delay, &sink),
        ];
        let waiting = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            inbox.next_within(delay).await;
        });
        tokio::time::sleep(ms(2000)).await;
        assert!(waiting.is_alive() && sink.is_alive());
        for timer in timers {
            let left = timer.cancel().unwrap();
            assert!(left > ms(1 << 30) && left <= delay, "{left:?} of {delay:?}");
        }
    }
    // The longest delay that this test can wait for does fire.
    in_process(|mut inbox: Inbox<u8>| async move {
        let began = Instant::now();
        let own = inbox.recipient();
        let timer = ambit::send_after(&own, ms(50_000), 1);
        assert!(timer.remaining().is_some());
        assert_eq!(inbox.next().await, InboxEvent::Message(1));
        assert_eq!(began.elapsed(), ms(50_000));
    })
    .await;
    let began = Instant::now();
    let doomed = idle();
    ambit::kill_after(ms((1 << 32) + 5), &doomed);
    assert_eq!(doomed.closed().await, ExitReason::Killed);
    assert_eq!(began.elapsed(), ms((1 << 32) + 5));
}

#[tokio::test(start_paused = true)]
async fn tim_10_an_interval_ticks_until_it_is_cancelled_and_not_once_more() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.recipient();
        let began = Instant::now();
        let timer = ambit::send_every(&own, ms(10), 1);
        for n in 1..=100 {
            assert_eq!(inbox.next().await, InboxEvent::Message(1));
            assert_eq!(began.elapsed(), ms(10) * n, "intervals do not drift");
        }
        assert_eq!(timer.remaining(), Some(ms(10)));
        assert!(timer.cancel().is_some());
        assert_eq!(inbox.next_within(ms(1000)).await, None);
        // Cancelled while a tick is queued.
        let timer = ambit::send_every(&own, ms(10), 2);
        tokio::time::sleep(ms(15)).await;
        assert!(timer.cancel().is_some());
        assert_eq!(inbox.next_within(ms(1000)).await, None);
    })
    .await;
}

/// Design §3.2: a tick whose predecessor is still queued is skipped and counted.
#[tokio::test(start_paused = true)]
async fn an_interval_never_queues_two_ticks() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.recipient();
        let timer = ambit::send_every(&own, ms(10), 1);
        tokio::time::sleep(ms(105)).await;
        assert_eq!(timer.skipped(), 9);
        assert_eq!(queued(&mut inbox).await, [InboxEvent::Message(1)]);
        assert_eq!(
            inbox.next_within(ms(5)).await,
            Some(InboxEvent::Message(1)),
            "on the beat again"
        );
        assert_eq!(timer.skipped(), 9);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn tim_11_an_interval_ends_with_the_process_it_is_aimed_at() {
    /// Counts its clones: one per tick.
    struct Beat(Arc<AtomicUsize>);
    impl Clone for Beat {
        fn clone(&self) -> Self {
            self.0.fetch_add(1, Ordering::SeqCst);
            Self(self.0.clone())
        }
    }
    let beats = Arc::new(AtomicUsize::new(0));
    let process = ambit::spawn(|mut inbox: Inbox<Option<Beat>>| async move {
        while inbox.recv().await.is_some() {}
    });
    ambit::register("clock", &process).unwrap();
    let direct = ambit::send_every(&process.recipient(), ms(10), Some(Beat(beats.clone())));
    let named = Subject::<Option<Beat>>::named("clock").recipient();
    let named = ambit::send_every(&named, ms(10), Some(Beat(beats.clone())));
    tokio::time::sleep(ms(35)).await;
    assert_eq!(beats.load(Ordering::SeqCst), 6);
    ambit::exit(&process, ExitReason::Kill);
    process.closed().await;
    assert_eq!(direct.remaining(), None);
    // The interval that targets a name continues, for the next process under that name.
    let last = beats.load(Ordering::SeqCst);
    tokio::time::sleep(ms(1000)).await;
    assert!(direct.remaining().is_none() && named.remaining().is_some());
    assert_eq!(beats.load(Ordering::SeqCst), last + 100, "one of them");
    named.cancel();
    tokio::time::sleep(ms(1000)).await;
    assert_eq!(beats.load(Ordering::SeqCst), last + 100);
}

#[tokio::test(start_paused = true)]
async fn tim_12_exits_and_kills_come_when_they_are_due() {
    let _quiet = quiet();
    let (exited, killed, stopped) = (idle(), idle(), idle());
    let began = Instant::now();
    ambit::exit_after(ms(20), exited.pid(), ExitReason::error("time is up"));
    ambit::kill_after(ms(10), &killed);
    ambit::register("named", &stopped).unwrap();
    ambit::exit_after(ms(30), "named", ExitReason::Shutdown);
    assert_eq!(
        (killed.closed().await, began.elapsed()),
        (ExitReason::Killed, ms(10))
    );
    let reason = ExitReason::error("time is up");
    assert_eq!((exited.closed().await, began.elapsed()), (reason, ms(20)));
    assert_eq!(
        (stopped.closed().await, began.elapsed()),
        (ExitReason::Shutdown, ms(30))
    );
    // A name is resolved when the timer fires, not when it is set.
    let (first, second) = (idle(), idle());
    ambit::register("named", &first).unwrap();
    ambit::kill_after(ms(10), Subject::<u8>::named("named"));
    let cancelled = ambit::kill_after(ms(10), &first);
    ambit::unregister("named").unwrap();
    ambit::register("named", &second).unwrap();
    assert_eq!(cancelled.cancel(), Some(ms(10)));
    assert_eq!(second.closed().await, ExitReason::Killed);
    tokio::time::sleep(ms(100)).await;
    assert!(first.is_alive());
    // The sender of the signal is the process that set the timer; a process that traps exits receives it as a message.
    in_process(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        let from = inbox.pid();
        ambit::exit_after(ms(10), from, ExitReason::Timeout);
        let reason = ExitReason::Timeout;
        assert_eq!(inbox.next().await, InboxEvent::Exit(Exit { from, reason }));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn x27_reading_a_timer_does_not_touch_it() {
    let sink = idle();
    let timer = ambit::send_after(&sink.recipient(), ms(100), 1);
    for _ in 0..3 {
        assert_eq!(timer.remaining(), Some(ms(100)));
    }
    tokio::time::advance(ms(40)).await;
    assert_eq!(timer.remaining(), Some(ms(60)));
    assert_eq!(timer.cancel(), Some(ms(60)));
}

#[tokio::test(start_paused = true)]
async fn x28_a_zero_delay_still_passes_through_the_mailbox() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.subject();
        own.send(1).now().unwrap();
        ambit::send_after(&own.recipient(), Duration::ZERO, 2);
        own.send(3).now().unwrap();
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.extend(inbox.recv().await);
        }
        assert_eq!(seen, [1, 3, 2], "after the call has returned");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn x32_cancelled_timers_never_take_an_interval_with_them() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.recipient();
        let interval = ambit::send_every(&own, ms(10), 1);
        for _ in 0..100_000 {
            assert!(ambit::send_after(&own, ms(10), 2).cancel().is_some());
        }
        assert_eq!(ambit::process_info(inbox.pid()).unwrap().timers, 1);
        for _ in 0..10 {
            assert_eq!(inbox.next().await, InboxEvent::Message(1));
        }
        assert!(interval.cancel().is_some());
    })
    .await;
}

/// Takes one message of each number below `many`.
async fn each_once(inbox: &mut Inbox<u32>, many: u32, mut at_each: impl FnMut()) {
    let mut seen = vec![false; many as usize];
    for _ in 0..many {
        let n = soon(inbox.recv()).await.unwrap();
        assert!(!std::mem::replace(&mut seen[n as usize], true));
        at_each();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x33_many_timers_of_one_deadline_fire_together() {
    in_process_for_long(|mut inbox: Inbox<u32>| async move {
        let own = inbox.recipient();
        let delay = ms(5000);
        let mut rounds = Rounds::of("100,000 timers");
        loop {
            let began = std::time::Instant::now();
            for n in 0..100_000 {
                ambit::send_after(&own, delay.saturating_sub(began.elapsed()), n);
            }
            let armed = began.elapsed();
            let at_each = || assert!(began.elapsed() >= delay, "early");
            each_once(&mut inbox, 100_000, at_each).await;
            let late = began.elapsed() - delay;
            let reason = format!("armed in {armed:?}, and the last one was {late:?} late");
            // Work that grows with the square of the timers would take minutes; a busy machine takes a few seconds.
            let is_soon = armed < delay && late < ms(15_000);
            if rounds.is_good(is_soon.then_some(()).ok_or(reason)) {
                return;
            }
        }
    })
    .await;
}

struct Echo;

#[gen_server]
impl Echo {
    #[call]
    fn echo(&mut self) {}
}

/// On one thread, which the timers share with other tasks: only a few of them fire during a call of another task.
#[tokio::test(start_paused = true)]
async fn x33_many_timers_of_one_deadline_let_others_work() {
    let echo = Echo.start().await.unwrap();
    in_process(move |mut inbox: Inbox<u32>| async move {
        let (own, pid) = (inbox.recipient(), inbox.pid());
        let (began, delay) = (Instant::now(), ms(2000));
        for n in 0..100_000 {
            ambit::send_after(&own, delay, n);
        }
        let running = move || ambit::process_info(pid).unwrap().timers;
        assert_eq!(running(), 100_000);
        let others = tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let mut before = 100_000;
            while before > 0 {
                let left = running();
                assert!(before - left <= 1000, "{} at once", before - left);
                before = left;
                echo.echo().await.unwrap();
            }
        });
        let at_each = || assert_eq!(began.elapsed(), delay);
        each_once(&mut inbox, 100_000, at_each).await;
        soon(others).await.unwrap();
    })
    .await;
}

/// A panic in user code that a timer runs (the clone of its message, the drop of an unreceived one) must not affect
/// other timers.
#[tokio::test(start_paused = true)]
async fn a_panic_in_a_timers_message_ends_only_that_timer() {
    struct Bad;
    impl Clone for Bad {
        fn clone(&self) -> Self {
            panic!("cannot be cloned")
        }
    }
    #[derive(Message)]
    struct Worse;
    impl Drop for Worse {
        fn drop(&mut self) {
            panic!("cannot be dropped")
        }
    }
    let (system, _entered) = quiet();
    let process = ambit::spawn(|mut inbox: Inbox<Option<Bad>>| async move {
        while inbox.recv().await.is_some() {}
    });
    let every = ambit::send_every(&process.recipient(), ms(10), Some(Bad));
    let named = Subject::<Option<Worse>>::named("nobody").recipient();
    ambit::send_after(&named, ms(10), Some(Worse));
    tokio::time::sleep(ms(100)).await;
    assert!(process.is_alive(), "the system goes on");
    assert_eq!(every.remaining(), None, "the timer does not");
    let probe = idle();
    ambit::kill_after(ms(10), &probe);
    assert_eq!(
        probe.closed().await,
        ExitReason::Killed,
        "and other timers still fire"
    );
    assert_eq!(system.process_count(), 1);
    // The end of a process drops the messages of its timers and its mailbox, and `closed` still resolves.
    let holder = ambit::spawn(|mut inbox: Inbox<Worse>| async move {
        inbox.next().await;
    });
    let own = holder.recipient();
    let _pending = [1, 2].map(|n| ambit::send_after(&own, ms(1000 * n), Worse));
    ambit::exit(&holder, ExitReason::Kill);
    for _ in 0..2 {
        holder.send(Worse).now().unwrap();
    }
    assert_eq!(holder.closed().await, ExitReason::Killed);
}

#[tokio::test(start_paused = true)]
async fn an_interval_to_a_name_continues_while_the_name_is_unregistered() {
    let system = System::current().unwrap();
    let lost = Arc::new(AtomicUsize::new(0));
    let count = lost.clone();
    let _listening = system.on_dead_letter(move |letter| {
        assert_eq!(
            (letter.why(), letter.content::<u8>()),
            (Undelivered::Nobody, Some(&7))
        );
        count.fetch_add(1, Ordering::Relaxed);
    });
    let named = Subject::<u8>::named("interval").recipient();
    let ticks = ambit::send_every(&named, Duration::from_secs(1), 7);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(lost.load(Ordering::Relaxed), 2);
    let (seen, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let holder = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
        while let Some(tick) = inbox.recv().await {
            seen.send(tick).ok();
        }
    });
    ambit::register("interval", &holder).unwrap();
    assert_eq!(heard.recv().await, Some(7));
    assert!(ticks.cancel().is_some());
    assert_eq!(lost.load(Ordering::Relaxed), 2);
}

/// Starts a process under `name` that never takes a message.
fn deaf(name: &'static str) -> Subject<u8> {
    let process = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
    ambit::register(name, &process).unwrap();
    process
}

#[tokio::test(start_paused = true)]
async fn an_interval_to_a_name_continues_after_an_end_with_a_queued_tick() {
    let letters = count_dead_letters(Undelivered::Ended);
    let named = Subject::<u8>::named("queued tick").recipient();
    let ticks = ambit::send_every(&named, ms(10), 7);
    for round in 1..=2 {
        let holder = deaf("queued tick");
        tokio::time::sleep(ms(24)).await;
        ambit::exit(&holder, ExitReason::Shutdown);
        holder.closed().await;
        assert_eq!(letters.seen(), round, "the queued tick");
    }
    assert_eq!(ticks.skipped(), 2, "one in each round");
    ticks.cancel();
}

#[tokio::test(start_paused = true)]
async fn the_queued_message_of_a_timer_to_a_name_is_a_dead_letter_if_the_process_ends() {
    let letters = count_dead_letters(Undelivered::Ended);
    let named = Subject::<u8>::named("queued message").recipient();
    let [timer, cancelled] = [(); 2].map(|()| ambit::send_after(&named, ms(10), 7));
    let holder = deaf("queued message");
    ambit::send_after(&holder.recipient(), ms(10), 8);
    tokio::time::sleep(ms(15)).await;
    assert_eq!(cancelled.cancel(), Some(ms(0)));
    ambit::exit(&holder, ExitReason::Shutdown);
    holder.closed().await;
    assert_eq!(
        letters.seen(),
        1,
        "not that of a cancelled timer, or of one that ends with the process"
    );
    assert_eq!(timer.cancel(), None, "nothing is queued");
}

struct SlowEnd;

#[gen_server]
impl SlowEnd {
    #[info]
    fn tick(&mut self, _: u8) {}

    #[terminate]
    async fn end(&mut self, _reason: &ExitReason) {
        tokio::time::sleep(ms(35)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_interval_to_a_name_continues_after_a_tick_during_terminate() {
    let letters = count_dead_letters(Undelivered::Ended);
    let server = SlowEnd.start().name("slow end").await.unwrap();
    let named = SlowEndSubject::named("slow end").recipient::<u8>();
    let ticks = ambit::send_every(&named, ms(10), 7);
    server.stop().await.unwrap();
    assert_eq!(letters.seen(), 3, "each tick during terminate");
    assert_eq!(ticks.remaining(), Some(ms(5)));
    ticks.cancel();
}

/// Counts the dead letters of a system.
struct DeadLetters {
    seen: Arc<AtomicUsize>,
    _listening: TelemetryGuard,
}

impl DeadLetters {
    fn seen(&self) -> usize {
        self.seen.load(Ordering::Relaxed)
    }
}

fn count_dead_letters(why: Undelivered) -> DeadLetters {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    let listening = System::current().unwrap().on_dead_letter(move |letter| {
        assert_eq!(letter.why(), why);
        count.fetch_add(1, Ordering::Relaxed);
    });
    DeadLetters {
        seen,
        _listening: listening,
    }
}

#[tokio::test(start_paused = true)]
async fn a_pattern_that_panics_leaves_its_event_queued_and_ends_no_interval() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.subject();
        own.send(7).await.unwrap();
        let ticks = ambit::send_every(&own.recipient(), ms(10), 1);
        tokio::time::sleep(ms(15)).await;
        for panics_at in [7, 1] {
            let receive = inbox.recv_match(|event| {
                assert_ne!(*event, InboxEvent::Message(panics_at), "on purpose");
                false
            });
            let mut receive = pin!(receive);
            let polled = poll_fn(|cx| {
                let poll = || receive.as_mut().poll(cx);
                Poll::Ready(catch_unwind(AssertUnwindSafe(poll)))
            });
            assert!(polled.await.is_err());
        }
        assert_eq!(inbox.recv().await, Some(7));
        assert_eq!(inbox.recv().await, Some(1));
        assert_eq!(
            inbox.next_within(ms(10)).await,
            Some(InboxEvent::Message(1))
        );
        assert_eq!(ticks.skipped(), 0);
    })
    .await;
}

/// A message that counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_message_behind_an_unread_down_is_dropped_by_the_next_receive() {
    in_process(|mut inbox: Inbox<Option<Counted>>| async move {
        let drops = Arc::new(AtomicUsize::new(0));
        let own = inbox.recipient();
        inbox.monitor(Pid::NOBODY);
        let timers: Vec<_> = (0..10)
            .map(|_| ambit::send_after(&own, ms(1), Some(Counted(drops.clone()))))
            .collect();
        tokio::time::sleep(ms(10)).await;
        for timer in timers {
            timer.cancel();
        }
        own.send(None).now().unwrap();
        assert!(matches!(inbox.recv().await, Some(None)));
        assert_eq!(drops.load(Ordering::SeqCst), 10);
    })
    .await;
}
