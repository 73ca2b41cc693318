//! Taking single entries out of the queue: the first one that the process wants, and the oldest message of a full
//! mailbox; and the whole queue, for a scan without the lock.

use std::collections::VecDeque;

use super::{Admission, Mailbox, QueueEntry, Voidable};

impl<M, N: Voidable> Mailbox<M, N> {
    /// Takes the first entry that `wanted` accepts; earlier entries keep their positions. Its permit is free from now
    /// on.
    pub(crate) fn take_first(
        &mut self,
        wanted: impl Fn(&QueueEntry<M, N>) -> bool,
    ) -> Option<QueueEntry<M, N>> {
        self.pass_void();
        let at = self
            .ready
            .iter()
            .position(|entry| !Self::is_void(entry) && wanted(entry))?;
        let entry = self.remove(at)?;
        self.taken += 1;
        self.pass_void();
        if entry.is_user() {
            self.begun(1);
        }
        Some(entry)
    }

    /// Drops the oldest message for a new one. Reservations may wait meanwhile: the new message takes no further slot.
    pub(super) fn push_out(&mut self) -> Admission<M> {
        let oldest = self.ready.iter().position(QueueEntry::is_user);
        let removed = oldest
            .filter(|_| !self.has_waiting_messages())
            .and_then(|at| self.remove(at));
        match removed.map(QueueEntry::open) {
            Some(Ok(envelope)) => {
                self.used -= 1;
                self.users -= 1;
                self.taken += 1;
                Admission::Free(Some(envelope))
            }
            // The only message has just been taken, and counts as begun.
            _ if self.users > 0 && !self.has_waiting_messages() => Admission::Free(None),
            // Every permit is reserved: there is no message to drop.
            _ => Admission::Full,
        }
    }

    /// Skips void system messages at the head of the queue, each once; [`void`](Self::void) returns them.
    pub(crate) fn pass_void(&mut self) {
        while self.ready.front().is_some_and(Self::is_void) {
            let void = self.ready.pop_front();
            self.late().void.extend(void);
            self.taken += 1;
        }
    }

    /// Takes the system messages skipped since the last call, to be dropped without a lock.
    pub(crate) fn void(&mut self) -> Vec<QueueEntry<M, N>> {
        let late = self.late.as_mut();
        late.map(|late| std::mem::take(&mut late.void))
            .unwrap_or_default()
    }

    /// Takes the whole queue out, for a scan without the lock; [`put_back`](Self::put_back) returns it.
    pub(crate) fn take_out(&mut self) -> VecDeque<QueueEntry<M, N>> {
        std::mem::take(&mut self.ready)
    }

    /// Puts back the result of [`take_out`](Self::take_out), before all entries that arrived meanwhile.
    pub(crate) fn put_back(&mut self, mut taken: VecDeque<QueueEntry<M, N>>) {
        taken.append(&mut self.ready);
        self.ready = taken;
    }

    /// Removes the entry at this position, in as many steps. Not by `VecDeque::remove`, which adds much code for each
    /// type of message.
    fn remove(&mut self, at: usize) -> Option<QueueEntry<M, N>> {
        for earlier in (0..at).rev() {
            self.ready.swap(earlier, earlier + 1);
        }
        self.ready.pop_front()
    }

    fn is_void(entry: &QueueEntry<M, N>) -> bool {
        matches!(entry, QueueEntry::System(system) if system.is_void())
    }
}
