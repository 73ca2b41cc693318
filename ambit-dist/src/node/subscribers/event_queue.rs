//! The queue of the events of one listener, and the stream that reads it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::node::subscribers::unsubscribe::Unsubscribe;

/// The capacity of the event queue of a slow listener.
pub(super) const QUEUE: usize = 1024;

/// An event that [`Events`] and subscriptions deliver. Each type has a variant that reports how many events were
/// dropped.
///
/// ```
/// use ambit_dist::{Event, Events, MemberEvent, NodeEvent};
/// # use ambit_dist::{Node, transport::Memory};
///
/// /// Waits for the next event that is `wanted`. Returns false if the node leaves first.
/// async fn wait_for<E: Event>(events: &mut Events<E>, wanted: impl Fn(&E) -> bool) -> bool {
///     while let Some(event) = events.next().await {
///         if wanted(&event) {
///             return true;
///         }
///     }
///     false
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// # let (mut nodes, mut members) = (a.events(), a.membership().events());
/// # a.connect(b.local_addr()).await?;
/// assert!(wait_for(&mut nodes, |event| matches!(event, NodeEvent::Up { .. })).await);
/// assert!(wait_for(&mut members, |event| matches!(event, MemberEvent::Up { .. })).await);
/// # Ok(())
/// # }
/// ```
pub trait Event: Clone + Send + Sync + 'static {
    /// Returns the event that reports that this many were dropped.
    #[doc(hidden)]
    fn missed(events: u64) -> Self;
}

/// The event queue of one listener.
pub(super) struct EventQueue<E> {
    waiting: Mutex<QueuedEvents<E>>,
    more: Notify,
}

struct QueuedEvents<E> {
    events: VecDeque<E>,
    missed: u64,
    /// True while an event has been taken and not yet delivered.
    is_busy: bool,
    is_closed: bool,
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        let waiting = QueuedEvents {
            events: VecDeque::new(),
            missed: 0,
            is_busy: false,
            is_closed: false,
        };
        Self {
            waiting: Mutex::new(waiting),
            more: Notify::new(),
        }
    }
}

impl<E: Event> EventQueue<E> {
    pub(super) fn push(&self, event: E) {
        let mut waiting = self.waiting.lock();
        let is_full = waiting.events.len() >= QUEUE;
        let missed = is_full.then(|| waiting.events.pop_front());
        waiting.missed += u64::from(is_full);
        waiting.events.push_back(event);
        drop(waiting);
        // An event may contain values of the user, whose drop is their code.
        drop(missed);
        self.more.notify_one();
    }

    /// Takes the next event: `Ok(None)` while there is none, `Err` once the queue is closed and empty.
    fn take(&self) -> Result<Option<E>, ()> {
        let mut waiting = self.waiting.lock();
        let missed = std::mem::take(&mut waiting.missed);
        let event = if missed > 0 {
            Some(E::missed(missed))
        } else {
            waiting.events.pop_front()
        };
        waiting.is_busy = event.is_some();
        if event.is_none() && waiting.is_closed {
            return Err(());
        }
        Ok(event)
    }

    pub(super) async fn next(&self) -> Option<E> {
        loop {
            match self.take() {
                Ok(Some(event)) => return Some(event),
                Ok(None) => self.more.notified().await,
                Err(()) => return None,
            }
        }
    }

    pub(super) fn close(&self) {
        self.waiting.lock().is_closed = true;
        self.more.notify_one();
    }

    pub(super) fn is_empty(&self) -> bool {
        let waiting = self.waiting.lock();
        waiting.events.is_empty() && !waiting.is_busy
    }
}

/// A stream of the events that occur after its creation. Dropping the stream ends the subscription.
///
/// ```
/// use ambit_dist::NodeEvent;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// let mut events = a.events();
/// a.connect(b.local_addr()).await?;
/// a.leave().await;
///
/// let mut connected = Vec::new();
/// // The stream ends because the node has left.
/// while let Some(event) = events.next().await {
///     if let NodeEvent::Up { node } = event {
///         connected.push(node);
///     }
/// }
/// assert_eq!(connected, [b.id().clone()]);
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping it ends the subscription"]
pub struct Events<E> {
    pub(super) queue: Arc<EventQueue<E>>,
    /// The key of the queue among the subscribers.
    pub(super) key: u64,
    pub(super) subscribers: Weak<dyn Unsubscribe>,
}

impl<E: Event> Events<E> {
    /// Returns the next event, or `None` once the node has left and all queued events were returned. Up to 1,024 events
    /// are queued. If there are more, the oldest are dropped, and an event `Missed` reports their number.
    ///
    /// # Cancel safety
    /// No event is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<E> {
        self.queue.next().await
    }
}

impl<E> Drop for Events<E> {
    /// Removes the queue from the subscribers, which otherwise notice its end only at the next event.
    fn drop(&mut self) {
        if let Some(subscribers) = self.subscribers.upgrade() {
            subscribers.remove(self.key);
        }
    }
}

impl<E> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// An event that counts how often it is dropped while its queue is locked.
    #[derive(Clone)]
    struct DropWatcher(Weak<EventQueue<Self>>, Arc<AtomicUsize>);

    impl Event for DropWatcher {
        fn missed(_: u64) -> Self {
            Self(Weak::new(), Arc::default())
        }
    }

    impl Drop for DropWatcher {
        fn drop(&mut self) {
            let queue = self.0.upgrade();
            if queue.is_some_and(|queue| queue.waiting.try_lock().is_none()) {
                self.1.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn a_missed_event_is_dropped_outside_the_lock() {
        let (queue, locked) = (Arc::new(EventQueue::default()), Arc::default());
        for _ in 0..QUEUE + 3 {
            queue.push(DropWatcher(Arc::downgrade(&queue), Arc::clone(&locked)));
        }
        assert_eq!(locked.load(Ordering::Relaxed), 0);
    }
}
