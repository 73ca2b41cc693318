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

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use crate::engine::mailbox::{Bare, Entry, Glance, Mailbox, Note, Overflow};
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
    /// The runner holds the turn and waits for a message.
    napping: bool,
    /// The turn is taken and waits for the task to pick it up.
    granted: bool,
    /// The task that runs the process, once it has been polled.
    task: Option<Waker>,
    /// A task has been asked for and has not ended.
    has_task: bool,
    /// The task is to end as soon as it has nothing to do.
    released: bool,
    /// The task has the turn.
    works: bool,
    /// The task has had the turn since `release` last asked.
    used: bool,
    /// Somebody asks now and then whether the task may end.
    watched: bool,
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

impl<M, N, C> Inner<M, N, C> {
    /// Notes that the runner waits for a message, so that the next one wakes it.
    pub(crate) fn nap(&mut self) {
        self.napping = true;
    }

    /// Hands the turn, which is already marked as taken, to the task.
    fn grant(&mut self) -> Wake {
        self.granted = true;
        if !std::mem::replace(&mut self.has_task, true) {
            return Wake::Spawn;
        }
        self.wake()
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
                napping: false,
                granted: true,
                task: None,
                has_task: true,
                released: false,
                works: false,
                used: false,
                watched: false,
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

    /// Does something from outside that concerns only the mailbox.
    pub(crate) fn send<T>(&self, what: impl FnOnce(&mut Mailbox<M, N>) -> T) -> (T, Wake) {
        let mut inner = self.inner.lock();
        if inner.mailbox.is_full() {
            self.fold(&mut inner.mailbox);
        }
        let result = what(&mut inner.mailbox);
        self.mark_waiters(&mut inner.mailbox);
        let wake = if inner.mailbox.is_empty() {
            Wake::Nobody
        } else {
            self.note_work(&mut inner)
        };
        (result, wake)
    }

    /// Puts in a user message if there is room for it; else it is given back.
    #[inline]
    pub(crate) fn push_if_free<T, E: Into<Entry<M, N>>>(
        &self,
        message: T,
        letter: impl FnOnce(T) -> E,
    ) -> (Result<(), T>, Wake) {
        let mut inner = self.inner.lock();
        if !inner.mailbox.is_free() {
            return (Err(message), Wake::Nobody);
        }
        inner.mailbox.push(letter(message));
        let wake = self.note_work(&mut inner);
        (Ok(()), wake)
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
        if std::mem::take(&mut inner.napping) {
            return inner.wake();
        }
        Wake::Nobody
    }

    /// Counts as begun what the runner has begun.
    fn fold(&self, mailbox: &mut Mailbox<M, N>) {
        if self.word.load(Ordering::Relaxed) >= FREED {
            let freed = self.word.fetch_and(FLAGS, Ordering::AcqRel) / FREED;
            mailbox.begun(usize::try_from(freed).unwrap_or(usize::MAX));
        }
        self.mark_waiters(mailbox);
    }

    /// While somebody waits the runner says when it frees a permit. What it freed just before this is said counts too.
    fn mark_waiters(&self, mailbox: &mut Mailbox<M, N>) {
        let word = self.word.load(Ordering::Relaxed);
        let marked = word & WAITERS != 0;
        if mailbox.is_reserved() != (word & RESERVED != 0) {
            self.word.fetch_xor(RESERVED, Ordering::AcqRel);
        }
        if mailbox.has_waiting() {
            if !marked && self.word.fetch_or(WAITERS, Ordering::AcqRel) >= FREED {
                self.fold(mailbox);
            }
        } else if marked {
            self.word.fetch_and(!WAITERS, Ordering::AcqRel);
        }
    }

    /// Does something from outside to the control lane, and wakes the process whatever it waits for.
    pub(crate) fn control<T>(&self, what: impl FnOnce(&mut Inner<M, N, C>) -> T) -> (T, Wake) {
        let mut inner = self.inner.lock();
        let result = what(&mut inner);
        inner.napping = false;
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
        inner.napping = false;
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
        self.word.load(Ordering::Acquire) & RUN == 0 || self.inner.lock().napping
    }

    /// How many more user messages fit.
    #[cfg(any(test, feature = "test"))]
    pub(crate) fn free(&self) -> usize {
        let mut inner = self.inner.lock();
        self.fold(&mut inner.mailbox);
        inner.mailbox.free()
    }

    /// What the queue looks like now.
    pub(crate) fn glance(&self) -> Glance {
        let mut inner = self.inner.lock();
        self.fold(&mut inner.mailbox);
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
        if std::mem::take(&mut inner.granted) {
            (inner.works, inner.used) = (true, true);
            inner.released = false;
            let mut turn = Turn { cell: self };
            if begins && !turn.has_control() {
                turn.refill(&mut inner);
            }
            return Poll::Ready(Called::Turn(turn));
        }
        if inner.released {
            inner.released = false;
            inner.has_task = false;
            inner.task = None;
            return Poll::Ready(Called::Released);
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
            // A caller runs it, or has just left. Where places are reserved, nobody may for a long time.
            let word = self.word.load(Ordering::Acquire);
            let in_place = (word == 0 || word & RUN != 0) && !inner.works;
            inner.watched = in_place && inner.has_task;
            return (!inner.watched).then_some(Wake::Nobody);
        };
        if std::mem::take(&mut inner.used) {
            drop(inner);
            return match turn.leave() {
                Wake::Nobody => None,
                // It works again; that it is watched is known.
                work => {
                    self.inner.lock().watched = false;
                    Some(work)
                }
            };
        }
        inner.watched = false;
        turn.seat().batch.shrink_to_fit();
        inner.mailbox.shrink();
        inner.released = inner.has_task;
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
        inner.watched = false;
        if idle {
            inner.has_task = false;
            inner.task = None;
        }
        idle
    }

    /// The turn for whoever ends the process because its task is gone: if it is granted, or nobody has it. Else whoever
    /// has it finds that the next one needs a new task.
    pub(crate) fn claim(&self) -> Option<Turn<'_, M, N, C, L>> {
        let mut inner = self.inner.lock();
        let free = self.word.fetch_or(RUN, Ordering::AcqRel) & RUN == 0;
        if std::mem::take(&mut inner.granted) || free {
            return Some(Turn { cell: self });
        }
        // Under the same lock: a turn that is granted after this look must not be granted to the task that is gone.
        inner.has_task = false;
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
    /// What the process works on.
    pub(crate) fn life(&mut self) -> &mut L {
        &mut self.seat().life
    }

    fn seat(&mut self) -> &mut Seat<M, N, L> {
        // SAFETY: there is one turn per cell: it is made only where RUN was set by this thread (`enter`, `claim`) or
        // where `granted`, which says that RUN is set and nobody has the turn, was reset under the lock. It is borrowed
        // mutably here for as long as the seat is.
        self.cell.seat.with_mut(|seat| unsafe { &mut *seat })
    }

    /// The next thing of what was taken from the queue. A message counts as begun: its permit is free from now on.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> Found<M, N> {
        if self.has_control() {
            return Found::Control;
        }
        while let Some(entry) = self.seat().batch.pop_front() {
            match &entry {
                Entry::User(_) | Entry::Traced(_) => self.free_permit(),
                Entry::Note(note) if note.is_void() => continue,
                Entry::Note(_) => {}
            }
            return Found::Entry(entry);
        }
        Found::Nothing
    }

    /// The next thing, if it is a user message without a trace: as [`next`](Self::next), without the copies of whatever else
    /// it could be.
    /// Its permit is to be freed as soon as it begins.
    #[inline(always)]
    pub(crate) fn next_letter(&mut self) -> Option<Bare<M>> {
        if self.has_control() {
            return None;
        }
        let entry = self.seat().batch.pop_front()?;
        let Entry::User(letter) = entry else {
            self.push_front(entry);
            return None;
        };
        Some(letter)
    }

    /// Whether nothing of what was taken is left, and no control is pending.
    #[inline]
    pub(crate) fn is_done(&mut self) -> bool {
        !self.has_control() && self.seat().batch.is_empty()
    }

    /// Takes what is queued, after all that was taken before is done; false if there is nothing. The control lane has to
    /// be looked at again: what came before this, comes before it.
    pub(crate) fn take_more(&mut self) -> bool {
        let cell = self.cell;
        self.refill(&mut cell.inner.lock())
    }

    fn refill(&mut self, inner: &mut Inner<M, N, C>) -> bool {
        self.fold(&mut inner.mailbox);
        let batch = &mut self.seat().batch;
        if batch.is_empty() {
            inner.mailbox.take_batch(batch);
        }
        !batch.is_empty()
    }

    /// As [`Cell::fold`]. With the lock and the turn nobody else changes the word.
    #[inline]
    fn fold(&self, mailbox: &mut Mailbox<M, N>) {
        let word = &self.cell.word;
        let seen = word.load(Ordering::Relaxed);
        if seen >= FREED {
            word.store(seen & FLAGS, Ordering::Relaxed);
            mailbox.begun(usize::try_from(seen / FREED).unwrap_or(usize::MAX));
        }
        if seen & (WAITERS | RESERVED) != 0 || mailbox.is_full() {
            self.cell.mark_waiters(mailbox);
        }
    }

    /// A user message has begun.
    #[inline(always)]
    pub(crate) fn free_permit(&self) {
        if self.cell.word.fetch_add(FREED, Ordering::AcqRel) & WAITERS != 0 {
            self.let_in();
        }
    }

    /// Lets in who waits for room.
    #[cold]
    fn let_in(&self) {
        let mut inner = self.cell.inner.lock();
        self.cell.fold(&mut inner.mailbox);
    }

    /// Puts something before all that is queued.
    #[cold]
    pub(crate) fn push_front(&mut self, entry: Entry<M, N>) {
        self.seat().batch.push_front(entry);
    }

    /// Whether the control lane must be looked at.
    pub(crate) fn has_control(&self) -> bool {
        self.cell.word.load(Ordering::Acquire) & CONTROL != 0
    }

    /// Looks at the control lane; `what` tells whether anything of it is left.
    pub(crate) fn control<T>(&mut self, what: impl FnOnce(&mut C) -> (T, bool)) -> T {
        let mut inner = self.cell.inner.lock();
        let (result, is_left) = what(&mut inner.control);
        if !is_left {
            self.cell.word.fetch_and(!CONTROL, Ordering::AcqRel);
        }
        result
    }

    /// Waits with the turn until a message or a control wakes the task; false if there is one.
    pub(crate) fn nap(&mut self) -> bool {
        let mut inner = self.cell.inner.lock();
        let control = self.cell.word.load(Ordering::Acquire) & CONTROL != 0;
        inner.napping = !control && inner.mailbox.is_empty();
        inner.napping
    }

    /// Lets the task rest without the turn, unless there is something to do, which is then taken. True if somebody has to
    /// ask from now on whether it may end.
    pub(crate) fn park(mut self) -> Result<bool, Self> {
        let cell = self.cell;
        let mut inner = cell.inner.lock();
        if self.has_control() || self.refill(&mut inner) {
            drop(inner);
            return Err(self);
        }
        // With the lock and the turn nobody else changes the word.
        let word = cell.word.load(Ordering::Relaxed);
        cell.word.store(word & !(RUN | WORK), Ordering::Release);
        inner.works = false;
        let watched = std::mem::replace(&mut inner.watched, true);
        drop(inner);
        std::mem::forget(self);
        Ok(!watched)
    }

    /// Gives the turn back after one handler in place; what has come meanwhile goes to the task.
    pub(crate) fn leave(self) -> Wake {
        let word = &self.cell.word;
        let mut seen = word.load(Ordering::Relaxed);
        while seen & (WORK | CONTROL) == 0 {
            match word.compare_exchange_weak(
                seen,
                seen & !RUN,
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    std::mem::forget(self);
                    return Wake::Nobody;
                }
                Err(now) => seen = now,
            }
        }
        self.hand_over()
    }

    /// Leaves what is to be done to the task.
    pub(crate) fn hand_over(self) -> Wake {
        let wake = self.cell.inner.lock().grant();
        std::mem::forget(self);
        wake
    }

    /// Puts back what was taken from the mailbox and not begun, before all that came meanwhile.
    pub(crate) fn put_back(&mut self) {
        if self.seat().batch.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.seat().batch);
        let mut inner = self.cell.inner.lock();
        self.cell.fold(&mut inner.mailbox);
        inner.mailbox.put_back(batch);
    }
}

impl<M, N: Note, C: Default, L> Drop for Turn<'_, M, N, C, L> {
    fn drop(&mut self) {
        self.cell.inner.lock().granted = true;
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
