//! Waiting until all connected members have acknowledged a version of this node's entries.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// The node has ended, so its entries are no longer replicated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended;

/// The waiters, in the order of the versions that they wait for.
#[derive(Default)]
pub(super) struct Acknowledged(Mutex<Waiters>);

#[derive(Default)]
struct Waiters {
    /// The version that all connected members have.
    reached: u64,
    has_ended: bool,
    last: u64,
    waiting: BTreeMap<WaiterKey, oneshot::Sender<()>>,
}

/// A version, and a number that is unique.
type WaiterKey = (u64, u64);

/// One waiter. Its drop leaves nothing behind.
struct Waiter {
    key: WaiterKey,
    acknowledged: Arc<Acknowledged>,
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let removed = self.acknowledged.0.lock().waiting.remove(&self.key);
        drop(removed);
    }
}

impl Acknowledged {
    /// Waits until all connected members have a version.
    ///
    /// # Errors
    /// Fails if the node has ended.
    pub(super) async fn wait(self: &Arc<Self>, version: u64) -> Result<(), Ended> {
        let (done, reached) = oneshot::channel();
        let waiter = {
            let mut waiters = self.0.lock();
            if waiters.has_ended {
                return Err(Ended);
            }
            if waiters.reached >= version {
                return Ok(());
            }
            waiters.last += 1;
            let key = (version, waiters.last);
            waiters.waiting.insert(key, done);
            Waiter {
                key,
                acknowledged: self.clone(),
            }
        };
        let result = reached.await.map_err(|_| Ended);
        drop(waiter);
        result
    }

    /// All connected members have this version.
    pub(super) fn reached(&self, version: u64) {
        let reached = {
            let mut waiters = self.0.lock();
            waiters.reached = waiters.reached.max(version);
            let later = waiters.waiting.split_off(&(version.saturating_add(1), 0));
            std::mem::replace(&mut waiters.waiting, later)
        };
        for done in reached.into_values() {
            // The send fails if the waiter is gone.
            done.send(()).ok();
        }
    }

    /// Ends all waiters. `last` runs after the end and before they wake.
    pub(super) fn end(&self, last: impl FnOnce()) {
        let waiting = {
            let mut waiters = self.0.lock();
            waiters.has_ended = true;
            std::mem::take(&mut waiters.waiting)
        };
        last();
        drop(waiting);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.0.lock().has_ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[ambit::test]
    async fn waiters_are_done_in_the_order_of_their_versions() {
        let acknowledged = Arc::<Acknowledged>::default();
        acknowledged.reached(3);
        assert_eq!(acknowledged.wait(3).await, Ok(()));
        let (order, mut done) = tokio::sync::mpsc::unbounded_channel();
        for version in [9, 4, 6] {
            let (acknowledged, order) = (acknowledged.clone(), order.clone());
            crate::rt::spawn(async move {
                let result = acknowledged.wait(version).await;
                order.send((version, result)).unwrap();
            });
        }
        while acknowledged.0.lock().waiting.len() < 3 {
            tokio::task::yield_now().await;
        }
        acknowledged.reached(6);
        assert_eq!(done.recv().await, Some((4, Ok(()))));
        assert_eq!(done.recv().await, Some((6, Ok(()))));
        assert_eq!(acknowledged.0.lock().waiting.len(), 1);
        acknowledged.end(|| ());
        assert_eq!(done.recv().await, Some((9, Err(Ended))));
        assert_eq!(acknowledged.wait(1).await, Err(Ended));
    }

    #[ambit::test]
    async fn a_dropped_waiter_leaves_nothing_behind() {
        let acknowledged = Arc::<Acknowledged>::default();
        let wait = acknowledged.wait(1);
        let early = crate::rt::timeout(std::time::Duration::from_secs(1), wait).await;
        assert!(early.is_err());
        assert!(acknowledged.0.lock().waiting.is_empty());
    }
}
