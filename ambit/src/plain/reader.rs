//! The reader of an inbox that has no task of its own.
//!
//! The mailbox clones and drops the waker of its process under its lock, and wakes it from wherever a message or the end
//! of another process comes from. A task's own waker allows that. The reader of a further inbox may wait with a waker of
//! the user's: it is wrapped, so that its code runs without the lock, and its panic harms no sender.

use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::engine::wake_list;

/// The waker of the reader, as it came and as the mailbox has it.
#[derive(Default)]
pub(super) struct Reader {
    known: Option<(Waker, Waker)>,
}

struct Wrapped(Waker);

impl Wake for Wrapped {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        wake_list::wake_by_ref(&self.0);
    }
}

impl Reader {
    /// Gives `know`, which takes the lock, the waker that stands for `waker`.
    pub(super) fn waits_with(&mut self, waker: &Waker, know: impl FnOnce(&Waker)) {
        let is_known = |(known, _): &mut (Waker, Waker)| known.will_wake(waker);
        let (known, before) = match self.known.take_if(is_known) {
            Some(known) => (known, None),
            None => {
                let wrapped = Waker::from(Arc::new(Wrapped(waker.clone())));
                ((waker.clone(), wrapped), self.known.take())
            }
        };
        let (_, wrapped) = self.known.insert(known);
        know(wrapped);
        // Only now: the mailbox had it until then, and would have dropped it under its lock.
        drop(before);
    }
}
