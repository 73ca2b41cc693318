//! A scan of a process's queue that takes the wanted entries and leaves the rest queued.

use std::any::Any;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::panic::resume_unwind;

use crate::engine::mailbox::{self, QueueEntry, Voidable as _};
use crate::process::cell::ProcessCell;
use crate::process::mailbox_item::MailboxItem;
use crate::process::monitor::take_down;
use crate::process::system_message::SystemMessage;

/// The number of void entries that may stay in a short queue.
const FEW_VOID: usize = 32;

/// An entry of a queue.
type Entry<M> = QueueEntry<M, SystemMessage<M>>;

/// The decision about one entry.
pub(crate) enum Choice<T, M> {
    Take(T),
    Leave(Entry<M>),
    /// User code panicked with this payload; the entry stays queued.
    Panic(Entry<M>, Box<dyn Any + Send>),
}

impl<M: MailboxItem> ProcessCell<M> {
    /// Scans the queue for an entry that `choose` takes, oldest first; other entries stay queued. It runs without the
    /// lock, and skips entries that an earlier scan has seen. It finds nothing while the control lane holds the
    /// messages.
    ///
    /// # Panics
    /// Panics with the payload of a `Choice::Panic`.
    pub(crate) fn search<T>(
        &self,
        look: &mut QueueScan,
        mut choose: impl FnMut(Entry<M>) -> Choice<T, M>,
    ) -> Option<T> {
        let mut out = DetachedQueue::new(self, look);
        let mut found = None;
        while let Some(entry) = out.ahead.pop_front() {
            let (is_user, timer, monitor) = match &entry {
                QueueEntry::User(_) | QueueEntry::Traced(_) => (true, None, None),
                QueueEntry::System(note) if self.is_void(note) => continue,
                QueueEntry::System(SystemMessage::Timed(timer, _)) => {
                    (false, Some(timer.clone()), None)
                }
                QueueEntry::System(SystemMessage::Down(down)) => (false, None, Some(down.monitor)),
                QueueEntry::System(_) => (false, None, None),
            };
            match choose(entry) {
                // Cancelled meanwhile: it does not count as taken.
                Choice::Take(_) if timer.as_ref().is_some_and(|timer| !timer.take()) => {}
                Choice::Take(_)
                    if monitor.is_some_and(|monitor| !take_down(&self.core, monitor)) => {}
                Choice::Take(taken) => {
                    found = Some((taken, is_user));
                    break;
                }
                Choice::Leave(entry) => out.seen.push_back(entry),
                Choice::Panic(entry, payload) => {
                    out.ahead.push_front(entry);
                    drop(out);
                    resume_unwind(payload);
                }
            }
        }
        look.seen = out.seen.len();
        drop(out);
        let (taken, is_user) = found?;
        self.go_on();
        self.send(|mailbox| mailbox.taken_by_scan(is_user));
        Some(taken)
    }

    /// Queues the system messages that wait behind messages without capacity. Returns false if there are none.
    pub(crate) fn admit_waiting_system(&self) -> bool {
        let mut inner = self.cell.lock();
        // Earlier signals come first.
        !inner.control.holds_messages() && inner.mailbox.admit_waiting_system()
    }

    /// Removes the void entries from the queue if `flushed`, the number of those that may have become void since the
    /// last removal, is large compared to the queue; returns whether it has. The cost per void entry is constant.
    pub(crate) fn remove_void(&self, flushed: usize) -> bool {
        let is_due = {
            let inner = self.cell.lock();
            !inner.control.holds_messages() && flushed > FEW_VOID + inner.mailbox.len() / 2
        };
        if is_due {
            let _: Option<Infallible> = self.search(&mut QueueScan::default(), Choice::Leave);
        }
        is_due
    }

    fn is_void(&self, note: &SystemMessage<M>) -> bool {
        match note {
            SystemMessage::Down(down) => !self.core.relations.lock().downs.contains(&down.monitor),
            note => note.is_void(),
        }
    }
}

/// The progress of a scan of the queue.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct QueueScan {
    seen: usize,
    /// The number of entries taken from the queue so far: after another take, the scan begins anew.
    taken: u64,
}

/// The queue during a scan; it is put back even if the scan panics.
struct DetachedQueue<'a, M: MailboxItem> {
    cell: &'a ProcessCell<M>,
    seen: VecDeque<QueueEntry<M, SystemMessage<M>>>,
    ahead: VecDeque<QueueEntry<M, SystemMessage<M>>>,
}

impl<'a, M: MailboxItem> DetachedQueue<'a, M> {
    fn new(cell: &'a ProcessCell<M>, look: &mut QueueScan) -> Self {
        let mut inner = cell.cell.lock();
        // Under the same lock: a message that was sent after an exit signal must not be taken.
        if inner.control.holds_messages() {
            let (seen, ahead) = (VecDeque::new(), VecDeque::new());
            return Self { cell, seen, ahead };
        }
        let mut seen = inner.mailbox.take_out();
        let taken = inner.mailbox.taken();
        drop(inner);
        let known = if look.taken == taken {
            look.seen.min(seen.len())
        } else {
            0
        };
        look.taken = taken;
        let ahead = if known == 0 {
            std::mem::take(&mut seen)
        } else {
            seen.split_off(known)
        };
        Self { cell, seen, ahead }
    }
}

impl<M: MailboxItem> Drop for DetachedQueue<'_, M> {
    fn drop(&mut self) {
        let (seen, ahead) = (
            std::mem::take(&mut self.seen),
            std::mem::take(&mut self.ahead),
        );
        let entries = mailbox::join(seen, ahead);
        self.cell.cell.lock().mailbox.put_back(entries);
    }
}
