//! The futures that wait for the exit of a process, in the order in which they began to wait.

use std::sync::Arc;

use crate::engine::keyed_queue::KeyedQueue;
use crate::engine::reply::ExitObserver;

/// Pending calls, `closed`, `stop`, `monitor` outside a process; in ascending key order.
pub(crate) enum ExitObservers {
    One(Option<(u64, Arc<dyn ExitObserver>)>),
    /// It stays a queue, so that many consecutive calls allocate only once. Boxed to keep processes small.
    Many(Box<KeyedQueue<Arc<dyn ExitObserver>>>),
}

impl Default for ExitObservers {
    fn default() -> Self {
        Self::One(None)
    }
}

impl ExitObservers {
    /// Adds an observer, whose key is greater than all earlier keys.
    pub(crate) fn add(&mut self, key: u64, observer: Arc<dyn ExitObserver>) {
        match self {
            Self::One(one) => match one.take() {
                None => *one = Some((key, observer)),
                Some((first, other)) => {
                    let mut all = KeyedQueue::with_capacity(4);
                    all.push_back(first, other);
                    all.push_back(key, observer);
                    *self = Self::Many(Box::new(all));
                }
            },
            Self::Many(all) => all.push_back(key, observer),
        }
    }

    pub(crate) fn remove(&mut self, key: u64) -> Option<Arc<dyn ExitObserver>> {
        match self {
            Self::One(one) => {
                let removed = one.take_if(|(known, _)| *known == key);
                removed.map(|(_, observer)| observer)
            }
            Self::Many(all) => all.remove(key),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::One(one) => one.is_none(),
            Self::Many(all) => all.is_empty(),
        }
    }

    /// Returns the number of observers.
    #[cfg(any(test, feature = "test"))]
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::One(one) => usize::from(one.is_some()),
            Self::Many(all) => all.len(),
        }
    }
}

/// Takes the observers out, the one that has waited longest first.
impl Iterator for ExitObservers {
    type Item = Arc<dyn ExitObserver>;

    fn next(&mut self) -> Option<Arc<dyn ExitObserver>> {
        match self {
            Self::One(one) => one.take().map(|(_, observer)| observer),
            Self::Many(all) => all.pop_front(),
        }
    }
}
