//! The server's end of a question.
#![allow(
    unsafe_code,
    reason = "a port and its slot agree on the type of the answer"
)]

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::deferred_wake::DeferredWake;
use super::phase::{ABANDONED, ANSWERED, SENT};
use super::slot::{ReplySlot, Typed};

/// The reply port of a call: it sends the answer. (Erlang: the `From` of `handle_call/3`.)
///
/// It can be stored in the server's state, or moved to another task or thread, and answered later. Dropping it without
/// an answer fails the call with `NoReply` at once.
///
/// ```
/// use ambit::prelude::*;
/// struct Door { waiting: Vec<ReplyTo<&'static str>> }
/// #[gen_server]
/// impl Door {
///     #[call(deferred)]
///     fn pass(&mut self, reply: ReplyTo<&'static str>) { self.waiting.push(reply) }
///     #[cast]
///     fn open(&mut self) {
///         for reply in self.waiting.drain(..) { reply.send("open"); }
///     }
/// }
/// # fn main() {}
/// ```
#[must_use = "a call whose port is dropped without an answer fails with `NoReply`"]
pub struct ReplyTo<T> {
    slot: Option<Arc<ReplySlot>>,
    answer: Typed<T>,
}

impl<T> ReplyTo<T> {
    pub(super) fn new(slot: Arc<ReplySlot>) -> Self {
        Self {
            slot: Some(slot),
            answer: PhantomData,
        }
    }

    /// Sends the answer. Returns true if the caller was still waiting; otherwise the answer is dropped.
    #[inline]
    pub fn send(self, value: T) -> bool {
        self.give(value).is_some()
    }

    /// Stores the answer, and wakes the caller only when the result is dropped; `None` if the caller no longer waits.
    #[inline]
    pub(crate) fn give(mut self, value: T) -> Option<DeferredWake> {
        let slot = self.slot.take()?;
        // SAFETY: `question` created this port for a slot whose answer is a `T`.
        unsafe { slot.settle(value, ANSWERED) }
    }

    /// Returns true if the caller no longer waits: its call timed out or was dropped. An answer would be dropped.
    pub fn is_closed(&self) -> bool {
        self.slot.as_ref().is_none_or(|slot| !slot.is_open())
    }
}

impl<T> Drop for ReplyTo<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            abandoned(slot);
        }
    }
}

impl<T> fmt::Debug for ReplyTo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyTo")
            .field("is_closed", &self.is_closed())
            .finish()
    }
}

#[cold]
fn abandoned(slot: Arc<ReplySlot>) {
    let before = slot.add_if_open(ABANDONED);
    // If the destination is not known yet, the caller's end notifies it later.
    if before.is_some_and(|phase| phase & SENT != 0)
        && let Some(sent) = slot.sent()
    {
        sent.server.port_dropped(slot);
    }
}
