//! The messages from the system in a mailbox.

use std::sync::Arc;

use crate::engine::mailbox::Voidable;
use crate::process::header::Notice;
use crate::process::queued_signals::{QueuedSignal, QueuedStop};
use crate::process::timer::TimerShared;
use crate::signal::{Down, Exit};

/// A system message in the mailbox.
pub(crate) enum SystemMessage<M> {
    /// Boxed, like `Down`: a queue entry is then no larger than a user message.
    Exit(Box<QueuedSignal<Exit>>),
    Down(Box<Down>),
    /// The process is asked to stop, in queue order.
    Stop(QueuedStop),
    /// A message that the process requested itself: the result of a task.
    Item(M),
    /// A timer's message; void once the timer is cancelled.
    Timed(Arc<TimerShared>, M),
}

impl<M> SystemMessage<M> {
    /// Returns the notice if it came from outside; `None` for a message that the process requested itself.
    pub(super) fn into_notice(self) -> Option<Notice> {
        match self {
            Self::Exit(exit) => Some(Notice::Exit(*exit)),
            Self::Down(down) => Some(Notice::Down(*down)),
            Self::Stop(reason) => Some(Notice::Stop(reason.into_signal())),
            Self::Item(_) | Self::Timed(..) => None,
        }
    }
}

impl<M: Send> Voidable for SystemMessage<M> {
    fn is_void(&self) -> bool {
        matches!(self, Self::Timed(timer, _) if timer.is_cancelled())
    }
}
