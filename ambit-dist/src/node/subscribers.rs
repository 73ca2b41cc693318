//! Subscribers of events: tasks that read a queue, and processes that get messages.

mod event_queue;
#[cfg(test)]
mod tests;
mod unsubscribe;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};

use ambit::error::CastError;
use ambit::server::Recipient;
use parking_lot::Mutex;

use crate::node::subscribers::event_queue::EventQueue;
pub use crate::node::subscribers::event_queue::{Event, Events};
use crate::node::subscribers::unsubscribe::Unsubscribe;
use crate::rt;
use crate::user_code;

/// A handle for the subscription of a process to events, for example from [`Node::subscribe`](crate::Node::subscribe).
///
/// The events are sent to the mailbox of the process. Dropping the handle does not end the subscription: it ends with
/// [`cancel`](Self::cancel), with the process, or when the node leaves.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::NodeEvent;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main(mut inbox: Inbox<NodeEvent>) -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// let subscription = a.subscribe(&inbox.recipient());
/// a.connect(b.local_addr()).await?;
/// assert!(matches!(inbox.recv().await, Some(NodeEvent::Up { .. })));
/// assert!(subscription.cancel());
/// assert!(!subscription.cancel(), "the subscription has already ended");
/// # Ok(())
/// # }
/// ```
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
    pub(crate) fn listen(self: &Arc<Self>) -> Events<E> {
        let queue = Arc::<EventQueue<E>>::default();
        let subscriber = Subscriber::Listener(Arc::downgrade(&queue));
        let key = self.0.lock().add(subscriber, &queue);
        let own = Arc::downgrade(self);
        let subscribers: Weak<dyn Unsubscribe> = own;
        Events {
            queue,
            key,
            subscribers,
        }
    }

    /// Sends all further events to a process. A separate task delivers those that the mailbox has no capacity for.
    pub(crate) fn subscribe(self: &Arc<Self>, process: &Recipient<E>) -> NodeSubscription {
        let queue = Arc::<EventQueue<E>>::default();
        // The recipient may follow a name: the process that has it now is subscribed.
        let process = process.__fixed().unwrap_or_else(|| process.clone());
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
            let told = user_code::caught("the clone of an event", || subscriber.tell(event));
            if !told.unwrap_or_else(|| subscriber.tell(&E::missed(1))) {
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
