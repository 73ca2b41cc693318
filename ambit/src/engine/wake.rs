//! What a change of a cell requires once its lock is released.

use std::task::Waker;

/// The wake-up to perform after the lock is released.
#[must_use = "the process would not see its work"]
pub(crate) enum Wake {
    Nobody,
    Task(Waker),
    /// A receive that is polled with another waker than the task's; this waker may be user code.
    Reader(Box<Waker>),
    /// There is work and no task: spawn one.
    Spawn,
    Both(Box<(Self, Self)>),
}

impl Wake {
    /// Combines two wake-ups; spawning a task covers waking it.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nobody, wake) | (wake, Self::Nobody) => wake,
            (wake @ Self::Task(_), Self::Task(_)) => wake,
            (Self::Spawn, Self::Spawn | Self::Task(_)) | (Self::Task(_), Self::Spawn) => {
                Self::Spawn
            }
            both => Self::Both(Box::new(both)),
        }
    }
}
