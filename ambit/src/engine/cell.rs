//! The place where senders and the process meet: mailbox, control lane and the waker of the process's task.
//!
//! All three stand behind one lock, because their order is visible: a message that was sent after an exit signal
//! must not be handled before it.

use std::task::Waker;

use parking_lot::{Mutex, MutexGuard};

use crate::engine::mailbox::{Mailbox, Note, Overflow};

pub(crate) struct Cell<M, N, C> {
    inner: Mutex<Inner<M, N, C>>,
}

pub(crate) struct Inner<M, N, C> {
    pub(crate) mailbox: Mailbox<M, N>,
    pub(crate) control: C,
    /// The process found nothing to do and waits for its next message.
    idle: bool,
    task: Option<Waker>,
}

impl<M, N, C> Inner<M, N, C> {
    /// Notes that the process waits for a message, so that the next one wakes it.
    pub(crate) fn sleep(&mut self) {
        self.idle = true;
    }
}

impl<M, N: Note, C: Default> Cell<M, N, C> {
    pub(crate) fn new(capacity: usize, overflow: Overflow) -> Self {
        Self {
            inner: Mutex::new(Inner {
                mailbox: Mailbox::new(capacity, overflow),
                control: C::default(),
                idle: false,
                task: None,
            }),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner<M, N, C>> {
        self.inner.lock()
    }

    /// Does something from outside that concerns only the mailbox, and wakes the process if it waits for that.
    pub(crate) fn send<T>(&self, what: impl FnOnce(&mut Mailbox<M, N>) -> T) -> T {
        let mut inner = self.inner.lock();
        let result = what(&mut inner.mailbox);
        let wake = if inner.idle && !inner.mailbox.is_empty() {
            inner.idle = false;
            inner.task.clone()
        } else {
            None
        };
        drop(inner);
        if let Some(task) = wake {
            task.wake();
        }
        result
    }

    /// Does something from outside to the control lane, and wakes the process whatever it waits for.
    pub(crate) fn control<T>(&self, what: impl FnOnce(&mut Inner<M, N, C>) -> T) -> T {
        let mut inner = self.inner.lock();
        let result = what(&mut inner);
        inner.idle = false;
        let wake = inner.task.clone();
        drop(inner);
        if let Some(task) = wake {
            task.wake();
        }
        result
    }

    /// Notes which task runs the process; called at each of its polls.
    pub(crate) fn runs_in(&self, task: &Waker) {
        let mut inner = self.inner.lock();
        inner.idle = false;
        if !inner
            .task
            .as_ref()
            .is_some_and(|known| known.will_wake(task))
        {
            inner.task = Some(task.clone());
        }
    }

    /// Whether the process waits for a message.
    pub(crate) fn is_idle(&self) -> bool {
        self.inner.lock().idle
    }
}
