//! One subscription: the destination of its messages, and the count of those that were not delivered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::options::WhenFull;
use super::subscription::Buffer;
use crate::error::CastError;
use crate::handle::recipient::Recipient;
use crate::panics::{self, DropQuietly};
use crate::pid::Pid;

pub(super) struct SubscriptionSink<T, M> {
    pub(super) way: Destination<T>,
    pub(super) metadata: DropQuietly<M>,
}

/// The destination of the messages.
pub(super) enum Destination<T> {
    Process(Subscribed<T>),
    Listener(BufferSender<T>),
}

/// A subscribed process.
pub(super) struct Subscribed<T> {
    pub(super) recipient: Recipient<T>,
    pub(super) when_full: WhenFull,
    missed: AtomicU64,
    /// Called with the pid of the process when its policy has ended this subscription.
    on_unsubscribe: Option<OnUnsubscribe>,
}

/// A function that is called outside all locks.
pub(super) type OnUnsubscribe = Box<dyn Fn(Pid) + Send + Sync>;

/// The publishers' end of a listener's buffer, which closes with the subscription.
pub(super) struct BufferSender<T>(pub(super) Arc<Buffer<T>>);

impl<T> Drop for BufferSender<T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The outcome of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeliveryOutcome {
    Delivered,
    /// It was not delivered; the subscription continues.
    Missed,
    /// It was not delivered; the subscription is to end.
    Unsubscribe,
}

impl<T: Send + 'static, M> SubscriptionSink<T, M> {
    pub(super) fn pid(&self) -> Pid {
        match &self.way {
            Destination::Process(subscribed) => subscribed.recipient.pid(),
            Destination::Listener(_) => Pid::NOBODY,
        }
    }

    /// Returns how many messages were not delivered.
    pub(super) fn lag(&self) -> u64 {
        match &self.way {
            Destination::Process(subscribed) => subscribed.missed.load(Ordering::Relaxed),
            Destination::Listener(open) => open.0.lag(),
        }
    }

    /// Sends without waiting. A panic in the conversion of a message, or in the drop of one that is not delivered, does not
    /// reach the publisher.
    pub(super) fn send(&self, message: T) -> DeliveryOutcome {
        match &self.way {
            Destination::Process(subscribed) => {
                let sent = panics::deliver(|| subscribed.recipient.send(message).now_or_return());
                let Some(sent) = sent else {
                    subscribed.missed.fetch_add(1, Ordering::Relaxed);
                    return DeliveryOutcome::Missed;
                };
                subscribed.judge(sent.map_err(|(error, message)| {
                    panics::drop_quietly(message);
                    error
                }))
            }
            Destination::Listener(open) if open.0.push(message) => DeliveryOutcome::Delivered,
            Destination::Listener(_) => DeliveryOutcome::Missed,
        }
    }
}

impl<T> Subscribed<T> {
    pub(super) fn new(
        recipient: Recipient<T>,
        when_full: WhenFull,
        on_unsubscribe: Option<OnUnsubscribe>,
    ) -> Self {
        Self {
            recipient,
            when_full,
            missed: AtomicU64::new(0),
            on_unsubscribe,
        }
    }

    /// Handles the end of the subscription by its policy.
    pub(super) fn unsubscribed(&self) {
        if let Some(on_unsubscribe) = &self.on_unsubscribe {
            on_unsubscribe(self.recipient.pid());
        }
    }

    /// Converts the result of a send, and counts a message that was not delivered.
    pub(super) fn judge(&self, sent: Result<(), CastError>) -> DeliveryOutcome {
        match (sent, self.when_full) {
            (Ok(()), _) => DeliveryOutcome::Delivered,
            // The end of the process unsubscribes it.
            (Err(CastError::NoProcess), _) => DeliveryOutcome::Missed,
            (Err(_), WhenFull::DropNewest) => {
                self.missed.fetch_add(1, Ordering::Relaxed);
                DeliveryOutcome::Missed
            }
            (Err(error), WhenFull::Unsubscribe) => {
                let pid = self.recipient.pid();
                tracing::warn!(%pid, %error, "a subscriber did not accept a message, so its subscription ends");
                DeliveryOutcome::Unsubscribe
            }
        }
    }
}
