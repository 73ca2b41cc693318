//! The sinks of a process for one type of message.

use std::sync::Arc;

use crate::process::dead_letter::Undelivered;
use crate::process::header::ProcessRef;
use crate::process::offer::{Offer, Patience};
use crate::process::timer::TimerShared;

/// Accepts messages of one type, without an answer.
pub(crate) trait MessageSink<T>: Send + Sync {
    fn process(self: Arc<Self>) -> ProcessRef;
    fn offer(&self, message: T, patience: Patience<'_>) -> Offer<T>;
    /// Accepts a message if there is capacity now; otherwise returns it, for any reason.
    fn push_if_free(&self, message: T) -> Result<(), T>;
    /// Accepts a message whose permit is already held.
    fn push_reserved(&self, message: T) -> Result<(), T>;
    /// Reports a message that was not delivered.
    fn dead_letter(&self, message: T, why: Undelivered);
}

/// A sink that also accepts timer messages, which need no permit.
pub(crate) trait TimedSink<T>: MessageSink<T> {
    /// Returns false if the process has ended.
    fn timed(&self, timer: &Arc<TimerShared>, message: T) -> bool;
    /// Delivers a message that the process requested itself; returns false if it has ended.
    fn item(&self, message: T) -> bool;
}
