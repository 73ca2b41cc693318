//! One question, one answer: the slot behind both, the caller's end, and the port through which the server answers.
//!
//! Slots are reused: the caller's end returns its slot to the pool of its thread, and it is taken out only when it has
//! no other holder, so a late holder finds the old, closed question, and never a new one.

use crate::error::CallError;

mod buffer;
pub(crate) mod count;
mod deferred_wake;
mod phase;
mod pool;
mod port;
mod receiver;
mod route;
mod slot;

pub(crate) use self::deferred_wake::DeferredWake;
pub use self::port::ReplyTo;
pub use self::receiver::ReplyReceiver;
pub(crate) use self::route::{ExitObserver, OpenReply, Replier, ServerRef};

/// Creates a question: the port for the server, the end for the caller.
#[inline]
pub(crate) fn question<R: Send + 'static>() -> (ReplyTo<R>, ReplyReceiver<R>) {
    ends()
}

#[inline]
fn ends<R>() -> (ReplyTo<R>, ReplyReceiver<R>) {
    let slot = pool::take();
    (ReplyTo::new(slot.clone()), ReplyReceiver::new(slot))
}

/// Creates a question that was not delivered, and is already answered with an error.
pub(crate) fn refused<R>(error: CallError) -> ReplyReceiver<R> {
    let (port, asked) = ends();
    asked.fail(error);
    drop(port);
    asked
}

#[cfg(all(test, ambit_loom))]
mod models;
#[cfg(all(test, not(ambit_loom)))]
mod tests;
