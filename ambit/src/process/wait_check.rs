//! Checks of processes that may no longer wait: such a process is polled again before a call fails as part of a cycle.
//!
//! A future does not know whether it is still awaited. A handler that gives up a wait and begins another one in the same
//! poll still counts as waiting for the first. So a wait that closes a cycle first wakes the processes in it. Each
//! polls what it still waits for; what it does not poll no longer counts. The second poll decides, because the first may
//! be the one that gives up. The check also ends between two messages of the process, and with the process: its waits
//! are over then. It covers only the waits that existed when it began.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::Waker;

use parking_lot::Mutex;

use crate::engine::wake_list;
use crate::pid::Pid;
use crate::process::poll_count;

/// The number of polls that a check needs.
const POLLS: u32 = 2;

/// The maximum number of checks of one process that a wait requests one after the other.
pub(crate) const ROUNDS: u32 = 16;

/// The check of one process, requested by a wait.
pub(crate) struct WaitCheck {
    pub(crate) process: Pid,
    /// The number of its last poll when the check began.
    since: AtomicU32,
    /// Set under the lock of the shard, so that one search sees one value.
    is_done: AtomicBool,
    /// Set before `is_done`: something else could wake the process after the poll that decided, such as a timer.
    may_continue: AtomicBool,
    /// The number of that poll.
    decided: AtomicU32,
    /// The number of checks of the process that its wait has requested, up to this one.
    pub(crate) round: u32,
    /// Wakes the wait that requested it.
    waker: Mutex<Option<Waker>>,
}

impl WaitCheck {
    pub(crate) fn new(process: Pid, round: u32, waker: &Waker) -> Arc<Self> {
        Arc::new(Self {
            process,
            since: AtomicU32::new(0),
            is_done: AtomicBool::new(false),
            may_continue: AtomicBool::new(false),
            decided: AtomicU32::new(0),
            round,
            waker: Mutex::new(Some(waker.clone())),
        })
    }

    /// Begins after the poll with this number.
    pub(crate) fn begin(&self, polled: u32) {
        self.since.store(polled, Ordering::Relaxed);
    }

    /// Sets the waker of the wait, which may be polled with another one each time. Call it before
    /// [`is_done`](Self::is_done).
    pub(crate) fn wake_with(&self, waker: &Waker) {
        let is_same = |known: &Waker| known.will_wake(waker);
        if self.waker.lock().as_ref().is_some_and(is_same) {
            return;
        }
        // Wakers may be user code, so they are cloned and dropped without the lock.
        let waker = waker.clone();
        let before = self.waker.lock().replace(waker);
        drop(before);
    }

    pub(crate) fn is_done(&self) -> bool {
        self.is_done.load(Ordering::Acquire)
    }

    /// Returns true if something else could wake the process after the poll that decided. It may have been polled since.
    pub(crate) fn may_continue(&self) -> bool {
        self.may_continue.load(Ordering::Acquire)
    }

    /// Returns the number of polls from the one that decided to this one.
    pub(crate) fn polls_since(&self, poll: u32) -> u32 {
        poll_count::since(self.decided.load(Ordering::Acquire), poll)
    }

    /// Ends the check: the process no longer waits, or the check is void. The caller holds the lock of the shard, or the
    /// check is not in the graph.
    pub(crate) fn mark_done(&self) {
        self.is_done.store(true, Ordering::Release);
    }

    /// Ends the check after the poll with this number. The caller holds the lock of the shard.
    pub(crate) fn decide(&self, poll: u32, may_continue: bool) {
        self.decided.store(poll, Ordering::Relaxed);
        self.may_continue.store(may_continue, Ordering::Release);
        self.mark_done();
    }

    /// Drops the waker: the wait needs no further poll.
    pub(crate) fn cancel(&self) {
        let waker = self.waker.lock().take();
        drop(waker);
    }

    /// Wakes the wait. Not under a lock.
    pub(crate) fn wake(&self) {
        let waker = self.waker.lock().take();
        if let Some(waker) = waker {
            wake_list::wake_one(waker);
        }
    }

    /// Returns true if a poll with this number was late enough to decide.
    pub(crate) fn decides(&self, poll: u32) -> bool {
        let polls = poll_count::since(self.since.load(Ordering::Relaxed), poll);
        (POLLS..u32::MAX / 4).contains(&polls)
    }

    /// Returns true if it covers a wait that began in the poll with this number: the wait existed when the check began.
    pub(crate) fn covers(&self, began: u32) -> bool {
        let later = poll_count::since(self.since.load(Ordering::Relaxed), began);
        !(1..u32::MAX / 4).contains(&later)
    }
}

/// A process whose waits must be checked.
pub(crate) struct Unchecked {
    pub(crate) process: Pid,
    /// The number of its checks that the wait has requested before.
    pub(crate) rounds: u32,
}

impl Unchecked {
    /// A process of which the wait has requested no check so far.
    pub(crate) fn first(process: Pid) -> Self {
        Self { process, rounds: 0 }
    }
}
