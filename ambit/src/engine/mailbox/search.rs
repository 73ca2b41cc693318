//! Taking single entries out of the queue: the first one, the first one that the process wants, and the oldest message
//! of a full mailbox; and the whole queue, for a scan without the lock.
//!
//! A search moves the entries that it passes over into a second queue, which comes before the first. The next search of
//! the same kind begins behind them, so that it costs the same however many entries stay in front.

use std::collections::VecDeque;

use super::passed_over::SearchKind;
use super::{Admission, Mailbox, QueueEntry, Voidable, join};

impl<M, N: Voidable> Mailbox<M, N> {
    /// Takes the first entry. The permit of a message is free from now on.
    pub(crate) fn take_next(&mut self) -> Option<QueueEntry<M, N>> {
        self.pass_void();
        let entry = self.pop_front()?;
        Some(self.taken_out(entry))
    }

    /// Takes the first entry that `wanted` accepts, like [`take_next`](Self::take_next); earlier entries keep their
    /// positions. `wanted` must accept the same entries in all calls: those that it has rejected are not shown to it
    /// again.
    pub(crate) fn take_first(
        &mut self,
        wanted: impl Fn(&QueueEntry<M, N>) -> bool,
    ) -> Option<QueueEntry<M, N>> {
        self.pass_void();
        let is_wanted = |entry: &QueueEntry<M, N>| !Self::is_void(entry) && wanted(entry);
        let entry = self.search(SearchKind::Wanted, is_wanted)?;
        Some(self.taken_out(entry))
    }

    /// Takes the first system message that waits behind messages without capacity. For a process that takes no message at
    /// present, so that no capacity becomes free.
    pub(crate) fn take_waiting_system(&mut self) -> Option<QueueEntry<M, N>> {
        loop {
            let late = self.late.as_mut()?;
            let entry = QueueEntry::System(late.waiting.take_system()?);
            if !Self::is_void(&entry) {
                return Some(self.taken_out(entry));
            }
            late.void.push_back(entry);
            self.taken += 1;
        }
    }

    /// Moves the system messages that wait behind messages without capacity to the end of the queue. For a process that
    /// takes nothing of what is queued, so that no capacity becomes free. Returns false if there are none.
    pub(crate) fn admit_waiting_system(&mut self) -> bool {
        let mut has_moved = false;
        while let Some(late) = &mut self.late
            && let Some(system) = late.waiting.take_system()
        {
            self.ready.push_back(QueueEntry::System(system));
            has_moved = true;
        }
        has_moved
    }

    /// Counts an entry that a scan has taken; the permit of a message is free from now on.
    pub(crate) fn taken_by_scan(&mut self, is_user: bool) {
        self.taken += 1;
        if is_user {
            self.begun(1);
        }
    }

    fn taken_out(&mut self, entry: QueueEntry<M, N>) -> QueueEntry<M, N> {
        self.taken += 1;
        self.pass_void();
        if entry.is_user() {
            self.begun(1);
        }
        entry
    }

    /// Drops the oldest message for a new one. Reservations may wait meanwhile: the new message takes no further slot.
    pub(super) fn push_out(&mut self) -> Admission<M> {
        if self.has_waiting_messages() {
            return Admission::Full;
        }
        let oldest = self.search(SearchKind::Droppable, QueueEntry::is_user);
        match oldest.map(QueueEntry::open) {
            Some(Ok(envelope)) => {
                self.used -= 1;
                self.users -= 1;
                self.taken += 1;
                Admission::Free(Some(envelope))
            }
            // The only message has just been taken, and counts as begun.
            _ if self.users > 0 => Admission::Free(None),
            // Every permit is reserved: there is no message to drop.
            _ => Admission::Full,
        }
    }

    /// Takes the first entry that `accepts` returns true for, and passes over the earlier ones.
    fn search(
        &mut self,
        kind: SearchKind,
        accepts: impl Fn(&QueueEntry<M, N>) -> bool,
    ) -> Option<QueueEntry<M, N>> {
        if self.has_passed_over() && self.late().passed.by != kind {
            self.restore();
        }
        while let Some(entry) = self.ready.pop_front() {
            if accepts(&entry) {
                return Some(entry);
            }
            if kind == SearchKind::Wanted && Self::is_void(&entry) {
                self.late().void.push_back(entry);
                self.taken += 1;
                continue;
            }
            let passed = &mut self.late().passed;
            passed.by = kind;
            passed.entries.push_back(entry);
        }
        None
    }

    /// Returns true if there are entries before the queue.
    pub(super) fn has_passed_over(&self) -> bool {
        matches!(&self.late, Some(late) if !late.passed.entries.is_empty())
    }

    /// Puts the entries before the queue back into it.
    #[cold]
    pub(super) fn restore(&mut self) {
        if let Some(late) = &mut self.late
            && !late.passed.entries.is_empty()
        {
            let passed = std::mem::take(&mut late.passed.entries);
            self.ready = join(passed, std::mem::take(&mut self.ready));
        }
    }

    pub(super) fn pop_front(&mut self) -> Option<QueueEntry<M, N>> {
        if let Some(late) = &mut self.late
            && let Some(passed) = late.passed.entries.pop_front()
        {
            return Some(passed);
        }
        self.ready.pop_front()
    }

    /// Returns the entry at `index`, in arrival order.
    pub(super) fn get(&self, index: usize) -> Option<&QueueEntry<M, N>> {
        let Some(late) = &self.late else {
            return self.ready.get(index);
        };
        let passed = &late.passed.entries;
        if index < passed.len() {
            return passed.get(index);
        }
        self.ready.get(index - passed.len())
    }

    /// Returns the number of entries.
    pub(crate) fn len(&self) -> usize {
        self.ready.len()
            + if let Some(late) = &self.late {
                late.passed.entries.len()
            } else {
                0
            }
    }

    /// Skips void system messages at the head of the queue, each once; [`void`](Self::void) returns them.
    pub(crate) fn pass_void(&mut self) {
        while let Some(first) = self.get(0)
            && Self::is_void(first)
            && let Some(void) = self.pop_front()
        {
            self.late().void.push_back(void);
            self.taken += 1;
        }
    }

    /// Takes the system messages skipped since the last call, to be dropped without a lock.
    pub(crate) fn void(&mut self) -> Option<VecDeque<QueueEntry<M, N>>> {
        let late = self.late.as_mut()?;
        Some(std::mem::take(&mut late.void))
    }

    /// Takes the whole queue out, for a scan without the lock; [`put_back`](Self::put_back) returns it.
    pub(crate) fn take_out(&mut self) -> VecDeque<QueueEntry<M, N>> {
        self.restore();
        std::mem::take(&mut self.ready)
    }

    /// Puts back the result of [`take_out`](Self::take_out), before all entries that arrived meanwhile.
    pub(crate) fn put_back(&mut self, taken: VecDeque<QueueEntry<M, N>>) {
        self.restore();
        self.ready = join(taken, std::mem::take(&mut self.ready));
    }

    fn is_void(entry: &QueueEntry<M, N>) -> bool {
        matches!(entry, QueueEntry::System(system) if system.is_void())
    }
}
