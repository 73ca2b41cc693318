//! Slots for the next questions of their thread, oldest first, so that earlier holders have probably released them.

#[cfg(all(test, not(ambit_loom)))]
pub(super) use self::free::MADE;
#[cfg(not(ambit_loom))]
pub(super) use self::free::{put, take};
#[cfg(ambit_loom)]
pub(super) use self::model::{put, take};

#[cfg(not(ambit_loom))]
mod free {
    use std::cell::{Cell, RefCell};
    use std::collections::VecDeque;
    use std::sync::Arc;

    use crate::engine::reply::slot::ReplySlot;

    const CAPACITY: usize = 64;
    /// The number of slots in use that are skipped before a new one is created.
    const TRIES: usize = 4;

    thread_local! {
        /// The slot that was returned last: a caller with one question at a time needs no other.
        static LAST: Cell<Option<Arc<ReplySlot>>> = const { Cell::new(None) };
        static FREE: RefCell<VecDeque<Arc<ReplySlot>>> = const { RefCell::new(VecDeque::new()) };
    }

    #[cfg(test)]
    thread_local! {
        /// The number of slots that this thread has created.
        pub(in super::super) static MADE: Cell<usize> = const { Cell::new(0) };
    }

    /// Returns a slot without other holders.
    #[inline]
    pub(in super::super) fn take() -> Arc<ReplySlot> {
        if let Ok(Some(mut last)) = LAST.try_with(Cell::take) {
            if ReplySlot::renew_if_unshared(&mut last) {
                return last;
            }
            put_back(last);
        }
        take_free()
    }

    fn take_free() -> Arc<ReplySlot> {
        let used = FREE.try_with(|free| {
            let mut free = free.borrow_mut();
            for _ in 0..TRIES.min(free.len()) {
                let full = free.len() == CAPACITY;
                let mut slot = free.pop_front()?;
                if ReplySlot::renew_if_unshared(&mut slot) {
                    return Some(slot);
                }
                // A slot that is held for long must not fill the pool; one that is held briefly is tried again later.
                if !full {
                    free.push_back(slot);
                }
            }
            None
        });
        // An ending thread has no pool any more.
        used.ok().flatten().unwrap_or_else(|| {
            #[cfg(test)]
            MADE.set(MADE.get() + 1);
            Arc::new(ReplySlot::new())
        })
    }

    /// Returns a closed slot to the pool, even if it has other holders.
    #[inline]
    pub(in super::super) fn put(slot: Arc<ReplySlot>) {
        // An ending thread has no pool any more.
        let before = LAST.try_with(|last| last.replace(Some(slot)));
        if let Ok(Some(before)) = before {
            put_back(before);
        }
    }

    fn put_back(slot: Arc<ReplySlot>) {
        let oldest = FREE.try_with(|free| {
            let mut free = free.borrow_mut();
            let full = free.len() == CAPACITY;
            let oldest = if full { free.pop_front() } else { None };
            if free.capacity() == 0 {
                free.reserve_exact(CAPACITY);
            }
            free.push_back(slot);
            oldest
        });
        drop(oldest);
    }
}

/// Each run of a model starts from scratch, and does not see that the drop of one `Arc` happens before the next use.
#[cfg(ambit_loom)]
mod model {
    use std::sync::Arc;

    use crate::engine::reply::slot::ReplySlot;

    pub(in super::super) fn take() -> Arc<ReplySlot> {
        Arc::new(ReplySlot::new())
    }

    pub(in super::super) fn put(slot: Arc<ReplySlot>) {
        drop(slot);
    }
}
