//! A question without its type, and its destination: a server, identified by its pid.
//!
//! A reference to the server in each call would change a reference count that all its callers share, twice. The server
//! is looked up only when a port is dropped without an answer, or when an observer is removed.

use std::sync::Arc;

use crate::error::CallError;
use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::rt::Instant;

/// The untyped interface of a question, for the mailbox and the server.
pub(crate) trait OpenReply: Send + Sync {
    /// Answers with an error; the first answer counts.
    fn fail(&self, error: CallError);
    /// Records that the server has begun to handle it. Returns the caller's deadline, even if the caller has gone;
    /// `None` without a deadline, or before the question was sent.
    fn taken(&self) -> Option<Instant>;
    /// Like `taken`, without recording anything.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "used only for remote calls")
    )]
    fn until(&self) -> Option<Instant>;
    /// Returns true if it has no answer, and the caller waits for one.
    fn is_open(&self) -> bool;
    /// Records that it observes `server` under this key, until the caller's end removes it; returns false if the
    /// caller's end has gone.
    fn observed(&self, server: ServerRef, key: u64) -> bool;
    /// Records that it was moved to another queue.
    fn carried_to(&self, server: ServerRef);
    /// Returns itself as the observer of a server's end.
    fn observer(self: Arc<Self>) -> Arc<dyn ExitObserver>;
}

/// Notified when a process has ended.
pub(crate) trait ExitObserver: Send + Sync {
    fn exited(&self, reason: &ExitReason);
}

/// Notified when a port is dropped without an answer; decides the consequence.
pub(crate) trait Replier: Send + Sync {
    /// The caller needs no answer any more: removes it as an observer.
    fn unobserve(&self, key: u64);
    fn port_dropped(&self, question: Arc<dyn OpenReply>);
}

/// A server, and its look-up function. A server that is not found has ended, and has notified its waiters.
#[derive(Clone, Copy)]
pub(crate) struct ServerRef {
    pid: Pid,
    find: fn(Pid) -> Option<Arc<dyn Replier>>,
}

impl ServerRef {
    pub(crate) fn new(pid: Pid, find: fn(Pid) -> Option<Arc<dyn Replier>>) -> Self {
        Self { pid, find }
    }

    /// Lets the server decide the consequence of a dropped port of `question`.
    pub(super) fn port_dropped(self, question: Arc<dyn OpenReply>) {
        if let Some(replier) = (self.find)(self.pid) {
            replier.port_dropped(question);
        }
    }
}

/// The destination of a question.
#[derive(Clone, Copy)]
pub(super) struct ReplyRoute {
    pub(super) server: ServerRef,
    /// The caller's deadline; `None` without one.
    pub(super) deadline: Option<Instant>,
}

/// The rarely used parts of a question.
#[derive(Default)]
pub(super) struct ReplyExtras {
    /// The last destination, if the question was sent more than once.
    pub(super) sent: Option<ReplyRoute>,
    /// The server it observes, and the key.
    pub(super) observed: Option<(ServerRef, u64)>,
}

impl ReplyExtras {
    /// Releases everything.
    pub(super) fn end(self) {
        if let Some((server, key)) = self.observed
            && let Some(replier) = (server.find)(server.pid)
        {
            replier.unobserve(key);
        }
    }
}

/// Servers of tests, which have no process table: each is identified by its index in a thread-local list. The threads
/// of a model share one list.
#[cfg(test)]
pub(super) mod named {
    use std::cell::RefCell;
    use std::sync::Weak;

    use super::{Arc, Pid, Replier, ServerRef};

    thread_local! {
        static NAMED: RefCell<Vec<Weak<dyn Replier>>> = const { RefCell::new(Vec::new()) };
    }

    pub(in super::super) fn named<T: Replier + 'static>(replier: &Arc<T>) -> ServerRef {
        let replier: Arc<dyn Replier> = replier.clone();
        NAMED.with_borrow_mut(|named| {
            named.push(Arc::downgrade(&replier));
            let place = u32::try_from(named.len() - 1).unwrap();
            ServerRef::new(Pid::new(0, place, 0), find)
        })
    }

    fn find(pid: Pid) -> Option<Arc<dyn Replier>> {
        NAMED.with_borrow(|named| named.get(pid.slot() as usize)?.upgrade())
    }
}
