//! Who answers a question: a server, known by its pid.
//!
//! A call that kept its server by reference would change a count that all callers of that server share, twice. The
//! server is asked for only when a port is dropped without an answer, or when an observer is taken back.

use std::sync::Arc;

use crate::engine::reply::Question;
use crate::pid::Pid;
use crate::rt::Instant;

/// Who is told when a port is dropped without an answer, and decides what that means.
pub(crate) trait PortOwner: Send + Sync {
    /// The caller needs no answer any more: it is no observer either.
    fn unobserve(&self, key: u64);
    fn port_dropped(&self, question: Arc<dyn Question>);
}

/// A server, and how to find it. One that is not found has ended, and has told whoever waited for it.
#[derive(Clone, Copy)]
pub(crate) struct Server {
    pid: Pid,
    find: fn(Pid) -> Option<Arc<dyn PortOwner>>,
}

impl Server {
    pub(crate) fn new(pid: Pid, find: fn(Pid) -> Option<Arc<dyn PortOwner>>) -> Self {
        Self { pid, find }
    }

    /// Lets it judge that the port of `question` is gone.
    pub(super) fn port_dropped(self, question: Arc<dyn Question>) {
        if let Some(owner) = (self.find)(self.pid) {
            owner.port_dropped(question);
        }
    }
}

/// Where a question was sent.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    pub(super) server: Server,
    /// When the caller gives up; `None` for never.
    pub(super) deadline: Option<Instant>,
}

/// What few questions have.
#[derive(Default)]
pub(super) struct Rare {
    /// Where it was sent last, if that was not the first time.
    pub(super) sent: Option<Sent>,
    /// Whose observer it is, and under which key.
    pub(super) observed: Option<(Server, u64)>,
}

impl Rare {
    /// Lets go of everything.
    pub(super) fn end(self) {
        if let Some((server, key)) = self.observed
            && let Some(owner) = (server.find)(server.pid)
        {
            owner.unobserve(key);
        }
    }
}

/// Servers of tests, which have no process table: each is known by its place in a list of the thread. The threads of a
/// model are one to it.
#[cfg(test)]
pub(super) mod named {
    use std::cell::RefCell;
    use std::sync::Weak;

    use super::{Arc, Pid, PortOwner, Server};

    thread_local! {
        static NAMED: RefCell<Vec<Weak<dyn PortOwner>>> = const { RefCell::new(Vec::new()) };
    }

    pub(in super::super) fn named<T: PortOwner + 'static>(owner: &Arc<T>) -> Server {
        let owner: Arc<dyn PortOwner> = owner.clone();
        NAMED.with_borrow_mut(|named| {
            named.push(Arc::downgrade(&owner));
            let place = u32::try_from(named.len() - 1).unwrap();
            Server::new(Pid::new(0, place, 0), find)
        })
    }

    fn find(pid: Pid) -> Option<Arc<dyn PortOwner>> {
        NAMED.with_borrow(|named| named.get(pid.slot() as usize)?.upgrade())
    }
}
