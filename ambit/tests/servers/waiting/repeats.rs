//! Waits that are polled again: for a check, in the same poll, or in another process.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::sleep;
use tracing::Level;

use super::*;
use crate::support::lazily::lazily;
use crate::support::traces::Traces;

/// Counts its wakes, and passes them on.
#[derive(Default)]
struct Wakes {
    count: AtomicUsize,
    task: Mutex<Option<Waker>>,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.count.fetch_add(1, Ordering::SeqCst);
        if let Some(task) = self.task.lock().unwrap().take() {
            task.wake();
        }
    }
}

impl Wakes {
    /// Waits for the first wake.
    async fn wait(&self) {
        poll_fn(|cx| {
            *self.task.lock().unwrap() = Some(cx.waker().clone());
            match self.count.load(Ordering::SeqCst) {
                0 => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
    }
}

fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Cx::from_waker(waker))
}

/// A process that polls its calls in unusual ways.
#[derive(Default)]
struct Poller {
    other: Option<PollerSubject>,
    replies: Vec<ReplyTo<u64>>,
}

impl Poller {
    fn ask_later(&self) -> Pending<u64> {
        self.other.as_ref().unwrap().later().send()
    }
}

#[gen_server]
impl Poller {
    #[call]
    fn meet(&mut self, other: PollerSubject) {
        self.other = Some(other);
    }

    /// Async, so that it never runs inline.
    #[call]
    async fn value(&mut self) -> u64 {
        7
    }

    #[call(deferred)]
    fn later(&mut self, reply: ReplyTo<u64>) {
        self.replies.push(reply);
    }

    #[call]
    fn answer(&mut self) {
        for reply in self.replies.drain(..) {
            reply.send(1);
        }
    }

    #[call]
    async fn ask_back(&mut self, time: Duration) -> Answer {
        self.other.clone().unwrap().value().timeout(time).await
    }

    /// Polls the call once more after a while.
    #[call]
    async fn ask_back_and_sleep(&mut self) -> Answer {
        let other = self.other.clone().unwrap();
        tokio::join!(other.value(), sleep(ms(10))).0
    }

    #[call]
    async fn await_this(&mut self, pending: Pending<u64>) -> Answer {
        pending.await
    }

    #[call]
    async fn await_both(&mut self, third: PollerSubject) -> (Answer, Answer) {
        tokio::join!(self.ask_later(), third.later())
    }

    /// Waits in a set, and counts the polls.
    #[call]
    async fn await_and_count(&mut self, polls: Arc<AtomicUsize>) -> Answer {
        let mut pending = self.ask_later();
        let counted = poll_fn(|cx| {
            polls.fetch_add(1, Ordering::SeqCst);
            Pin::new(&mut pending).poll(cx)
        });
        lazily(counted).await
    }

    #[call]
    async fn poll_twice(&mut self, wakes: Arc<Wakes>) {
        let (mut pending, waker) = (self.ask_later(), Waker::from(wakes));
        for _ in 0..2 {
            assert_eq!(poll_with(&mut pending, &waker), Poll::Pending);
        }
    }

    /// Waits until it is checked; then polls its wait so often in one poll, and blocks until it receives a signal.
    #[call]
    async fn poll_and_block(&mut self, polls: usize, blocker: Blocker) {
        let (mut pending, wakes) = (self.ask_later(), Arc::new(Wakes::default()));
        let waker = Waker::from(wakes.clone());
        assert_eq!(poll_with(&mut pending, &waker), Poll::Pending);
        wakes.wait().await;
        for _ in 0..polls {
            assert_eq!(poll_with(&mut pending, &waker), Poll::Pending);
        }
        let blocked = tokio::task::block_in_place(|| blocker.0.lock().unwrap().recv());
        blocked.unwrap();
    }

    /// Begins a call, and gives it up.
    #[call]
    async fn begin_and_give_up(&mut self, wakes: Arc<Wakes>) {
        let mut call = self.other.as_ref().unwrap().value();
        assert_eq!(poll_with(&mut call, &Waker::from(wakes)), Poll::Pending);
    }

    /// Begins another wait in each poll, until a message has arrived; returns false if none has.
    #[call]
    async fn begin_waits(&mut self) -> bool {
        let (me, mut polls) = (ambit::self_pid().unwrap(), 0);
        let mut last = None;
        poll_fn(|cx| {
            drop(last.take());
            let mut pending = self.ask_later();
            assert_eq!(poll_with(&mut pending, cx.waker()), Poll::Pending);
            last = Some(pending);
            polls += 1;
            cx.waker().wake_by_ref();
            let is_asked = ambit::process_info(me).unwrap().queued > 0;
            match is_asked || polls == 200 {
                true => Poll::Ready(is_asked),
                false => Poll::Pending,
            }
        })
        .await
    }
}

async fn pollers() -> (PollerSubject, PollerSubject) {
    let (one, two) = (Poller::default().start(), Poller::default().start());
    let (one, two) = (one.await.unwrap(), two.await.unwrap());
    one.meet(two.clone()).await.unwrap();
    two.meet(one.clone()).await.unwrap();
    (one, two)
}

async fn until_it_waits(process: &PollerSubject) {
    while ambit::process_info(process).unwrap().waits_for.is_empty() {
        tokio::task::yield_now().await;
    }
}

const LONG: Duration = Duration::from_secs(5);

#[ambit::test]
async fn a_check_polls_a_wait_in_a_set_twice() {
    let (one, two) = pollers().await;
    let polls = Arc::new(AtomicUsize::new(0));
    let waits = one.await_and_count(polls.clone()).send();
    settle().await;
    assert_eq!(polls.load(Ordering::SeqCst), 1);
    let pids = [two.pid(), one.pid(), two.pid()];
    assert_eq!(two.ask_back(LONG).await, cycle(&pids));
    settle().await;
    assert_eq!(polls.load(Ordering::SeqCst), 3);
    two.answer().await.unwrap();
    assert_eq!(waits.await, Ok(Ok(1)));
    assert_eq!(polls.load(Ordering::SeqCst), 4);
}

#[ambit::test]
async fn a_wait_that_is_polled_twice_in_one_poll_wakes_nothing() {
    let (one, _two) = pollers().await;
    let wakes = Arc::new(Wakes::default());
    one.poll_twice(wakes.clone()).await.unwrap();
    assert_eq!(wakes.count.load(Ordering::SeqCst), 0);
}

/// A set polls a future that was woken during its own poll a few times more; a blocked thread polls it again and again.
#[ambit::test(flavor = "multi_thread")]
async fn a_wait_in_a_set_that_is_polled_seven_times_in_one_poll_blocks_its_thread() {
    for (polls, blocks) in [(6, false), (7, true)] {
        let (one, two) = pollers().await;
        let (go, blocker) = mpsc::channel();
        let blocked = one.poll_and_block(polls, Blocker(blocker.into()));
        let blocked = blocked.into_owned().send();
        until_it_waits(&one).await;
        let asked = two.ask_back(if blocks { LONG } else { ms(20) }).await;
        let pids = [two.pid(), one.pid(), two.pid()];
        let expected = match blocks {
            true => cycle(&pids),
            false => Ok(Err(CallError::Timeout)),
        };
        assert_eq!(asked, expected);
        go.send(()).unwrap();
        assert_eq!(blocked.await, Ok(()));
        two.answer().await.unwrap();
    }
}

#[ambit::test(flavor = "multi_thread")]
async fn a_call_that_is_given_up_while_it_is_checked_keeps_no_waker() {
    let (one, two) = pollers().await;
    let (go, blocker) = mpsc::channel();
    let blocked = one.poll_and_block(0, Blocker(blocker.into()));
    let blocked = blocked.into_owned().send();
    until_it_waits(&one).await;
    let wakes = Arc::new(Wakes::default());
    two.begin_and_give_up(wakes.clone()).await.unwrap();
    assert_eq!(Arc::strong_count(&wakes), 1);
    go.send(()).unwrap();
    assert_eq!(blocked.await, Ok(()));
    two.answer().await.unwrap();
}

const POSSIBLE: &str = "these processes may be waiting for each other";

#[ambit::test]
async fn a_possible_cycle_is_reported_once() {
    let (traces, _guard) = Traces::listen(Level::WARN);
    let (one, two) = pollers().await;
    let third = Poller::default().start().await.unwrap();
    let waits = one.await_both(third.clone()).send();
    settle().await;
    let asked = two.ask_back_and_sleep().send();
    sleep(ms(20)).await;
    assert_eq!(traces.with("message", POSSIBLE).len(), 1);
    third.answer().await.unwrap();
    let pids = vec![one.pid(), two.pid(), one.pid()];
    assert_eq!(waits.await, Ok((Err(CallError::Cycle { pids }), Ok(1))));
    assert_eq!(asked.await, Ok(Ok(7)));
    two.answer().await.unwrap();
}

/// Such a process may go on at any time, so the call is sent.
#[ambit::test]
async fn a_process_that_begins_a_wait_in_each_poll_is_called_after_some_checks() {
    let (traces, _guard) = Traces::listen(Level::WARN);
    let (one, two) = pollers().await;
    let waits = one.begin_waits().send();
    let asked = two.ask_back(LONG).send();
    assert_eq!(waits.await, Ok(true));
    assert_eq!(asked.await, Ok(Ok(7)));
    assert_eq!(traces.with("message", POSSIBLE).len(), 1);
    two.answer().await.unwrap();
}

#[ambit::test]
async fn a_wait_that_is_taken_over_by_another_process_is_no_wait_of_the_first() {
    let (one, two) = pollers().await;
    let me = ambit::self_pid().unwrap();
    let waits_for = |pid| ambit::process_info(pid).unwrap().waits_for;
    let mut pending = two.later().send();
    assert_eq!(poll_once(&mut pending).await, None);
    assert_eq!(waits_for(me), [two.pid()]);
    let waits = one.await_this(pending).into_owned().send();
    settle().await;
    assert_eq!(waits_for(me), []);
    assert_eq!(waits_for(one.pid()), [two.pid()]);
    two.answer().await.unwrap();
    assert_eq!(waits.await, Ok(Ok(1)));
}
