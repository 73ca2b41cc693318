//! A scan of a process's queue that takes the wanted entries and leaves the rest in place.

use std::collections::VecDeque;

use crate::engine::mailbox::{Entry, Note as _};
use crate::process::body::{Body, Item, Note};
use crate::process::core::Proc;
use crate::process::monitor::take_down;

impl<M: Item> Body<M> {
    /// Scans the queue for an entry that `choose` takes, oldest first; rejected entries stay in place. It runs without
    /// the lock, and skips entries that an earlier scan has seen.
    pub(crate) fn search<T>(
        &self,
        look: &mut Look,
        mut choose: impl FnMut(Entry<M, Note<M>>) -> Result<T, Entry<M, Note<M>>>,
    ) -> Option<T> {
        let mut out = TakenOut::new(self, look);
        let mut found = None;
        while let Some(entry) = out.ahead.pop_front() {
            let (permit, timer, monitor) = match &entry {
                Entry::User(_) | Entry::Traced(_) => (true, None, None),
                Entry::Note(note) if self.is_void(note) => continue,
                Entry::Note(Note::Timed(timer, _)) => (false, Some(timer.clone()), None),
                Entry::Note(Note::Down(down)) => (false, None, Some(down.monitor)),
                Entry::Note(_) => (false, None, None),
            };
            match choose(entry) {
                // Cancelled meanwhile: it does not count as taken.
                Ok(_) if timer.as_ref().is_some_and(|timer| !timer.take()) => {}
                Ok(_) if monitor.is_some_and(|monitor| !take_down(&self.core, monitor)) => {}
                Ok(taken) => {
                    found = Some((taken, permit));
                    break;
                }
                Err(entry) => out.seen.push_back(entry),
            }
        }
        look.seen = out.seen.len();
        drop(out);
        let (taken, permit) = found?;
        if permit {
            Proc::release(self);
        }
        Some(taken)
    }

    fn is_void(&self, note: &Note<M>) -> bool {
        match note {
            Note::Down(down) => !self.core.relations.lock().downs.contains(&down.monitor),
            note => note.is_void(),
        }
    }
}

/// The progress of a scan of the queue.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    seen: usize,
    /// The number of entries taken from the queue so far: after another take, the scan begins anew.
    taken: u64,
}

/// The queue during a scan; it is put back even if the scan panics.
struct TakenOut<'a, M: Item> {
    body: &'a Body<M>,
    seen: VecDeque<Entry<M, Note<M>>>,
    ahead: VecDeque<Entry<M, Note<M>>>,
}

impl<'a, M: Item> TakenOut<'a, M> {
    fn new(body: &'a Body<M>, look: &mut Look) -> Self {
        let mut inner = body.cell.lock();
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
        Self { body, seen, ahead }
    }
}

impl<M: Item> Drop for TakenOut<'_, M> {
    fn drop(&mut self) {
        let (mut seen, mut ahead) = (
            std::mem::take(&mut self.seen),
            std::mem::take(&mut self.ahead),
        );
        // The shorter part moves.
        let entries = if seen.len() < ahead.len() {
            while let Some(entry) = seen.pop_back() {
                ahead.push_front(entry);
            }
            ahead
        } else {
            seen.append(&mut ahead);
            seen
        };
        self.body.cell.lock().mailbox.put_back(entries);
    }
}
