//! Wakers that are collected under a lock and woken without it.
//!
//! A waker is user code: it may read the very process whose lock is held, or send it a message. Code that settles waits
//! under a lock collects their wakers here, releases the lock, and wakes them; when the list is full, it does so before
//! it continues. (tokio: its `WakeList`.)

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// The number of wakers collected at once.
const BATCH: usize = 32;

/// Wakes its contents when it is dropped: drop it after the lock.
pub(crate) struct WakeList {
    wakers: [Option<Waker>; BATCH],
    len: usize,
}

impl WakeList {
    pub(crate) const fn new() -> Self {
        Self {
            wakers: [const { None }; BATCH],
            len: 0,
        }
    }

    /// Returns true if its wakers must be woken before another one is added.
    pub(crate) fn is_full(&self) -> bool {
        self.len == BATCH
    }

    /// Adds a waker, if there is one, to a list that is not full.
    pub(crate) fn add(&mut self, waker: Option<Waker>) {
        debug_assert!(!self.is_full());
        if let Some(slot) = self.wakers.get_mut(self.len)
            && waker.is_some()
        {
            *slot = waker;
            self.len += 1;
        }
    }

    /// Wakes all collected wakers, in order.
    pub(crate) fn wake_all(&mut self) {
        let count = std::mem::take(&mut self.len);
        for slot in &mut self.wakers[..count] {
            wake(slot.take());
        }
    }
}

impl Drop for WakeList {
    fn drop(&mut self) {
        self.wake_all();
    }
}

/// Wakes a waker, if there is one. A panic in it affects neither the others nor the calling code.
pub(crate) fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        wake_one(waker);
    }
}

/// Like `wake`, for an existing waker.
pub(crate) fn wake_one(waker: Waker) {
    contained(|| waker.wake());
}

/// Like `wake_one`, without consuming the waker.
pub(crate) fn wake_by_ref(waker: &Waker) {
    contained(|| waker.wake_by_ref());
}

#[inline]
fn contained(wake: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(wake)) {
        report(panic);
    }
}

#[cold]
fn report(panic: Box<dyn Any + Send>) {
    tracing::error!("a waker panicked");
    // The drop of the panic's payload may panic too.
    std::mem::forget(catch_unwind(AssertUnwindSafe(|| drop(panic))));
}

#[cfg(all(test, not(ambit_loom)))]
mod tests {
    use std::sync::Arc;
    use std::task::Wake;

    use parking_lot::Mutex;

    use super::*;

    struct Collected(usize, Arc<Mutex<Vec<usize>>>);

    impl Wake for Collected {
        fn wake(self: Arc<Self>) {
            self.1.lock().push(self.0);
            assert_ne!(self.0 % 3, 1, "this waker panics");
        }
    }

    #[test]
    fn all_are_woken_in_order_whichever_panic() {
        let woken = Arc::default();
        let mut list = WakeList::new();
        for number in 0..BATCH {
            assert!(!list.is_full());
            list.add(None);
            list.add(Some(Arc::new(Collected(number, Arc::clone(&woken))).into()));
        }
        assert!(list.is_full());
        assert!(woken.lock().is_empty(), "not before the lock is released");
        list.wake_all();
        assert_eq!(*woken.lock(), (0..BATCH).collect::<Vec<_>>());
        list.add(Some(Arc::new(Collected(99, Arc::clone(&woken))).into()));
        drop(list);
        assert_eq!(woken.lock().last(), Some(&99), "the drop wakes");
    }
}
