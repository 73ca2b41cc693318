//! What a change of a cell requires once its lock is released.

use std::sync::Arc;
use std::task::{self, Waker};

use crate::engine::wake_list::wake_by_ref;

/// The wake-up to perform after the lock is released. As small as a waker, because every send returns one.
#[must_use = "the process would not see its work"]
pub(crate) enum Wake {
    None,
    Task(Waker),
    /// There is work and no task: spawn one.
    Spawn,
}

impl Wake {
    /// Combines two wake-ups; spawning a task covers waking it.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, wake) | (wake, Self::None) => wake,
            (Self::Spawn, _) | (_, Self::Spawn) => Self::Spawn,
            (Self::Task(one), Self::Task(other)) if one.will_wake(&other) => Self::Task(one),
            (Self::Task(one), Self::Task(other)) => Self::Task(BothWakers(one, other).into_waker()),
        }
    }
}

/// The waker of a receive that is polled with another waker than the task's. It may be user code, so its panic harms no
/// sender.
pub(crate) struct ReaderWaker(pub(super) Waker);

impl ReaderWaker {
    pub(crate) fn new(waker: &Waker) -> Arc<Self> {
        Arc::new(Self(waker.clone()))
    }

    /// Returns true if it wakes the same as `waker`.
    pub(crate) fn wakes(&self, waker: &Waker) -> bool {
        self.0.will_wake(waker)
    }
}

impl task::Wake for ReaderWaker {
    fn wake(self: Arc<Self>) {
        wake_by_ref(&self.0);
    }
}

struct BothWakers(Waker, Waker);

impl BothWakers {
    fn into_waker(self) -> Waker {
        Waker::from(Arc::new(self))
    }
}

impl task::Wake for BothWakers {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
        self.1.wake_by_ref();
    }
}
