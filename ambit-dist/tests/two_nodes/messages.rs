use ambit::error::StopError;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use ambit::error::{CallError, Executed};
use ambit::prelude::*;
use ambit::process::ExitReason;

use crate::two_nodes::pair::pair;

pub(crate) struct Counter {
    value: u64,
    waiting: Vec<ReplyTo<u64>>,
}

#[gen_server(remote = "test.counter")]
impl Counter {
    #[init]
    fn new(value: u64) -> Self {
        let waiting = Vec::new();
        Self { value, waiting }
    }

    #[call]
    pub(crate) fn get(&self) -> u64 {
        self.value
    }

    #[call]
    async fn add(&mut self, by: u64) -> Result<u64, String> {
        self.value = self.value.checked_add(by).ok_or("too much")?;
        Ok(self.value)
    }

    #[call(deferred)]
    fn never(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
    }

    #[call]
    fn crash(&mut self) -> u64 {
        panic!("asked to")
    }

    #[cast]
    pub(crate) fn set(&mut self, value: u64) {
        self.value = value;
    }

    #[call]
    fn blob(&self, bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }
}

#[ambit::test(real_time)]
async fn a_server_of_another_node_is_used_like_any_other() {
    let pair = pair().await;
    pair.far.expose::<Counter>();
    let counter: CounterSubject = pair.near.on("far").start::<Counter>((40,)).await.unwrap();
    assert_eq!(counter.get().await, Ok(40));
    assert_eq!(counter.add(2).await, Ok(Ok(42)));
    assert_eq!(counter.add(u64::MAX).await, Ok(Err("too much".to_owned())));
    counter.set(7).await.unwrap();
    assert_eq!(counter.get().await, Ok(7));
    counter.set(8).now().unwrap();
    let pending = counter.get().send();
    assert_eq!(pending.await, Ok(8));
    let late = counter.never().timeout(Duration::from_millis(30)).await;
    assert_eq!(late, Err(CallError::Timeout));
    let blob: Vec<u8> = (0..1_000_000_u32).map(|n| n as u8).collect();
    assert_eq!(counter.blob(blob.clone()).await, Ok(blob));
    assert_eq!(pair.far_system.process_count(), 1);
}

struct Entries(Vec<u64>);

#[gen_server(remote = "test.entries")]
impl Entries {
    #[init]
    fn new() -> Self {
        Self(Vec::new())
    }

    #[cast]
    fn note(&mut self, number: u64) {
        self.0.push(number);
    }

    #[call]
    fn all(&self) -> Vec<u64> {
        self.0.clone()
    }
}

#[ambit::test(real_time)]
async fn the_message_of_a_permit_follows_those_that_its_holder_has_sent_before() {
    let pair = pair().await;
    pair.far.expose::<Entries>();
    let entries = pair.near.on("far").start::<Entries>(());
    let log: EntriesSubject = entries.await.unwrap();
    let permit = log.reserve().await.unwrap();
    // More than the first window.
    for number in 0..100 {
        log.note(number).now().unwrap();
    }
    permit.send(EntriesCast::Note { number: 100 });
    assert_eq!(log.all().await, Ok((0..=100).collect()));
}

#[ambit::test(real_time)]
async fn the_exit_of_a_remote_server_is_reported_with_its_reason() {
    let pair = pair().await;
    pair.far.expose::<Counter>();
    let start = || pair.near.on("far").start::<Counter>((1,));
    let counter = start().await.unwrap();
    let monitor = counter.monitor();
    let crashed = counter.crash().await;
    assert!(
        matches!(&crashed, Err(CallError::Exited { reason: ExitReason::Panic(report), .. }) if report.to_string().contains("asked to")),
        "{crashed:?}"
    );
    assert!(matches!(monitor.await.reason, ExitReason::Panic(_)));
    assert_eq!(counter.get().await, Err(CallError::NoProcess));
    assert!(!counter.is_alive());

    let counter = start().await.unwrap();
    counter.stop().await.unwrap();
    assert_eq!(counter.closed().await, ExitReason::Normal);
    let counter = start().await.unwrap();
    ambit::exit(&counter, ExitReason::Kill);
    assert_eq!(counter.closed().await, ExitReason::Killed);
}

#[ambit::test(real_time)]
async fn a_lost_node_is_no_connection_for_calls_monitors_and_links() {
    let pair = pair().await;
    pair.far.expose::<Counter>();
    let counter = pair.near.on("far").start::<Counter>((1,)).await.unwrap();
    let other = pair.near.on("far").start::<Counter>((2,)).await.unwrap();
    let pending = counter.never().send();
    let monitor = counter.monitor();
    let linked = counter.clone();
    let holder = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
        inbox.link(&linked).unwrap();
        inbox.recv().await;
    });
    ambit::test::expect_crash(&holder);
    assert!(pair.near.disconnect("far").await);
    let maybe = Executed::Maybe;
    assert_eq!(
        pending.await,
        Err(CallError::NoConnection { executed: maybe })
    );
    assert_eq!(monitor.await.reason, ExitReason::NoConnection);
    assert_eq!(holder.closed().await, ExitReason::NoConnection);
    let no = Executed::No;
    assert_eq!(
        counter.get().await,
        Err(CallError::NoConnection { executed: no })
    );
    // The same incarnation of the node has the same processes; the linked one ended with the loss.
    pair.near.connect(pair.far.local_addr()).await.unwrap();
    assert_eq!(other.get().await, Ok(2));
    assert_eq!(counter.get().await, Err(CallError::NoProcess));
}

#[ambit::test(real_time)]
async fn names_here_are_for_processes_here() {
    let pair = pair().await;
    pair.far.expose::<Counter>();
    let counter = pair.near.on("far").start::<Counter>((1,)).await.unwrap();
    let elsewhere = Err(ambit::error::RegisterError::Elsewhere);
    assert_eq!(ambit::register("counter", &counter), elsewhere);
    let registry = Registry::<u64, Counter>::unique();
    assert_eq!(registry.register(1_u64, &counter), elsewhere);
    assert!(registry.lookup(&1).is_none());
}

#[ambit::test(real_time)]
async fn stopping_an_already_stopped_remote_process_returns_no_process() {
    let pair = pair().await;
    pair.far.expose::<Counter>();
    let counter = pair.near.on("far").start::<Counter>((1,)).await.unwrap();
    let same = counter.clone();
    counter.stop().await.unwrap();
    assert_eq!(same.stop().await, Err(StopError::NoProcess));
    let counter = pair.near.on("far").start::<Counter>((1,)).await.unwrap();
    pair.far_system.stop(Duration::from_secs(1)).await;
    assert_eq!(counter.stop().await, Err(StopError::NoProcess));
}

#[ambit::test(real_time)]
async fn stopping_a_remote_process_returns_success() {
    let pair = pair().await;
    pair.far.expose::<Counter>();
    for _ in 0..200 {
        let counter = pair.near.on("far").start::<Counter>((1,)).await.unwrap();
        // A new process each time, because the lane of the pair depends on it.
        let (tell, told) = tokio::sync::oneshot::channel();
        ambit::spawn(move |_: Inbox<u8>| async move {
            tell.send(counter.stop().await).unwrap();
        });
        assert_eq!(told.await.unwrap(), Ok(()));
    }
}

#[ambit::test(real_time)]
async fn inspection_of_a_remote_process_reports_that_it_is_remote() {
    let pair = pair().await;
    pair.far.expose::<Counter>();
    let counter = pair.near.on("far").start::<Counter>((1,)).await.unwrap();
    let suspended = ambit::sys::suspend(&counter).await;
    let error = suspended.unwrap_err().to_string();
    assert!(error.contains("runs on another node"), "{error}");
    assert_eq!(counter.get().await, Ok(1));
}

/// Never handles its second message.
pub(crate) struct Stuck;

#[gen_server(remote = "test.stuck", mailbox = 1)]
impl Stuck {
    #[init]
    fn new() -> Self {
        Self
    }

    #[cast]
    async fn never_mind(&mut self) {
        std::future::pending::<()>().await;
    }
}

#[ambit::test(real_time)]
async fn a_signal_needs_no_capacity_and_reaches_a_stuck_process() {
    let pair = pair().await;
    pair.far.expose::<Stuck>();
    let stuck = pair.near.on("far").start::<Stuck>(()).await.unwrap();
    // As many messages as have credits, and some that wait here.
    while stuck.never_mind().now().is_ok() {}
    let mut waiting = stuck.never_mind().no_timeout();
    let once = poll_fn(|cx| Poll::Ready(Pin::new(&mut waiting).poll(cx))).await;
    assert!(once.is_pending());
    ambit::exit(&stuck, ExitReason::Kill);
    assert_eq!(stuck.closed().await, ExitReason::Killed);
    drop(waiting);
}

#[ambit::test(real_time)]
async fn ten_thousand_casts_arrive_in_order_and_each_once_through_a_small_mailbox() {
    let pair = pair().await;
    pair.far.expose::<Log>();
    let log: LogSubject = pair.near.on("far").start::<Log>(()).await.unwrap();
    for number in 0..10_000 {
        log.note(number).await.unwrap();
    }
    assert_eq!(log.seen().await, Ok((10_000, true)));
}

/// Receives numbers slowly; its mailbox holds two.
pub(crate) struct Log {
    next: u64,
    in_order: bool,
}

#[gen_server(remote = "test.log", mailbox = 2)]
impl Log {
    #[init]
    fn new() -> Self {
        let in_order = true;
        Self { next: 0, in_order }
    }

    #[cast]
    async fn note(&mut self, number: u64) {
        tokio::task::yield_now().await;
        self.in_order &= number == self.next;
        self.next += 1;
    }

    #[call]
    fn seen(&self) -> (u64, bool) {
        (self.next, self.in_order)
    }
}

/// Hands out a handle any number of times.
pub(crate) struct Desk(LogSubject);

#[gen_server(remote = "test.desk")]
impl Desk {
    #[init]
    async fn new() -> Result<Self, StartError> {
        Log::start().await.map(Self)
    }

    #[call]
    fn log(&self) -> LogSubject {
        self.0.clone()
    }
}

#[ambit::test(real_time)]
async fn credits_are_not_forgotten_with_the_handle_they_were_spent_through() {
    let pair = pair().await;
    pair.far.expose::<Desk>();
    let desk: DeskSubject = pair.near.on("far").start::<Desk>(()).await.unwrap();
    for round in 0..50 {
        let log = desk.log().await.unwrap();
        for number in 0..100 {
            log.note(round * 100 + number).await.unwrap();
        }
    }
    let seen = desk.log().await.unwrap().seen().await;
    assert_eq!(seen, Ok((5_000, true)));
}
