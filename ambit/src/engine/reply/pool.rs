//! Slots that wait for the next question of their thread, oldest first, so that whoever still held one has let go.

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

    use crate::engine::reply::Slot;

    const ROOM: usize = 64;
    /// So many slots that are still held are passed over; then a new one is made.
    const TRIES: usize = 4;

    thread_local! {
        /// The slot that came last: a caller that asks one question after the other needs no other.
        static LAST: Cell<Option<Arc<Slot>>> = const { Cell::new(None) };
        static FREE: RefCell<VecDeque<Arc<Slot>>> = const { RefCell::new(VecDeque::new()) };
    }

    #[cfg(test)]
    thread_local! {
        /// How many slots this thread has made.
        pub(in super::super) static MADE: Cell<usize> = const { Cell::new(0) };
    }

    /// A slot that nobody else holds.
    #[inline]
    pub(in super::super) fn take() -> Arc<Slot> {
        if let Ok(Some(mut last)) = LAST.try_with(Cell::take) {
            if Slot::renew_if_unshared(&mut last) {
                return last;
            }
            put_back(last);
        }
        take_free()
    }

    fn take_free() -> Arc<Slot> {
        let used = FREE.try_with(|free| {
            let mut free = free.borrow_mut();
            for _ in 0..TRIES.min(free.len()) {
                let full = free.len() == ROOM;
                let mut slot = free.pop_front()?;
                if Slot::renew_if_unshared(&mut slot) {
                    return Some(slot);
                }
                // What is held for long must not fill the pool; what is held for a moment has its turn later.
                if !full {
                    free.push_back(slot);
                }
            }
            None
        });
        // A thread that ends has no pool any more.
        used.ok().flatten().unwrap_or_else(|| {
            #[cfg(test)]
            MADE.set(MADE.get() + 1);
            Arc::new(Slot::new())
        })
    }

    /// Takes a closed slot, whoever else still holds it.
    #[inline]
    pub(in super::super) fn put(slot: Arc<Slot>) {
        // A thread that ends has no pool any more.
        let before = LAST.try_with(|last| last.replace(Some(slot)));
        if let Ok(Some(before)) = before {
            put_back(before);
        }
    }

    fn put_back(slot: Arc<Slot>) {
        let oldest = FREE.try_with(|free| {
            let mut free = free.borrow_mut();
            let full = free.len() == ROOM;
            let oldest = if full { free.pop_front() } else { None };
            if free.capacity() == 0 {
                free.reserve_exact(ROOM);
            }
            free.push_back(slot);
            oldest
        });
        drop(oldest);
    }
}

/// A model starts from nothing each time, and does not see that the drop of one `Arc` comes before the next use.
#[cfg(ambit_loom)]
mod model {
    use std::sync::Arc;

    use crate::engine::reply::Slot;

    pub(in super::super) fn take() -> Arc<Slot> {
        Arc::new(Slot::new())
    }

    pub(in super::super) fn put(slot: Arc<Slot>) {
        drop(slot);
    }
}
