//! The place where senders, callers and the process's task meet: the scheduling word, the mailbox, the control lane,
//! and the seat with what the process works on.
//!
//! Whoever holds the [`Turn`] runs the process: its task, or for one handler a caller. There is one turn per cell.
//! Everything that puts work in happens under the lock, because the order among messages, signals and control is
//! visible; two things do not need it: to take the turn of a cell that has nothing to do, and to give it back.
//! `docs/design/009-scheduling-word.md` draws the states.

#![allow(
    unsafe_code,
    reason = "the seat is reached without a lock by whoever holds the turn"
)]

mod task_state;
mod turn;

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use self::task_state::{Reaping, TaskState};
use crate::engine::mailbox::{Entry, Glance, Mailbox, Note, Overflow};
use crate::engine::wake_list::WakeList;
use crate::rt::sync::atomic::{AtomicU64, Ordering};
use crate::rt::sync::{Mutex, MutexGuard, UnsafeCell};

/// Whether a caller may run the plain handler of a call itself, on its own stack, while the server has nothing to do.
///
/// Such a call wakes no task. What the server does is the same either way; what is not is said at
/// [`gen_server`](macro@crate::gen_server). Not in place, whatever is said here: async methods, casts and infos, a call
/// that is asked with `.send()`, one from another runtime or a plain thread, one to a server that has something to do.
///
/// ```
/// use ambit::prelude::*;
/// struct Index(Vec<u64>);
/// #[gen_server(in_place = never)]
/// impl Index {
///     #[call]
///     fn rebuild(&mut self) -> usize { self.0.sort(); self.0.len() }
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InPlace {
    /// Where it pays: a method that takes longer than 20 µs twice in a row goes through the queue, until it takes less
    /// than 5 µs again.
    #[default]
    Auto,
    /// Never: every call goes through the queue, and the server runs in its own task only, beside its callers.
    Never,
    /// Wherever it is possible, however long it takes: whoever asks several servers at once, asks one after the other.
    Always,
}

/// The turn is taken: the process runs, or is about to.
const RUN: u64 = 1;
/// Something is queued. Set and cleared under the lock.
const WORK: u64 = 1 << 1;
/// The control lane must be looked at before the next message. Set and cleared under the lock.
const CONTROL: u64 = 1 << 2;
/// Somebody waits for room. Set and cleared under the lock.
const WAITERS: u64 = 1 << 3;
/// Every permit is reserved, and nothing queued: a call has to wait for room though the process is idle. Set and cleared
/// under the lock.
const RESERVED: u64 = 1 << 4;
/// Above the flags: how many permits the runner has freed that the mailbox does not count as free yet.
const FREED: u64 = 1 << 8;
const FLAGS: u64 = FREED - 1;

pub(crate) struct Cell<M, N, C, L> {
    word: AtomicU64,
    inner: Mutex<Inner<M, N, C>>,
    seat: UnsafeCell<Seat<M, N, L>>,
}

// SAFETY: the seat is reached only through the one `Turn`, or by whoever owns the cell; everything else is a lock or an
// atomic. A turn moves between threads, so what is on the seat must be `Send`; it is never shared.
unsafe impl<M: Send, N: Send, C: Send, L: Send> Sync for Cell<M, N, C, L> {}

/// What only the runner sees.
struct Seat<M, N, L> {
    /// Taken from the mailbox in one go, in order.
    batch: VecDeque<Entry<M, N>>,
    life: L,
}

pub(crate) struct Inner<M, N, C> {
    pub(crate) mailbox: Mailbox<M, N>,
    pub(crate) control: C,
    /// The task that runs the process, once it has been polled.
    task: Option<Waker>,
    state: TaskState,
}

/// What has to be done once no lock is held.
#[must_use = "the process would not see its work"]
pub(crate) enum Wake {
    Nobody,
    Task(Waker),
    /// There is work and no task: one has to be made.
    Spawn,
}

/// What the runner finds.
pub(crate) enum Found<M, N> {
    Entry(Entry<M, N>),
    /// The control lane comes first.
    Control,
    Nothing,
}

/// What the task of a process is woken for.
pub(crate) enum Called<'a, M, N: Note, C: Default, L> {
    Turn(Turn<'a, M, N, C, L>),
    /// It has been idle for long: the task ends, the process lives on.
    Released,
}

impl Wake {
    /// Both; a task that has to be made is made.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nobody, wake) | (wake, Self::Nobody) => wake,
            (Self::Spawn, _) | (_, Self::Spawn) => Self::Spawn,
            (wake @ Self::Task(_), Self::Task(_)) => wake,
        }
    }
}

impl<M, N, C> Inner<M, N, C> {
    /// Notes that a process without a run permit of its own waits for a message, so that the next one wakes it.
    pub(crate) fn wait(&mut self) {
        self.state = self.state.waits();
    }

    /// Hands the turn, which is already marked as taken, to the task.
    fn grant(&mut self) -> Wake {
        let had_task = self.state != TaskState::Absent;
        self.state = self.state.granted();
        if had_task { self.wake() } else { Wake::Spawn }
    }

    fn wake(&self) -> Wake {
        self.task.clone().map_or(Wake::Nobody, Wake::Task)
    }
}

impl<M, N: Note, C: Default, L> Cell<M, N, C, L> {
    /// A cell whose turn is taken: whoever made it may [`claim`](Self::claim) it, or its task picks it up.
    pub(crate) fn new(capacity: usize, overflow: Overflow, life: L) -> Self {
        Self {
            word: AtomicU64::new(RUN),
            inner: Mutex::new(Inner {
                mailbox: Mailbox::new(capacity, overflow),
                control: C::default(),
                task: None,
                state: TaskState::Granted { watched: false },
            }),
            seat: UnsafeCell::new(Seat {
                batch: VecDeque::new(),
                life,
            }),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner<M, N, C>> {
        self.inner.lock()
    }

    /// Does something from outside that concerns only the mailbox: after everything that waits and has capacity has been
    /// let in. Wakers run without the lock.
    pub(crate) fn send<T>(&self, what: impl FnOnce(&mut Mailbox<M, N>) -> T) -> (T, Wake) {
        let mut woken = Wake::Nobody;
        let mut inner = loop {
            let mut inner = self.inner.lock();
            if !inner.mailbox.is_full() {
                break inner;
            }
            self.count_begun(&mut inner.mailbox);
            if !inner.mailbox.may_admit() {
                break inner;
            }
            drop(inner);
            woken = woken.and(self.let_in());
        };
        let result = what(&mut inner.mailbox);
        let admits = self.mark(&mut inner.mailbox);
        if !inner.mailbox.is_empty() {
            woken = woken.and(self.note_work(&mut inner));
        }
        drop(inner);
        if admits {
            woken = woken.and(self.let_in());
        }
        (result, woken)
    }

    /// Queues a system message, unless the mailbox is closed. A system message takes no permit, so no waiting sender is
    /// admitted, and no waker runs here.
    pub(crate) fn note(&self, note: N) -> (Result<(), N>, Wake) {
        let mut inner = self.inner.lock();
        let noted = inner.mailbox.note(note);
        let wake = if noted.is_ok() && !inner.mailbox.is_empty() {
            self.note_work(&mut inner)
        } else {
            Wake::Nobody
        };
        (noted, wake)
    }

    /// Lets in what waits and has capacity, in batches: their wakers are woken without the lock.
    #[cold]
    pub(crate) fn let_in(&self) -> Wake {
        let mut wake = Wake::Nobody;
        loop {
            let mut senders = WakeList::new();
            let mut inner = self.inner.lock();
            self.count_begun(&mut inner.mailbox);
            let has_more = inner.mailbox.admit(&mut senders);
            let has_more = self.mark(&mut inner.mailbox) || has_more;
            if !inner.mailbox.is_empty() {
                wake = wake.and(self.note_work(&mut inner));
            }
            drop(inner);
            drop(senders);
            if !has_more {
                return wake;
            }
        }
    }

    /// Puts in a user message if there is room for it; else it is given back.
    #[inline]
    pub(crate) fn push_if_free<T, E: Into<Entry<M, N>>>(
        &self,
        message: T,
        letter: impl FnOnce(T) -> E,
    ) -> Result<Wake, T> {
        let mut inner = self.inner.lock();
        if !inner.mailbox.is_free() {
            return Err(message);
        }
        inner.mailbox.push(letter(message));
        Ok(self.note_work(&mut inner))
    }

    #[inline]
    fn note_work(&self, inner: &mut Inner<M, N, C>) -> Wake {
        // Under the lock WORK does not change, and with it set nobody gives the turn back.
        let busy = RUN | WORK;
        if self.word.load(Ordering::Relaxed) & busy != busy
            && self.word.fetch_or(busy, Ordering::AcqRel) & RUN == 0
        {
            return inner.grant();
        }
        if inner.state.is_waiting() {
            inner.state = inner.state.goes_on();
            return inner.wake();
        }
        Wake::Nobody
    }

    /// Counts as begun what the runner has begun.
    fn count_begun(&self, mailbox: &mut Mailbox<M, N>) {
        if self.word.load(Ordering::Relaxed) >= FREED {
            let freed = self.word.fetch_and(FLAGS, Ordering::AcqRel) / FREED;
            mailbox.begun(usize::try_from(freed).unwrap_or(usize::MAX));
        }
    }

    /// While anything waits for capacity the runner says when it frees a permit. What it freed just before this is said
    /// counts too. True if something that waits can be let in.
    fn mark(&self, mailbox: &mut Mailbox<M, N>) -> bool {
        let marked = self.word.load(Ordering::Relaxed) & WAITERS != 0;
        if mailbox.has_waiting() {
            if !marked && self.word.fetch_or(WAITERS, Ordering::AcqRel) >= FREED {
                self.count_begun(mailbox);
            }
        } else if marked {
            self.word.fetch_and(!WAITERS, Ordering::AcqRel);
        }
        if mailbox.is_reserved() != (self.word.load(Ordering::Relaxed) & RESERVED != 0) {
            self.word.fetch_xor(RESERVED, Ordering::AcqRel);
        }
        mailbox.may_admit()
    }

    /// Does something from outside to the control lane, and wakes the process whatever it waits for.
    pub(crate) fn control<T>(&self, what: impl FnOnce(&mut Inner<M, N, C>) -> T) -> (T, Wake) {
        let mut inner = self.inner.lock();
        let result = what(&mut inner);
        inner.state = inner.state.goes_on();
        let wake = if self.word.fetch_or(CONTROL | RUN, Ordering::AcqRel) & RUN == 0 {
            inner.grant()
        } else {
            inner.wake()
        };
        (result, wake)
    }

    /// Notes which task runs the process; called at each of its polls.
    pub(crate) fn runs_in(&self, task: &Waker) {
        let mut inner = self.inner.lock();
        inner.state = inner.state.goes_on();
        Self::set_task(&mut inner, task);
    }

    fn set_task(inner: &mut Inner<M, N, C>, task: &Waker) {
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
        self.word.load(Ordering::Acquire) & RUN == 0 || self.inner.lock().state.is_waiting()
    }

    /// How many more user messages fit.
    #[cfg(any(test, feature = "test"))]
    pub(crate) fn free(&self) -> usize {
        let mut inner = self.inner.lock();
        self.count_begun(&mut inner.mailbox);
        inner.mailbox.free()
    }

    /// What the queue looks like now.
    pub(crate) fn glance(&self) -> Glance {
        let mut inner = self.inner.lock();
        self.count_begun(&mut inner.mailbox);
        inner.mailbox.glance()
    }

    /// Whether the turn may be taken: nothing runs, nothing is queued, no control is pending. A first look; only
    /// [`enter`](Self::enter) decides.
    pub(crate) fn may_enter(&self) -> bool {
        self.word.load(Ordering::Relaxed) == 0
    }

    /// Takes the turn of a process that has nothing to do.
    pub(crate) fn enter(&self) -> Option<Turn<'_, M, N, C, L>> {
        self.word
            .compare_exchange(0, RUN, Ordering::Acquire, Ordering::Relaxed)
            .ok()?;
        Some(Turn { cell: self })
    }

    /// The turn for the task, once it is granted; if it `begins` at once, with what is queued.
    pub(crate) fn poll_called(
        &self,
        cx: &Context<'_>,
        begins: bool,
    ) -> Poll<Called<'_, M, N, C, L>> {
        let mut inner = self.inner.lock();
        match inner.state {
            TaskState::Granted { watched } => {
                inner.state = TaskState::Running { watched };
                let mut turn = Turn { cell: self };
                if begins && !turn.has_control() {
                    turn.refill(&mut inner);
                }
                return Poll::Ready(Called::Turn(turn));
            }
            TaskState::Parked(Reaping::Released) => {
                inner.state = TaskState::Absent;
                inner.task = None;
                return Poll::Ready(Called::Released);
            }
            _ => {}
        }
        Self::set_task(&mut inner, cx.waker());
        Poll::Pending
    }

    /// Lets the task end if it has had nothing to do since this was last asked, and gives back the memory of the empty
    /// queue. `None`: ask again. Of a task that works nobody needs to ask until it has parked.
    pub(crate) fn release(&self) -> Option<Wake> {
        // With the turn nobody else looks at what is kept for the next batch.
        let entered = self.enter();
        let mut inner = self.inner.lock();
        let Some(mut turn) = entered else {
            // A caller runs it, or has just left. Where permits are reserved, nobody may for a long time.
            let word = self.word.load(Ordering::Acquire);
            inner.state = inner.state.asked_later(word == 0 || word & RUN != 0);
            return (!inner.state.is_watched()).then_some(Wake::Nobody);
        };
        if inner.state == TaskState::Parked(Reaping::Used) {
            inner.state = TaskState::Parked(Reaping::Unused);
            drop(inner);
            return match turn.leave() {
                Wake::Nobody => None,
                // It works again, and asks to be watched when it parks.
                work => {
                    let mut inner = self.inner.lock();
                    inner.state = inner.state.unwatched();
                    Some(work)
                }
            };
        }
        turn.seat().batch.shrink_to_fit();
        inner.mailbox.shrink();
        inner.state = inner.state.released();
        let released = inner.wake();
        drop(inner);
        match turn.leave() {
            Wake::Nobody => Some(released),
            // Whoever takes the turn takes the release back.
            work => Some(work),
        }
    }

    /// The task that would have run the process is gone before it began, or has parked and is not needed: true if the
    /// process has nothing to do and lives on without it.
    pub(crate) fn dismiss_task(&self) -> bool {
        let mut inner = self.inner.lock();
        let idle = self.word.load(Ordering::Acquire) & RUN == 0;
        inner.state = inner.state.unwatched();
        if idle {
            inner.state = TaskState::Absent;
            inner.task = None;
        }
        idle
    }

    /// The turn for whoever ends the process because its task is gone: if it is granted, or nobody has it. Else whoever
    /// has it finds that the next one needs a new task.
    pub(crate) fn claim(&self) -> Option<Turn<'_, M, N, C, L>> {
        let mut inner = self.inner.lock();
        let free = self.word.fetch_or(RUN, Ordering::AcqRel) & RUN == 0;
        if inner.state.is_granted() || free {
            inner.state = TaskState::Running { watched: false };
            return Some(Turn { cell: self });
        }
        // Under the same lock: a turn that is granted after this look must not be granted to the task that is gone.
        inner.state = TaskState::Absent;
        inner.task = None;
        None
    }
}

/// The right to run the process. Dropped, it waits for the task that runs the process next, or for its end.
#[must_use = "a process whose turn is lost never runs again"]
pub(crate) struct Turn<'a, M, N: Note, C: Default, L> {
    cell: &'a Cell<M, N, C, L>,
}

impl<M, N: Note, C: Default, L> Turn<'_, M, N, C, L> {
    fn seat(&mut self) -> &mut Seat<M, N, L> {
        // SAFETY: there is one turn per cell: it is made only where RUN was set by this thread (`enter`, `claim`) or
        // where `granted`, which says that RUN is set and nobody has the turn, was reset under the lock. It is borrowed
        // mutably here for as long as the seat is.
        self.cell.seat.with_mut(|seat| unsafe { &mut *seat })
    }
}

impl<M, N: Note, C: Default, L> Drop for Turn<'_, M, N, C, L> {
    fn drop(&mut self) {
        let mut inner = self.cell.inner.lock();
        inner.state = inner.state.granted();
    }
}

#[cfg(all(test, ambit_loom))]
impl<M, N: Note, C: Default, L> Cell<M, N, C, L> {
    /// What is on the seat, when every other thread of a model has been joined.
    fn look<R>(&self, look: impl FnOnce(&L) -> R) -> R {
        self.seat.with(|seat| {
            // SAFETY: nobody else is left, which loom checks.
            let seat = unsafe { &*seat };
            look(&seat.life)
        })
    }
}

#[cfg(all(test, ambit_loom))]
mod models;
