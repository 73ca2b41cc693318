//! Design §3.2: one queue in arrival order, permits, the wait list, and messages that need no permit.

use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use ambit::error::{CastError, Executed};
use ambit::prelude::*;
use ambit::process::{LetterKind, Undelivered};
use ambit::sys;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::conformance::common::{dead_letters, idle, in_process, poll_once, quiet, soon};

const PLACES: u64 = 4;

/// The messages that a [`Sink`] has handled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Handled {
    Put(u64),
    Asked(u64),
    Tick(u64),
    Down(ExitReason),
}

pub(crate) type Log = Arc<Mutex<Vec<Handled>>>;

#[derive(Clone)]
pub(crate) struct Tick(pub(crate) u64);

/// Records everything it handles. Its mailbox has a capacity of four.
pub(crate) struct Sink(pub(crate) Log);

impl Sink {
    fn note(&self, what: Handled) {
        self.0.lock().unwrap().push(what);
    }
}

#[gen_server(mailbox = 4)]
impl Sink {
    #[cast]
    pub(crate) fn put(&mut self, n: u64) {
        self.note(Handled::Put(n));
    }
    #[cast]
    async fn hang(&mut self) {
        std::future::pending().await
    }
    #[call]
    fn ask(&mut self, n: u64) -> u64 {
        self.note(Handled::Asked(n));
        n
    }
    #[call]
    fn watch(&mut self, ctx: &mut Context<Self>, target: Subject<u8>) {
        ctx.monitor(&target);
    }
    /// Casts to itself until its mailbox is full: returns the number of accepted casts, and the errors after them.
    #[call]
    async fn flood_itself(&mut self, ctx: &mut Context<Self>) -> (u64, CastError, CastError) {
        let own = ctx.subject();
        for n in 0.. {
            if let Err(error) = own.put(n).await {
                let reserved = own.as_ref().reserve().await;
                return (n, error, reserved.unwrap_err());
            }
        }
        unreachable!()
    }
    #[info]
    fn on_tick(&mut self, Tick(n): Tick) {
        self.note(Handled::Tick(n));
    }
    #[info]
    fn on_down(&mut self, down: Down) {
        self.note(Handled::Down(down.reason));
    }
}

async fn sink() -> (SinkSubject, Log) {
    let log = Log::default();
    (Sink(log.clone()).start().await.unwrap(), log)
}

/// Starts a suspended sink with a full mailbox: 0, 1, 2, 3.
async fn full() -> (SinkSubject, Log) {
    let (sink, log) = sink().await;
    fill(&sink).await;
    (sink, log)
}

async fn fill(sink: &SinkSubject) {
    sys::suspend(sink).await.unwrap();
    for n in 0..PLACES {
        sink.put(n).now().unwrap();
    }
}

/// Resumes the sink, waits until everything queued so far is handled, and returns the log.
async fn handled(sink: &SinkSubject, log: &Log) -> Vec<Handled> {
    sys::resume(sink).await.unwrap();
    sink.ask(99).await.unwrap();
    let mut log = std::mem::take(&mut *log.lock().unwrap());
    assert_eq!(log.pop(), Some(Handled::Asked(99)));
    log
}

fn number(cast: &SinkCast) -> u64 {
    match cast {
        SinkCast::Put { n } => *n,
        SinkCast::Hang => unreachable!("it is handled before anything else"),
    }
}

fn puts(numbers: impl IntoIterator<Item = u64>) -> Vec<Handled> {
    numbers.into_iter().map(Handled::Put).collect()
}

#[tokio::test(start_paused = true)]
async fn a_full_mailbox_makes_senders_wait_first_come_first_served() {
    let (sink, log) = full().await;
    let (mut one, mut two, mut three) = (sink.put(4), sink.ask(5), sink.put(6));
    assert_eq!(poll_once(&mut one).await, Poll::Pending);
    assert_eq!(poll_once(&mut two).await, Poll::Pending);
    assert_eq!(poll_once(&mut three).await, Poll::Pending);
    assert_eq!(ambit::process_info(&sink).unwrap().queued, 7);
    let began = Instant::now();
    let mut expected = puts(0..5);
    expected.extend([Handled::Asked(5), Handled::Put(6)]);
    assert_eq!(handled(&sink, &log).await, expected);
    assert_eq!((one.await, two.await, three.await), (Ok(()), Ok(5), Ok(())));
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn now_fails_while_the_mailbox_is_full_or_has_waiters() {
    let (sink, log) = full().await;
    assert_eq!(sink.put(7).now(), Err(CastError::Full));
    let (error, message) = sink.put(7).now_or_return().unwrap_err();
    assert!(matches!(
        (error, message),
        (CastError::Full, SinkCast::Put { n: 7 })
    ));
    assert_eq!(sink.ask(7).now().err(), Some(CallError::Full));
    let mut waiting = sink.put(4);
    assert!(poll_once(&mut waiting).await.is_pending());
    assert_eq!(sink.put(7).now(), Err(CastError::Full));
    let recipient = sink.recipient::<Tick>();
    assert_eq!(recipient.send(Tick(7)).now(), Err(CastError::Full));
    assert_eq!(handled(&sink, &log).await, puts(0..5));
    waiting.await.unwrap();
}

#[tokio::test]
async fn a_waiting_message_is_withdrawn_when_its_future_is_dropped() {
    let (sink, log) = full().await;
    let (mut one, mut two, mut three, mut four) =
        (sink.put(4), sink.ask(5), sink.put(6), sink.ask(7).send());
    assert!(poll_once(&mut one).await.is_pending());
    assert!(poll_once(&mut two).await.is_pending());
    assert!(poll_once(&mut three).await.is_pending());
    assert!(poll_once(&mut four).await.is_pending());
    drop((one, two, four));
    assert_eq!(ambit::process_info(&sink).unwrap().queued, 5);
    assert_eq!(handled(&sink, &log).await, puts([0, 1, 2, 3, 6]));
    three.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_capacity_ends_at_its_deadline_and_withdraws_the_message() {
    let (sink, log) = full().await;
    let began = Instant::now();
    assert_eq!(sink.put(4).await, Err(CastError::Timeout));
    assert_eq!(began.elapsed(), Duration::from_secs(5), "the default");
    let short = Duration::from_millis(10);
    assert_eq!(sink.put(5).timeout(short).await, Err(CastError::Timeout));
    assert_eq!(
        sink.with_timeout(short).put(6).await,
        Err(CastError::Timeout)
    );
    assert_eq!(sink.ask(7).timeout(short).await, Err(CallError::Timeout));
    let recipient = sink.recipient::<Tick>();
    let refused = recipient.send(Tick(8)).timeout(short).await;
    assert_eq!(refused, Err(CastError::Timeout));
    assert_eq!(began.elapsed(), Duration::from_secs(5) + 4 * short);
    assert_eq!(
        handled(&sink, &log).await,
        puts(0..4),
        "none of them was executed"
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_without_a_deadline_ends_with_capacity_or_with_the_server() {
    let (sink, log) = full().await;
    let (subject, recipient) = (sink.as_ref(), sink.recipient::<Tick>());
    let mut cast = sink.put(4).no_timeout();
    let mut call = sink.ask(5).no_timeout();
    let mut info = recipient.send(Tick(6)).no_timeout();
    let mut place = subject.reserve().no_timeout();
    let mut last = sink.put(7).no_timeout();
    let day = Duration::from_secs(86_400);
    let (cast, call, info, place) = tokio::join!(&mut cast, &mut call, &mut info, async {
        assert!(tokio::time::timeout(day, &mut place).await.is_err());
        assert!(tokio::time::timeout(day, &mut last).await.is_err());
        sys::resume(&sink).await.unwrap();
        place.await
    });
    assert_eq!((cast, call, info), (Ok(()), Ok(5), Ok(())));
    drop(place.unwrap());
    last.await.unwrap();
    assert_eq!(log.lock().unwrap()[..4], puts(0..4));

    let (sink, _log) = full().await;
    let mut cast = sink.put(4).no_timeout();
    assert!(tokio::time::timeout(day, &mut cast).await.is_err());
    ambit::exit(&sink, ExitReason::Kill);
    assert_eq!(cast.await, Err(CastError::NoProcess));
}

/// The server ends at the moment when the timeout of a waiting cast expires: an undelivered cast must not return `Ok`.
#[tokio::test(start_paused = true)]
async fn an_undelivered_cast_never_returns_ok() {
    let moment = Duration::from_millis(10);
    for exit_first in [true, false] {
        let (sink, log) = full().await;
        if exit_first {
            ambit::exit_after(moment, &sink, ExitReason::Shutdown);
        }
        let mut cast = sink.put(4).timeout(moment);
        assert!(poll_once(&mut cast).await.is_pending());
        if !exit_first {
            ambit::exit_after(moment, &sink, ExitReason::Shutdown);
        }
        let outcome = cast.await;
        sink.closed().await;
        assert!(outcome.is_err(), "exit first: {exit_first}");
        assert_eq!(*log.lock().unwrap(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_never_waits_for_capacity_in_its_own_mailbox() {
    let (sink, log) = sink().await;
    let began = Instant::now();
    let outcome = sink.flood_itself().await;
    assert_eq!(outcome, Ok((PLACES, CastError::Full, CastError::Full)));
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(handled(&sink, &log).await, puts(0..4));
    // Neither does a plain process.
    let (sent, error) = in_process(|inbox: Inbox<u64>| async move {
        let own = inbox.subject();
        for n in 0.. {
            if let Err(error) = own.send(n).await {
                return (n, error);
            }
        }
        unreachable!()
    })
    .await;
    assert_eq!((sent, error), (1024, CastError::Full));
}

#[tokio::test(start_paused = true)]
async fn a_permit_reserves_an_exclusive_slot() {
    let (sink, log) = sink().await;
    sys::suspend(&sink).await.unwrap();
    let subject: &Subject<Sink> = sink.as_ref();
    let first = subject.reserve().await.unwrap();
    let second = subject.reserve().await.unwrap();
    sink.put(0).now().unwrap();
    sink.put(1).now().unwrap();
    assert_eq!(sink.put(9).now(), Err(CastError::Full));
    first.send(SinkCast::Put { n: 2 });
    assert_eq!(
        sink.put(9).now(),
        Err(CastError::Full),
        "its place is used now"
    );
    drop(second);
    sink.put(3).now().unwrap();
    // Reservations and messages wait in one order.
    let (mut cast, mut reserve, mut last) = (sink.put(4), subject.reserve(), sink.put(5));
    assert!(poll_once(&mut cast).await.is_pending());
    assert!(poll_once(&mut reserve).await.is_pending());
    assert!(poll_once(&mut last).await.is_pending());
    let mut given_up = subject.reserve();
    assert!(poll_once(&mut given_up).await.is_pending());
    drop(given_up);
    sys::resume(&sink).await.unwrap();
    let permit = reserve.await.unwrap();
    assert_eq!((cast.await, last.await), (Ok(()), Ok(())));
    permit.send(SinkCast::Put { n: 6 });
    assert_eq!(handled(&sink, &log).await, puts(0..7));
}

#[tokio::test(start_paused = true)]
async fn a_reservation_times_out_and_a_permit_of_a_stopped_process_dead_letters() {
    let (sink, _log) = full().await;
    let subject: &Subject<Sink> = sink.as_ref();
    let short = Duration::from_millis(10);
    let late = subject.reserve().timeout(short).await;
    assert_eq!(late.err(), Some(CastError::Timeout));
    let began = Instant::now();
    assert_eq!(subject.reserve().await.err(), Some(CastError::Timeout));
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    let other = idle();
    let permit = other.reserve().await.unwrap();
    ambit::exit(&other, ExitReason::Kill);
    other.closed().await;
    let (_guard, letters) = dead_letters(|n: &u8| u64::from(*n));
    permit.send(7);
    let expected = (LetterKind::Cast, Undelivered::Ended, 7);
    assert_eq!(*letters.lock().unwrap(), [expected]);
    assert_eq!(other.reserve().await.err(), Some(CastError::NoProcess));
    // A pending reservation fails when the process ends.
    let mut waiting = subject.reserve();
    assert!(poll_once(&mut waiting).await.is_pending());
    ambit::exit(&sink, ExitReason::Kill);
    assert_eq!(waiting.await.err(), Some(CastError::NoProcess));
}

/// Starts a full sink that monitors a process.
async fn full_watcher() -> (SinkSubject, Log, Subject<u8>) {
    let (sink, log) = sink().await;
    let target = idle();
    sink.watch(target.clone()).await.unwrap();
    fill(&sink).await;
    (sink, log, target)
}

#[tokio::test]
async fn a_down_is_queued_behind_all_messages_sent_before_it() {
    let (sink, log, target) = full_watcher().await;
    let mut waiting = sink.put(4);
    assert!(poll_once(&mut waiting).await.is_pending());
    target.stop_with(ExitReason::Shutdown).await.unwrap();
    let mut later = sink.put(5);
    assert!(poll_once(&mut later).await.is_pending());
    let mut expected = puts(0..5);
    expected.extend([Handled::Down(ExitReason::Shutdown), Handled::Put(5)]);
    assert_eq!(handled(&sink, &log).await, expected);
}

#[tokio::test]
async fn a_down_does_not_wait_for_a_message_that_was_withdrawn() {
    let (sink, log, target) = full_watcher().await;
    let mut waiting = sink.put(4);
    assert!(poll_once(&mut waiting).await.is_pending());
    target.stop_with(ExitReason::Shutdown).await.unwrap();
    drop(waiting);
    let mut expected = puts(0..4);
    expected.push(Handled::Down(ExitReason::Shutdown));
    assert_eq!(handled(&sink, &log).await, expected);
}

#[tokio::test(start_paused = true)]
async fn system_messages_need_no_permit_and_keep_their_position() {
    let (sink, log) = full().await;
    let recipient = sink.recipient::<Tick>();
    let short = Duration::from_millis(10);
    ambit::send_after(&recipient, short, Tick(1));
    tokio::time::sleep(2 * short).await;
    let mut waiting = sink.put(4);
    assert!(poll_once(&mut waiting).await.is_pending());
    let voided = ambit::send_after(&recipient, short, Tick(2));
    ambit::send_after(&recipient, short, Tick(3));
    tokio::time::sleep(2 * short).await;
    voided.cancel();
    let mut expected = puts(0..4);
    expected.extend([Handled::Tick(1), Handled::Put(4), Handled::Tick(3)]);
    assert_eq!(handled(&sink, &log).await, expected);
}

#[tokio::test]
async fn a_stop_queues_behind_all_waiting_messages() {
    let (sink, log) = full().await;
    let mut waiting = sink.put(4);
    assert!(poll_once(&mut waiting).await.is_pending());
    let mut stop = sink.stop();
    assert!(poll_once(&mut stop).await.is_pending());
    sys::resume(&sink).await.unwrap();
    assert_eq!((stop.await, waiting.await), (Ok(()), Ok(())));
    assert_eq!(*log.lock().unwrap(), puts(0..5));
}

#[tokio::test]
async fn kill_and_exit_reach_a_process_with_a_full_mailbox() {
    let _quiet = quiet();
    for (reason, seen) in [
        (ExitReason::Kill, ExitReason::Killed),
        (ExitReason::error("drowned"), ExitReason::error("drowned")),
    ] {
        let (sink, log) = sink().await;
        sink.hang().await.unwrap();
        while ambit::process_info(&sink).unwrap().queued > 0 {
            tokio::task::yield_now().await;
        }
        let asked = sink.ask(0).send();
        for n in 1..PLACES {
            sink.put(n).now().unwrap();
        }
        let (mut cast, mut call) = (sink.put(4), sink.ask(5));
        assert!(poll_once(&mut cast).await.is_pending());
        assert!(poll_once(&mut call).await.is_pending());
        let (_guard, letters) = dead_letters(number);
        ambit::exit(&sink, reason);
        assert_eq!(soon(sink.closed()).await, seen);
        assert_eq!(cast.await, Err(CastError::NoProcess));
        let gone = CallError::Exited {
            reason: seen,
            executed: Executed::No,
        };
        assert_eq!((asked.await, call.await), (Err(gone.clone()), Err(gone)));
        // The queued casts, which have no waiting caller.
        let dead = [1, 2, 3].map(|n| (LetterKind::Cast, Undelivered::Ended, n));
        assert_eq!(*letters.lock().unwrap(), dead);
        assert_eq!(*log.lock().unwrap(), []);
    }
}

#[tokio::test]
async fn a_selective_receive_takes_its_message_off_the_queue() {
    in_process(|mut inbox: Inbox<u64>| async move {
        let own = inbox.subject();
        for n in 0..2000 {
            own.send(n).now().unwrap();
            own.send(n + 1).now().unwrap();
            let wanted = InboxEvent::Message(n + 1);
            assert_eq!(inbox.recv_match(|event| *event == wanted).await, wanted);
            assert_eq!(ambit::process_info(&own).unwrap().queued, 1);
            assert_eq!(inbox.recv().await, Some(n));
        }
        assert_eq!(ambit::process_info(&own).unwrap().queued, 0);
    })
    .await;
}

#[tokio::test]
async fn a_selective_receive_finds_a_down_behind_senders_that_wait_for_capacity() {
    const CAPACITY: u64 = 1_024;
    let (ready, is_ready) = oneshot::channel();
    let (go, goes) = oneshot::channel();
    let receiver = ambit::spawn(|mut inbox: Inbox<u64>| async move {
        let watched = idle();
        inbox.monitor(&watched);
        ready.send(watched).unwrap();
        goes.await.unwrap();
        let is_down = |event: &InboxEvent<u64>| matches!(event, InboxEvent::Down(_));
        inbox.recv_match(is_down).await;
        // The others keep their order.
        for n in 0..=CAPACITY {
            assert_eq!(inbox.recv().await, Some(n));
        }
    });
    let watched = is_ready.await.unwrap();
    for n in 0..CAPACITY {
        receiver.send(n).now().unwrap();
    }
    let mut waits = Box::pin(receiver.send(CAPACITY).no_timeout());
    assert!(poll_once(&mut waits).await.is_pending());
    watched.stop().await.unwrap();
    go.send(()).unwrap();
    let (sent, ended) = tokio::join!(waits, soon(receiver.closed()));
    assert_eq!((sent, ended), (Ok(()), ExitReason::Normal));
}

#[tokio::test]
async fn a_further_inbox_that_is_killed_ends_as_killed() {
    in_process(|inbox: Inbox<u16>| async move {
        let side = inbox.open::<u8>();
        let end = side.subject().monitor();
        ambit::exit(side.subject(), ExitReason::Kill);
        drop(side);
        assert_eq!(end.await.reason, ExitReason::Killed);
    })
    .await;
}
