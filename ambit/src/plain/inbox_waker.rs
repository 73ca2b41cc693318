//! The reader of an inbox that has no task.
//!
//! The mailbox clones and drops the waker of its process under its lock, and wakes it from any thread that delivers a
//! message or the end of another process. A task's own waker allows that. The reader of a further inbox may wait with a
//! user-defined waker: it is wrapped, so that its code runs without the lock, and its panic harms no sender.

use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::engine::wake_list;

/// The waker of the reader, as it was passed in and as the mailbox holds it.
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
    /// Passes the wrapper of `waker` to `know`, which takes the lock.
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
        // Dropped only now: until then the mailbox held a clone, and would have dropped the last one under its lock.
        drop(before);
    }
}
