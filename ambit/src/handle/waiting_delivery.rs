//! The wait for capacity of a message from another node.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::process::header::ProcessRef;

/// The wait of a message from another node that is in the wait list of a full mailbox. It is queued in arrival order
/// with all other messages and signals to the process, whether this future is polled or not.
///
/// # Cancel safety
/// Dropping the future of a cast withdraws the cast while it waits. Dropping that of a call only ends the notification:
/// the call is withdrawn when its [`Answering`](crate::message::Answering) is dropped.
///
/// [`Exposed`](crate::message::Exposed) has an example.
#[must_use = "dropping the wait of a cast withdraws the cast"]
pub struct WaitingDelivery {
    ticket: Arc<QueueTicket>,
    /// The cast that is withdrawn on drop.
    cast: Option<(ProcessRef, u64)>,
}

/// The end of the wait of a message for capacity.
///
/// ```
/// use ambit::message::DeliveryEnd;
///
/// /// Returns true if the process may still handle the message.
/// fn may_be_handled(end: DeliveryEnd) -> bool {
///     end == DeliveryEnd::Queued
/// }
///
/// assert!(!may_be_handled(DeliveryEnd::Withdrawn));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryEnd {
    /// The message is in the mailbox.
    Queued,
    /// The process has ended without having handled the message.
    Ended,
    /// The call was withdrawn: its deadline has passed, or its `Answering` was dropped.
    Withdrawn,
}

impl WaitingDelivery {
    /// Returns the wait of the cast with this id in the wait list of `process`, whose mailbox settles `ticket`.
    pub(crate) fn of_cast(process: ProcessRef, id: u64, ticket: Arc<QueueTicket>) -> Self {
        Self {
            ticket,
            cast: Some((process, id)),
        }
    }

    /// Returns the wait of the call with this id in the wait list of `process`; `None` if it no longer waits.
    pub(crate) fn of_call(process: &ProcessRef, id: u64) -> Option<Self> {
        let ticket = Arc::new(QueueTicket::default());
        process
            .watch_call(id, &ticket)
            .then_some(Self { ticket, cast: None })
    }
}

impl Future for WaitingDelivery {
    type Output = DeliveryEnd;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<DeliveryEnd> {
        let outcome = std::task::ready!(self.ticket.poll(cx));
        self.cast = None;
        Poll::Ready(match outcome {
            TicketOutcome::Admitted => DeliveryEnd::Queued,
            TicketOutcome::Expired => DeliveryEnd::Withdrawn,
            TicketOutcome::Closed | TicketOutcome::Lost | TicketOutcome::Unsendable => {
                DeliveryEnd::Ended
            }
        })
    }
}

impl Drop for WaitingDelivery {
    fn drop(&mut self) {
        if let Some((process, id)) = self.cast.take() {
            process.withdraw(id);
        }
    }
}

impl fmt::Debug for WaitingDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitingDelivery").finish_non_exhaustive()
    }
}
