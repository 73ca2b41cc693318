//! All interleavings of waiters, the clock and cancelled waits at one limiter. Run with `just loom`.
//!
//! The clock advances only when an alarm fires: a missing alarm is a deadlock.

use std::sync::atomic::{AtomicUsize, Ordering as Std};
use std::task::{Wake, Waker};

use loom::sync::Notify;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;

use super::*;
use crate::rt::sync::check;

const PERIOD: Duration = Duration::from_nanos(10);

/// A clock with its armed alarms.
struct Time {
    now: AtomicU64,
    armed: Arc<Mutex<Vec<(u64, Duration)>>>,
    made: AtomicUsize,
    /// An alarm was armed, or a waiter is done.
    change: Notify,
    done: AtomicUsize,
}

struct Armed {
    number: u64,
    all: Arc<Mutex<Vec<(u64, Duration)>>>,
}

impl NotifyWaiter for Armed {
    fn fires(&self) -> bool {
        true
    }

    fn stop(&self) -> bool {
        let mut all = self.all.lock();
        let before = all.len();
        all.retain(|(number, _)| *number != self.number);
        all.len() < before
    }
}

impl LimiterClock for Time {
    type LimiterDeadline = Armed;

    fn time(&self) -> Duration {
        Duration::from_nanos(self.now.load(Ordering::SeqCst))
    }

    fn waits(&self) -> bool {
        true
    }

    fn arm(line: &Arc<TokenQueue<Self>>, at: Duration) -> Option<Armed> {
        let clock = line.clock();
        let number = clock.made.fetch_add(1, Std::Relaxed) as u64;
        let mut all = clock.armed.lock();
        all.push((number, at));
        assert_eq!(all.len(), 1, "one alarm is enough");
        drop(all);
        clock.change.notify();
        Some(Armed {
            number,
            all: clock.armed.clone(),
        })
    }
}

type Model = Arc<TokenQueue<Time>>;

struct TestWaker(Notify);

impl Wake for TestWaker {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// Returns a limiter with an empty bucket.
fn empty() -> Model {
    let time = Time {
        now: AtomicU64::new(0),
        armed: Arc::default(),
        made: AtomicUsize::new(0),
        change: Notify::new(),
        done: AtomicUsize::new(0),
    };
    let line = Arc::new(TokenQueue::new(Rate::per(PERIOD, 1), time));
    assert!(line.with(Bucket::take));
    line
}

/// Advances the clock to the alarm and fires it; returns false if none is armed.
fn fire(line: &Model) -> bool {
    let Some((_, at)) = line.clock.armed.lock().pop() else {
        return false;
    };
    let at = u64::try_from(at.as_nanos()).unwrap();
    line.clock.now.fetch_max(at, Ordering::SeqCst);
    line.fire();
    true
}

/// Rings each alarm until this many waiters are done.
fn fire_until(line: &Model, done: usize) {
    while line.clock.done.load(Std::SeqCst) < done {
        if !fire(line) {
            line.clock.change.wait();
        }
    }
}

/// Waits for a token and takes it.
fn acquire(line: &Model) {
    let wake_count = Arc::new(TestWaker(Notify::new()));
    let waker = Waker::from(wake_count.clone());
    let mut wait = TokenWait::default();
    while wait.poll(line, &Context::from_waker(&waker)).is_pending() {
        wake_count.0.wait();
    }
    done(line);
}

fn done(line: &Model) {
    line.clock.done.fetch_add(1, Std::SeqCst);
    line.clock.change.notify();
}

/// Begins a wait, which is pending.
fn begin(line: &Model) -> TokenWait {
    let mut wait = TokenWait::default();
    let polled = wait.poll(line, &Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "the bucket is empty");
    wait
}

/// This many tokens were used, besides the first one; no waiter and no alarm is left.
fn account(line: &Model, used: u64) {
    let stats = line.stats();
    assert_eq!((stats.taken, stats.waiting), (used + 1, 0));
    assert!(line.clock.armed.lock().is_empty(), "an alarm for nobody");
}

#[test]
fn two_waiters_get_their_tokens_from_the_clock() {
    check(2, || {
        let line = empty();
        let waiters = [line.clone(), line.clone()];
        let waiters = waiters.map(|line| thread::spawn(move || acquire(&line)));
        fire_until(&line, 2);
        for waiter in waiters {
            waiter.join().unwrap();
        }
        account(&line, 2);
    });
}

#[test]
fn a_token_of_a_cancelled_waiter_passes_to_the_next_waiter() {
    check(2, || {
        let line = empty();
        let first = begin(&line);
        let (next, own) = (line.clone(), line.clone());
        let next = thread::spawn(move || acquire(&next));
        let gives_up = thread::spawn(move || first.leave(&own));
        fire_until(&line, 1);
        gives_up.join().unwrap();
        next.join().unwrap();
        // A returned token may be in the bucket, but no waiter lost one.
        account(&line, 1);
    });
}

#[test]
fn a_token_that_is_given_back_needs_no_alarm() {
    check(2, || {
        let line = empty();
        let first = begin(&line);
        assert!(fire(&line), "it has its token");
        let own = line.clone();
        let gives_back = thread::spawn(move || first.leave(&own));
        let mut next = TokenWait::default();
        let cx = Context::from_waker(Waker::noop());
        let polled = next.poll(&line, &cx);
        gives_back.join().unwrap();
        let is_served = match &next {
            TokenWait::Waits(_, ticket) => ticket.poll(&cx).is_ready(),
            _ => polled.is_ready(),
        };
        assert!(is_served, "the token is there");
        account(&line, 1);
    });
}

#[test]
fn a_waiter_that_is_not_polled_costs_one_token() {
    check(2, || {
        let line = empty();
        let unpolled = begin(&line);
        let next = line.clone();
        let next = thread::spawn(move || acquire(&next));
        fire_until(&line, 1);
        next.join().unwrap();
        account(&line, 2);
        let TokenWait::Waits(_, ticket) = &unpolled else {
            panic!("it waits");
        };
        let cx = Context::from_waker(Waker::noop());
        assert_eq!(ticket.poll(&cx), Poll::Ready(TicketOutcome::Admitted));
    });
}

#[test]
fn a_firing_alarm_races_with_a_cancelled_waiter_and_a_new_one() {
    check(2, || {
        let line = empty();
        let first = begin(&line);
        let own = line.clone();
        let others = thread::spawn(move || {
            first.leave(&own);
            acquire(&own);
        });
        fire_until(&line, 1);
        others.join().unwrap();
        account(&line, 1);
    });
}

#[test]
fn a_non_waiting_acquire_never_overtakes_a_waiter() {
    check(2, || {
        let line = empty();
        let first = begin(&line);
        let other = line.clone();
        let other = thread::spawn(move || other.with(Bucket::take_or_refuse));
        fire(&line);
        assert!(!other.join().unwrap(), "the token is the waiter's");
        let TokenWait::Waits(_, ticket) = &first else {
            panic!("it waits");
        };
        let cx = Context::from_waker(Waker::noop());
        assert!(ticket.poll(&cx).is_ready());
        account(&line, 1);
    });
}
