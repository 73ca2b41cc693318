//! How a message is offered to a process, and what becomes of it.

use std::sync::Arc;

use crate::engine::ticket::Ticket;
use crate::error::CastError;

/// Whether a message may wait for room.
pub(crate) enum Patience<'a> {
    None,
    /// It may, and nobody watches it.
    Unwatched,
    /// It may, and the ticket that says how the wait ends goes here.
    Watched(&'a mut Option<Arc<Ticket>>),
}

impl Patience<'_> {
    pub(crate) fn ticket(self) -> Option<Arc<Ticket>> {
        match self {
            Self::None | Self::Unwatched => None,
            Self::Watched(ticket) => {
                let made = Arc::new(Ticket::default());
                *ticket = Some(made.clone());
                Some(made)
            }
        }
    }
}

/// What became of a message that was offered.
pub(crate) enum Offer<T> {
    Queued,
    /// It stands in the wait list, under this id.
    Waiting(u64),
    Full(T),
    /// Full, and the mailbox drops what comes.
    Dropped(T),
    Closed(T),
    /// It cannot go there at all, and this is why.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "only to other nodes")
    )]
    Unsent(T, CastError),
}
