//! The cell of a process, shared by senders, callers and the process's task: the scheduling word, the mailbox, the
//! control lane, and the runner state.
//!
//! The run permit is a [`RunPermit`]; its holder runs the process: the task, or for one handler a caller. There is one
//! permit per cell. All work is added under the lock, because the order among messages, signals and control is visible.
//! Two operations need no lock: taking the permit of an idle cell, and giving it back.
//! `docs/design/009-scheduling-word.md` draws the states.

#![allow(
    unsafe_code,
    reason = "only the holder of the run permit accesses the runner, without a lock"
)]

mod run_permit;
pub(crate) mod task;
mod task_state;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use self::task_state::TaskState;
use crate::engine::mailbox::overflow::Overflow;
use crate::engine::mailbox::queue_snapshot::QueueSnapshot;
use crate::engine::mailbox::{Mailbox, QueueEntry, Voidable};
use crate::engine::wake::{ReaderWaker, Wake};
use crate::engine::wake_list::WakeList;
use crate::rt::sync::atomic::{AtomicU64, Ordering};
use crate::rt::sync::{Mutex, MutexGuard, UnsafeCell};

/// The run permit is taken: the process is running, or about to.
const RUN: u64 = 1;
/// Something is queued. Set and cleared under the lock.
const WORK: u64 = 1 << 1;
/// The control lane must be checked before the next message. Set and cleared under the lock.
const CONTROL: u64 = 1 << 2;
/// A sender waits for capacity. Set and cleared under the lock.
const WAITERS: u64 = 1 << 3;
/// Every permit is reserved, and nothing is queued: a call must wait for capacity though the process is idle. Set and
/// cleared under the lock.
const RESERVED: u64 = 1 << 4;
/// The bits above the flags: the number of permits that the runner has released and the mailbox has not yet counted as
/// free.
const FREED: u64 = 1 << 8;
const FLAGS: u64 = FREED - 1;

pub(crate) struct RunCell<M, N, C, L> {
    word: AtomicU64,
    inner: Mutex<Locked<M, N, C>>,
    runner: UnsafeCell<RunnerSlot<M, N, L>>,
}

// SAFETY: the runner state is reached only through the one `RunPermit`, or by the owner of the cell; everything else is
// a lock or an atomic. A `RunPermit` moves between threads, so the runner state must be `Send`; it is never shared.
unsafe impl<M: Send, N: Send, C: Send, L: Send> Sync for RunCell<M, N, C, L> {}

/// The data that only the runner accesses.
struct RunnerSlot<M, N, L> {
    /// Taken from the mailbox at once, in order.
    batch: VecDeque<QueueEntry<M, N>>,
    runner_state: L,
}

pub(crate) struct Locked<M, N, C> {
    pub(crate) mailbox: Mailbox<M, N>,
    pub(crate) control: C,
    /// The task that runs the process, once it has been polled.
    task: Option<Waker>,
    /// The waker of the receive that waits, if it is not the task's: a combinator or another task polls it, or the
    /// process has no task. It may be user code, so it is cloned and dropped without the lock.
    reader: Option<Arc<ReaderWaker>>,
    state: TaskState,
}

/// The next work of the runner.
pub(crate) enum NextWork<M, N> {
    Entry(QueueEntry<M, N>),
    /// The control lane comes first.
    Control,
    Nothing,
}

impl<M, N, C> Locked<M, N, C> {
    /// Records that a process without a run permit of its own waits for a message with `waker`, so that the next one
    /// wakes it. Returns false if it needs a clone of `waker`: call it again with one, made without the lock. On return
    /// `clone` contains what must be dropped without the lock.
    pub(crate) fn wait(&mut self, waker: &Waker, clone: &mut Option<Arc<ReaderWaker>>) -> bool {
        let is_same = |known: Option<&Waker>| known.is_some_and(|known| known.will_wake(waker));
        if is_same(self.task.as_ref()) {
            if self.reader.is_some() {
                std::mem::swap(&mut self.reader, clone);
            }
        } else if !is_same(self.reader.as_deref().map(|reader| &reader.0)) {
            if clone.is_none() {
                return false;
            }
            std::mem::swap(&mut self.reader, clone);
        }
        self.state = self.state.waits();
        true
    }

    /// Ends a wait for a message: a scan has taken one.
    pub(crate) fn go_on(&mut self) {
        self.state = self.state.goes_on();
    }

    /// Takes the waker of the receive that waits, to be dropped without the lock: the process ends.
    pub(crate) fn take_reader(&mut self) -> Option<Arc<ReaderWaker>> {
        self.reader.take()
    }

    /// Grants the permit, which is already marked as taken, to the task.
    fn grant(&mut self) -> Wake {
        let had_task = self.state != TaskState::Absent;
        self.state = self.state.granted();
        if had_task { self.wake() } else { Wake::Spawn }
    }

    fn wake(&self) -> Wake {
        self.task.clone().map_or(Wake::None, Wake::Task)
    }

    /// Wakes the receive that waits.
    fn wake_reader(&mut self) -> Wake {
        match self.reader.take() {
            Some(reader) => Wake::Task(Waker::from(reader)),
            None => self.wake(),
        }
    }
}

impl<M, N: Voidable, C: Default, L> RunCell<M, N, C, L> {
    /// Creates a cell whose permit is taken: its creator may [`claim`](Self::claim) it, or its task takes it.
    pub(crate) fn new(capacity: usize, overflow: Overflow, runner_state: L) -> Self {
        Self {
            word: AtomicU64::new(RUN),
            inner: Mutex::new(Locked {
                mailbox: Mailbox::new(capacity, overflow),
                control: C::default(),
                task: None,
                reader: None,
                state: TaskState::Granted { watched: false },
            }),
            runner: UnsafeCell::new(RunnerSlot {
                batch: VecDeque::new(),
                runner_state,
            }),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Locked<M, N, C>> {
        self.inner.lock()
    }

    /// Runs an external operation on the mailbox, after all waiting messages with capacity have been admitted. Wakers
    /// run without the lock.
    pub(crate) fn send<T>(&self, what: impl FnOnce(&mut Mailbox<M, N>) -> T) -> (T, Wake) {
        let (mut inner, woken) = self.lock_admitted();
        let result = what(&mut inner.mailbox);
        (result, self.unlock(inner, woken))
    }

    /// Locks the mailbox after all waiting messages with capacity have been admitted.
    fn lock_admitted(&self) -> (MutexGuard<'_, Locked<M, N, C>>, Wake) {
        let mut woken = Wake::None;
        loop {
            let mut inner = self.inner.lock();
            if !inner.mailbox.is_full() {
                return (inner, woken);
            }
            self.count_started(&mut inner.mailbox);
            if !inner.mailbox.may_admit() {
                return (inner, woken);
            }
            drop(inner);
            woken = woken.and(self.let_in());
        }
    }

    /// Unlocks the mailbox after an external operation. Returns all wake-ups, `woken` included.
    fn unlock(&self, mut inner: MutexGuard<'_, Locked<M, N, C>>, mut woken: Wake) -> Wake {
        let admits = self.mark(&mut inner.mailbox);
        if !inner.mailbox.is_empty() {
            woken = woken.and(self.mark_work(&mut inner));
        }
        drop(inner);
        if admits {
            woken = woken.and(self.let_in());
        }
        woken
    }

    /// Queues a system message, unless the mailbox is closed. A system message takes no permit, so no waiting sender is
    /// admitted, and no waker runs here.
    pub(crate) fn push_system(&self, system: N) -> (Result<(), N>, Wake) {
        let mut inner = self.inner.lock();
        let pushed = inner.mailbox.push_system(system);
        // A selective receive also looks at the messages that wait for capacity.
        let wake = match pushed {
            Ok(()) => self.mark_work(&mut inner),
            Err(_) => Wake::None,
        };
        (pushed, wake)
    }

    /// Admits waiting messages with capacity, in batches: their wakers run without the lock.
    #[cold]
    pub(crate) fn let_in(&self) -> Wake {
        let mut wake = Wake::None;
        loop {
            let mut senders = WakeList::new();
            let mut inner = self.inner.lock();
            self.count_started(&mut inner.mailbox);
            let has_more = inner.mailbox.admit(&mut senders);
            let has_more = self.mark(&mut inner.mailbox) || has_more;
            if !inner.mailbox.is_empty() {
                wake = wake.and(self.mark_work(&mut inner));
            }
            drop(inner);
            drop(senders);
            if !has_more {
                return wake;
            }
        }
    }

    /// Pushes a user message if there is capacity; otherwise returns it.
    #[inline]
    pub(crate) fn push_if_free<T, E: Into<QueueEntry<M, N>>>(
        &self,
        message: T,
        envelope: impl FnOnce(T) -> E,
    ) -> Result<Wake, T> {
        let mut inner = self.inner.lock();
        if !inner.mailbox.is_free() {
            return Err(message);
        }
        inner.mailbox.push(envelope(message));
        Ok(self.mark_work(&mut inner))
    }

    #[inline]
    fn mark_work(&self, inner: &mut Locked<M, N, C>) -> Wake {
        // Under the lock WORK does not change, and while it is set no holder gives the permit back.
        let busy = RUN | WORK;
        if self.word.load(Ordering::Relaxed) & busy != busy
            && self.word.fetch_or(busy, Ordering::AcqRel) & RUN == 0
        {
            return inner.grant();
        }
        if inner.state.is_waiting() {
            inner.state = inner.state.goes_on();
            return inner.wake_reader();
        }
        Wake::None
    }

    /// Counts the messages that the runner has begun.
    fn count_started(&self, mailbox: &mut Mailbox<M, N>) {
        if self.word.load(Ordering::Relaxed) >= FREED {
            let freed = self.word.fetch_and(FLAGS, Ordering::AcqRel) / FREED;
            mailbox.begun(usize::try_from(freed).unwrap_or(usize::MAX));
        }
    }

    /// Maintains the flag for waiting senders: while it is set, the runner admits them when it releases a permit.
    /// Permits released just before the flag was set are counted too. Returns true if a waiting message can be
    /// admitted.
    fn mark(&self, mailbox: &mut Mailbox<M, N>) -> bool {
        let marked = self.word.load(Ordering::Relaxed) & WAITERS != 0;
        if mailbox.has_waiting() {
            if !marked && self.word.fetch_or(WAITERS, Ordering::AcqRel) >= FREED {
                self.count_started(mailbox);
            }
        } else if marked {
            self.word.fetch_and(!WAITERS, Ordering::AcqRel);
        }
        if mailbox.is_reserved() != (self.word.load(Ordering::Relaxed) & RESERVED != 0) {
            self.word.fetch_xor(RESERVED, Ordering::AcqRel);
        }
        mailbox.may_admit()
    }

    /// Runs an external operation on the control lane, and wakes the process in any state.
    pub(crate) fn control<T>(&self, what: impl FnOnce(&mut Locked<M, N, C>) -> T) -> (T, Wake) {
        let mut inner = self.inner.lock();
        let result = what(&mut inner);
        inner.state = inner.state.goes_on();
        let wake = if self.word.fetch_or(CONTROL | RUN, Ordering::AcqRel) & RUN == 0 {
            inner.grant()
        } else if inner.reader.is_some() {
            inner.wake_reader().and(inner.wake())
        } else {
            inner.wake()
        };
        (result, wake)
    }

    /// Returns true if the process waits for a message.
    pub(crate) fn is_idle(&self) -> bool {
        self.word.load(Ordering::Acquire) & RUN == 0 || self.inner.lock().state.is_waiting()
    }

    /// Returns the capacity for user messages.
    #[cfg(feature = "test")]
    pub(crate) fn capacity(&self) -> usize {
        self.inner.lock().mailbox.capacity()
    }

    /// Returns the number of user messages that are queued or wait for capacity.
    pub(crate) fn queued(&self) -> usize {
        let mut inner = self.inner.lock();
        self.count_started(&mut inner.mailbox);
        inner.mailbox.queued()
    }

    /// Returns a snapshot of the queue. It reads up to some thousand entries.
    pub(crate) fn queue_snapshot(&self) -> QueueSnapshot {
        let mut inner = self.inner.lock();
        self.count_started(&mut inner.mailbox);
        inner.mailbox.queue_snapshot()
    }

    /// Returns true if the permit may be free: nothing is running or queued, and no control is pending. Only a hint;
    /// [`enter`](Self::enter) decides.
    pub(crate) fn may_enter(&self) -> bool {
        self.word.load(Ordering::Relaxed) == 0
    }

    /// Takes the permit of an idle process.
    pub(crate) fn enter(&self) -> Option<RunPermit<'_, M, N, C, L>> {
        self.word
            .compare_exchange(0, RUN, Ordering::Acquire, Ordering::Relaxed)
            .ok()?;
        Some(RunPermit { cell: self })
    }
}

/// The run permit of a process. Dropped, it is granted to the next task of the process, or to its end.
#[must_use = "a process whose turn is lost never runs again"]
pub(crate) struct RunPermit<'a, M, N: Voidable, C: Default, L> {
    cell: &'a RunCell<M, N, C, L>,
}

impl<M, N: Voidable, C: Default, L> RunPermit<'_, M, N, C, L> {
    fn runner(&mut self) -> &mut RunnerSlot<M, N, L> {
        // SAFETY: there is one `RunPermit` per cell: it is created only where this thread has set RUN (`enter`,
        // `task::claim`), or where `granted`, which means that RUN is set and the run permit has no holder, was reset
        // under the lock (`task::poll_granted`). It is borrowed mutably here for as long as the runner state is.
        self.cell.runner.with_mut(|runner| unsafe { &mut *runner })
    }
}

impl<M, N: Voidable, C: Default, L> Drop for RunPermit<'_, M, N, C, L> {
    fn drop(&mut self) {
        let mut inner = self.cell.inner.lock();
        inner.state = inner.state.granted();
    }
}

#[cfg(all(test, ambit_loom))]
impl<M, N: Voidable, C: Default, L> RunCell<M, N, C, L> {
    /// Reads the runner state, when every other thread of a model has been joined.
    fn look<R>(&self, look: impl FnOnce(&L) -> R) -> R {
        self.runner.with(|runner| {
            // SAFETY: no other thread is left, which loom checks.
            let runner = unsafe { &*runner };
            look(&runner.runner_state)
        })
    }
}

#[cfg(all(test, ambit_loom))]
mod models;
