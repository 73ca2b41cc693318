//! All interleavings of a start, the end after it and the starter. Run with `just loom`.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize as Count;
use std::sync::atomic::Ordering as Std;
use std::task::{Wake, Waker};

use loom::sync::Notify;
use loom::thread;

use super::*;
use crate::rt::sync::{Mutex, check};

struct Wakes {
    notify: Notify,
    polls: Count,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.notify.notify();
    }
}

/// The end of a process for its observers: the reason, and the waker.
#[derive(Default)]
struct End {
    reason: Option<&'static str>,
    waker: Option<Waker>,
}

/// A process and its starter's wakers, as in a real process.
struct Process {
    lifecycle: Lifecycle,
    starter: Mutex<Option<Waker>>,
    end: Mutex<End>,
}

impl Process {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            lifecycle: Lifecycle::new(false),
            starter: Mutex::new(None),
            end: Mutex::new(End::default()),
        })
    }

    fn begins(&self) {
        if self.lifecycle.begin() {
            let starter = self.starter.lock().take();
            if let Some(starter) = starter {
                starter.wake();
            }
        }
    }

    fn ends(&self) {
        self.lifecycle.advance(Stage::Ending);
        drop(self.starter.lock().take());
        self.lifecycle.advance(Stage::Gone);
        let waker = {
            let mut end = self.end.lock();
            end.reason = Some("end");
            end.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn poll(&self, waker: &Waker) -> Poll<Result<(), &'static str>> {
        let end = {
            let mut end = self.end.lock();
            if end.reason.is_none() {
                end.waker = Some(waker.clone());
            }
            end.reason.map_or(Poll::Pending, Poll::Ready)
        };
        self.lifecycle.poll_start(end, || {
            *self.starter.lock() = Some(waker.clone());
        })
    }

    /// Returns the result for its starter; loom fails if the starter sleeps forever.
    fn started(&self) -> Result<(), &'static str> {
        let wakes = Arc::new(Wakes {
            notify: Notify::new(),
            polls: Count::new(0),
        });
        let waker = Waker::from(wakes.clone());
        loop {
            if let Poll::Ready(outcome) = self.poll(&waker) {
                return outcome;
            }
            assert!(
                wakes.polls.fetch_add(1, Std::Relaxed) < 3,
                "it was woken for nothing"
            );
            wakes.notify.wait();
        }
    }
}

#[test]
fn a_successful_start_is_reported_even_if_the_exit_follows_immediately() {
    check(3, || {
        let process = Process::new();
        let own = process.clone();
        let other = thread::spawn(move || {
            own.begins();
            own.ends();
        });
        assert_eq!(process.started(), Ok(()));
        other.join().unwrap();
    });
}

#[test]
fn an_end_before_the_init_is_done_is_a_failed_start() {
    check(3, || {
        let process = Process::new();
        let own = process.clone();
        let other = thread::spawn(move || own.ends());
        assert_eq!(process.started(), Err("end"));
        other.join().unwrap();
    });
}

/// The end may come from another thread than the init: the word decides which was first.
#[test]
fn the_starter_receives_the_recorded_outcome_when_start_and_exit_race() {
    check(3, || {
        let process = Process::new();
        let (own, other) = (process.clone(), process.clone());
        let begins = thread::spawn(move || own.begins());
        let ends = thread::spawn(move || other.ends());
        let outcome = process.started();
        begins.join().unwrap();
        ends.join().unwrap();
        assert_eq!(
            outcome.is_ok(),
            process.lifecycle.start() == StartState::Begun
        );
    });
}
