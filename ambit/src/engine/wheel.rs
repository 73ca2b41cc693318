//! Deadlines of one system, in order, behind one sleep.
//!
//! Every timeout and timer is an entry here instead of a tokio timer of its own: so they work from threads that
//! know no runtime, and a runtime that shuts down cannot make a waiting caller panic.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;

use parking_lot::Mutex;

use crate::rt::Instant;

/// What happens when a deadline passes. Runs in the keeper's task, so it must be short; the only code of the user's is the
/// clone or the drop of a timer's message.
pub(crate) trait Expire: Send + Sync {
    fn expire(self: Arc<Self>, now: Instant);
}

/// Names one armed deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deadline(Instant, u64);

impl Deadline {
    pub(crate) fn at(self) -> Instant {
        self.0
    }
}

#[derive(Default)]
pub(crate) struct Wheel {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    armed: BTreeMap<Deadline, Arc<dyn Expire>>,
    next: u64,
    /// When the keeper will look by itself; `None` while it sleeps without a deadline.
    looks_at: Option<Instant>,
    keeper: Option<Waker>,
}

impl Wheel {
    /// Arms a deadline; deadlines that fall together pass in the order in which they were armed.
    pub(crate) fn arm(&self, at: Instant, what: Arc<dyn Expire>) -> Deadline {
        let mut inner = self.inner.lock();
        let deadline = Deadline(at, inner.next);
        inner.next += 1;
        inner.armed.insert(deadline, what);
        let too_late = inner.looks_at.is_none_or(|looks| looks > at);
        let wake = if too_late { inner.keeper.take() } else { None };
        drop(inner);
        if let Some(keeper) = wake {
            keeper.wake();
        }
        deadline
    }

    /// Takes a deadline back; `None` if it has passed.
    pub(crate) fn disarm(&self, deadline: Deadline) -> Option<Arc<dyn Expire>> {
        self.inner.lock().armed.remove(&deadline)
    }

    /// The next entry whose time has come.
    pub(crate) fn due(&self, now: Instant) -> Option<Arc<dyn Expire>> {
        let mut inner = self.inner.lock();
        let entry = inner
            .armed
            .first_entry()
            .filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }

    /// When to look again; the keeper is woken earlier if something is armed before that.
    pub(crate) fn rest(&self, keeper: &Waker) -> Option<Instant> {
        let mut inner = self.inner.lock();
        inner.looks_at = inner
            .armed
            .first_key_value()
            .map(|(deadline, _)| deadline.0);
        inner.keeper = Some(keeper.clone());
        inner.looks_at
    }

    /// How many deadlines are armed.
    #[cfg(feature = "test")]
    pub(crate) fn armed(&self) -> usize {
        self.inner.lock().armed.len()
    }

    /// Hands out everything armed: the system is gone.
    pub(crate) fn clear(&self) -> impl Iterator<Item = Arc<dyn Expire>> + use<> {
        std::mem::take(&mut self.inner.lock().armed).into_values()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    struct Note(u32, Arc<Mutex<Vec<u32>>>);

    impl Expire for Note {
        fn expire(self: Arc<Self>, _now: Instant) {
            self.1.lock().push(self.0);
        }
    }

    #[test]
    fn deadlines_pass_in_order_and_only_when_due() {
        let (wheel, seen) = (Wheel::default(), Arc::new(Mutex::new(Vec::new())));
        let start = crate::rt::now(None);
        let at = |ms| start + Duration::from_millis(ms);
        for (n, ms) in [(1, 30), (2, 10), (3, 20), (4, 10)] {
            wheel.arm(at(ms), Arc::new(Note(n, seen.clone())));
        }
        let gone = wheel.arm(at(5), Arc::new(Note(9, seen.clone())));
        assert!(wheel.disarm(gone).is_some());
        assert!(
            wheel.disarm(gone).is_none(),
            "a second disarm finds nothing"
        );
        while let Some(entry) = wheel.due(at(20)) {
            entry.expire(at(20));
        }
        assert_eq!(*seen.lock(), [2, 4, 3]);
        assert_eq!(wheel.rest(Waker::noop()), Some(at(30)));
    }
}
