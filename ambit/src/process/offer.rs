//! Offering a message to a process, and the outcome.

use std::sync::Arc;

use crate::engine::queue_ticket::QueueTicket;
use crate::error::CastError;

/// The permission of a message to wait for capacity.
pub(crate) enum Patience<'a> {
    None,
    /// It may wait, without notification of the sender.
    Unwatched,
    /// It may wait; the ticket that reports the end of the wait is stored here.
    Watched(&'a mut Option<Arc<QueueTicket>>),
}

impl Patience<'_> {
    pub(crate) fn ticket(self) -> Option<Arc<QueueTicket>> {
        match self {
            Self::None | Self::Unwatched => None,
            Self::Watched(ticket) => {
                let made = Arc::new(QueueTicket::default());
                *ticket = Some(made.clone());
                Some(made)
            }
        }
    }
}

/// The outcome of an offered message.
pub(crate) enum Offer<T> {
    Queued,
    /// It is in the wait list, under this id.
    Waiting(u64),
    Full(T),
    /// The mailbox is full, and its policy drops new messages.
    Dropped(T),
    Closed(T),
    /// It cannot be sent there at all, for this reason.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "only to other nodes")
    )]
    Unsent(T, CastError),
}
