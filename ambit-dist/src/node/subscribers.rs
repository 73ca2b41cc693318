//! Subscribers of events: tasks that read a queue, and processes that get messages.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Weak};

use ambit::error::CastError;
use ambit::server::Recipient;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::rt;

/// The capacity of the event queue of a slow listener.
const QUEUE: usize = 1024;

/// The type of the events of [`Events`] and of subscriptions. Each type has an event that reports how many events were
/// dropped.
pub trait Event: Clone + Send + Sync + 'static {
    /// Returns the event that reports that this many were dropped.
    #[doc(hidden)]
    fn missed(events: u64) -> Self;
}

/// The event queue of one listener.
#[derive(Debug)]
struct EventQueue<E> {
    waiting: Mutex<QueuedEvents<E>>,
    more: Notify,
}

#[derive(Debug)]
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
    fn push(&self, event: E) {
        let mut waiting = self.waiting.lock();
        if waiting.events.len() >= QUEUE {
            waiting.events.pop_front();
            waiting.missed += 1;
        }
        waiting.events.push_back(event);
        drop(waiting);
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

    async fn next(&self) -> Option<E> {
        loop {
            match self.take() {
                Ok(Some(event)) => return Some(event),
                Ok(None) => self.more.notified().await,
                Err(()) => return None,
            }
        }
    }

    fn close(&self) {
        self.waiting.lock().is_closed = true;
        self.more.notify_one();
    }

    fn is_empty(&self) -> bool {
        let waiting = self.waiting.lock();
        waiting.events.is_empty() && !waiting.is_busy
    }
}

/// A stream of the events that occur after its creation. Dropping the stream ends the subscription.
#[derive(Debug)]
#[must_use = "dropping it ends the subscription"]
pub struct Events<E>(Arc<EventQueue<E>>);

impl<E: Event> Events<E> {
    /// Returns the next event, or `None` once the node has left and all queued events were returned. Up to 1,024 events
    /// are queued. If there are more, the oldest are dropped, and an event `Missed` reports their number.
    ///
    /// # Cancel safety
    /// No event is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<E> {
        self.0.next().await
    }
}

/// A handle for the subscription of a process to events, for example from [`Node::subscribe`](crate::Node::subscribe).
///
/// The events are sent to the mailbox of the process. Dropping the handle does not end the subscription: it ends with
/// [`cancel`](Self::cancel), with the process, or when the node leaves.
#[derive(Clone)]
pub struct NodeSubscription {
    key: u64,
    subscribers: Weak<dyn Unsubscribe>,
}

impl NodeSubscription {
    /// Ends the subscription. Returns true, or false if the subscription has already ended. The process receives no
    /// later events; up to 1,024 events that already wait for mailbox capacity still arrive. (Erlang:
    /// `net_kernel:monitor_nodes(false)`.)
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn cancel(&self) -> bool {
        let subscribers = self.subscribers.upgrade();
        subscribers.is_some_and(|subscribers| subscribers.remove(self.key))
    }
}

impl fmt::Debug for NodeSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeSubscription").finish_non_exhaustive()
    }
}

/// Delivers queued events, waiting for mailbox capacity, until the process or the subscription ends.
async fn forward<E: Event>(process: &Recipient<E>, queue: &EventQueue<E>) {
    let mut end = process.process().monitor();
    loop {
        let event = tokio::select! {
            biased;
            _ = &mut end => return,
            event = queue.next() => event,
        };
        let Some(event) = event else {
            return;
        };
        if process.send(event).no_timeout().await.is_err() {
            return;
        }
    }
}

enum Subscriber<E> {
    Listener(Weak<EventQueue<E>>),
    Process(Recipient<E>, Arc<EventQueue<E>>),
}

impl<E> Clone for Subscriber<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Listener(queue) => Self::Listener(queue.clone()),
            Self::Process(process, queue) => Self::Process(process.clone(), queue.clone()),
        }
    }
}

/// All subscribers to one kind of events.
pub(crate) struct Subscribers<E>(Mutex<SubscriberTable<E>>);

struct SubscriberTable<E> {
    last: u64,
    subscribers: BTreeMap<u64, Subscriber<E>>,
    is_closed: bool,
}

impl<E> Default for Subscribers<E> {
    fn default() -> Self {
        Self(Mutex::new(SubscriberTable {
            last: 0,
            subscribers: BTreeMap::new(),
            is_closed: false,
        }))
    }
}

/// The removal of a subscriber of any kind of events.
trait Unsubscribe: Send + Sync {
    /// Removes a subscriber. Returns false if it does not exist.
    fn remove(&self, key: u64) -> bool;
}

impl<E: Event> Unsubscribe for Subscribers<E> {
    fn remove(&self, key: u64) -> bool {
        let removed = self.0.lock().subscribers.remove(&key);
        if let Some(Subscriber::Process(_, queue)) = &removed {
            queue.close();
        }
        removed.is_some()
    }
}

impl<E: Event> SubscriberTable<E> {
    /// Adds a subscriber with its queue, and returns its key. After the node has left the queue is closed instead.
    fn add(&mut self, subscriber: Subscriber<E>, queue: &EventQueue<E>) -> u64 {
        self.last += 1;
        if self.is_closed {
            queue.close();
        } else {
            self.subscribers.insert(self.last, subscriber);
        }
        self.last
    }
}

impl<E: Event> Subscribers<E> {
    pub(crate) fn listen(&self) -> Events<E> {
        let queue = Arc::<EventQueue<E>>::default();
        let subscriber = Subscriber::Listener(Arc::downgrade(&queue));
        self.0.lock().add(subscriber, &queue);
        Events(queue)
    }

    /// Sends all further events to a process. A separate task delivers those that the mailbox has no capacity for.
    pub(crate) fn subscribe(self: &Arc<Self>, process: &Recipient<E>) -> NodeSubscription {
        let queue = Arc::<EventQueue<E>>::default();
        let process = process.clone();
        let subscriber = Subscriber::Process(process.clone(), queue.clone());
        let key = self.0.lock().add(subscriber, &queue);
        let own = Arc::downgrade(self);
        let subscribers: Weak<dyn Unsubscribe> = own.clone();
        rt::spawn(async move {
            forward(&process, &queue).await;
            if let Some(subscribers) = own.upgrade() {
                subscribers.remove(key);
            }
        });
        NodeSubscription { key, subscribers }
    }

    /// Sends an event to all subscribers. Only one task may call this, to preserve the order.
    pub(crate) fn emit(&self, event: &E) {
        let all = self.0.lock().subscribers.clone();
        for (key, subscriber) in all {
            if !subscriber.tell(event) {
                self.remove(key);
            }
        }
    }

    /// Returns whether no subscriber exists.
    pub(crate) fn is_empty(&self) -> bool {
        let is_gone = |subscriber: &Subscriber<E>| match subscriber {
            Subscriber::Listener(queue) => queue.strong_count() == 0,
            Subscriber::Process(..) => false,
        };
        self.0.lock().subscribers.values().all(is_gone)
    }

    /// Ends all subscriptions after their queued events.
    pub(crate) fn close(&self) {
        let all = {
            let mut all = self.0.lock();
            all.is_closed = true;
            std::mem::take(&mut all.subscribers)
        };
        for subscriber in all.into_values() {
            match subscriber {
                Subscriber::Listener(queue) => {
                    if let Some(queue) = queue.upgrade() {
                        queue.close();
                    }
                }
                Subscriber::Process(_, queue) => queue.close(),
            }
        }
    }
}

impl<E: Event> Subscriber<E> {
    /// Delivers or queues an event. Returns false if the subscriber no longer exists.
    fn tell(&self, event: &E) -> bool {
        match self {
            Self::Listener(queue) => {
                let queue = queue.upgrade();
                queue.map(|queue| queue.push(event.clone())).is_some()
            }
            // Delivers directly while the mailbox has capacity, so that messages from the node arrive after its event.
            Self::Process(process, queue) if queue.is_empty() => {
                match process.send(event.clone()).now() {
                    Ok(()) => true,
                    Err(CastError::Full) => {
                        queue.push(event.clone());
                        true
                    }
                    Err(_) => false,
                }
            }
            Self::Process(_, queue) => {
                queue.push(event.clone());
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::events::NodeEvent;
    use crate::node::id::{Incarnation, NodeId};

    fn up(incarnation: u64) -> NodeEvent {
        NodeEvent::Up {
            node: NodeId {
                name: "a".parse().unwrap(),
                incarnation: Incarnation(incarnation),
            },
        }
    }

    #[ambit::test]
    async fn a_listener_gets_everything_in_order_and_the_end() {
        let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
        let mut events = subscribers.listen();
        subscribers.emit(&up(1));
        subscribers.emit(&up(2));
        subscribers.close();
        let got = [
            events.next().await,
            events.next().await,
            events.next().await,
        ];
        assert_eq!(got, [Some(up(1)), Some(up(2)), None]);
        assert_eq!(subscribers.listen().next().await, None);
    }

    struct Watcher;

    #[ambit::gen_server]
    impl Watcher {
        #[init]
        fn new() -> Self {
            Self
        }

        #[info]
        fn event(&mut self, _: NodeEvent) {}
    }

    #[ambit::test]
    async fn a_subscription_to_a_node_that_has_left_is_over() {
        let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
        subscribers.close();
        let watcher = Watcher::start().await.unwrap();
        let process: &ambit::server::Subject<Watcher> = watcher.as_ref();
        let tasks = || {
            let runtime = tokio::runtime::Handle::current();
            runtime.metrics().num_alive_tasks()
        };
        let before = tasks();
        let subscription = subscribers.subscribe(&process.recipient());
        assert!(!subscription.cancel());
        let second = std::time::Duration::from_secs(1);
        let ends = async {
            while tasks() > before {
                rt::sleep(second / 1_000).await;
            }
        };
        assert!(rt::timeout(60 * second, ends).await.is_ok());
        assert!(process.is_alive());
    }

    #[ambit::test]
    async fn a_slow_listener_receives_the_number_of_missed_events() {
        let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
        let mut events = subscribers.listen();
        for number in 0..QUEUE as u64 + 3 {
            subscribers.emit(&up(number));
        }
        let missed = NodeEvent::Missed { events: 3 };
        assert_eq!(events.next().await, Some(missed));
        assert_eq!(events.next().await, Some(up(3)));
    }

    #[ambit::test]
    async fn a_process_that_ends_is_subscribed_no_more() {
        let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
        let probe = ambit::test::Probe::<NodeEvent>::new();
        let _subscription = subscribers.subscribe(&probe.recipient());
        drop(probe);
        // The subscription ends without an event.
        ambit::test::settle().await;
        assert!(subscribers.0.lock().subscribers.is_empty());
    }

    #[ambit::test]
    async fn a_process_subscription_stays_active_after_its_handle_is_dropped() {
        let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
        let mut probe = ambit::test::Probe::<NodeEvent>::new();
        drop(subscribers.subscribe(&probe.recipient()));
        subscribers.emit(&up(1));
        assert_eq!(probe.expect().await, up(1));
    }

    #[ambit::test]
    async fn a_dropped_listener_leaves_nothing_behind() {
        let subscribers = Arc::new(Subscribers::<NodeEvent>::default());
        drop(subscribers.listen());
        let probe = ambit::test::Probe::<NodeEvent>::new();
        let subscription = subscribers.subscribe(&probe.recipient());
        assert!(subscription.cancel());
        assert!(!subscription.cancel(), "it has ended");
        subscribers.emit(&up(1));
        assert!(subscribers.0.lock().subscribers.is_empty());
    }
}
