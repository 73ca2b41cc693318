//! The operations of the holder of a process's run permit.

use super::{CONTROL, FLAGS, FREED, Locked, NextWork, RESERVED, RUN, RunPermit, WAITERS, WORK};
use crate::engine::mailbox::{Mailbox, QueueEntry, QueuedMessage, Voidable};
use crate::engine::wake::Wake;
use crate::panics;
use crate::rt::sync::atomic::Ordering;

impl<M, N: Voidable, C: Default, L> RunPermit<'_, M, N, C, L> {
    /// Returns the state of the process.
    pub(crate) fn runner_state(&mut self) -> &mut L {
        &mut self.runner().runner_state
    }

    /// Takes the next entry of the batch. A user message counts as begun: its permit is free from now on.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> NextWork<M, N> {
        if self.has_control() {
            return NextWork::Control;
        }
        while let Some(entry) = self.runner().batch.pop_front() {
            match &entry {
                QueueEntry::User(_) | QueueEntry::Traced(_) => self.free_permit(),
                QueueEntry::System(system) if system.is_void() => {
                    panics::drop_quietly(entry);
                    continue;
                }
                QueueEntry::System(_) => {}
            }
            return NextWork::Entry(entry);
        }
        NextWork::Nothing
    }

    /// Takes the next entry, if it is a user message without a trace: like [`next`](Self::next), without copying other
    /// variants. The caller releases its permit as soon as it begins.
    #[inline(always)]
    pub(crate) fn next_message(&mut self) -> Option<QueuedMessage<M>> {
        if self.has_control() {
            return None;
        }
        let entry = self.runner().batch.pop_front()?;
        let QueueEntry::User(envelope) = entry else {
            self.push_front(entry);
            return None;
        };
        Some(envelope)
    }

    /// Returns true if the batch is empty, and no control is pending.
    #[inline]
    pub(crate) fn is_done(&mut self) -> bool {
        !self.has_control() && self.runner().batch.is_empty()
    }

    /// Takes the queued entries after the batch is done; returns false if there are none. The control lane must be
    /// checked again: earlier signals come before these entries.
    pub(crate) fn take_more(&mut self) -> bool {
        let cell = self.cell;
        loop {
            let mut inner = cell.inner.lock();
            if !self.refill(&mut inner) {
                return !self.runner().batch.is_empty();
            }
            drop(inner);
            self.let_in();
        }
    }

    /// Takes the queued entries if the batch is done. Returns true if a waiting message can be admitted, which must
    /// happen without the lock; then nothing is taken yet.
    pub(super) fn refill(&mut self, inner: &mut Locked<M, N, C>) -> bool {
        if self.count_started(&mut inner.mailbox) {
            return true;
        }
        let batch = &mut self.runner().batch;
        if batch.is_empty() {
            inner.mailbox.take_batch(batch);
        }
        false
    }

    /// Counts begun messages; returns true if a waiting message can be admitted. With the lock and the permit no other
    /// thread changes the word.
    #[inline]
    fn count_started(&self, mailbox: &mut Mailbox<M, N>) -> bool {
        let word = &self.cell.word;
        let seen = word.load(Ordering::Relaxed);
        if seen >= FREED {
            word.store(seen & FLAGS, Ordering::Relaxed);
            mailbox.begun(usize::try_from(seen / FREED).unwrap_or(usize::MAX));
        }
        (seen & (WAITERS | RESERVED) != 0 || mailbox.is_full()) && self.cell.mark(mailbox)
    }

    /// Releases the permit of a user message that has begun.
    #[inline(always)]
    pub(crate) fn free_permit(&self) {
        if self.cell.word.fetch_add(FREED, Ordering::AcqRel) & WAITERS != 0 {
            self.let_in();
        }
    }

    /// Admits waiting messages.
    #[cold]
    fn let_in(&self) {
        // The run permit is held, so there is no task to wake for the admitted messages.
        drop(self.cell.let_in());
    }

    /// Puts an entry before all queued ones.
    #[cold]
    pub(crate) fn push_front(&mut self, entry: QueueEntry<M, N>) {
        self.runner().batch.push_front(entry);
    }

    /// Returns true if the control lane must be checked.
    pub(crate) fn has_control(&self) -> bool {
        self.cell.word.load(Ordering::Acquire) & CONTROL != 0
    }

    /// Runs `what` on the control lane; it also returns whether anything is left in it.
    pub(crate) fn control<T>(&mut self, what: impl FnOnce(&mut C) -> (T, bool)) -> T {
        let mut inner = self.cell.inner.lock();
        let (result, is_left) = what(&mut inner.control);
        if !is_left {
            self.cell.word.fetch_and(!CONTROL, Ordering::AcqRel);
        }
        result
    }

    /// Waits with the permit until a message or a control wakes the task; returns false if there is one already.
    pub(crate) fn wait(&mut self) -> bool {
        let mut inner = self.cell.inner.lock();
        inner.mailbox.pass_void();
        let void = inner.mailbox.void();
        let waits = !self.has_control() && inner.mailbox.is_empty();
        inner.state = if waits {
            inner.state.waits()
        } else {
            inner.state.goes_on()
        };
        drop(inner);
        if let Some(mut void) = void {
            while let Some(entry) = void.pop_front() {
                panics::drop_quietly(entry);
            }
        }
        waits
    }

    /// Ends a wait at its timeout.
    pub(crate) fn go_on(&mut self) {
        let mut inner = self.cell.inner.lock();
        inner.state = inner.state.goes_on();
    }

    /// Parks the task and gives the permit back, unless there may be work. Returns true if the reaper must watch the
    /// task from now on.
    pub(crate) fn park(mut self) -> Result<bool, Self> {
        let cell = self.cell;
        let mut inner = cell.inner.lock();
        if self.has_control() {
            drop(inner);
            return Err(self);
        }
        if self.refill(&mut inner) {
            drop(inner);
            self.let_in();
            return Err(self);
        }
        if !self.runner().batch.is_empty() {
            drop(inner);
            return Err(self);
        }
        // With the lock and the permit no other thread changes the word.
        let word = cell.word.load(Ordering::Relaxed);
        cell.word.store(word & !(RUN | WORK), Ordering::Release);
        let watched = inner.state.park();
        drop(inner);
        std::mem::forget(self);
        Ok(!watched)
    }

    /// Gives the permit back after one inline handler; work that has arrived meanwhile goes to the task.
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
                    return Wake::None;
                }
                Err(now) => seen = now,
            }
        }
        self.hand_over()
    }

    /// Leaves the work to the task.
    pub(crate) fn hand_over(self) -> Wake {
        let wake = self.cell.inner.lock().grant();
        std::mem::forget(self);
        wake
    }

    /// Puts the unstarted entries of the batch back, before all that arrived meanwhile.
    pub(crate) fn put_back(&mut self) {
        if self.runner().batch.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.runner().batch);
        let mut inner = self.cell.inner.lock();
        self.cell.count_started(&mut inner.mailbox);
        inner.mailbox.put_back(batch);
    }
}
